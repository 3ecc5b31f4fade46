# ruff: noqa: D103
"""Multilinear helpers (section 0). Points list the most significant variable first."""

from .field import R, bits


def eq1(a, b):
    return (1 - a - b + 2 * a * b) % R


def eq(p, q):
    assert len(p) == len(q)
    acc = 1
    for a, b in zip(p, q, strict=False):
        acc = acc * eq1(a, b) % R
    return acc


def eqbits(v, p):
    return eq(bits(v, len(p)), p)


def mlt(p, d):
    """sum_{i<d} eqbits(i, p)"""
    n = len(p)
    if d >= 1 << n:
        return 1
    total, prefix = 0, 1
    for bit, x in zip(bits(d, n), p, strict=False):
        if bit:  # all indices that agree with d so far and have 0 here are smaller, whatever follows
            total += prefix * (1 - x)
            prefix = prefix * x % R
        else:
            prefix = prefix * (1 - x) % R
    return total % R


def meq(p, q, d):
    """sum_{i<d} eqbits(i, p) eqbits(i, q)"""
    assert len(p) == len(q)
    n = len(p)
    if d >= 1 << n:
        return eq(p, q)
    total, prefix = 0, 1
    for k, bit in enumerate(bits(d, n)):
        zero, one = (1 - p[k]) * (1 - q[k]) % R, p[k] * q[k] % R
        if bit:
            total += prefix * zero * eq(p[k + 1 :], q[k + 1 :])
            prefix = prefix * one % R
        else:
            prefix = prefix * zero % R
    return total % R


def lt(s, t):
    """The multilinear extension of [s < t]."""
    assert len(s) == len(t)
    total, prefix = 0, 1
    for a, b in zip(s, t, strict=False):
        total += prefix * (1 - a) * b
        prefix = prefix * eq1(a, b) % R
    return total % R


def eq_table(p):
    """[eqbits(i, p) for every i]"""
    table = [1]
    for x in p:
        table = [e for v in table for e in (v * (1 - x) % R, v * x % R)]
    return table


def bind(table, x):
    """Sets the most significant variable of a table to x."""
    half = len(table) // 2
    return [(a + x * (b - a)) % R for a, b in zip(table[:half], table[half:], strict=False)]


def mle(table, point):
    assert len(table) == 1 << len(point)
    return sum(e * v for e, v in zip(eq_table(point), table, strict=False)) % R
