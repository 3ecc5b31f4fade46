# ruff: noqa: D102, D103
"""The S2 integrands, the public functions in them, and all linear relations (sections 3 and 4)."""

from .field import INV2, R, powers
from .multilinear import eq, eqbits, lt
from .program import RELU, SIGMOID
from .weights import Below, Eq, Fix, Meq, One, Powers, Schedule, Weight


class Relation:
    """sum_i coefficient_i <weight_i, table_i> + <m, mask> = y"""

    def __init__(self, name, y=0):
        self.name, self.y, self.rows, self.mask = name, y % R, [], {}

    def row(self, table, weight, coefficient=1):
        self.rows.append((table, coefficient % R, weight))

    def m(self, index, coefficient):
        self.mask[index] = (self.mask.get(index, 0) + coefficient) % R

    def constant(self, value):
        """A constant on the left-hand side."""
        self.y = (self.y - value) % R


def g_at(m, name, degrees, point):
    """g_s(point) as a functional of m"""
    out = {}
    for i, d in enumerate(degrees):
        for e, power in enumerate(powers(point[i], d + 1)):
            if e:
                out[m.index[name, i, e]] = power
    return out


def g_sum(m, name, degrees):
    """sigma_s as a functional of m"""
    half_cube = pow(2, len(degrees) - 1, R)
    return {m.index[name, i, e]: half_cube for i, d in enumerate(degrees) for e in range(1, d + 1)}


def closing(relation, layout, name, point, linear):
    """g(r) - 2^-n (Lin + sigma) on the left-hand side; `linear(relation, factor)` adds factor Lin."""
    degrees = layout.degrees[name]
    for index, coefficient in g_at(layout.m, name, degrees, point).items():
        relation.m(index, coefficient)
    factor = -pow(INV2, len(degrees), R)
    linear(relation, factor)
    for index, coefficient in g_sum(layout.m, name, degrees).items():
        relation.m(index, factor * coefficient)


# --- public functions of S2 at a point -------------------------------------------------------------


def index_at(variables):
    """The integer the variables spell"""
    acc = 0
    for x in variables:
        acc = (2 * acc + x) % R
    return acc


def segment_at(segment, c, gamma, point, vtab):
    """([row in segment], [row in segment] (idx + gamma tag + gamma^2 a + gamma^3 s)) at the point"""
    here = eqbits(segment.prefix, point[: c - segment.width])
    low = point[c - segment.width :]
    idx = index_at(low)
    value = here * (idx + gamma * segment.tag)
    if segment.name == "hidden":
        half = 1 << (segment.width - 1)
        if segment.kind == RELU:
            a = low[0] * index_at(low[1:])
            s = 1
            for x in low[1:]:
                s = s * (1 - x) % R
            s = low[0] * (1 - s)  # idx > half: the leading bit and any other
        else:
            a, s = idx - half, 1
        value += here * (gamma**2 * a + gamma**3 * s)
    elif segment.name == "sigmoid":
        value += gamma**2 * vtab  # the committed table is zero outside of the segment
    return here, value % R


def lanes_at(layout, gamma, point, vtab):
    sel, t = [0] * layout.P, [0] * layout.P
    for segment in layout.segments:
        here, value = segment_at(segment, layout.c, gamma, point, vtab)
        sel[segment.lane] = (sel[segment.lane] + here) % R
        t[segment.lane] = (t[segment.lane] + value) % R
    return sel, t


def training_publics_at(layout, challenges, point, vtab):
    """[eq, selR, tag, selA, selH, selB, selO, selT_0.., t_0..]"""
    pr = layout.program
    sel_r = tag = sel_a = sel_h = sel_b = sel_o = 0
    for g in layout.regions:
        here = eqbits(g.prefix, point[: layout.c - g.nvars])
        sel_r += here
        tag += g.tag * here
        if g.kind == "B":
            sel_b += here
        elif g.layer < pr.L:
            sel_a += here
            sel_h += here
        else:
            sel_o += here
            if pr.loss == SIGMOID:
                sel_a += here
    sel_t, t = lanes_at(layout, challenges["gamma"], point, vtab)
    head = [eq(challenges["tau"], point)] + [x % R for x in (sel_r, tag, sel_a, sel_h, sel_b, sel_o)]
    return head + sel_t + t


def helper_constraint(units, h, alpha, selectors, x, sel_t, mu):
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
            total -= selectors[u] * others
    return total % R


def training_integrand(layout, challenges):
    """f(values, publics): the integrand of S2 without mask and shift."""
    pr, P = layout.program, layout.P
    at = layout.columns.index
    Q, SG, EX, A, S = (at(n) for n in ("q", "sg", "ex", "a", "s"))
    G0, R0, MU = at("g0"), at("r0"), at("mu0")
    ng = R0 - G0
    H0 = len(layout.columns)
    Y, V = H0 + len(layout.helpers), H0 + len(layout.helpers) + 1
    alpha, gamma = challenges["alpha"], challenges["gamma"]
    gamma2, gamma3 = gamma * gamma % R, gamma * gamma * gamma % R
    chi = powers(challenges["chi"], len(layout.helpers) + 6)
    half, full, steps = 1 << (pr.l - 1), 1 << pr.l, 1 << (pr.fd - pr.fa)
    weights = [1 << (pr.l * k) for k in range(ng)]

    def f(v, publics):
        e, sel_r, tag, sel_a, sel_h, sel_b, sel_o = publics[:7]
        sel_t, t = publics[7 : 7 + P], publics[7 + P :]
        mu = v[MU : MU + P]
        total, sum_h = 0, 0
        for g, units in enumerate(layout.helpers):
            x = []
            for u in units:
                if u.name == "range":
                    x.append((gamma * u.tag + v[u.column]) % R)
                elif u.name == "act":
                    x.append((gamma * tag + v[Q] + half + gamma2 * sel_a % R * v[A] + gamma3 * sel_h % R * v[S]) % R)
                else:
                    x.append(t[u.lane])
            h = v[H0 + g]
            total += chi[1 + g] * helper_constraint(units, h, alpha, [sel_r] * len(units), x, sel_t, mu)
            sum_h += h
        sg = v[SG]
        excess = 1 + sum(w * v[G0 + k] for k, w in enumerate(weights))
        pred = v[A] if pr.loss == SIGMOID else steps * v[Q]
        constraints = (
            sg * sg % R * sg - sg,
            v[EX] - sg * excess,
            sg * (2 * v[Q] + 1) - sg * sg % R * (full - 1),
            sel_b * (v[A] - v[Q] * v[S] % R),
            sel_o * (v[S] - (pred - v[Y]) * v[V] % R),
        )
        for i, value in enumerate(constraints):
            total += chi[len(layout.helpers) + 1 + i] * (value % R)
        return (e * (total % R) + sum_h) % R

    return f


def registration_publics_at(layout, challenges, point):
    """[eq, selX, selY, selV, selT, t]"""
    pr, n = layout.program, layout.rb
    here = eqbits(0, point[: max(0, layout.c - layout.nd)])
    slot = point[layout.c - n :]
    target = eqbits(layout.toff >> log_j(layout), slot[: n - log_j(layout)]) * Below(pr.dims[-1], log_j(layout)).at(
        slot[n - log_j(layout) :]
    )
    features = Below(pr.dims[0], n).at(slot)
    sel_v = eqbits(layout.voff, slot)
    if pr.loss == SIGMOID:
        sel_x, sel_y = features, target
    else:
        sel_x, sel_y = features + target, 0
    sel_t, t = lanes_at(layout, challenges["gamma"], point, 0)
    return [eq(challenges["tau"], point)] + [here * s % R for s in (sel_x, sel_y, sel_v)] + sel_t + t


def log_j(layout):
    return layout.base.J[layout.program.L]


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
            total += chi[1 + g] * helper_constraint(units, h, alpha, [sel_x] * len(units), x, [sel_t], [mu])
            sum_h += h
        position = 1 + G
        if pr.loss == SIGMOID:
            for d in v[:nD]:
                total += chi[position] * (sel_y * d % R * (d - one) % R)
                position += 1
        for d in v[:nD]:
            total += chi[position] * (sel_v * d % R * (d - 1) % R)
            position += 1
        return (e * (total % R) + sum_h) % R

    return f


# --- the relations of a training proof -------------------------------------------------------------


class TrainingWeights:
    """Weights on the tables: trace columns and T (c variables), D (dv + c), W0 and Wout (wv + c)."""

    def __init__(self, layout, pi, beta):
        self.lay, self.pi, self.beta = layout, pi, beta

    def region(self, kind, i, *blocks):
        lay = self.lay
        g = lay.region[kind, i]
        return Weight(Fix(g.prefix, lay.c - g.nvars), *blocks)

    def data(self, tpoint, block_b, *slot):
        lay = self.lay
        return Weight(Fix(0, max(0, lay.c - lay.nd)), Schedule(lay, self.pi, self.beta, tpoint), block_b, *slot)

    def w0(self, i, pin, pout):
        lay = self.lay
        n = lay.I[i] + lay.J[i]
        return Weight(Fix(lay.weight_offset[i] >> n, lay.wv + lay.c - n), Eq(pin), Eq(pout))

    def activation(self, relation, i, tpt, bpt, pin, factor=1):
        """Adds factor A'_i(tpt, bpt, pin)."""
        lay, pr = self.lay, self.lay.program
        if i == 0:
            weight = self.data(tpt, Eq(bpt), Fix(0, lay.rb - len(pin)), Meq(pin, pr.dims[0]))
            relation.row("D", weight, factor)
        else:
            lead = len(pin) - lay.J[i]
            coefficient = factor * eqbits(0, pin[:lead])
            relation.row("a", self.region("F", i, Eq(tpt), Eq(bpt), Meq(pin[lead:], pr.dims[i])), coefficient)
        relation.constant(factor * (1 << pr.fa) * eqbits(pr.dims[i], pin))

    def delta(self, relation, i, tpt, bpt, pout):
        pr = self.lay.program
        column, kind = ("s", "F") if i == pr.L else ("a", "B")
        relation.row(column, self.region(kind, i, Eq(tpt), Eq(bpt), Meq(pout, pr.dims[i])))


def weight_points(layout, challenges):
    """(pin, pout) of every S1b term"""
    ra, out = challenges["ra"], {}
    for t in layout.terms_b:
        kind, i = t
        if kind == "f":
            out[t] = ra[layout.tb : layout.nv[t]], challenges["rho_j"][i]
        elif kind == "b":
            out[t] = [0] * (layout.I[i] - layout.J[i - 1]) + challenges["rho_j"][i - 1], ra[layout.tb : layout.nv[t]]
        else:
            n = layout.I[i] + layout.J[i]
            tail = challenges["u"][layout.wv + layout.c - n :]
            out[t] = tail[: layout.I[i]], tail[layout.I[i] :]
    return out


def s1b_coefficients(layout, challenges):
    L = layout.program.L
    kappa = powers(challenges["kappa"], 2 * L)
    out = dict(zip(layout.terms_a, kappa, strict=False))
    for i in range(1, L + 1):
        n = layout.I[i] + layout.J[i]
        lead = challenges["u"][: layout.wv + layout.c - n]
        out["o", i] = kappa[2 * L - 1] * eqbits(layout.weight_offset[i] >> n, lead) % R
    return out


def training_relations(layout, statement, challenges, values, last):
    """All relations, in order. values: revealed values by key; last: last claims of the sumchecks "a", "b", "2"."""
    lay, pr, L, m = layout, layout.program, layout.program.L, layout.m
    tb, _fa = lay.tb, lay.program.fa
    weights = TrainingWeights(lay, statement.pi, statement.beta)
    rho_t, rho_b, rho_j = challenges["rho_t"], challenges["rho_b"], challenges["rho_j"]
    ra, rb, r2 = challenges["ra"], challenges["rb"], challenges["r2"]
    mask_a = ra[0] * (1 - ra[0]) % R
    mask_b = rb[0] * (1 - rb[0]) % R
    mask_2 = r2[-1] * (1 - r2[-1]) % R
    eta = dict(zip(lay.terms_a, powers(challenges["eta"], len(lay.terms_a)), strict=False))
    out = []

    # 1. R-X
    for t in lay.terms_a:
        kind, i = t
        relation = Relation(f"R-X {t}", values["X", t])
        inner = ra[tb : lay.nv[t]]
        if kind == "f":
            weights.activation(relation, i - 1, ra[:tb], rho_b, inner)
        else:
            weights.delta(relation, i, ra[:tb], rho_b, inner)
        relation.m(m.index["X", t], mask_a)
        out.append(relation)

    # 2. R-S1A
    f = sum(eta[t] * values["X", t] * values["W", t] for t in lay.terms_a)
    relation = Relation("R-S1A", last["a"] - eq(rho_t, ra[:tb]) * f)

    def linear_a(rel, factor):
        widths = pr.limb_widths()
        for t in lay.terms_a:
            kind, i = t
            where = ("F", i) if kind == "f" else ("B", i - 1)
            weight = weights.region(*where, Eq(rho_t), Eq(rho_b), Eq(rho_j[where[1]]))
            co = factor * eta[t] * pow(2, lay.na - lay.nv[t], R) % R
            rel.row("q", weight, co << pr.F)
            rel.row("ex", weight, co << pr.F)
            for k in range(len(widths)):
                rel.row(f"r{k}", weight, co << (pr.l * k))
            rel.constant(-co * (1 << (pr.F - 1)))

    closing(relation, lay, "a", ra, linear_a)
    out.append(relation)

    # 3. R-AD
    points = weight_points(lay, challenges)
    s, b = rb[:tb], rb[tb:]
    for t in lay.terms_b:
        pin, pout = points[t]
        relation = Relation(f"R-AD A {t}", values["A", t])
        weights.activation(relation, t[1] - 1, s, b, pin)
        relation.m(m.index["A", t], mask_b)
        out.append(relation)
        relation = Relation(f"R-AD D {t}", values["D", t])
        weights.delta(relation, t[1], s, b, pout)
        relation.m(m.index["D", t], mask_b)
        out.append(relation)

    # 4. R-S1B
    coefficient = s1b_coefficients(lay, challenges)
    less = pr.k * lt(s, ra[:tb]) % R
    f = sum(coefficient[t] * (pr.k if t[0] == "o" else less) % R * values["A", t] * values["D", t] for t in lay.terms_b)
    relation = Relation("R-S1B", last["b"] - f)

    def linear_b(rel, factor):
        for t in lay.terms_a:
            co = factor * coefficient[t] % R
            rel.row("W0", weights.w0(t[1], *points[t]), co)
            rel.constant(-co * values["W", t])
            rel.m(m.index["W", t], co * mask_a)
        co = factor * pow(challenges["kappa"], 2 * L - 1, R) % R
        rel.row("W0", Weight(Eq(challenges["u"])), co)
        rel.row("Wout", Weight(Eq(challenges["u"])), -co)

    closing(relation, lay, "b", rb, linear_b)
    out.append(relation)

    # 5. R-S2
    publics = training_publics_at(lay, challenges, r2, values.get("vtab", 0))
    f = training_integrand(lay, challenges)([values["2", name] for name in lay.values_s2], publics)
    relation = Relation("R-S2", last["2"] - f)
    closing(relation, lay, "2", r2, lambda rel, factor: None)
    out.append(relation)

    # 6. R-COL
    top = lay.region["F", L]
    n0 = lay.c - top.nvars
    lead, tpt, bpt, jpt = (
        eqbits(top.prefix, r2[:n0]),
        r2[n0 : n0 + tb],
        r2[n0 + tb : n0 + tb + lay.bb],
        r2[n0 + tb + lay.bb :],
    )
    for name in lay.values_s2:
        relation = Relation(f"R-COL {name}", values["2", name])
        if name == "y":
            nj = lay.J[L]
            relation.row("D", weights.data(tpt, Eq(bpt), Fix(lay.toff >> nj, lay.rb - nj), Eq(jpt)), lead)
        elif name == "v":
            relation.row("D", weights.data(tpt, Eq(bpt), Fix(lay.voff, lay.rb)), lead)
        else:
            relation.row(name, Weight(Eq(r2)))
        relation.m(m.index["2", name], mask_2)
        out.append(relation)

    # 7. R-TAB
    if pr.loss == SIGMOID:
        relation = Relation("R-TAB", values["vtab"])
        relation.row("T", Weight(Eq(r2)))
        out.append(relation)

    # 8. R-LINK
    for i in range(1, L):
        relation = Relation(f"R-LINK {i}")
        for kind, sign in (("F", 1), ("B", -1)):
            relation.row("s", weights.region(kind, i, Eq(rho_t), Eq(rho_b), Eq(rho_j[i])), sign)
        out.append(relation)

    # 9. R-COUNT
    relation = Relation("R-COUNT", statement.count)
    relation.row("D", weights.data(None, One(lay.bb), Fix(lay.voff, lay.rb)))
    out.append(relation)

    # 10. R-DEG
    zeta, omega = challenges["zeta"], challenges["omega"]
    relation = Relation("R-DEG", values["v_zeta"])
    relation.row("Wout", Weight(Powers(omega, lay.wv), Powers(zeta, lay.c)))
    for v in range(lay.nW):
        for j in range(lay.wout_blinds(v)):
            relation.m(m.index["blind", v, j], pow(omega, v, R) * pow(zeta, lay.N + j, R))
    out.append(relation)
    return out


def registration_relations(layout, statement, challenges, values, last):
    lay, pr, m = layout, layout.program, layout.m
    r2 = challenges["r2"]
    out = []

    publics = registration_publics_at(lay, challenges, r2)
    f = registration_integrand(lay, challenges)([values["2", name] for name in lay.values_s2], publics)
    relation = Relation("R-S2", last["2"] - f)
    closing(relation, lay, "2", r2, lambda rel, factor: None)
    out.append(relation)

    for position, name in enumerate(lay.values_s2):
        relation = Relation(f"R-COL {name}", values["2", name])
        if position < lay.nD:
            relation.row("D", Weight(Fix(position, lay.dv), Eq(r2)))
        else:
            relation.row(name, Weight(Eq(r2)))
        relation.m(m.index["2", name], r2[-1] * (1 - r2[-1]))
        out.append(relation)

    pad = Fix(0, max(0, lay.c - lay.nd))
    if pr.loss == SIGMOID and pr.dims[-1] >= 2:
        relation = Relation("R-ONEHOT")
        nj = log_j(lay)
        rec = Eq(challenges["rho_rec"])
        relation.row("D", Weight(pad, rec, Fix(lay.toff >> nj, lay.rb - nj), Below(pr.dims[-1], nj)))
        relation.row("D", Weight(pad, rec, Fix(lay.voff, lay.rb)), -(1 << pr.fd))
        out.append(relation)

    relation = Relation("R-COUNT", statement.count)
    relation.row("D", Weight(pad, One(lay.nb + lay.bb), Fix(lay.voff, lay.rb)))
    out.append(relation)
    return out


class Batch:
    """sum_i xi^i relation_i"""

    def __init__(self, relations, xi):
        self.rows, self.mask, self.y = {}, {}, 0
        power = 1
        for relation in relations:
            for table, coefficient, weight in relation.rows:
                self.rows.setdefault(table, []).append((coefficient * power % R, weight))
            for index, coefficient in relation.mask.items():
                self.mask[index] = (self.mask.get(index, 0) + coefficient * power) % R
            self.y = (self.y + power * relation.y) % R
            power = power * xi % R

    def weight_at(self, table, v, point):
        return sum(c * w.at_vector(v, point) for c, w in self.rows[table]) % R

    def final_mask(self, layout, r3):
        """l' = l + 2^c g_3(r3) - sigma_3"""
        out = dict(self.mask)
        scale = pow(2, layout.c, R)
        for index, coefficient in g_at(layout.m, "3", layout.degrees["3"], r3).items():
            out[index] = (out.get(index, 0) + scale * coefficient) % R
        for index, coefficient in g_sum(layout.m, "3", layout.degrees["3"]).items():
            out[index] = (out.get(index, 0) - coefficient) % R
        return out
