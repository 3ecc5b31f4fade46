"""Round closes: honest ones are accepted, the model is the rule's, every rule of section 4a is needed."""

import random
from dataclasses import replace
from fractions import Fraction
from math import floor

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.cheating import broken
from tests.reference.support import TAU, fields, program, random_program
from vectors.reference import close, curve
from vectors.reference.argument import Engine
from vectors.reference.close_instance import CloseInstance
from vectors.reference.close_layout import CloseLayout
from vectors.reference.closes import CLOSES, at_cell, larger_quotient
from vectors.reference.data import vectors
from vectors.reference.field import R, Reject
from vectors.reference.instance import Instance
from vectors.reference.layout import Layout
from vectors.reference.multilinear import mle
from vectors.reference.transcript import CLOSE, REGISTRATION, TRAINING
from vectors.reference.verifier import valid, verify

MOST = 127  # of programs with wb = 7


@pytest.fixture(scope="module", params=["relu", "lane-alone"])
def closed(request):
    instance = CloseInstance(*CLOSES[request.param], seed=3)
    return instance, instance.prove()


def test_complete_on_random_programs():
    rng, done = random.Random(4), 0
    while done < 24:
        p = random_program(rng)
        try:
            CloseLayout(Layout(p))
        except Reject:
            continue
        instance = CloseInstance(p, rng.choice([1, 2, 3, rng.randrange(1, 65536)]), seed=rng.randrange(1000))
        proof = instance.prove()
        assert instance.trace.missing == 0
        verify(*instance.arguments(proof), tau=TAU)
        done += 1


def test_largest_sums_have_a_proof():
    """Means of +-(2^62 - 1), means on either side of both ends, and the largest count."""
    p = program(dims=[3, 2], activations=[])
    m = 65535
    values = [((1 << 62) - 1) * m, -((1 << 62) - 1) * m, MOST * m, -MOST * m, MOST * m + m // 2, MOST * m + m // 2 + 1]
    layout = CloseLayout(Layout(p))
    instance = CloseInstance(p, m, total=values + [0] * (layout.N - len(values)))
    proof = instance.prove()
    assert instance.trace.missing == 0
    assert instance.next[:6] == [MOST, -MOST, MOST, -MOST, MOST, MOST]
    assert instance.trace.columns["sg"][:6] == [1, -1, 0, 0, 0, 1]
    verify(*instance.arguments(proof), tau=TAU)


def test_the_model_is_the_mean_rounded_half_up():
    for count in (1, 2, 3, 6, 7, 65535):
        instance = CloseInstance(program(), count, seed=count)
        for total, new in zip(instance.total, instance.next, strict=True):
            mean = floor(Fraction(total, count) + Fraction(1, 2))
            assert new == max(-MOST, min(MOST, mean))


def test_complete_with_the_pairing():
    instance = CloseInstance(*CLOSES["logistic"], seed=5)
    proof = instance.prove()
    verify(*instance.arguments(proof))
    bad = bytearray(proof)
    bad[-129] ^= 1
    assert not valid(*instance.arguments(bytes(bad)))


def test_a_program_without_room_is_legal_but_not_closed():
    p = program(dims=[2, 1], activations=[], n=7, group=12, F=4, l=4, fa=1, fd=1, wb=5, B=1, T=2, nblocks=1)
    p.validate()
    with pytest.raises(Reject, match="mask vector of a close"):
        CloseLayout(Layout(p))


def test_selectors_at_a_point_are_those_of_the_cells():
    for p, _ in CLOSES.values():
        layout, rng = CloseLayout(Layout(p)), random.Random(8)
        point = [rng.randrange(R) for _ in range(layout.c)]
        _, sel_r, sel_in, *_ = close.close_publics_at(layout, {"tau": point, "gamma": 5}, point)
        size = 1 << layout.c
        assert sel_r == mle([int(row < layout.nW << layout.n) for row in range(size)], point)
        assert sel_in == mle(layout.in_layer(), point)


def broken_rules(instance):
    """K_i that some cell breaks, and "lookup"."""
    lay, tables = instance.layout, instance.engine.tables
    out, inside = {"lookup"} if instance.trace.missing else set(), lay.in_layer()
    for row in range(lay.nW << lay.n):
        cells = {name: tables[name][row] for name in lay.columns}
        values = close.close_constraints(lay, cells, 1, inside[row], instance.statement.count)
        out |= {f"K_{number}" for number, value in values.items() if value % R}
    return out


def sign_of_neither(parts):
    """sg = W'/most with most dividing W'(W' + 1): 16 * 127 for W' = 126, no clipping, V = W' + sg (1 + W' + most)."""
    return 126, 126 * pow(MOST, -1, R) % R, 126 + MOST


def number(name, step):
    return lambda numbers: numbers | {name: numbers[name] + step}


# label: (what is changed, how, the sum's cell, the one rule that breaks); m = 3, h = 1
CHEATS = {
    "quotient one more, remainder negative": ("division", larger_quotient, 12, "lookup"),
    "quotient one less, remainder m": ("division", lambda v: (v[0] - 1, 3), 11, "lookup"),
    "quotient without its remainder": ("division", lambda v: (v[0] + 1, v[1]), 12, "K_2"),
    "complement of another remainder": ("numbers", number("c", 1), 12, "K_3"),
    "distance to another bound": ("numbers", number("w", 1), 12, "K_4"),
    "distance to another lower bound": ("numbers", number("g", 1), 12, "K_5"),
    "mean beyond the upper bound, not clipped": ("clip", lambda v: (400, 0, 400 + MOST), 400 * 3, "lookup"),
    "mean beyond the lower bound, not clipped": ("clip", lambda v: (-128, 0, -1), -128 * 3, "lookup"),
    "upper end taken without being passed": ("clip", lambda v: (MOST, 1, v[0] - MOST - 1), 100 * 3, "lookup"),
    "lower end taken without being passed": ("clip", lambda v: (-MOST, -1, -MOST - 1 - v[0]), 100 * 3, "lookup"),
    "passed one end, took the other": ("clip", lambda v: (-MOST, 1, v[2] + 2 * MOST), 400 * 3, "K_6"),
    "sign of neither end": ("clip", sign_of_neither, 378 * 3, "K_1"),
}


def cheat(what, change, value):
    """Proof of an instance whose first cell is `value` and cheated."""
    instance = CloseInstance(program(), 3, seed=6)
    instance.total[0] = value
    instance.statement.total = instance.commit_sum()
    return instance, instance.prove(fault=at_cell(0, what, change), check=False)


@pytest.mark.parametrize("name", CHEATS)
def test_cheating_closer(name):
    """Faults after which everything else is consistent break the intended rule only, and the verifier notices."""
    *fault, rule = CHEATS[name]
    instance, proof = cheat(*fault)
    assert broken_rules(instance) == {rule}
    assert not valid(*instance.arguments(proof), tau=TAU)


def outside_layers():
    """A sum with something in a padded row of layer 1, and the proof of its close."""
    instance = CloseInstance(program(), 3, seed=6)
    cell = instance.layout.in_layer().index(0)
    instance.total[cell] = 9
    instance = CloseInstance(program(), 3, seed=6, total=instance.total)
    return instance, instance.prove(check=False)


def test_nothing_outside_layers():
    instance, proof = outside_layers()
    assert broken_rules(instance) == {"K_7"}
    assert not valid(*instance.arguments(proof), tau=TAU)


@pytest.mark.parametrize("rule", range(1, 8))
def test_every_constraint_is_needed(rule, monkeypatch):
    """Without the rule the cheat that breaks only it is accepted."""
    original = close.close_constraints
    monkeypatch.setattr(close, "close_constraints", lambda *arguments: original(*arguments) | {rule: 0})
    faults = [fault for *fault, broken in CHEATS.values() if broken == f"K_{rule}"]
    for instance, proof in [cheat(*fault) for fault in faults] or [outside_layers()]:
        verify(*instance.arguments(proof), tau=TAU)


def test_missing_vectors_need_no_mean():
    """nW = 3 in a table of four vectors: the constants of the constraints are not asked of the missing one."""
    instance = CloseInstance(*CLOSES["three-weights"], seed=2)
    assert instance.layout.nW == 3 and instance.layout.wv == 2
    verify(*instance.arguments(instance.prove()), tau=TAU)


def test_every_field_of_a_proof_matters(closed):
    instance, proof = closed
    layout = instance.layout
    assert len(proof) == 11 + layout.proof_body_length()
    for offset, size in fields(layout, CLOSE):
        old = proof[offset : offset + size]
        if size == 32:
            changed = [((int.from_bytes(old, "big") + 1) % R).to_bytes(32, "big")]
        else:
            changed = [curve.point_bytes(curve.add(curve.point_from(old), curve.GENERATOR)), bytes(64)]
        for new in changed:
            bad = proof[:offset] + new + proof[offset + size :]
            assert not valid(*instance.arguments(bad), tau=TAU), offset


def test_every_field_of_the_statement_matters(closed):
    instance, proof = closed
    statement = instance.statement
    for name in ("chain", "hub", "submitter", "task", "round", "key", "setup"):
        assert not valid(*instance.arguments(proof, replace(statement, **{name: bytes(32)})), tau=TAU), name
    for name in ("total", "next"):
        points = getattr(statement, name)
        for v, point in enumerate(points):
            bad = [*points[:v], curve.add(point, curve.GENERATOR), *points[v + 1 :]]
            assert not valid(*instance.arguments(proof, replace(statement, **{name: bad})), tau=TAU), (name, v)
    for count in (statement.count + 1, statement.count + R):
        assert not valid(*instance.arguments(proof, replace(statement, count=count)), tau=TAU), count


def test_counts_are_range_checked():
    """0 and 2^16 are no counts, not even with a proof that is consistent with them."""
    for count in (65536, 65536 + R):
        instance = CloseInstance(program(), count, seed=7)
        with pytest.raises(Reject, match="count"):
            verify(*instance.arguments(instance.prove(check=False)), tau=TAU)
    instance = CloseInstance(program(), 1, seed=7)
    with pytest.raises(Reject, match="count"):
        verify(*instance.arguments(instance.prove(), replace(instance.statement, count=0)), tau=TAU)


def test_kinds_are_kept_apart(relu):
    training, proof = relu[0], relu[TRAINING]
    instance = CloseInstance(*CLOSES["relu"], seed=3)
    closing = instance.prove()
    for kind in (TRAINING, REGISTRATION):
        assert not valid(*training.arguments(kind, closing), tau=TAU)
        assert not valid(*training.arguments(kind, closing[:10] + bytes([kind]) + closing[11:]), tau=TAU)
    for other in (proof, proof[:10] + bytes([CLOSE]) + proof[11:], relu[REGISTRATION], closing[:-1], closing + b"\0"):
        assert not valid(*instance.arguments(other), tau=TAU)


def test_closing_a_round_of_training():
    """The sum of three updates of the same model, by their commitments and with their blinds."""
    p = program(dims=[2, 1], activations=[])
    total, points, blinds = None, None, None
    for seed in (1, 2, 3):
        instance = Instance(p, seed=seed, matrices=[[[5], [-60], [3]]])
        instance.prove_training()
        w_out, engine = instance.trace.w_out, instance.engine
        commitments = [instance.setup.commit(v) for v in engine.vectors["Wout"]]
        extra = [vector[instance.layout.N :] for vector in engine.vectors["Wout"]]
        if total is None:
            total, points, blinds = w_out, commitments, extra
        else:
            total = [a + b for a, b in zip(total, w_out, strict=True)]
            points = [curve.add(a, b) for a, b in zip(points, commitments, strict=True)]
            blinds = [[(a + b) % R for a, b in zip(*pair, strict=True)] for pair in zip(blinds, extra, strict=True)]
    closed = CloseInstance(p, 3, total=total)
    closed.blinds = blinds
    closed.statement.total = points
    assert points == closed.commit_sum()
    verify(*closed.arguments(closed.prove()), tau=TAU)


def test_degrees_of_the_next_model_are_bounded(monkeypatch):
    """[W'] with coefficients beyond N, that nobody else could train on: alone, and X^N in one vector against X^(2N)."""
    original = Engine.table
    for extra in ([[5], [], []], [[0] * 256 + [1], [R - 1], []]):

        def table(self, name, cells, blinds, extra=extra):
            return original(self, name, cells, extra if name == "Wnext" else blinds)

        monkeypatch.setattr(Engine, "table", table)
        instance = CloseInstance(*CLOSES["three-weights"], seed=2)
        cut = vectors(instance.next, instance.layout.n)
        instance.statement.next = [instance.setup.commit([*cut[v], *extra[v]]) for v in range(3)]
        proof = instance.prove(check=False)
        assert broken(instance.engine) == {"R-DEG"}
        assert not valid(*instance.arguments(proof), tau=TAU)
