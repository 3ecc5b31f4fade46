# ruff: noqa: E741
"""Activations and loss tables (section 1), correctly rounded.

Values are computed exactly or with 80 digits; a value too close to a tie to be rounded with certainty raises.
"""

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal, localcontext
from functools import cache

IDENTITY, RELU, LEAKY, SIGMOID, TANH, GELU, SILU = range(7)
DIGITS, CERTAIN = 80, Decimal("1e-40")
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798")
FAR = 20  # beyond it Phi is 0 or 1 by less than 10^-88


def saturate(x: int, l: int) -> int:
    """To signed l bits."""
    half = 1 << (l - 1)
    return max(-half, min(half - 1, x))


@cache
def hidden(kind: int, l: int, fa: int, q: int) -> tuple[int, int]:
    """(a, s) of a hidden activation at q."""
    if kind == IDENTITY:
        return q, 1
    if kind == RELU:
        return (q, 1) if q > 0 else (0, 0)
    fs = l - 2
    if kind == LEAKY:  # floor(v / 100 + 1/2) in integers
        return (q, 1 << fs) if q > 0 else ((q + 50) // 100, ((1 << fs) + 50) // 100)
    with localcontext() as context:
        context.prec = DIGITS
        value, slope = SMOOTH[kind](Decimal(q) / (1 << fa))
        return saturate(nearest(value * (1 << fa)), l), nearest(slope * (1 << fs))


def probability(fa: int, fd: int, q: int) -> int:
    """The loss table of sigmoid cross-entropy, at scale 2^fd."""
    with localcontext() as context:
        context.prec = DIGITS
        return nearest((1 << fd) / (1 + (Decimal(-q) / (1 << fa)).exp()))


def exponential(l: int, fa: int, i: int) -> int:
    """The loss table of softmax: e^-i at scale 2^(l+1)."""
    with localcontext() as context:
        context.prec = DIGITS
        return nearest((1 << (l + 1)) * (Decimal(-i) / (1 << fa)).exp())


def clamp(x: int, bound: int) -> int:
    """Into -bound..bound."""
    return max(-bound, min(bound, x))


def nearest(value: Decimal) -> int:
    """floor(value + 1/2)"""
    moved = value + Decimal("0.5")
    whole = moved.to_integral_value(rounding=ROUND_FLOOR)
    distance = min(moved - whole, whole + 1 - moved)
    if distance != 0 and distance < CERTAIN:
        raise ArithmeticError("too close to a tie for 80 digits")
    return int(whole)


def _sigmoid(x: Decimal) -> tuple[Decimal, Decimal]:
    g = 1 / (1 + (-x).exp())
    return g, g * (1 - g)


def _tanh(x: Decimal) -> tuple[Decimal, Decimal]:
    y = 1 - 2 / ((2 * x).exp() + 1)
    return y, 1 - y * y


def _gelu(x: Decimal) -> tuple[Decimal, Decimal]:
    if abs(x) >= FAR:
        return (x, Decimal(1)) if x > 0 else (Decimal(0), Decimal(0))
    bell = (-x * x / 2).exp()
    # erf(z) = 2/sqrt(pi) e^(-z^2) sum 2^k z^(2k+1) / (1 3 .. (2k+1)): all terms of one sign; here z = x / sqrt 2
    term = total = Decimal(1)
    k = 0
    while term > Decimal(10) ** (-DIGITS - 10) * total:
        k += 1
        term = term * x * x / (2 * k + 1)
        total += term
    density = bell / (2 * PI).sqrt()
    below = Decimal("0.5") + density * x * total
    return x * below, below + x * density


def _silu(x: Decimal) -> tuple[Decimal, Decimal]:
    g = 1 / (1 + (-x).exp())
    return x * g, g + x * g * (1 - g)


SMOOTH: dict[int, Callable[[Decimal], tuple[Decimal, Decimal]]] = {
    SIGMOID: _sigmoid,
    TANH: _tanh,
    GELU: _gelu,
    SILU: _silu,
}
