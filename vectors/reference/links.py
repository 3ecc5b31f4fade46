# ruff: noqa: D103
"""R-LINK: columns of different regions at (rho_t, rho_b, rho_j) (section 3, relation 8)."""

from .field import R
from .multilinear import eq_table, mlt
from .program import HUBER, SOFTMAX
from .relation import Relation
from .weights import Below, Coefficients, Eq, Fix, Meq


def link_relations(lay, weights, challenges):
    pr, L = lay.program, lay.program.L
    rho_t, rho_b, rho_j = challenges["rho_t"], challenges["rho_b"], challenges["rho_j"]
    out = []

    def at(kind, i, *block_j):
        """Weight on the region at rho(i), or with another block on j"""
        return weights.region(kind, i, Eq(rho_t), Eq(rho_b), *(block_j or (Eq(rho_j[i]),)))

    def equal(name, i, first, second):
        """The column of one region is that of the other; the relation."""
        relation = Relation(f"R-LINK {name} {i}")
        for (column, kind), sign in ((first, 1), (second, -1)):
            relation.row(column, at(kind, i), sign)
        out.append(relation)
        return relation

    for i in range(1, L):
        if pr.smooth(i):
            equal("slope", i, ("s", "F"), ("s", "D"))
            equal("back", i, ("q", "B"), ("a", "D"))
        else:
            equal("slope", i, ("s", "F"), ("s", "B"))

    target = weights.target(rho_t, rho_b, Eq(rho_j[L]))
    if pr.weights is not None:
        equal("raw", L, ("a", "D"), ("a", "F")).row("D", target)
        relation = Relation(f"R-LINK weight {L}")
        relation.row("s", at("D", L))
        record_weight(lay, weights, challenges, relation)
        out.append(relation)
    if pr.loss == SOFTMAX:
        out.append(same_maximum(lay, at, rho_j[L]))
        equal("exponential", L, ("a", "P"), ("a", "Q"))
        below = Below(pr.dims[L], lay.J[L])
        relation = Relation(f"R-LINK sum {L}")
        relation.row("s", at("Q", L))
        relation.row("a", at("P", L, below), -1)
        out.append(relation)
        equal("quotient", L, ("q", "Q"), ("a", "F"))
        relation = Relation(f"R-LINK mark {L}", 1)
        relation.row("s", at("P", L, below))
        out.append(relation)
    if pr.loss == HUBER:
        relation = Relation(f"R-LINK difference {L}")
        for column in ("q", "ex"):
            relation.row(column, at("H", L))
        relation.row("q", at("F", L), -(1 << (pr.fd - pr.fa)))
        relation.row("D", target)
        out.append(relation)
        equal("clamp", L, ("a", "H"), ("a", "F"))
    return out


def record_weight(lay, weights, challenges, relation):
    """Adds - w~ at rho(L)."""
    pr, L = lay.program, lay.program.L
    rho_t, rho_b, rho_j = challenges["rho_t"], challenges["rho_b"], challenges["rho_j"][L]
    if pr.one_hot:
        relation.row("D", weights.target(rho_t, rho_b, Coefficients(pr.weights, lay.J[L])), -1)
        return
    e = eq_table(rho_j)
    w0, w1 = pr.weights[::2], pr.weights[1::2]
    invalid = sum(x * w for x, w in zip(e, w0, strict=False)) % R
    relation.row("D", weights.valid(rho_t, rho_b), -(invalid << pr.fd))
    extra = [x * (b - a) % R for x, a, b in zip(e, w0, w1, strict=False)]
    relation.row("D", weights.target(rho_t, rho_b, Coefficients(extra, lay.J[L])), -1)


def same_maximum(lay, at, rho_j):
    """q on P_L plus q on F_L is the same for all j < d_L."""
    L, d = lay.program.L, lay.program.dims[-1]
    relation = Relation(f"R-LINK maximum {L}")
    for kind in "PF":
        relation.row("q", at(kind, L, Meq(rho_j, d)))
        relation.row("q", at(kind, L, Fix(0, len(rho_j))), -mlt(rho_j, d))
    return relation
