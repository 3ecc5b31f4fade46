"""Crashes at chosen writes: everything that goes to the disk passes os.fsync or Path.replace."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest


class Died(BaseException):
    """The process would be gone."""


class Fault:
    """Counts the write points of the thread it is made in, and ends it at one of them.

    kinds: `torn` (the file of the sync has lost the second half of what was new in it), `before` or `after` a rename.
    """

    def __init__(self, at: int = -1) -> None:
        self.at = at
        self.count = 0
        self.kind = ""
        self._thread = threading.get_ident()
        self._synced: dict[int, int] = {}

    @property
    def struck(self) -> bool:
        """Has it ended something?"""
        return bool(self.kind)

    def _due(self) -> bool:
        if threading.get_ident() != self._thread or self.struck:
            return False
        self.count += 1
        return self.count - 1 == self.at

    def sync(self, handle: int) -> None:
        """In place of os.fsync."""
        found = os.fstat(handle)
        known = self._synced.get(found.st_ino, 0)
        if self._due():
            self.kind = "torn"
            if not stat.S_ISDIR(found.st_mode):
                os.ftruncate(handle, known + (found.st_size - known) // 2)
            raise Died
        self._synced[found.st_ino] = found.st_size

    def replace(self, source: Path, target: Path, original) -> Path:
        """In place of Path.replace: two points, before and after."""
        if self._due():
            self.kind = "before"
            raise Died
        result = original(source, target)
        if self._due():
            self.kind = "after"
            raise Died
        return result


@contextlib.contextmanager
def fault(at: int = -1) -> Iterator[Fault]:
    """Ends the thread that enters at its write point `at`; -1: only counts them."""
    found = Fault(at)
    original = Path.replace
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", found.sync)
        patch.setattr(Path, "replace", lambda self, target: found.replace(self, target, original))
        yield found
