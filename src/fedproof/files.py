"""Small files that are either whole or not there, also after a crash; and locks that die with their process."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path
from time import monotonic, sleep
from typing import IO

from fedproof.errors import BadInput
from fedproof.reading import BULK, read_bytes


def write_file(path: Path, data: bytes, *, private: bool = False) -> None:
    """Writes `data` complete or not at all, creating folders; once it returns, the file is on the disk.

    private: readable by the owner only. Raises BadInput.
    """
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        make_folder(path.parent)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        partial.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Creates a folder and those above it, on the disk too. Raises OSError."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Waits until the names in a folder are on the disk: what was renamed or created there stays so."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Removes what killed writers left half written in a folder (and below) that nobody else writes to now."""
    for partial in folder.rglob(".*.part"):
        if partial.is_file():
            partial.unlink(missing_ok=True)


def read_file(path: Path, limit: int = BULK) -> bytes:
    """The content of a regular file of at most `limit` bytes. Raises BadInput."""
    try:
        return read_bytes(path, limit)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror or error}") from None


def lock_file(path: Path, patience: float = 0.0) -> IO[bytes] | None:
    """Locks a file against other processes until it is closed or this process ends, however it ends.

    patience: seconds to wait for another holder to end. None if it is locked still. Raises BadInput.
    """
    try:
        stream = path.open("ab")
    except OSError as error:
        raise BadInput(f"{path}: cannot be locked: {error.strerror or error}") from None
    deadline = monotonic() + patience
    while True:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return stream
        except OSError:
            if monotonic() >= deadline:
                stream.close()
                return None
            sleep(0.02)
