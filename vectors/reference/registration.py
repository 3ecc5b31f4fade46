# ruff: noqa: D103
"""The linear relations of a registration proof, in order (section 4)."""

from .integrand import registration_integrand
from .publics import registration_publics_at
from .relation import Relation, closing
from .weights import Below, Eq, Fix, One, Weight


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

    pad = Fix(0, max(0, lay.n - lay.nd))
    if pr.one_hot:
        relation = Relation("R-ONEHOT")
        nj = lay.base.J[pr.L]
        rec = Eq(challenges["rho_rec"])
        relation.row("D", Weight(pad, rec, Fix(lay.toff >> nj, lay.rb - nj), Below(pr.dims[-1], nj)))
        relation.row("D", Weight(pad, rec, Fix(lay.voff, lay.rb)), -(1 << pr.fd))
        out.append(relation)

    relation = Relation("R-COUNT", statement.count)
    relation.row("D", Weight(pad, One(lay.nb + lay.bb), Fix(lay.voff, lay.rb)))
    out.append(relation)
    return out
