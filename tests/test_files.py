"""Whole files, and locks."""

import multiprocessing
import os
import signal
import stat
from pathlib import Path
from time import monotonic

import pytest

from fedproof.errors import BadInput
from fedproof.files import lock_file, sweep, write_file
from tests.federation.faults import Died, fault


def test_a_file_and_its_name_are_synced(tmp_path):
    with fault() as found:
        write_file(tmp_path / "a" / "b" / "file", b"data")
    assert found.count == 2 + 1 + 2 + 1  # two new folders, the file, its rename, the folder
    assert (tmp_path / "a" / "b" / "file").read_bytes() == b"data"


def test_a_crash_leaves_the_old_file_or_the_new_one(tmp_path):
    seen, point = set(), 0
    while True:
        write_file(tmp_path / "file", b"old")
        with fault(point) as found:
            try:
                write_file(tmp_path / "file", b"new")
            except Died:
                pass
            else:
                break
        seen.add((tmp_path / "file").read_bytes())
        assert found.struck
        point += 1
    assert point == 4 and seen == {b"old", b"new"}
    assert [f.name for f in tmp_path.iterdir()] == ["file"]


def test_private_files_are_the_owner_s(tmp_path):
    write_file(tmp_path / "file", b"", private=True)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


def test_what_killed_writers_left_is_swept_away(tmp_path):
    (tmp_path / "a").mkdir()
    for name in (".x.1234.part", "a/.y.part", "x.part", "a/.z"):
        (tmp_path / name).touch()
    sweep(tmp_path)
    assert sorted(str(f.relative_to(tmp_path)) for f in tmp_path.rglob("*")) == ["a", "a/.z", "x.part"]


def _hold(path, ready):
    held = lock_file(path)
    ready.put(held is not None)
    signal.pause()


def test_a_lock_excludes_and_dies_with_its_process(tmp_path):
    path = tmp_path / "lock"
    context = multiprocessing.get_context("spawn")
    ready = context.Queue()
    process = context.Process(target=_hold, args=(path, ready))
    process.start()
    assert ready.get(timeout=60)
    assert lock_file(path) is None
    os.kill(process.pid, signal.SIGKILL)
    start = monotonic()
    lock = lock_file(path, 30)
    assert lock is not None and monotonic() - start < 20
    process.join()
    assert lock_file(path) is None
    lock.close()
    again = lock_file(path)
    assert again is not None
    again.close()


def test_a_lock_needs_its_folder(tmp_path):
    with pytest.raises(BadInput, match="cannot be locked"):
        lock_file(Path(tmp_path / "nowhere" / "lock"))
