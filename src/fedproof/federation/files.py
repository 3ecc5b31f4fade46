"""Small files that are either whole or not there."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from fedproof.errors import BadInput
from fedproof.reading import BULK, read_bytes


def write_file(path: Path, data: bytes, *, private: bool = False) -> None:
    """Writes `data` complete or not at all, creating folders. private: readable by the owner only. Raises BadInput."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        partial.replace(path)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        partial.unlink(missing_ok=True)


def read_file(path: Path, limit: int = BULK) -> bytes:
    """The content of a regular file of at most `limit` bytes. Raises BadInput."""
    try:
        return read_bytes(path, limit)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror or error}") from None
