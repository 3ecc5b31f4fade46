import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedproof.errors import BadInput
from fedproof.federation.canonical import decode, digest, encode, hex_field, int_field, text_field

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.text(max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), values, max_size=4))
def test_round_trip(value):
    assert decode(encode(value)) == value


@pytest.mark.parametrize(
    "text",
    [b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1,"a":1}', b"[1]", b"", b'{"a":1}\n', b'{"a":NaN}', b"\xff", b"[" * 99999],
)
def test_anything_but_the_one_text_is_refused(text):
    with pytest.raises(BadInput):
        decode(text)


def test_digest_does_not_depend_on_the_order_of_keys():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 1, "b": 3})


@pytest.mark.parametrize("text", ["AB", "ab0", "zz", "ab ab", 5, None, "abab"])
def test_hex_fields_are_strict(text):
    assert hex_field({"x": "ab"}, "x", 1) == b"\xab"
    with pytest.raises(BadInput, match="x must be 1 bytes"):
        hex_field({"x": text}, "x", 1)


@pytest.mark.parametrize("number", [-1, 11, True, "3", 3.0, None])
def test_int_fields_are_strict(number):
    assert int_field({"x": 10}, "x", 0, 10) == 10
    with pytest.raises(BadInput, match="x must be an integer between 0 and 10"):
        int_field({"x": number}, "x", 0, 10)


@pytest.mark.parametrize("text", ["a\n", "a" * 11, 5, "\x1b[2J"])
def test_text_fields_are_short_and_printable(text):
    assert text_field({"x": "Zoë"}, "x", 10) == "Zoë"
    with pytest.raises(BadInput):
        text_field({"x": text}, "x", 10)
