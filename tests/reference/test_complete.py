"""Honest proofs are accepted."""

import random

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.support import TAU, check_both, program, random_program
from vectors.reference import setup
from vectors.reference.instance import Instance
from vectors.reference.make import PROGRAMS
from vectors.reference.transcript import TRAINING
from vectors.reference.verifier import valid


@pytest.mark.parametrize("name", PROGRAMS)
def test_complete(name):
    check_both(Instance(PROGRAMS[name], seed=5), tau=TAU)


def test_complete_on_random_programs():
    rng = random.Random(6)
    for _ in range(12):
        check_both(Instance(random_program(rng), seed=rng.randrange(1000)), tau=TAU)


def test_complete_with_the_pairing():
    instance = Instance(PROGRAMS["relu"], seed=8)
    proof, _registration = check_both(instance)
    bad = bytearray(proof)
    bad[-129] ^= 1
    assert not valid(*instance.arguments(TRAINING, bytes(bad)))
    # a proof under one setup is nothing under another
    other = setup.Setup(TAU + 1)
    args = list(instance.arguments(TRAINING, proof))
    args[3], args[4] = other.g1, other.h
    assert not valid(*args)


def test_saturation_happens_and_is_proven():
    p = program(dims=[3, 3, 2], activations=[0], F=4, wb=9, k=3, T=4)
    rng = random.Random(9)
    matrices = [
        [[rng.randrange(-500, 500) for _ in range(p.dims[i + 1])] for _ in range(p.dims[i] + 1)] for i in range(2)
    ]
    instance = Instance(p, seed=9, matrices=matrices)
    check_both(instance, tau=TAU)
    signs, excess = instance.trace.columns["sg"], [abs(e) for e in instance.trace.columns["ex"]]
    assert {-1, 0, 1} <= set(signs) and max(excess) > 16


def test_contents_of_padding_in_the_dataset_do_not_matter():
    """Slots that are neither feature, target nor valid may hold anything."""
    p = program(dims=[5, 3], activations=[], B=2)
    instance = Instance(p, seed=10)
    lay = instance.layout
    used = set(range(5)) | set(range(lay.toff, lay.toff + 3)) | {lay.voff}
    data = [v if row % lay.rec in used else 7 + row for row, v in enumerate(instance.data)]
    instance.data = data
    points = [
        instance.setup.commit([*data[v * lay.N : (v + 1) * lay.N], b]) for v, b in enumerate(instance.data_blinds)
    ]
    instance.training.data = instance.registration.data = points
    check_both(instance, tau=TAU)
