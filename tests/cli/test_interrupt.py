"""Ctrl-C and kill: nothing half-written, no process left."""

import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.federation.helpers import make_run, make_task

MARK = "FEDPROOF_TEST_MARK"


def marked(mark):
    """Processes with our mark in their environment."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes() and (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


@pytest.fixture
def running(tmp_path, environment):
    """A long run, in its third round."""
    config, passphrases = make_run(tmp_path, make_task(rounds=1000, min_accepted=1), ["alice"])
    people = "".join(f'[[participant]]\nname = "{p.name}"\nfolder = "{p.name}"\n' for p in config.participant)
    (tmp_path / "run.toml").write_text(f'task = "task.toml"\nout = "run"\n{people}')
    for name in passphrases:  # keys of this test open with the passphrase in the environment
        (tmp_path / name / "key" / "keystore.json").unlink()
    mark = secrets.token_hex(8)
    process = subprocess.Popen(
        [sys.executable, "-m", "fedproof.cli.main", "run", str(tmp_path / "run.toml")],
        env={**environment, MARK: mark},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("round 2"):
            break
    else:
        pytest.fail("the run ended before it could be interrupted")
    assert len(marked(mark)) == 3
    yield process, tmp_path, mark
    process.stderr.close()
    process.kill()
    process.wait()


def wait_until_gone(mark):
    deadline = monotonic() + 10
    while marked(mark) and monotonic() < deadline:
        sleep(0.05)
    return marked(mark)


def test_an_interrupted_run_leaves_nothing(running):
    process, folder, mark = running
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 130
    assert wait_until_gone(mark) == []
    assert sorted(f.name for f in folder.iterdir()) == ["alice", "run.toml", "task.toml"]
    assert not [f for f in folder.rglob("*") if f.name.endswith(".part")]


def test_a_killed_launcher_leaves_no_process(running):
    process, _, mark = running
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert wait_until_gone(mark) == []
