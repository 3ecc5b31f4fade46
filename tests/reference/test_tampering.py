"""Changed proofs and statements are rejected."""

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.support import TAU, fields, program
from vectors.reference import curve
from vectors.reference.field import R
from vectors.reference.instance import Instance
from vectors.reference.layout import RegistrationLayout
from vectors.reference.program import Program
from vectors.reference.transcript import REGISTRATION, TRAINING
from vectors.reference.verifier import valid, verify


@pytest.mark.parametrize("kind", [TRAINING, REGISTRATION])
def test_every_field_of_a_proof_matters(proven, kind):
    instance, proof = proven[0], proven[kind]
    layout = instance.layout if kind == TRAINING else RegistrationLayout(instance.layout)
    assert len(proof) == 11 + layout.proof_body_length()
    for offset, size in fields(layout, kind):
        old = proof[offset : offset + size]
        if size == 32:
            number = int.from_bytes(old, "big")
            changed = [((number + 1) % R).to_bytes(32, "big")]
            if number + R < 1 << 256:
                changed.append((number + R).to_bytes(32, "big"))
        else:
            changed = [curve.point_bytes(curve.add(curve.point_from(old), curve.GENERATOR))]
            if offset % 3 == 0:
                changed += [bytes(64), curve.point_bytes(curve.neg(curve.point_from(old)))]
        for new in changed:
            assert not valid(*instance.arguments(kind, proof[:offset] + new + proof[offset + size :]), tau=TAU), offset


def test_vectors_of_a_column_cannot_be_exchanged(proven):
    instance, proof = proven[0], proven[TRAINING]
    layout, position = instance.layout, 11
    for name in layout.columns:
        points = [proof[position + 64 * v : position + 64 * (v + 1)] for v in range(layout.vectors[name])]
        end = position + 64 * len(points)
        if len(points) > 1:
            bad = proof[:position] + b"".join([points[1], points[0], *points[2:]]) + proof[end:]
            assert (points[0] == points[1]) or not valid(*instance.arguments(TRAINING, bad), tau=TAU)
        position = end


@pytest.mark.parametrize("kind", [TRAINING, REGISTRATION])
def test_encoding_of_a_proof_is_strict(relu, kind):
    instance, proof = relu[0], relu[kind]
    for bad in (
        b"",
        proof[:-1],
        proof + b"\0",
        proof[:10],
        b"FEDPROOG" + proof[8:],
        proof[:9] + b"\1" + proof[10:],
        proof[:10] + bytes([3 - kind]) + proof[11:],
        proof[:11] + curve.point_bytes((1, 3)) + proof[75:],
    ):
        assert not valid(*instance.arguments(kind, bad), tau=TAU)
    assert not valid(*instance.arguments(kind, relu[3 - kind]), tau=TAU)


@pytest.mark.parametrize("kind", [TRAINING, REGISTRATION])
def test_every_word_of_a_statement_matters(relu, kind):
    instance, proof = relu[0], relu[kind]
    statement = (instance.training if kind == TRAINING else instance.registration).encode()
    verify(*instance.arguments(kind, proof, statement), tau=TAU)
    for offset in [*list(range(0, len(statement), 32)), len(statement) - 1, len(statement) - 33]:
        bad = bytearray(statement)
        bad[min(offset + 31, len(bad) - 1)] ^= 1
        assert not valid(*instance.arguments(kind, proof, bytes(bad)), tau=TAU), offset
    for bad in (statement[:-1], statement + b"\0"):
        assert not valid(*instance.arguments(kind, proof, bad), tau=TAU)


def test_public_numbers_are_range_checked(monkeypatch):
    """count and beta enter only modulo something: larger numbers must not pass, not even with a proof made for them."""
    block = Program.block
    monkeypatch.setattr(Program, "block", lambda self, pi, beta, t: block(self, pi, beta % self.nblocks, t))

    def attempt(change):
        instance = Instance(program(nblocks=2), seed=12)
        change(instance)
        return valid(*instance.arguments(TRAINING, instance.prove_training(check=False)), tau=TAU)

    assert attempt(lambda instance: None)

    def count(instance):
        instance.training.count += R

    def beta(instance):
        instance.training.beta += 1 << 32

    assert not attempt(count)
    assert not attempt(beta)
    instance = Instance(program(nblocks=2), seed=12)
    instance.registration.count += R
    assert not valid(*instance.arguments(REGISTRATION, instance.prove_registration(check=False)), tau=TAU)


def test_schedule_must_be_a_permutation():
    instance = Instance(program(nblocks=4), seed=13)
    instance.training.pi = [0, 0]
    assert not valid(*instance.arguments(TRAINING, instance.prove_training(check=False)), tau=TAU)


def test_key_and_setup_are_bound(relu):
    instance, proof = relu[0], relu[TRAINING]
    args = list(instance.arguments(TRAINING, proof))
    assert valid(*args, tau=TAU)
    args[2] = [curve.add(args[2][0], curve.GENERATOR)]
    assert not valid(*args, tau=TAU)
    args[2] = []
    assert not valid(*args, tau=TAU)
    args = list(instance.arguments(TRAINING, proof))
    args[1] = Program(**{**instance.program.__dict__, "k": 2})
    assert not valid(*args, tau=TAU)
