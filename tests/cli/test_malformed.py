"""Malformed files of every kind: the exit code, one clear line, no traceback, nothing half written."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from tests.cli.malformed import KINDS, damages, make_files


@pytest.fixture(scope="module")
def good(fedproof, tmp_path_factory):
    """One valid file of every kind. Not to be changed."""
    base = tmp_path_factory.mktemp("good")
    make_files(base, fedproof)
    return base


@pytest.fixture
def base(good, tmp_path):
    """A copy to damage."""
    return Path(shutil.copytree(good, tmp_path / "base"))


def called(fedproof, kind, base):
    """What the command says; and that it leaves no new file behind."""
    before = sorted(base.rglob("*"))
    name = Path(kind.file).name
    done = fedproof(*(part.replace("FILE", name).format(base) for part in kind.command))
    assert sorted(base.rglob("*")) == before or done.returncode == 0, "something was left behind"
    return done


def refused(done, kind, code, name):
    """One line that names the file (of a proof: the check), and no traceback."""
    assert done.returncode == code, (name, done.stdout, done.stderr)
    text = done.stdout + done.stderr
    assert "Traceback" not in text
    lines = [line for line in text.splitlines() if line and "INSECURE" not in line]
    if code == 2:
        assert len(lines) == 1 and lines[0].startswith("error: ") and len(lines[0]) < 1200, (name, lines)
        assert Path(kind.file).name in lines[0], (name, lines)
    else:
        assert any("rejected (check " in line or "check record" in line for line in lines), (name, lines)


@pytest.mark.parametrize("name", KINDS)
def test_damaged_content(name, base, fedproof):
    kind = KINDS[name]
    file = base / kind.file
    content = file.read_bytes()
    for what, damaged in damages(kind, content):
        file.write_bytes(damaged)
        done = called(fedproof, kind, base)
        if what not in kind.lenient:
            refused(done, kind, kind.code, f"{name}: {what}")
        assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", KINDS)
def test_what_is_no_readable_file(name, base, fedproof, monkeypatch):
    kind = KINDS[name]
    file = base / kind.file
    content = file.read_bytes()
    file.unlink()
    file.mkdir()
    refused(called(fedproof, kind, base), kind, 2, f"{name}: a directory")
    file.rmdir()
    file.symlink_to(file)
    refused(called(fedproof, kind, base), kind, 2, f"{name}: a loop")
    file.unlink()
    file.symlink_to("/dev/zero")
    refused(called(fedproof, kind, base), kind, 2, f"{name}: a device")
    file.unlink()
    file.write_bytes(content)
    opened = os.open

    def forbidden(path, *arguments, **options):
        if Path(path) == file:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr("fedproof.reading.os.open", forbidden)  # whoever runs as root may read anything
    done = called(fedproof, kind, base)
    refused(done, kind, 1 if name == "record" else 2, f"{name}: no permission")
    assert "Permission denied" in done.stdout + done.stderr
