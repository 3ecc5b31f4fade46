"""Faults of cheating provers, and which rules they break."""

from vectors.reference import integrand, prover, relations, verifier
from vectors.reference.field import R
from vectors.reference.relation import Relation


def broken(engine):
    """Names of the relations that do not hold."""
    out = set()
    for relation in engine.relations:
        value = sum(k * engine.m[i] for i, k in relation.mask.items())
        for table, k, weight in relation.rows:
            value += k * sum(a * b for a, b in zip(weight.table(), engine.tables[table], strict=True))
        if (value - relation.y) % R:
            out.add(rule_of(relation))
    return out


def rule_of(relation):
    """R-..., of R-LINK with what is linked"""
    words = relation.name.split()
    return " ".join(words[:2]) if words[0] == "R-LINK" else words[0]


def broken_rules(instance):
    """The same, with R-S2 resolved into the constraints that fail on some row and "lookup"."""
    out = broken(instance.engine)
    rows = constraints_broken(instance) | ({"lookup"} if instance.trace.missing else set())
    assert ("R-S2" in out) == bool(rows)
    return (out - {"R-S2"}) | rows


def constraints_broken(instance):
    layout, trace, tables = instance.layout, instance.trace, instance.engine.tables
    nj, out = layout.J[instance.program.L], set()
    for g in layout.regions:
        for row in range(1 << g.nvars):
            y = valid = 0
            if (g.kind, g.layer) == ("F", instance.program.L):
                t, b, j = row >> (layout.bb + nj), (row >> nj) % instance.program.B, row % (1 << nj)
                y, valid = trace.cell(t, b, layout.toff + j), trace.cell(t, b, layout.voff)
            cells = {name: tables[name][g.offset + row] for name in layout.columns}
            values = integrand.constraints(layout, cells, g.publics, y, valid)
            out |= {f"C_{number}" for number, value in values.items() if value % R}
    return out


def once(where, change, layer=1, step=1):
    """A fault that changes the first value of its kind that it can change."""
    return faults((where, change), layer=layer, step=step)


def faults(*changes, layer=1, step=1):
    """One fault of several kinds, each done at the first value that it changes."""
    pending = dict(changes)

    def fault(name, i, t, value):
        if name in pending and i == layer and t == step:
            changed = pending[name](value)
            if changed != value:
                del pending[name]
            return changed
        return value

    return fault


def weaken(monkeypatch, rule):
    """Prover and verifier without one rule: a constraint or the relations of a name."""
    if rule.startswith("C_"):
        original = integrand.constraints

        def constraints(*arguments):
            return original(*arguments) | {int(rule[2:]): 0}

        monkeypatch.setattr(integrand, "constraints", constraints)
        return
    build = relations.training_relations

    def weakened(*arguments):
        return [Relation(r.name) if rule_of(r) == rule else r for r in build(*arguments)]

    for module in (prover, verifier):
        monkeypatch.setattr(module, "training_relations", weakened)


def change_matrix(value):
    """All entries plus one."""
    return [[v + 1 for v in row] for row in value]


def change_first(value):
    """The first entry of a matrix plus one."""
    return [[value[0][0] + 1, *value[0][1:]], *value[1:]]
