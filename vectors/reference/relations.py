"""The linear relations of a training proof, in order (section 3)."""

from . import kernel
from .field import R, powers
from .integrand import training_integrand
from .links import link_relations
from .multilinear import eq, eqbits
from .publics import training_publics_at
from .relation import Relation, closing
from .views import TrainingWeights, s1b_coefficients, weight_points
from .weights import Eq, Fix, One, Powers, Weight


def training_relations(layout, statement, challenges, values, last):
    """All relations, in order. values: revealed values by key; last: last claims of the sumchecks "a", "b", "2"."""
    weights = TrainingWeights(layout, statement.pi, statement.beta)
    out = s1a_relations(layout, weights, challenges, values, last["a"])
    out += s1b_relations(layout, weights, challenges, values, last["b"])
    out += s2_relations(layout, weights, challenges, values, last["2"])
    out += link_relations(layout, weights, challenges)

    relation = Relation("R-COUNT", statement.count)
    relation.row("D", weights.data(None, One(layout.bb), Fix(layout.voff, layout.rb)))
    out.append(relation)

    zeta, omega = challenges["zeta"], challenges["omega"]
    relation = Relation("R-DEG", values["v_zeta"])
    relation.row("Wout", Weight(Powers(omega, layout.wv), Powers(zeta, layout.n)))
    for v in range(layout.nW):
        for j in range(layout.wout_blinds(v)):
            relation.m(layout.m.index["blind", v, j], pow(omega, v, R) * pow(zeta, layout.N + j, R))
    return [*out, relation]


def s1a_relations(lay, weights, challenges, values, last):
    """R-X and R-S1A"""
    pr, tb, m, ra = lay.program, lay.tb, lay.m, challenges["ra"]
    rho_t, rho_b, rho_j = challenges["rho_t"], challenges["rho_b"], challenges["rho_j"]
    out = []
    for t in lay.terms_a:
        kind, i = t
        relation = Relation(f"R-X {t}", values["X", t])
        inner = ra[tb : lay.nv[t]]
        if kind == "f":
            weights.activation(relation, i - 1, ra[:tb], rho_b, inner)
        else:
            weights.delta(relation, i, ra[:tb], rho_b, inner)
        relation.m(m.index["X", t], ra[0] * (1 - ra[0]))
        out.append(relation)

    eta = dict(zip(lay.terms_a, powers(challenges["eta"], len(lay.terms_a)), strict=True))
    f = sum(eta[t] * values["X", t] * values["W", t] for t in lay.terms_a)
    relation = Relation("R-S1A", last - eq(rho_t, ra[:tb]) * f)

    def linear(rel, factor):
        for t in lay.terms_a:
            kind, i = t
            where = ("F", i) if kind == "f" else ("B", i - 1)
            weight = weights.region(*where, Eq(rho_t), Eq(rho_b), Eq(rho_j[where[1]]))
            co = factor * eta[t] * pow(2, lay.na - lay.nv[t], R) % R
            rel.row("q", weight, co << pr.scale)
            rel.row("ex", weight, co << pr.scale)
            for k, name in enumerate(lay.limbs):
                rel.row(name, weight, co << (pr.lb * k))
            rel.constant(-co * (1 << (pr.scale - 1)))

    closing(relation, lay, "a", ra, linear)
    return [*out, relation]


def s1b_relations(lay, weights, challenges, values, last):
    """R-AD and R-S1B"""
    pr, L, tb, m = lay.program, lay.program.L, lay.tb, lay.m
    ra, rb = challenges["ra"], challenges["rb"]
    points = weight_points(lay, challenges)
    out = []
    for t in lay.terms_b:
        pin, pout = points[t]
        for name, claim, i, point in (("A", weights.activation, t[1] - 1, pin), ("D", weights.delta, t[1], pout)):
            relation = Relation(f"R-AD {name} {t}", values[name, t])
            claim(relation, i, rb[:tb], rb[tb:], point)
            relation.m(m.index[name, t], rb[0] * (1 - rb[0]))
            out.append(relation)

    coefficient = s1b_coefficients(lay, challenges)
    steps, update = kernel.of_steps(pr, rb[:tb], ra[:tb]), kernel.of_update(pr, rb[:tb])
    f = sum(
        coefficient[t] * (update if t[0] == "o" else steps) % R * values["A", t] * values["D", t] for t in lay.terms_b
    )
    relation = Relation("R-S1B", last - f)

    def linear(rel, factor):
        initial = kernel.of_initial(pr, ra[:tb])
        for t in lay.terms_a:
            co = factor * coefficient[t] % R
            rel.row("W0", weights.w0(t[1], *points[t]), co * initial)
            rel.constant(-co * values["W", t])
            rel.m(m.index["W", t], co * ra[0] * (1 - ra[0]))
        co = factor * pow(challenges["kappa"], 2 * L - 1, R) % R
        rel.row("W0", Weight(Eq(challenges["u"])), co * pr.c(pr.T))
        rel.row("Wout", Weight(Eq(challenges["u"])), -co)

    closing(relation, lay, "b", rb, linear)
    return [*out, relation]


def s2_relations(lay, weights, challenges, values, last):
    """R-S2, R-COL and R-TAB"""
    r2, m = challenges["r2"], lay.m
    vtab = {p: values["vtab", p] for p in lay.key_lanes}
    publics = training_publics_at(lay, challenges, r2, vtab)
    f = training_integrand(lay, challenges)([values["2", name] for name in lay.values_s2], publics)
    relation = Relation("R-S2", last - f)
    closing(relation, lay, "2", r2, lambda rel, factor: None)
    out = [relation]

    top = lay.region["F", lay.program.L]
    cut = [lay.c - top.nvars, lay.tb, lay.bb]
    parts, position = [], 0
    for n in cut:
        parts.append(r2[position : position + n])
        position += n
    lead, tpt, bpt = parts
    for name in lay.values_s2:
        relation = Relation(f"R-COL {name}", values["2", name])
        if name == "y":
            relation.row("D", weights.target(tpt, bpt, Eq(r2[position:])), eqbits(top.prefix, lead))
        elif name == "v":
            relation.row("D", weights.valid(tpt, bpt), eqbits(top.prefix, lead))
        else:
            relation.row(name, Weight(Eq(r2)))
        relation.m(m.index["2", name], r2[-1] * (1 - r2[-1]))
        out.append(relation)

    gamma, cell = challenges["gamma"], r2[lay.c - lay.n :]
    for p in lay.key_lanes:
        relation = Relation(f"R-TAB {p}", values["vtab", p])
        for power, name in ((2, f"TA{p}"), (3, f"TS{p}")):
            if name in lay.key_tables:
                relation.row(name, Weight(Eq(cell)), pow(gamma, power, R))
        out.append(relation)
    return out
