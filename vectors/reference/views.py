# ruff: noqa: D102, D103
"""Weights of a training proof's relations on columns, dataset and models, and the points of S1b."""

from .field import R, powers
from .multilinear import eqbits
from .weights import Eq, Fix, Meq, Schedule, Weight


class TrainingWeights:
    """Weights on the tables: trace columns and helpers (c variables), D (dv + n), W0 and Wout (wv + n)."""

    def __init__(self, layout, pi, beta):
        self.lay, self.pi, self.beta = layout, pi, beta

    def region(self, kind, i, *blocks):
        lay = self.lay
        g = lay.region[kind, i]
        return Weight(Fix(g.prefix, lay.c - g.nvars), *blocks)

    def data(self, tpoint, block_b, *slot):
        lay = self.lay
        return Weight(Fix(0, max(0, lay.n - lay.nd)), Schedule(lay, self.pi, self.beta, tpoint), block_b, *slot)

    def target(self, tpoint, bpoint, block_j):
        """A block on the output j of the record of a step."""
        lay = self.lay
        nj = lay.J[lay.program.L]
        return self.data(tpoint, Eq(bpoint), Fix(lay.toff >> nj, lay.rb - nj), block_j)

    def valid(self, tpoint, bpoint):
        return self.data(tpoint, Eq(bpoint), Fix(self.lay.voff, self.lay.rb))

    def w0(self, i, pin, pout):
        lay = self.lay
        n = lay.I[i] + lay.J[i]
        return Weight(Fix(lay.weight_offset[i] >> n, lay.wv + lay.n - n), Eq(pin), Eq(pout))

    def activation(self, relation, i, tpt, bpt, pin):
        """Adds A'_i(tpt, bpt, pin)."""
        lay, pr = self.lay, self.lay.program
        if i == 0:
            weight = self.data(tpt, Eq(bpt), Fix(0, lay.rb - len(pin)), Meq(pin, pr.dims[0]))
            relation.row("D", weight)
        else:
            lead = len(pin) - lay.J[i]
            weight = self.region("F", i, Eq(tpt), Eq(bpt), Meq(pin[lead:], pr.dims[i]))
            relation.row("a", weight, eqbits(0, pin[:lead]))
        relation.constant((1 << pr.fa) * eqbits(pr.dims[i], pin))

    def delta(self, relation, i, tpt, bpt, pout):
        """Adds delta_i(tpt, bpt, pout)."""
        column, kind = self.lay.deltas[i]
        relation.row(column, self.region(kind, i, Eq(tpt), Eq(bpt), Meq(pout, self.lay.program.dims[i])))


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
            tail = challenges["u"][layout.wv + layout.n - n :]
            out[t] = tail[: layout.I[i]], tail[layout.I[i] :]
    return out


def s1b_coefficients(layout, challenges):
    L = layout.program.L
    kappa = powers(challenges["kappa"], 2 * L)
    out = dict(zip(layout.terms_a, kappa, strict=False))
    for i in range(1, L + 1):
        n = layout.I[i] + layout.J[i]
        lead = challenges["u"][: layout.wv + layout.n - n]
        out["o", i] = kappa[2 * L - 1] * eqbits(layout.weight_offset[i] >> n, lead) % R
    return out
