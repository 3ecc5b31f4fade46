from dataclasses import replace
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedproof._core import keccak256
from fedproof.errors import BadInput, Rejected
from fedproof.federation import nonces
from fedproof.federation.draw import Draw, set_digest
from fedproof.federation.rules import add_weights, clip, close, next_model, schedule
from tests.federation.helpers import make_task

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


@given(st.lists(whole, min_size=2, max_size=2), st.integers(1, 9))
def test_every_mean_becomes_a_model_within_the_bound(values, count):
    """Nobody ends a run by training on extreme data: what is beyond the bound is clipped, and counted."""
    total = [np.array([values], dtype=np.int64)]
    fields = replace(make_task().fields, bound_bits=10)
    weights, clipped = next_model(total, count, fields)
    mean = close(total, count)[0][0].tolist()
    assert weights[0][0].tolist() == [max(-1023, min(1023, w)) for w in mean]
    assert clipped == sum(abs(w) > 1023 for w in mean)


@given(st.lists(st.integers(-(2**50), 2**50), min_size=2, max_size=2), st.integers(1, 300))
def test_bits_beyond_those_of_the_model_are_rounded_off_with_the_mean(values, count):
    """Weight decay: updates have 24 more fractional bits; there is one rounding, half up."""
    fields = make_task(training={"weight_decay": 0.01}).fields
    assert fields.extra_bits == 24
    weights, clipped = next_model([np.array([values], dtype=np.int64)], count, fields)
    wanted = [floor(Fraction(v, count << 24) + Fraction(1, 2)) for v in values]
    most = 2**fields.bound_bits - 1
    assert weights[0][0].tolist() == [max(-most, min(most, w)) for w in wanted]
    assert clipped == sum(abs(w) > most for w in wanted)


def test_within_the_bound_nothing_is_clipped():
    weights = [np.array([[15, -15], [0, 3]])]
    found, clipped = clip(weights, 4)
    assert clipped == 0 and (found[0] == weights[0]).all()
    assert clip([np.array([[16, -16]])], 4)[1] == 2


def draw_of(ids, values, **changes):
    tips = {i: keccak256(v) for i, v in zip(ids, values, strict=True)}
    fields = {"run": b"r" * 32, "fixed": set_digest(tips), "number": 0, "attempt": 0, "members": tips}
    return Draw(**{**fields, **changes})


def test_the_seed_hashes_everything_in_the_order_of_dataset_ids():
    task, weights = b"t" * 32, b"w" * 64
    ids, values = [b"b" * 32, b"a" * 32], [b"1" * 32, b"2" * 32]
    draw = draw_of(ids, values, number=3, attempt=1)
    seed = draw.seed(task, weights, dict(zip(ids, values, strict=True)))
    fixed = keccak256(b"fedproof/set/1" + b"a" * 32 + keccak256(b"2" * 32) + b"b" * 32 + keccak256(b"1" * 32))
    assert draw.fixed == draw.digest == fixed
    counters = bytes(31) + b"\3" + bytes(31) + b"\1"
    head = b"fedproof/seed/1" + b"r" * 32 + fixed + fixed + task
    assert seed == keccak256(head + counters + weights + b"2" * 32 + b"1" * 32)


def test_the_seed_is_of_all_members_or_none():
    """Who sees the nonces first cannot try what the seed would be without one of them."""
    ids, values = [b"b" * 32, b"a" * 32], [b"1" * 32, b"2" * 32]
    draw, revealed = draw_of(ids, values), dict(zip(ids, values, strict=True))
    draw.seed(b"t" * 32, b"w" * 64, revealed)
    for wrong in ({ids[0]: values[0]}, {**revealed, b"c" * 32: b"3" * 32}, {}):
        with pytest.raises(ValueError, match="all members"):
            draw.seed(b"t" * 32, b"w" * 64, wrong)


def test_run_set_round_and_attempt_each_change_the_seed():
    ids, values = [b"b" * 32, b"a" * 32], [b"1" * 32, b"2" * 32]
    changes = [{}, {"run": b"x" * 32}, {"fixed": b"x" * 32}, {"number": 1}, {"attempt": 1}]
    revealed = dict(zip(ids, values, strict=True))
    assert len({draw_of(ids, values, **c).seed(b"t" * 32, b"w" * 64, revealed) for c in changes}) == len(changes)


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


def test_every_attempt_reveals_the_preimage_of_the_one_before():
    tip = nonces.commitment(ROOT, 4)
    places = [(number, attempt) for number in range(4) for attempt in range(nonces.ATTEMPTS)]
    shown = [nonces.nonce(ROOT, 4, *place) for place in places]
    assert [keccak256(s) for s in shown] == [tip, *shown[:-1]]
    assert shown[-1] == ROOT
    assert all(nonces.opens(tip, s, *place) for s, place in zip(shown, places, strict=True))
    assert not nonces.opens(tip, shown[0], 0, 1) and not nonces.opens(tip, b"", 0)
    for place in ((-1, 0), (4, 0), (0, -1), (0, nonces.ATTEMPTS)):
        with pytest.raises(ValueError, match="attempt"):
            nonces.nonce(ROOT, 4, *place)
