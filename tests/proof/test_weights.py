import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedproof.errors import BadInput
from fedproof.proof import decode_weights, encode_weights, largest, shapes

DIMS = (2, 3, 1)
number = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(number, min_size=13, max_size=13))
def test_round_trip_in_big_endian_layer_by_layer(values):
    flat = np.array(values, dtype=np.int64)
    weights = [flat[:9].reshape(3, 3), flat[9:].reshape(4, 1)]
    data = encode_weights(weights)
    assert data == b"".join(v.to_bytes(8, "big", signed=True) for v in values)
    assert all(np.array_equal(a, b) for a, b in zip(decode_weights(data, DIMS), weights, strict=True))
    assert largest(weights) == max(abs(v) for v in values)


def test_shapes_have_a_bias_row():
    assert shapes(DIMS) == [(3, 3), (4, 1)]


@pytest.mark.parametrize("length", [0, 103, 105])
def test_the_length_is_exact(length):
    with pytest.raises(BadInput, match=f"{length} bytes where this model has 104"):
        decode_weights(bytes(length), DIMS)
