# ruff: noqa: D103
"""The integrands of S2: helpers and constraints of one row (sections 3 and 4)."""

from .field import R, powers
from .layout import PUBLICS
from .program import HUBER, SIGMOID, SOFTMAX


def helper_constraint(units, h, alpha, selector, x, sel_t, mu):
    """h prod (alpha + x_u) - sum_{lookups} sel prod_{others} + sum_{lanes} selT mu prod_{others}"""
    n = len(units)
    factors = [alpha + x[u] for u in range(n)]
    prefix = [1] * (n + 1)
    suffix = [1] * (n + 1)
    for u in range(n):
        prefix[u + 1] = prefix[u] * factors[u] % R
        suffix[n - 1 - u] = suffix[n - u] * factors[n - 1 - u] % R
    total = h * prefix[n]
    for u, unit in enumerate(units):
        others = prefix[u] * suffix[u + 1]
        if unit.name == "lane":
            total += sel_t[unit.lane] * mu[unit.lane] % R * others
        else:
            total -= selector * others
    return total % R


def constraints(layout, v, sel, y, valid):
    """{number: C_number} on one row; v: columns by name, sel: selectors by name"""
    pr = layout.program
    q, sg, ex, a, s = (v[name] for name in ("q", "sg", "ex", "a", "s"))
    rem = sum(v[name] << (pr.lb * k) for k, name in enumerate(layout.limbs))
    excess = sum(v[name] << (pr.lb * k) for k, name in enumerate(layout.excess_limbs))
    half, one = 1 << (pr.l - 1), 1 << pr.scale
    out = {
        1: sg**3 - sg,
        2: ex - sg * (1 + excess),
        3: sg * (2 * q + 1) - sg**2 * (2 * half - 1),
        4: sel["selB"] * (a - q * s),
        5: sel["selO"] * loss_constraint(pr, q, a, s, y, valid),
    }
    if 6 in layout.constraints:
        out[6] = sel["selX"] * a * s + sel["selD"] * (one // 2 - (q + ex) * one - rem)
    if pr.loss == SOFTMAX:
        out[7] = sel["selQ"] * ((a << (pr.fd + 1)) + s - 2 * q * s - rem)
        out[8] = sel["selQ"] * (2 * s - 1 - rem - excess)
        out[9] = sel["selP"] * (s * s - s)
        out[10] = sel["selP"] * s * (q + half)
    return out


def loss_constraint(pr, q, a, s, y, valid):
    """What C_5 says of a row of F_L."""
    if pr.weights is not None:  # one-hot: registration does it; else an uncounted record with targets would train
        return 0 if pr.one_hot else y * (1 - valid)
    if pr.loss == HUBER:
        return s - a * valid
    prediction = a if pr.loss in (SIGMOID, SOFTMAX) else q << (pr.fd - pr.fa)
    return s - (prediction - y) * valid


def training_integrand(layout, challenges):
    """f(values, publics): the integrand of S2 without mask and shift."""
    pr, P, G = layout.program, layout.P, len(layout.helpers)
    at = layout.columns.index
    Q, A, S, MU = (at(n) for n in ("q", "a", "s", "mu0"))
    H0 = len(layout.columns)
    alpha, gamma = challenges["alpha"], challenges["gamma"]
    gamma2, gamma3 = gamma * gamma % R, gamma * gamma * gamma % R
    chi = powers(challenges["chi"], 1 + G + len(layout.constraints))
    half = 1 << (pr.l - 1)

    def f(v, publics):
        e, rest = publics[0], publics[1 + len(PUBLICS) :]
        sel = dict(zip(PUBLICS, publics[1:], strict=False))
        sel_t, t, mu = rest[:P], rest[P:], v[MU : MU + P]
        row = dict(zip(layout.columns, v, strict=False))
        total, sum_h = 0, 0
        for g, units in enumerate(layout.helpers):
            x = []
            for u in units:
                if u.name == "range":
                    x.append((gamma * u.tag + v[u.column]) % R)
                elif u.name == "act":
                    values = gamma2 * sel["selA"] % R * v[A] + gamma3 * sel["selH"] % R * v[S]
                    x.append((gamma * sel["tag"] + v[Q] + half + values) % R)
                else:
                    x.append(t[u.lane])
            h = v[H0 + g]
            total += chi[1 + g] * helper_constraint(units, h, alpha, sel["selR"], x, sel_t, mu)
            sum_h += h
        values = constraints(layout, row, sel, v[H0 + G], v[H0 + G + 1])
        for power, number in zip(chi[1 + G :], layout.constraints, strict=True):
            total += power * (values[number] % R)
        return (e * (total % R) + sum_h) % R

    return f


def registration_integrand(layout, challenges):
    pr, nD, G = layout.program, layout.nD, len(layout.helpers)
    alpha, gamma = challenges["alpha"], challenges["gamma"]
    chi = powers(challenges["chi"], 1 + G + 2 * nD)
    half, one = 1 << (pr.l - 1), 1 << pr.fd

    def f(v, publics):
        e, sel_x, sel_y, sel_v, sel_t, t = publics
        mu = v[nD]
        total, sum_h = 0, 0
        for g, units in enumerate(layout.helpers):
            x = [t if u.name == "lane" else (gamma * u.tag + v[u.column] + half) % R for u in units]
            h = v[nD + 1 + g]
            total += chi[1 + g] * helper_constraint(units, h, alpha, sel_x, x, [sel_t], [mu])
            sum_h += h
        position = 1 + G
        if pr.cross_entropy:
            for d in v[:nD]:
                total += chi[position] * (sel_y * d % R * (d - one) % R)
                position += 1
        for d in v[:nD]:
            total += chi[position] * (sel_v * d % R * (d - 1) % R)
            position += 1
        return (e * (total % R) + sum_h) % R

    return f
