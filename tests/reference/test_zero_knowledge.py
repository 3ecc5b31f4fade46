"""Masks hide everything that is revealed (rank argument)."""

from functools import partial

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.support import fields, program
from vectors.reference import close_prover, curve, prover
from vectors.reference.close_instance import CloseInstance
from vectors.reference.close_prover import prove_close
from vectors.reference.field import R, horner, keccak256
from vectors.reference.instance import Instance
from vectors.reference.layout import RegistrationLayout
from vectors.reference.program import Kernel
from vectors.reference.setup import Setup
from vectors.reference.transcript import CLOSE, REGISTRATION, TRAINING, Transcript


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
    if kind == CLOSE:
        cells = [instance.total, instance.blinds]
        proof, *_, engine = prove_close(instance.program, setup, *cells, instance.statement, rng=Source, check=False)
        return exponents[:-2] + numbers_of(proof, engine, kind)
    tables = [instance.data, instance.data_blinds]
    if kind == TRAINING:
        prove = partial(prover.prove_training, instance.program, setup, instance.w0, *tables, instance.training)
    else:
        prove = partial(prover.prove_registration, instance.program, setup, *tables, instance.registration)
    proof, *_, engine = prove(rng=Source, check=False)
    return exponents[:-2] + numbers_of(proof, engine, kind)


def numbers_of(proof, engine, kind):
    """The scalars of a proof."""
    return [int.from_bytes(proof[o : o + 32], "big") for o, size in fields(engine.lay, kind) if size == 32]


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
                rows[i] = [(a - f * b) % R for a, b in zip(rows[i], rows[done], strict=True)]
        done += 1
    return done


def value_masks(layout):
    """Positions in m of the masks of revealed values."""
    return [i for key, i in layout.m.index.items() if key[0] in "XWAD" or (key[0] == "2" and isinstance(key[1], str))]


TINY = {"dims": [1, 1], "activations": [], "T": 2, "B": 1, "nblocks": 1, "F": 4, "wb": 5, "fa": 1, "fd": 1, "n": 7}
WIDE = {**TINY, "dims": [1, 32], "B": 4}  # 2^8 rows of columns in vectors of 2^7
SMALL = {"activations": [], "T": 2, "nblocks": 1, "fd": 2}
CASES = {
    "close": (CLOSE, program(**TINY, loss=0)),
    "close, two vectors": (CLOSE, program(dims=[60, 4], activations=[], nblocks=1, group=3, n=7)),
    "registration": (REGISTRATION, program(**TINY, loss=0)),
    "registration, two vectors": (REGISTRATION, program(dims=[20, 3], activations=[], one_hot=1, nblocks=8, n=7)),
    "squared error": (TRAINING, program(**TINY, loss=0)),
    "squared error, two vectors": (TRAINING, program(**WIDE, loss=0)),
    "softmax with weights": (
        TRAINING,
        program(
            loss=2, one_hot=1, dims=[1, 2], activations=[], T=2, nblocks=1, F=11, wb=12, weights=[256, 100], lb=6, fd=2
        ),
    ),
    "Huber, smooth activation, kernel": (
        TRAINING,
        program(loss=3, huber=3, dims=[1, 2, 1], activations=[6], T=2, k=0, kernel=Kernel(1, [1, 2], [2, 1])),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_masks_hide_everything_revealed(name, monkeypatch):
    """For fixed challenges the map from fresh masks and blinds to all that is revealed has full rank, with the blinds
    of the dataset held fixed (they are used again in every proof).

    A value has a mask of its own that nothing else acts on; given the masks, all other messages are affine in the other
    random numbers, so that differences are derivatives."""

    class Programmed(Transcript):
        def draw(self, label, index=0):
            return int.from_bytes(keccak256(b"fixed" + bytes([label]) + index.to_bytes(2, "big")), "big") >> 3

    for module in (prover, close_prover):
        monkeypatch.setattr(module, "Transcript", Programmed)
    kind, p = CASES[name]
    instance = CloseInstance(p, count=3, seed=23) if kind == CLOSE else Instance(p, seed=23)
    layout = RegistrationLayout(instance.layout) if kind == REGISTRATION else instance.layout
    randomness = []
    base = revealed_numbers(instance, kind, randomness)

    def moved(steps):
        numbers = [(r + steps.get(k, 0)) % R for k, r in enumerate(randomness)]
        return [(a - b) % R for a, b in zip(revealed_numbers(instance, kind, numbers), base, strict=True)]

    jacobian = [moved({k: 1}) for k in range(len(randomness))]
    masks = value_masks(layout)
    others = [k for k in range(len(randomness)) if k not in masks]
    affine = {k: int.from_bytes(keccak256(b"step %d" % k), "big") for k in others}
    expected = [sum(affine[k] * jacobian[k][c] for k in others) % R for c in range(len(base))]
    assert moved(affine) == expected

    # a value moves with its mask only
    only = {k: {c for c, d in enumerate(jacobian[k]) if d} - moved_by(jacobian, others) for k in masks}
    values = set().union(*only.values())
    assert all(len(columns) == 1 for columns in only.values()) and len(values) == len(masks)

    constant = [c for c in range(len(base)) if not any(row[c] for row in jacobian)]
    # [W_0] and [D]; [D]; [S], [W'] and v_zeta, which follows from W'
    statement = {
        TRAINING: lambda: layout.nD + layout.nW,
        REGISTRATION: lambda: layout.nD,
        CLOSE: lambda: 2 * layout.nW + 1,
    }
    tables = (len(layout.key_tables) + len(layout.key_lanes)) if kind == TRAINING else 0
    assert len(constant) == statement[kind]() + tables
    rest = [c for c in range(len(base)) if c not in values and c not in constant]
    left = [[jacobian[k][c] for c in rest] for k in others]
    assert rank(left) == len(rest)

    # without a coefficient of a fold, or the blind of the last helper, it is not
    for k in (layout.m.index["2", 0, 1], layout.m.index["3", 1, 2], len(randomness) - 1):
        needed = [row for i, row in zip(others, left, strict=True) if i != k]
        assert rank(needed) == len(rest) - 1


def moved_by(jacobian, rows):
    return {c for k in rows for c, d in enumerate(jacobian[k]) if d}
