"""Files of others, read in bounds: only regular files (a pipe would wait, a device never end) no larger than expected.

What is wrong is an OSError, like everything else that keeps a file from being read.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from io import BufferedReader
from pathlib import Path

TEXT = 1 << 24
"""Most bytes of a file that people write by hand: tasks, runs, statements, keystores."""
BULK = 1 << 32
"""Most bytes of a file that programs write: records of a data set or of a run, weights, models."""

DEPTH = 64
"""Most lists and objects within each other in a JSON text."""
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
OTHERS = bytes(set(range(256)) - set(b"[]{}"))


def open_file(path: Path, limit: int) -> BufferedReader:
    """A regular file of at most `limit` bytes. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        if found.st_size > limit:
            raise OSError(errno.EFBIG, f"has {found.st_size} bytes, at most {limit} are read", str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_bytes(path: Path, limit: int) -> bytes:
    """The content of such a file, as long as it was when it was opened. Raises OSError."""
    with open_file(path, limit) as stream:
        # never the limit itself: as much memory as asked for is taken before anything is read
        return stream.read(os.fstat(stream.fileno()).st_size)


def is_flat(text: bytes) -> bool:
    """Is nothing in a JSON text nested more than DEPTH deep, which could exhaust the stack of the C parser?"""
    if text.count(b"[") + text.count(b"{") <= DEPTH:
        return True
    brackets = STRING.sub(b"", text).translate(None, delete=OTHERS)
    for _ in range(DEPTH):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return not brackets
