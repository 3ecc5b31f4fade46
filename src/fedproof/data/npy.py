"""Arrays in NumPy's formats, with everything that a header promises judged before memory is taken. Never unpickles."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from fedproof.reading import BULK, open_file

ARRAYS = 4096
"""Most arrays in one .npz file."""
HEADERS: dict[tuple[int, int], Callable[..., Any]] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}


class NpyError(ValueError):
    """Not a plain array file."""


def read_npy(stream: IO[bytes], limit: int) -> NDArray[Any]:
    """The array of a .npy stream that has `limit` bytes. Raises NpyError."""
    try:
        version = npy.read_magic(stream)
        if version not in HEADERS:
            raise NpyError(f"version {version} of the format is not read")
        shape, by_columns, kind = HEADERS[version](stream)
    except NpyError:
        raise
    except (ValueError, TypeError, SyntaxError, TokenError, EOFError, RecursionError, MemoryError):
        raise NpyError("the header is damaged") from None
    if kind.hasobject or kind.itemsize == 0:
        raise NpyError(f"holds {kind}: not numbers or texts, but objects or nothing")
    size = math.prod(shape) * kind.itemsize
    if min(shape, default=0) < 0 or size > limit:
        raise NpyError(f"has shape {shape}, more than there is")
    content = stream.read(size)
    if len(content) != size or stream.read(1):
        raise NpyError(f"has another length than shape {shape} says")
    try:
        return np.frombuffer(content, dtype=kind).reshape(shape, order="F" if by_columns else "C")
    except ValueError as error:  # no bytes at all, but more of the other sizes than an array can have
        raise NpyError(str(error)) from None


def read_npz(stream: IO[bytes], wanted: Iterable[str] | None = None, *, limit: int = BULK) -> dict[str, NDArray[Any]]:
    """Arrays of a .npz stream by name: those of `wanted` that are there, or all; in all at most `limit` bytes unpacked.

    Raises NpyError.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            found = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
            if len(archive.infolist()) > ARRAYS or len(found) < len(archive.infolist()):
                raise NpyError(f"has more than {ARRAYS} arrays, or two of one name")
            names = [name for name in (found if wanted is None else wanted) if name in found]
            if sum(found[name].file_size for name in names) > limit:
                raise NpyError(f"unpacks to more than {limit} bytes")
            arrays = {}
            for name in names:
                with archive.open(found[name]) as member:
                    arrays[name] = read_npy(member, found[name].file_size)
            return arrays
    except NpyError:
        raise
    except (ValueError, EOFError, OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise NpyError(str(error).partition("\n")[0]) from None


def load_arrays(file: Path, wanted: Iterable[str]) -> NDArray[Any] | dict[str, NDArray[Any]]:
    """The array of a .npy file, or those of `wanted` that a .npz file has. Raises NpyError, OSError."""
    with open_file(file, BULK) as stream:
        start = stream.read(len(npy.MAGIC_PREFIX))
        stream.seek(0)
        if start == npy.MAGIC_PREFIX:
            return read_npy(stream, file.stat().st_size)
        return read_npz(stream, wanted)
