from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedproof._core import keccak256
from fedproof.errors import BadInput, Rejected
from fedproof.federation import nonces
from fedproof.federation.rules import add_weights, check_bound, close, round_seed, schedule

ROOT = b"r" * 32
whole = st.integers(-(2**62), 2**62)


@given(st.lists(whole, min_size=1, max_size=5), st.integers(1, 1000))
def test_close_rounds_the_mean_half_up_without_overflow(values, count):
    closed = close([np.array([values], dtype=np.int64)], count)[0][0]
    assert closed.tolist() == [floor(Fraction(v, count) + Fraction(1, 2)) for v in values]


def test_close_needs_an_update():
    with pytest.raises(BadInput):
        close([np.zeros((1, 1), dtype=np.int64)], 0)


@given(
    st.lists(st.integers(-(2**60), 2**60), min_size=2, max_size=2),
    st.lists(st.integers(-(2**60), 2**60), min_size=2, max_size=2),
)
def test_sums_are_exact(a, b):
    total = add_weights([[np.array([a], dtype=np.int64)], [np.array([b], dtype=np.int64)]])
    assert total[0][0].tolist() == [x + y for x, y in zip(a, b, strict=True)]


def test_a_sum_that_might_not_fit_is_refused():
    big = [np.full((1, 1), 2**62, dtype=np.int64)]
    with pytest.raises(Rejected) as error:
        add_weights([big, big])
    assert error.value.code == "SumTooLarge"


def test_the_bound_is_strict_and_on_the_absolute_value():
    check_bound([np.array([[15, -15]])], 4)
    for value in (16, -16, -(2**63)):
        with pytest.raises(Rejected, match="lower training.learning_rate"):
            check_bound([np.array([[0, value]], dtype=np.int64)], 4)


def test_the_seed_hashes_everything_in_the_order_of_dataset_ids():
    task, weights = b"t" * 32, b"w" * 64
    ids, values = [b"b" * 32, b"a" * 32], [b"1" * 32, b"2" * 32]
    seed = round_seed(task, 3, weights, dict(zip(ids, values, strict=True)))
    number = bytes(31) + b"\3"
    assert seed == keccak256(task + number + weights + b"a" * 32 + b"b" * 32 + b"2" * 32 + b"1" * 32)


def test_the_schedule_is_the_programs(terms):
    seed = keccak256(b"seed")
    plan = schedule(terms.program, seed)
    nb = terms.task.blocks.bit_length() - 1
    assert plan.beta == int.from_bytes(seed, "big") % terms.task.blocks
    expected = [
        plan.beta ^ sum(((t % terms.task.blocks) >> k & 1) << plan.pi[k] for k in range(nb))
        for t in range(terms.task.steps)
    ]
    assert list(plan.blocks) == expected


def test_every_round_reveals_the_preimage_of_the_round_before():
    tip = nonces.commitment(ROOT, 4)
    shown = [nonces.nonce(ROOT, 4, number) for number in range(4)]
    assert [keccak256(s) for s in shown] == [tip, *shown[:-1]]
    assert shown[-1] == ROOT
    assert all(nonces.opens(tip, s, number) for number, s in enumerate(shown))
    assert not nonces.opens(tip, shown[0], 1) and not nonces.opens(tip, b"", 0)
    for number in (-1, 4):
        with pytest.raises(ValueError):
            nonces.nonce(ROOT, 4, number)
