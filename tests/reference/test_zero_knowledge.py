"""Masks hide everything that is revealed (rank argument)."""

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.support import fields, program
from vectors.reference import curve, prover
from vectors.reference.field import R, horner, keccak256
from vectors.reference.instance import Instance
from vectors.reference.setup import Setup
from vectors.reference.transcript import REGISTRATION, TRAINING, Transcript


def revealed_numbers(instance, kind, randomness):
    """All a proof reveals: exponents of its commitments (without the quotient and the opening, which follow from the
    others) and its scalars. `randomness` is extended as needed."""
    exponents, position = [], 0

    class Exponents(Setup):
        def commit(self, coefficients):
            exponents.append(horner(coefficients, self.tau))
            return curve.GENERATOR

    class Source:
        @staticmethod
        def randrange(n):
            nonlocal position
            if position == len(randomness):
                randomness.append(int.from_bytes(keccak256(b"random %d" % position), "big") % R)
            position += 1
            return randomness[position - 1]

    setup = Exponents.__new__(Exponents)
    setup.__dict__.update(instance.setup.__dict__)
    if kind == TRAINING:
        proof, _, engine = prover.prove_training(
            instance.program,
            setup,
            instance.w0,
            instance.data,
            instance.data_blinds,
            instance.training,
            rng=Source,
            check=False,
        )
        layout = engine.lay
    else:
        proof, engine = prover.prove_registration(
            instance.program, setup, instance.data, instance.data_blinds, instance.registration, rng=Source, check=False
        )
        layout = engine.lay
    scalars = [int.from_bytes(proof[o : o + 32], "big") for o, size in fields(layout, kind) if size == 32]
    return exponents[:-2] + scalars


def rank(rows):
    rows, done = [list(r) for r in rows], 0
    for c in range(len(rows[0])):
        pivot = next((i for i in range(done, len(rows)) if rows[i][c]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        inverse = pow(rows[done][c], -1, R)
        for i in range(done + 1, len(rows)):
            if rows[i][c]:
                f = rows[i][c] * inverse % R
                rows[i] = [(a - f * b) % R for a, b in zip(rows[i], rows[done], strict=False)]
        done += 1
    return done


@pytest.mark.parametrize("kind", [REGISTRATION, TRAINING])
def test_masks_hide_everything_revealed(kind, monkeypatch):
    """For fixed challenges the map from fresh masks and blinds to all that is revealed has full rank, with the blinds
    of the dataset held fixed (they are used again in every proof)."""

    class Programmed(Transcript):
        def draw(self, label, index=0):
            return int.from_bytes(keccak256(b"fixed" + bytes([label]) + index.to_bytes(2, "big")), "big") >> 3

    monkeypatch.setattr(prover, "Transcript", Programmed)
    instance = Instance(
        program(loss=0, dims=[1, 1], activations=[], T=2, B=1, nblocks=1, F=4, wb=5, fa=1, fd=1), seed=23
    )
    randomness = []
    base = revealed_numbers(instance, kind, randomness)
    twelfth = pow(12, -1, R)
    jacobian = []

    def near(k, d):
        return revealed_numbers(instance, kind, [*randomness[:k], (randomness[k] + d) % R, *randomness[k + 1 :]])

    for k in range(len(randomness)):
        # exact for polynomials of degree up to 4 in one random number
        around = zip(near(k, 1), near(k, -1), near(k, 2), near(k, -2), strict=True)
        jacobian.append([(8 * (a - b) - (c - d)) * twelfth % R for a, b, c, d in around])
    constant = [c for c in range(len(base)) if not any(row[c] for row in jacobian)]
    assert len(constant) == (2 if kind == TRAINING else 1)  # [W_0] and [D] belong to the statement
    assert rank(jacobian) == len(base) - len(constant)
