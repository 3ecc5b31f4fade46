# ruff: noqa: E741
"""Small programs and instances that the tests share."""

from pathlib import Path

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from vectors.reference import setup
from vectors.reference.field import Reject
from vectors.reference.program import Layout, Program
from vectors.reference.trace import train, weight_table
from vectors.reference.transcript import REGISTRATION, TRAINING
from vectors.reference.verifier import verify

TAU = setup.DEVELOPMENT_TAU
GOLDEN = sorted((Path(__file__).parents[2] / "vectors").glob("*.json"))


def program(**changes):
    fields = {
        "loss": 1,
        "dims": [2, 2, 1],
        "activations": [1],
        "T": 3,
        "B": 2,
        "nblocks": 4,
        "l": 4,
        "F": 6,
        "fa": 2,
        "fd": 3,
        "k": 1,
        "wb": 7,
        "p": 1,
        "group": 4,
    }
    fields.update(changes)
    return Program(**fields)


def random_program(rng):
    while True:
        L, l, B = rng.choice([1, 1, 2, 2, 3, 4]), rng.choice([4, 4, 5, 6]), rng.choice([1, 2, 4])
        F, fa = rng.randrange(l, 14), rng.randrange(1, l)
        p = Program(
            rng.randrange(2),
            [rng.randrange(1, 10) for _ in range(L + 1)],
            [rng.randrange(2) for _ in range(L - 1)],
            rng.randrange(1 if B > 1 else 2, 8),
            B,
            rng.choice([1, 2, 4, 8, 16]),
            l,
            F,
            fa,
            rng.randrange(fa, l + 1),
            rng.randrange(1, 4),
            F + rng.randrange(3),
            rng.randrange(1, 4),
            rng.randrange(2, 7),
        )
        try:
            p.validate()
        except Reject:
            continue
        if Layout(p).c <= 8:
            return p


def check_both(instance, **options):
    proof = instance.prove_training()
    assert instance.trace.missing == 0
    assert (
        weight_table(instance.layout, train(instance.program, instance.matrices, instance.batches))
        == instance.trace.w_out
    )
    verify(*instance.arguments(TRAINING, proof), **options)
    registration = instance.prove_registration()
    verify(*instance.arguments(REGISTRATION, registration), **options)
    return proof, registration


def fields(layout, kind):
    """(offset, length) of every scalar and point of a proof file"""
    points = [64] * ((len(layout.columns) + layout.nW if kind == TRAINING else 1) + 1 + len(layout.helpers))
    scalars = sum(sum(d) for d in layout.degrees.values()) + len(layout.values_s2)
    if kind == TRAINING:
        scalars += 1 + 2 * len(layout.terms_a) + 2 * len(layout.terms_b) + (layout.program.loss == 1)
    offset, out = 11, []
    for size in points + [32] * scalars + [64, 32, 64, 64]:
        out.append((offset, size))
        offset += size
    assert offset == 11 + layout.proof_body_length()
    return out
