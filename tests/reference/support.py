# ruff: noqa: E741
"""Small programs and instances that the tests share."""

from pathlib import Path

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from vectors.reference import setup
from vectors.reference.data import train, weight_table
from vectors.reference.field import Reject
from vectors.reference.layout import Layout
from vectors.reference.program import HUBER, SIGMOID, SOFTMAX, Kernel, Program, number_of_weights
from vectors.reference.proof import BOUNDED, committed
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
        "lb": 4,
        "n": 8,
    }
    fields.update(changes)
    return Program(**fields)


def random_program(rng):
    """Any loss, activation, kernel and width; c <= 9."""
    loss, weighted = rng.randrange(4), rng.random() < 0.5  # outside the loop: legal programs of all are as frequent
    weighted = weighted and loss in (SIGMOID, SOFTMAX)
    while True:
        L, l, B = rng.choice([1, 1, 2, 2, 3, 4]), rng.choice([4, 4, 5, 6]), rng.choice([1, 2, 4])
        F, fa, T = rng.randrange(l, 15), rng.randrange(1, l), rng.randrange(1 if B > 1 else 2, 8)
        dims = [rng.randrange(1, 10) for _ in range(L + 1)]
        one_hot = {SIGMOID: int(dims[-1] > 1 and rng.random() < 0.5), SOFTMAX: 1}.get(loss, 0)
        weights, kernel, k = None, None, rng.randrange(1, 4)
        if weighted:
            weights = [rng.randrange(600) for _ in range(number_of_weights(loss, one_hot, dims[-1]))]
        if rng.random() < 0.5:
            kernel, k = Kernel(rng.randrange(4), *([rng.randrange(-9, 10) for _ in range(T)] for _ in range(2))), 0
        p = program(
            loss=loss,
            dims=dims,
            activations=[rng.randrange(7) for _ in range(L - 1)],
            T=T,
            B=B,
            nblocks=rng.choice([1, 2, 4, 8, 16]),
            l=l,
            F=F,
            fa=fa,
            fd=rng.randrange(fa, l + 1),
            k=k,
            wb=F + rng.randrange(3),
            p=rng.randrange(1, 4),
            group=rng.randrange(2, 13),
            lb=rng.choice([l, rng.randrange(4, 8)]),
            n=rng.choice([7, 8, 8, 9]),
            one_hot=one_hot,
            huber=rng.randrange(1, 1 << (l - 1)) if loss == HUBER else 0,
            weights=weights,
            kernel=kernel,
        )
        try:
            p.validate()
        except Reject:
            continue
        if Layout(p).c <= 9:
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
    points = sum(layout.vectors[name] for name in [*committed(layout, kind), *layout.helper_names]) + 1
    scalars = sum(sum(d) for d in layout.degrees.values()) + len(layout.values_s2)
    if kind in BOUNDED:
        scalars += 1
    if kind == TRAINING:
        points += layout.nW
        scalars += 2 * len(layout.terms_a) + 2 * len(layout.terms_b) + len(layout.key_lanes)
    offset, out = 11, []
    for size in [64] * points + [32] * scalars + [64, 32, 64, 64]:
        out.append((offset, size))
        offset += size
    assert offset == 11 + layout.proof_body_length()
    return out
