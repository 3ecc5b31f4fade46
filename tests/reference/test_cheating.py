"""Cheating provers are rejected."""

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.support import TAU, program
from vectors.reference import prover
from vectors.reference.field import R
from vectors.reference.instance import Instance
from vectors.reference.make import PROGRAMS
from vectors.reference.transcript import REGISTRATION, TRAINING
from vectors.reference.verifier import valid


def broken(engine):
    """Names of the relations that do not hold."""
    out = set()
    for relation in engine.relations:
        value = sum(k * engine.m[i] for i, k in relation.mask.items())
        for table, k, weight in relation.rows:
            value += k * sum(a * b for a, b in zip(weight.table(), engine.tables[table], strict=False))
        if (value - relation.y) % R:
            out.add(relation.name.split()[0])
    return out


def once(where, change, layer=1, step=1):
    """A fault that changes the first value of its kind."""
    done = []

    def fault(name, i, t, value):
        if name == where and i == layer and t == step and not done:
            done.append(1)
            return change(value)
        return value

    return fault


def change_matrix(value):
    return [[v + 1 for v in row] for row in value]


CHEATS = {
    "wrong product, forward": (once("xF", lambda x: x + 64), {"R-S1A"}),
    "wrong product, backward": (once("xB", lambda x: x + 1), {"R-S1A"}),
    "quotient one less, remainder too large": (once("splitF", lambda v: (v[0] - 1, v[1] + 64)), {"R-S2"}),
    "quotient one more, remainder negative": (once("splitB", lambda v: (v[0] + 1, v[1] - 64)), {"R-S2"}),
    "saturation at will": (once("satF", lambda v: (7, 1, v[0] + v[2] - 7)), {"R-S2"}),
    "excess without a sign": (once("satF", lambda v: (v[0] - 3, 0, v[2] + 3)), {"R-S2"}),
    "unsaturated value": (once("satF", lambda v: (v[0] + v[2] + 16, 0, -16)), {"R-S2"}),
    "activation not in the table": (once("act", lambda v: (v[0] + 1, v[1])), {"R-S2"}),
    "derivative not in the table": (once("act", lambda v: (v[0], 1 - v[1])), {"R-S2"}),
    "wrong loss": (once("delta", change_matrix, layer=2), {"R-S2"}),
    "training on a padded step": (once("delta", change_matrix, layer=2, step=3), {"R-S2"}),
    "derivative not copied": (once("copy", change_matrix), {"R-LINK"}),
    "wrong product with the derivative": (once("back", change_matrix), {"R-S2"}),
}


@pytest.mark.parametrize("name", CHEATS)
def test_cheating_prover(name):
    """Faults after which everything else is consistent break the intended relation only, and the verifier notices."""
    fault, expected = CHEATS[name]
    instance = Instance(program(), seed=14)
    proof = instance.prove_training(fault=fault, check=False)
    assert broken(instance.engine) == expected
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def tamper_w_out(cell):
    def tamper(trace, engine):
        trace.w_out[cell] += 1

    return tamper


def test_w_out_is_bound_in_every_cell():
    instance = Instance(program(), seed=15)
    lay = instance.layout
    for cell in (0, lay.weight_offset[2], 1 << lay.nw, lay.N - 1):  # two layers, outside of all layers
        proof = instance.prove_training(tamper=tamper_w_out(cell), check=False)
        assert broken(instance.engine) == {"R-S1B"}
        assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


@pytest.mark.parametrize("position", [0, 3, 9])
def test_degree_of_w_out_is_bound(position, monkeypatch):
    """Blinds other than those of the mask vector, or beyond them."""
    original = prover.Engine.table

    def table(self, name, cells, blinds):
        if name == "Wout":
            blinds = [list(b) + [0] * (position + 1 - len(b)) for b in blinds]
            blinds[0][position] += 1
        return original(self, name, cells, blinds)

    monkeypatch.setattr(prover.Engine, "table", table)
    instance = Instance(program(), seed=16)
    proof = instance.prove_training(check=False)
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def test_degrees_of_two_w_out_vectors_do_not_cancel(monkeypatch):
    """X^N in one vector against -X^(2N) in the next: omega keeps the vectors apart."""
    original = prover.Engine.table

    def table(self, name, cells, blinds):
        if name == "Wout":
            N = self.lay.N
            blinds = [list(b) for b in blinds]
            blinds[0] += [0] * (N - len(blinds[0])) + [1]  # X^(2N) in vector 0
            blinds[1] = [blinds[1][0] - 1]  # X^N in vector 1
        return original(self, name, cells, blinds)

    monkeypatch.setattr(prover.Engine, "table", table)
    instance = Instance(PROGRAMS["many-vectors"], seed=17)
    proof = instance.prove_training(check=False)
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def test_false_count_is_rejected():
    instance = Instance(program(), seed=18)
    instance.training.count -= 1
    proof = instance.prove_training(check=False)
    assert broken(instance.engine) == {"R-COUNT"}
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def test_another_schedule_is_rejected():
    """The trace follows a schedule that is not the one of the statement."""
    instance = Instance(program(nblocks=4), seed=19)
    wanted = instance.training.beta

    def tamper(trace, engine):
        instance.training.beta = wanted

    instance.training.beta ^= 1
    proof = instance.prove_training(tamper=tamper, check=False)
    assert broken(instance.engine) >= {"R-X", "R-AD"}
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def test_wrong_multiplicities_are_rejected():
    def tamper(trace, engine):
        trace.columns["mu0"][1] += 1

    instance = Instance(program(), seed=20)
    proof = instance.prove_training(tamper=tamper, check=False)
    assert broken(instance.engine) == {"R-S2"}
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def bad_record(instance, change):
    features, targets, flag = instance.blocks[0][0]
    instance.blocks[0][0] = change(list(features), list(targets), flag)
    return Instance(instance.program, seed=1, blocks=instance.blocks)


BAD_RECORDS = {
    "feature too large": (1, lambda x, y, v: ([8, *x[1:]], y, v), {"R-S2"}),
    "feature too small": (1, lambda x, y, v: ([*x[:-1], -9], y, v), {"R-S2"}),
    "target neither 0 nor 1": (1, lambda x, y, v: (x, [4, 4, 0], 1), {"R-S2"}),
    "two classes": (1, lambda x, y, v: (x, [8, 8, 0], 1), {"R-ONEHOT"}),
    "no class": (1, lambda x, y, v: (x, [0, 0, 0], 1), {"R-ONEHOT"}),
    "valid not boolean": (1, lambda x, y, v: (x, [8, 8, 0], 2), {"R-S2"}),
    "target too large": (0, lambda x, y, v: (x, [0, 8, 0], 1), {"R-S2"}),
    "valid not boolean, squared": (0, lambda x, y, v: (x, y, 2), {"R-S2"}),
}


@pytest.mark.parametrize("name", BAD_RECORDS)
@pytest.mark.parametrize("nblocks", [2, 16])
def test_bad_records_are_not_registered(name, nblocks):
    loss, change, expected = BAD_RECORDS[name]
    instance = Instance(program(loss=loss, dims=[5, 3], activations=[], nblocks=nblocks, B=2), seed=21)
    instance = bad_record(instance, change)
    proof = instance.prove_registration(check=False)
    assert broken(instance.registration_engine) == expected
    assert not valid(*instance.arguments(REGISTRATION, proof), tau=TAU)


def test_registration_count():
    instance = Instance(program(), seed=22)
    instance.registration.count -= 1
    proof = instance.prove_registration(check=False)
    assert broken(instance.registration_engine) == {"R-COUNT"}
    assert not valid(*instance.arguments(REGISTRATION, proof), tau=TAU)
