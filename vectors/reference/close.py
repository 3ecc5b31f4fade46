"""Integrand, public functions and relations of a round-close proof (section 4a)."""

from .field import R, powers
from .integrand import helper_constraint
from .multilinear import eq, eqbits, mlt
from .publics import lanes_at
from .relation import Relation, closing
from .weights import Eq, Powers, Weight


def close_constraints(layout, v, sel_r, sel_in, count):
    """{number: K_number} in one cell; v: columns by name"""
    total, new, sg = v["S"], v["Wnext"], v["sg"]
    rem, complement, below, excess = (
        sum(v[limb] << (layout.lc * k) for k, limb in enumerate(layout.numbers[name])) for name in "rcwg"
    )
    m, most = layout.scale(count), layout.most
    return {
        1: sg**3 - sg,
        2: total + sel_r * (m // 2) - m * (new + sg * (1 + excess)) - rem,
        3: sel_r * (m - 1) - rem - complement,
        4: sel_r * most - new - below,
        5: (1 - sg**2) * (excess - new - sel_r * most),
        6: sg * (new - sg * most),
        7: (1 - sel_in) * new,
    }


def close_integrand(layout, challenges, count):
    """f(values, publics): the integrand of S2 without mask and shift."""
    G = len(layout.helpers)
    alpha, gamma = challenges["alpha"], challenges["gamma"]
    chi = powers(challenges["chi"], 1 + G + 7)

    def f(v, publics):
        e, sel_r, sel_in, sel_t, t = publics
        row = dict(zip(layout.columns, v, strict=False))
        total, sum_h = 0, 0
        for g, units in enumerate(layout.helpers):
            x = [t if u.name == "lane" else (gamma * u.tag + v[u.column]) % R for u in units]
            h = v[len(layout.columns) + g]
            total += chi[1 + g] * helper_constraint(units, h, alpha, sel_r, x, [sel_t], [row["mu0"]])
            sum_h += h
        for power, value in zip(
            chi[1 + G :], close_constraints(layout, row, sel_r, sel_in, count).values(), strict=True
        ):
            total += power * (value % R)
        return (e * (total % R) + sum_h) % R

    return f


def close_publics_at(layout, challenges, point):
    """[eq, selR, selIn, selT, t]"""
    sel_in = 0
    for offset, ni, nj, inputs, units in layout.layers():
        lead = layout.c - ni - nj
        inside = mlt(point[lead : lead + ni], inputs) * mlt(point[lead + ni :], units)
        sel_in += eqbits(offset >> (ni + nj), point[:lead]) * inside
    sel_t, t = lanes_at(layout, challenges["gamma"], point, {})
    return [eq(challenges["tau"], point), mlt(point[: layout.wv], layout.nW), sel_in % R, *sel_t, *t]


def close_relations(layout, statement, challenges, values, last):
    """R-S2, R-COL and R-DEG"""
    r2 = challenges["r2"]
    publics = close_publics_at(layout, challenges, r2)
    f = close_integrand(layout, challenges, statement.count)([values["2", name] for name in layout.values_s2], publics)
    relation = Relation("R-S2", last["2"] - f)
    closing(relation, layout, "2", r2, lambda rel, factor: None)
    out = [relation]
    for name in layout.values_s2:
        relation = Relation(f"R-COL {name}", values["2", name])
        relation.row(name, Weight(Eq(r2)))
        relation.m(layout.m.index["2", name], r2[-1] * (1 - r2[-1]))
        out.append(relation)
    relation = Relation("R-DEG", values["v_zeta"])
    relation.row("Wnext", Weight(Powers(challenges["omega"], layout.wv), Powers(challenges["zeta"], layout.n)))
    return [*out, relation]
