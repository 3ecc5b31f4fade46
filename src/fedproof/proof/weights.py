"""Integer weights as bytes: int64 big-endian, layer by layer, input-major, the bias row last."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fedproof.errors import BadInput

IntArray = NDArray[np.int64]


def shapes(dims: Sequence[int]) -> list[tuple[int, int]]:
    """(d_in + 1, d_out) of every layer; dims are d_0..d_L."""
    return [(inputs + 1, units) for inputs, units in itertools.pairwise(dims)]


def encode_weights(weights: Sequence[IntArray]) -> bytes:
    """8 bytes per weight at scale 2^F."""
    return b"".join(np.ascontiguousarray(layer, dtype=">i8").tobytes() for layer in weights)


def decode_weights(data: bytes, dims: Sequence[int]) -> list[IntArray]:
    """Weights of a model with these dims. Raises BadInput unless the length is exact."""
    wanted = 8 * sum(rows * columns for rows, columns in shapes(dims))
    if len(data) != wanted:
        raise BadInput(f"weights: {len(data)} bytes where this model has {wanted}")
    out, place = [], 0
    for rows, columns in shapes(dims):
        size = 8 * rows * columns
        layer = np.frombuffer(data, dtype=">i8", count=rows * columns, offset=place)
        out.append(layer.astype(np.int64).reshape(rows, columns))
        place += size
    return out


def largest(weights: Sequence[IntArray]) -> int:
    """Largest absolute value."""
    return max(max(abs(int(layer.min())), abs(int(layer.max()))) for layer in weights)
