"""IDX files: strict, bounded before anything is allocated, and every complaint with file and offset."""

import gzip
import struct

import numpy as np
import pytest

from fedproof import DataError
from fedproof.data.idx import read_idx, read_images


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


@pytest.mark.parametrize("name", ["images-idx3-ubyte", "images-idx3-ubyte.gz"])
def test_reads_plain_and_packed(tmp_path, name):
    raw = idx(IMAGES)
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    np.testing.assert_array_equal(read_idx(tmp_path / name, dimensions=3), IMAGES)


def test_images_and_labels(tmp_path):
    (tmp_path / "i").write_bytes(idx(IMAGES))
    (tmp_path / "l").write_bytes(idx(np.array([1, 0], dtype=np.uint8)))
    pixels, classes = read_images(tmp_path / "i", tmp_path / "l", classes=2)
    assert pixels.tolist() == IMAGES.reshape(2, 12).tolist() and classes.tolist() == [1, 0]


GOOD = idx(IMAGES)
ERRORS = [
    (b"", "offset 0: ends within the magic number"),
    (b"\0\0\x08", "offset 3: ends within the magic number"),
    (b"PK" + GOOD[2:], "offset 0: is not an IDX file (begins with 504b, not 0000)"),
    (b"\0\0\x0d" + GOOD[3:], "offset 2: holds type 0x0d, only unsigned bytes (0x08) are read"),
    (b"\0\0\x08\x01" + GOOD[4:], "offset 3: has 1 dimensions, should have 3"),
    (GOOD[:10], "offset 10: ends within the sizes"),
    (GOOD[:8] + bytes(4) + GOOD[12:], "offset 8: size 1 is zero"),
    (GOOD[:-1], "offset 39: ends within 24 bytes of data"),
    (GOOD + b"\0", "offset 40: bytes follow the data"),
    (GOOD[:4] + b"\xff" * 12, "offset 4: 4294967295 x 4294967295 x 4294967295 bytes are more than 268435456"),
]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("raw", "problem"), ERRORS)
def test_errors_name_file_and_offset(tmp_path, raw, problem, packed):
    file = tmp_path / ("images.gz" if packed else "images")
    file.write_bytes(gzip.compress(raw) if packed else raw)
    with pytest.raises(DataError) as caught:
        read_idx(file, dimensions=3)
    assert str(caught.value) == f"{file}: {problem}"
    assert caught.value.exit_code == 2


def test_sizes_are_judged_before_anything_is_allocated(tmp_path):
    """A megabyte of zeros packs into a kilobyte: the limit holds for what it would unpack to."""
    file = tmp_path / "bomb.gz"
    file.write_bytes(gzip.compress(idx(np.zeros((1, 1024, 1024), dtype=np.uint8))))
    assert file.stat().st_size < 4096
    with pytest.raises(DataError, match=r"offset 4: 1 x 1024 x 1024 bytes are more than 1000000"):
        read_idx(file, dimensions=3, most=1_000_000)
    assert read_idx(file, dimensions=3).shape == (1, 1024, 1024)


def test_broken_packing(tmp_path):
    file = tmp_path / "images.gz"
    packed = gzip.compress(GOOD)
    for broken in (GOOD, packed[:-4], packed[:12] + b"\xff" * 8 + packed[20:]):
        file.write_bytes(broken)
        with pytest.raises(DataError, match=r"images\.gz: (offset \d+: is not whole gzip data|cannot be read)"):
            read_idx(file, dimensions=3)
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_idx(tmp_path / "none", dimensions=3)


def test_pairs_must_fit(tmp_path):
    (tmp_path / "i").write_bytes(idx(IMAGES))
    (tmp_path / "l").write_bytes(idx(np.array([1], dtype=np.uint8)))
    with pytest.raises(DataError, match=r"l: offset 4: 1 labels for 2 images"):
        read_images(tmp_path / "i", tmp_path / "l", classes=2)
    (tmp_path / "l").write_bytes(idx(np.array([1, 7], dtype=np.uint8)))
    with pytest.raises(DataError, match=r"l: offset 9: class 7, there are 2"):
        read_images(tmp_path / "i", tmp_path / "l", classes=2)
