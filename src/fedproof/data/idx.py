"""Reads IDX files, the format of MNIST: unsigned bytes with one to four dimensions, plain or gzipped.

0x00 0x00 0x08 n  then n sizes (u32, big-endian)  then the bytes, last index fastest
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from fedproof.errors import DataError
from fedproof.reading import BULK, open_file

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 1 << 28
"""Larger arrays are refused by their header, before anything is allocated."""
PART = 1 << 20
UNSIGNED_BYTES = 0x08


def read_idx(path: Path, *, dimensions: int, most: int = MOST_BYTES) -> NDArray[np.uint8]:
    """The array in `path`, which must have `dimensions` dimensions and at most `most` bytes.

    Raises DataError naming the file and the offset (in the unpacked bytes) of what is wrong.
    """
    source = str(path)
    with _opened(path) as stream:
        magic = _take(stream, 4, 0, "the magic number", source)
        if magic[:2] != b"\0\0":
            raise DataError(f"offset 0: is not an IDX file (begins with {magic[:2].hex()}, not 0000)", source=source)
        if magic[2] != UNSIGNED_BYTES:
            raise DataError(
                f"offset 2: holds type 0x{magic[2]:02x}, only unsigned bytes (0x08) are read", source=source
            )
        if magic[3] != dimensions:
            raise DataError(f"offset 3: has {magic[3]} dimensions, should have {dimensions}", source=source)
        shape = struct.unpack(f">{dimensions}I", _take(stream, 4 * dimensions, 4, "the sizes", source))
        for number, size in enumerate(shape):
            if size == 0:
                raise DataError(f"offset {4 + 4 * number}: size {number} is zero", source=source)
        body, count = 4 + 4 * dimensions, math.prod(shape)
        if count > most:
            raise DataError(f"offset 4: {' x '.join(map(str, shape))} bytes are more than {most}", source=source)
        data = _take(stream, count, body, f"{count} bytes of data", source)
        if stream.read(1):
            raise DataError(f"offset {body + count}: bytes follow the data", source=source)
    return np.frombuffer(data, dtype=np.uint8).reshape(shape)


def read_images(images: Path, labels: Path, *, classes: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pixels (n, height * width) and class indices (n,) of a pair of files. Raises DataError."""
    pixels = read_idx(images, dimensions=3)
    marks = read_idx(labels, dimensions=1)
    if len(pixels) != len(marks):
        raise DataError(f"offset 4: {len(marks)} labels for {len(pixels)} images", source=str(labels))
    wrong = np.flatnonzero(marks >= classes)
    if len(wrong):
        place = int(wrong[0])
        raise DataError(f"offset {8 + place}: class {marks[place]}, there are {classes}", source=str(labels))
    return pixels.reshape(len(pixels), -1), marks.astype(np.int64)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The unpacked bytes; what is wrong with the file or its packing is a DataError."""
    try:
        with open_file(path, BULK) as packed, gzip.open(packed) if path.suffix == ".gz" else packed as stream:
            try:
                yield cast("IO[bytes]", stream)
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise DataError(f"offset {stream.tell()}: is not whole gzip data: {error}", source=str(path)) from None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", source=str(path)) from None


def _take(stream: IO[bytes], count: int, offset: int, what: str, source: str) -> bytes:
    parts, left = [], count
    while left:  # in parts: asked for all at once, it would be allocated before any of it is there
        part = stream.read(min(left, PART))
        if not part:
            raise DataError(f"offset {offset + count - left}: ends within {what}", source=source)
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
