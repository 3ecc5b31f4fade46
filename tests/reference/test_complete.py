"""Honest proofs are accepted."""

import random

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.support import TAU, check_both, program, random_program
from vectors.reference import executor, setup
from vectors.reference.data import train, vectors, weight_table
from vectors.reference.instance import Instance
from vectors.reference.programs import PROGRAMS
from vectors.reference.trace import Trace
from vectors.reference.transcript import TRAINING
from vectors.reference.verifier import valid


@pytest.mark.parametrize("name", PROGRAMS)
def test_complete(name):
    check_both(Instance(PROGRAMS[name], seed=5), tau=TAU)


def test_complete_on_random_programs():
    rng = random.Random(6)
    for _ in range(24):
        check_both(Instance(random_program(rng), seed=rng.randrange(1000)), tau=TAU)


def test_executors_agree():
    """On lists, on arrays and as a trace: the same weights, also where values saturate."""
    rng = random.Random(7)
    for _ in range(60):
        p = random_program(rng)
        matrices = [
            [[rng.randrange(1 - (1 << p.wb), 1 << p.wb) for _ in range(p.dims[i + 1])] for _ in range(p.dims[i] + 1)]
            for i in range(p.L)
        ]
        instance = Instance(p, seed=rng.randrange(1000), matrices=matrices)
        statement, records = instance.training, [record for block in instance.blocks for record in block]
        features, targets, valid = zip(*records, strict=True)
        execution = executor.execute(p, matrices, features, targets, statement.pi, statement.beta, valid)
        updated = [matrix.tolist() for matrix in execution.update]
        assert updated == train(p, matrices, instance.batches)
        trace = Trace(instance.layout, instance.w0, instance.data, statement.pi, statement.beta)
        assert trace.missing == 0 and trace.w_out == weight_table(instance.layout, updated)


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


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("D", {"loss": 1, "weights": [65535, 65535], "fd": 4, "F": 12, "wb": 13}),
        ("H", {"loss": 3, "huber": 7, "l": 4, "fa": 1, "fd": 4}),
    ],
)
def test_saturation_in_other_regions(kind, changes):
    p = program(dims=[3, 1], activations=[], T=4, B=4, **changes)
    instance = Instance(p, seed=9, matrices=[[[(1 << p.wb) - 1] for _ in range(4)]])
    check_both(instance, tau=TAU)
    region = instance.layout.region[kind, 1]
    rows = range(region.offset, region.offset + (1 << region.nvars))
    assert {-1, 1} <= {instance.trace.columns["sg"][row] for row in rows}


def test_contents_of_padding_in_the_dataset_do_not_matter():
    """Slots that are neither feature, target nor valid may hold anything."""
    p = program(dims=[5, 3], activations=[], B=2)
    instance = Instance(p, seed=10)
    lay = instance.layout
    used = set(range(5)) | set(range(lay.toff, lay.toff + 3)) | {lay.voff}
    data = [v if row % lay.rec in used else 7 + row for row, v in enumerate(instance.data)]
    instance.data = data
    cells = vectors(data, lay.n)
    points = [instance.setup.commit([*v, b]) for v, b in zip(cells, instance.data_blinds, strict=True)]
    instance.training.data = instance.registration.data = points
    check_both(instance, tau=TAU)
