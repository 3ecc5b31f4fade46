# ruff: noqa: D103
"""What the kernel puts in front of gradients and of W_0 in S1b: at a point, and as tables from the definition."""

from .field import R
from .multilinear import eq_table, lt


def of_steps(program, u, t):
    """sum_{t>u} eq(point t, t) eq(point u, u) kappa_{t-u}, the coefficient of terms f and b"""
    if program.kernel is None:
        return program.k * lt(u, t) % R
    return sum(w * program.kappa(d) for d, w in differences(u, t).items() if d) % R


def differences(u, t):
    """sum over t - u = d of eq(point t, t) eq(point u, u), for every d >= 0, bit by bit in O(2^n) steps"""
    weights = {0: 1}
    for x, y in zip(u, t, strict=True):
        longer = {}
        for d, w in weights.items():
            for bit_u, bit_t in ((0, 0), (0, 1), (1, 0), (1, 1)):
                e = 2 * d + bit_t - bit_u
                if e >= 0:
                    factor = (x if bit_u else 1 - x) * (y if bit_t else 1 - y) % R
                    longer[e] = (longer.get(e, 0) + w * factor) % R
        weights = longer
    return weights


def of_update(program, u):
    """sum_{u<T} eq(point u, u) kappa_{T-u}, the coefficient of terms o"""
    if program.kernel is None:
        return program.k
    return sum(e * k for e, k in zip(eq_table(u), update_table(program, len(u)), strict=True)) % R


def of_initial(program, t):
    """C = sum_t eq(point t, t) c_t"""
    if program.kernel is None:
        return 1
    return sum(e * program.c(step) for step, e in enumerate(eq_table(t))) % R


# --- tables over the steps u, for the prover ------------------------------------------------------------------------


def steps_table(program, t):
    e = eq_table(t)
    return [sum(e[s] * program.kappa(s - u) for s in range(u + 1, len(e))) % R for u in range(len(e))]


def update_table(program, tb):
    if program.kernel is None:
        return [program.k] * (1 << tb)
    return [program.kappa(program.T - u) if u < program.T else 0 for u in range(1 << tb)]
