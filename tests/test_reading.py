"""Files are read in bounds, whatever stands under their name."""

import os
import threading
import tracemalloc

import pytest

from fedproof.reading import DEPTH, is_flat, open_file, read_bytes


def test_the_content(tmp_path):
    (tmp_path / "f").write_bytes(b"abc")
    assert read_bytes(tmp_path / "f", 3) == b"abc"
    with open_file(tmp_path / "f", 3) as stream:
        assert stream.read() == b"abc"


def test_too_large_is_known_before_anything_is_read(tmp_path):
    with (tmp_path / "f").open("wb") as stream:
        stream.truncate(1 << 40)  # takes no space
    with pytest.raises(OSError, match="has 1099511627776 bytes, at most 1000 are read"):
        read_bytes(tmp_path / "f", 1000)


def test_memory_is_taken_for_what_is_there_not_for_the_limit(tmp_path):
    (tmp_path / "f").write_bytes(b"abc")
    tracemalloc.start()
    try:
        assert read_bytes(tmp_path / "f", 1 << 40) == b"abc"
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_what_is_no_file(tmp_path):
    with pytest.raises(IsADirectoryError, match="Is a directory"):
        open_file(tmp_path, 10)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(OSError, match="symbolic links"):
        open_file(tmp_path / "loop", 10)
    (tmp_path / "zero").symlink_to("/dev/zero")
    with pytest.raises(OSError, match="not a regular file"):
        open_file(tmp_path / "zero", 10)


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    found = []

    def try_it():
        try:
            open_file(tmp_path / "pipe", 10)
        except OSError as error:
            found.append(error.strerror)

    thread = threading.Thread(target=try_it, daemon=True)
    thread.start()
    thread.join(10)
    assert found == ["not a regular file"]


def test_depth_is_counted_outside_of_texts():
    deep = b"[" * DEPTH + b"]" * DEPTH
    assert is_flat(b"") and is_flat(deep) and is_flat(b'{"x": ' * DEPTH + b"1" + b"}" * DEPTH)
    assert not is_flat(b"[" + deep + b"]")
    assert not is_flat(b"[" * (DEPTH + 1))
    assert is_flat(b"[" + b",".join([b'{"a": ["[[{", "\\"]", "\\\\"]}'] * 100) + b"]")
