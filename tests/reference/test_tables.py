# ruff: noqa: E741
"""The tables of activations and losses are correctly rounded."""

import math
from decimal import Decimal, localcontext

import pytest

pytest.importorskip("Crypto")

from vectors.reference import tables

WIDTHS = [(4, 1), (4, 3), (8, 4), (10, 9), (12, 7)]


def floats(kind, x):
    """f(x), f'(x) in double precision"""
    g = 1 / (1 + math.exp(-x)) if x > -700 else 0.0
    below = math.erfc(-x / math.sqrt(2)) / 2
    return {
        tables.LEAKY: lambda: (x, 1.0) if x > 0 else (x / 100, 0.01),
        tables.SIGMOID: lambda: (g, g * (1 - g)),
        tables.TANH: lambda: (math.tanh(x), 1 - math.tanh(x) ** 2),
        tables.GELU: lambda: (x * below, below + x * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)),
        tables.SILU: lambda: (x * g, g + x * g * (1 - g)),
    }[kind]()


@pytest.mark.parametrize("kind", range(tables.LEAKY, tables.SILU + 1))
@pytest.mark.parametrize(("l", "fa"), WIDTHS)
def test_activations_against_double_precision(kind, l, fa):
    """Every entry is within half a unit of the true value, up to the error of doubles."""
    half = 1 << (l - 1)
    for q in range(-half, half):
        a, s = tables.hidden(kind, l, fa, q)
        value, slope = floats(kind, q / 2**fa)
        assert abs(a - max(-half, min(half - 1, value * 2**fa))) <= 0.5 + 1e-9
        assert abs(s - slope * 2 ** (l - 2)) <= 0.5 + 1e-9
        assert -half <= s < half


@pytest.mark.parametrize(("l", "fa"), [*WIDTHS, (16, 1), (16, 15)])
def test_symmetries_that_survive_rounding(l, fa):
    """Exact, since no entry but those at 0 is a tie; wide tables reach both ends of the functions."""
    half = 1 << (l - 1)
    for q in range(1, half - 1, max(1, half // 300)):
        up, down = ([tables.hidden(kind, l, fa, v) for kind in range(7)] for v in (q, -q))
        assert up[tables.IDENTITY] == (q, 1) and down[tables.IDENTITY] == (-q, 1)
        assert up[tables.RELU] == (q, 1) and down[tables.RELU] == (0, 0)
        assert up[tables.TANH][0] == -down[tables.TANH][0] or up[tables.TANH][0] == half - 1
        assert up[tables.TANH][1] == down[tables.TANH][1]
        assert up[tables.SIGMOID][1] == down[tables.SIGMOID][1]
        for kind in (tables.GELU, tables.SILU):  # f(x) - f(-x) = x, f'(x) + f'(-x) = 1
            assert up[kind][0] - down[kind][0] == q
            assert up[kind][1] + down[kind][1] == 1 << (l - 2)
        one = tables.probability(fa, l - 1, q) + tables.probability(fa, l - 1, -q)
        assert one == 1 << (l - 1)


def test_values_at_zero_and_leaky_ties():
    for l, fa in WIDTHS:
        quarter, half, one = 1 << (l - 4), 1 << (l - 3), 1 << (l - 2)
        slopes = {tables.SIGMOID: quarter, tables.TANH: one, tables.GELU: half, tables.SILU: half}
        for kind, slope in slopes.items():
            assert tables.hidden(kind, l, fa, 0) == ((1 << fa) // 2 if kind == tables.SIGMOID else 0, slope)
    assert [tables.hidden(tables.LEAKY, 10, 4, q)[0] for q in (1, 0, -49, -50, -51, -150, -151)] == [
        1,
        0,
        0,
        0,
        -1,
        -1,
        -2,
    ]
    assert tables.hidden(tables.LEAKY, 10, 4, 0)[1] == 3  # round(2.56)


def test_loss_tables():
    for l, fa in WIDTHS:
        e = [tables.exponential(l, fa, i) for i in range(1 << l)]
        assert e[0] == 1 << (l + 1) and e == sorted(e, reverse=True)
        assert all(abs(v - math.exp(-i / 2**fa) * 2 ** (l + 1)) <= 0.5 + 1e-9 for i, v in enumerate(e))
        p = [tables.probability(fa, l, q) for q in range(-(1 << (l - 1)), 1 << (l - 1))]
        assert p == sorted(p) and p[1 << (l - 1)] == 1 << (l - 1)
    assert [tables.clamp(v, 3) for v in (-8, -4, -3, 0, 3, 4)] == [-3, -3, -3, 0, 3, 3]


def test_rounding_refuses_what_it_cannot_decide():
    assert [tables.nearest(Decimal(v)) for v in ("0.5", "-0.5", "1.4", "-1.6")] == [1, 0, 1, -2]
    for tail in ("5" + "0" * 50 + "1", "4" + "9" * 50):
        with localcontext(prec=80), pytest.raises(ArithmeticError, match="tie"):
            tables.nearest(Decimal("7." + tail))
