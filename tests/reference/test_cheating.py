"""Cheating provers are rejected."""

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.cheating import broken, broken_rules, change_matrix, once
from tests.reference.support import TAU, program
from vectors.reference import prover
from vectors.reference.field import R
from vectors.reference.instance import Instance
from vectors.reference.programs import PROGRAMS
from vectors.reference.transcript import TRAINING
from vectors.reference.verifier import valid

CHEATS = {
    "wrong product, forward": (once("xF", lambda x: x + 64), "R-S1A"),
    "wrong product, backward": (once("xB", lambda x: x + 1), "R-S1A"),
    "quotient one less, remainder too large": (once("splitF", lambda v: (v[0] - 1, v[1] + 64)), "lookup"),
    "quotient one more, remainder negative": (once("splitB", lambda v: (v[0] + 1, v[1] - 64)), "lookup"),
    "saturation at will": (once("satF", lambda v: (7, 1, v[0] + v[2] - 7)), "C_2"),
    "excess without a sign": (once("satF", lambda v: (v[0] - 3, 0, v[2] + 3)), "C_2"),
    "sign of neither end": (once("satF", lambda v: (v[0] - 3, 1, v[2] + 3)), "C_3"),
    "activation not in the table": (once("act", lambda v: (v[0] + 1, v[1])), "lookup"),
    "derivative not in the table": (once("act", lambda v: (v[0], 1 - v[1])), "lookup"),
    "wrong loss": (once("delta", change_matrix, layer=2), "C_5"),
    "training on a padded step": (once("delta", change_matrix, layer=2, step=3), "C_5"),
    "derivative not copied": (once("copy", change_matrix), "R-LINK slope"),
    "wrong product with the derivative": (once("back", change_matrix), "C_4"),
}


@pytest.mark.parametrize("name", CHEATS)
def test_cheating_prover(name):
    """Faults after which everything else is consistent break the intended rule only, and the verifier notices."""
    fault, rule = CHEATS[name]
    instance = Instance(program(), seed=14)
    proof = instance.prove_training(fault=fault, check=False)
    assert broken_rules(instance) == {rule}
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def test_sign_that_is_not_a_sign():
    """sg = (2 q + 1) / 15 satisfies C_3 for any q of 4 bits, and 15 sg is an integer excess: q + ex = 3 q + 1."""
    found = []

    def fault(name, i, t, value):
        if name == "satF" and not found and 0 < value[0] + value[2] < 15 and (value[0] + value[2]) % 3 == 1:
            q = (value[0] + value[2]) // 3
            found.append(q)
            return q, (2 * q + 1) * pow(15, -1, R), 2 * q + 1
        if name == "distanceF" and len(found) == 1:
            found.append(14)
            return 14
        return value

    instance = Instance(program(), seed=14)
    proof = instance.prove_training(fault=fault, check=False)
    assert broken_rules(instance) == {"C_1"}
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def tamper_w_out(cell):
    def tamper(trace, engine):
        trace.w_out += [0] * (engine.lay.N - len(trace.w_out))
        trace.w_out[cell] += 1

    return tamper


def test_w_out_is_bound_in_every_cell():
    instance = Instance(program(), seed=15)
    lay = instance.layout
    for cell in (0, lay.weight_offset[2], lay.cells, lay.N - 1):  # two layers, outside of all layers
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
