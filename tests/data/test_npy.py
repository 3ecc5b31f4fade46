"""Arrays are read only if everything their headers promise is there, and nothing is allocated for promises."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from fedproof.data.npy import NpyError, load_arrays, read_npy, read_npz

MEBI = 1 << 20


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npz(compressed: bool = False, **arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)
    return stream.getvalue()


def header(text: str, version: int = 1) -> bytes:
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + size + text.encode()


def described(kind: str, shape: str, fortran: bool = False) -> bytes:
    return header(f"{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n")


def read(content: bytes) -> np.ndarray:
    return read_npy(io.BytesIO(content), len(content))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype=">i4").reshape(2, 3)),
        np.array(["low", "high"]),
        np.array(5),
        np.zeros((0, 3)),
        np.array([True, False]),
    ],
)
def test_reads_what_numpy_writes(array, tmp_path):
    found = read(npy(array))
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype
    for compressed in (False, True):
        (tmp_path / "a.npz").write_bytes(npz(compressed, x=array, other=array))
        assert set(load_arrays(tmp_path / "a.npz", ("x", "y"))) == {"x"}
        np.testing.assert_array_equal(read_npz(io.BytesIO(npz(compressed, x=array)))["x"], array)
    (tmp_path / "a.npy").write_bytes(npy(array))
    np.testing.assert_array_equal(load_arrays(tmp_path / "a.npy", ()), array)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the header is damaged"),
        (b"\x93NUMPY\x09\x00", "version"),
        (header("{" * 200), "the header is damaged"),
        (header("(" * 9000), "the header is damaged"),
        (header("{'descr': '<f8'}"), "the header is damaged"),
        (header("__import__('os')"), "the header is damaged"),
        (described("<f8", "(1099511627776,)"), "has shape (1099511627776,), more than there is"),
        (described("<f8", "(4294967296, 4294967296, 4294967296)"), "more than there is"),
        (described("<f8", "(-1,)"), "has shape (-1,), more than there is"),
        (described("<f8", "(3,)") + bytes(23), "has another length than shape (3,) says"),
        (described("<f8", "(0, 9223372036854775808)"), "dimension"),
        (described("<f8", "(1,)") + bytes(9), "has another length than shape (1,) says"),
        (described("|O", "(1,)") + bytes(8), "objects"),
        (described("<U0", "(1099511627776,)"), "objects or nothing"),
        (described("nonsense", "(1,)"), "the header is damaged"),
    ],
)
def test_headers_are_judged_first(content, problem):
    tracemalloc.start()
    try:
        with pytest.raises(NpyError) as caught:
            read(content)
        assert problem in str(caught.value) and "\n" not in str(caught.value)
        assert tracemalloc.get_traced_memory()[1] < 8 * MEBI
    finally:
        tracemalloc.stop()


def small_and_huge() -> dict[str, bytes]:
    """Small files that would take much memory."""
    bomb = npz(True, x=np.zeros(64 * MEBI, dtype=np.uint8))
    promise = io.BytesIO()
    with zipfile.ZipFile(promise, "w") as archive:
        archive.writestr("x.npy", described("<f8", "(1099511627776,)"))
    lie = bytearray(npz(x=np.zeros(4)))
    place = lie.rindex(b"PK\x01\x02") + 24
    lie[place : place + 4] = struct.pack("<I", 0xFFFFFFF0)
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(4097):
            archive.writestr(f"{number}.npy", b"")
    return {"bomb": bomb, "promise": promise.getvalue(), "lie": bytes(lie), "many": many.getvalue()}


@pytest.mark.parametrize("name", ["bomb", "promise", "lie", "many"])
def test_small_files_take_little_memory(name):
    content = small_and_huge()[name]
    assert len(content) < MEBI
    tracemalloc.start()
    try:
        with pytest.raises(NpyError):
            read_npz(io.BytesIO(content), limit=MEBI)
        assert tracemalloc.get_traced_memory()[1] < 8 * MEBI
    finally:
        tracemalloc.stop()


def test_broken_archives():
    good = npz(x=np.arange(4.0))
    two = io.BytesIO()
    with zipfile.ZipFile(two, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("x.npy", npy(np.zeros(1)))
        archive.writestr("x.npy", npy(np.ones(1)))
    for content in (b"", b"PK", good[:-9], good[:50] + bytes(50) + good[100:], two.getvalue()):
        with pytest.raises(NpyError):
            read_npz(io.BytesIO(content))
