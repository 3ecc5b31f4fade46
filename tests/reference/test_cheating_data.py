"""Datasets that are not what a registration says are rejected."""

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.cheating import broken
from tests.reference.support import TAU, program
from vectors.reference.instance import Instance
from vectors.reference.transcript import REGISTRATION
from vectors.reference.verifier import valid, verify


def bad_record(instance, change):
    features, targets, flag = instance.blocks[0][0]
    instance.blocks[0][0] = change(list(features), list(targets), flag)
    return Instance(instance.program, seed=1, blocks=instance.blocks)


SQUARED, LABELS, CLASSES = {"loss": 0}, {"loss": 1}, {"loss": 1, "one_hot": 1}
SOFTMAX = {"loss": 2, "one_hot": 1, "l": 5, "F": 10, "wb": 11, "lb": 5}
HUBER = {"loss": 3, "huber": 3}

BAD_RECORDS = {
    "feature too large": (CLASSES, lambda x, y, v: ([8, *x[1:]], y, v), {"R-S2"}),
    "feature too small": (CLASSES, lambda x, y, v: ([*x[:-1], -9], y, v), {"R-S2"}),
    "target neither 0 nor 1": (CLASSES, lambda x, y, v: (x, [4, 4, 0], 1), {"R-S2"}),
    "two classes": (CLASSES, lambda x, y, v: (x, [8, 8, 0], 1), {"R-ONEHOT"}),
    "no class": (CLASSES, lambda x, y, v: (x, [0, 0, 0], 1), {"R-ONEHOT"}),
    "valid not boolean": (CLASSES, lambda x, y, v: (x, [8, 8, 0], 2), {"R-S2"}),
    "target too large": (SQUARED, lambda x, y, v: (x, [0, 8, 0], 1), {"R-S2"}),
    "valid not boolean, squared": (SQUARED, lambda x, y, v: (x, y, 2), {"R-S2"}),
    "two classes, softmax": (SOFTMAX, lambda x, y, v: (x, [8, 8, 0], 1), {"R-ONEHOT"}),
    "class of an invalid record": (SOFTMAX, lambda x, y, v: (x, [8, 0, 0], 0), {"R-ONEHOT"}),
    "target neither 0 nor 1, softmax": (SOFTMAX, lambda x, y, v: (x, [4, 4, 0], 1), {"R-S2"}),
    "target neither 0 nor 1, labels": (LABELS, lambda x, y, v: (x, [8, 7, 0], 1), {"R-S2"}),
    "target too small, Huber": (HUBER, lambda x, y, v: (x, [0, -9, 0], 1), {"R-S2"}),
}


@pytest.mark.parametrize("name", BAD_RECORDS)
@pytest.mark.parametrize("nblocks", [2, 16])
def test_bad_records_are_not_registered(name, nblocks):
    loss, change, expected = BAD_RECORDS[name]
    instance = Instance(program(**loss, dims=[5, 3], activations=[], nblocks=nblocks, B=2), seed=21)
    instance = bad_record(instance, change)
    proof = instance.prove_registration(check=False)
    assert broken(instance.registration_engine) == expected
    assert not valid(*instance.arguments(REGISTRATION, proof), tau=TAU)


def test_any_labels_are_registered():
    """Without one_hot a valid record may have any labels, or none."""
    instance = Instance(program(**LABELS, dims=[5, 3], activations=[]), seed=21)
    for targets in ([8, 8, 0], [0, 0, 0]):
        again = bad_record(instance, lambda x, y, v, targets=targets: (x, targets, 1))
        verify(*again.arguments(REGISTRATION, again.prove_registration()), tau=TAU)


def test_registration_count():
    instance = Instance(program(), seed=22)
    instance.registration.count -= 1
    proof = instance.prove_registration(check=False)
    assert broken(instance.registration_engine) == {"R-COUNT"}
    assert not valid(*instance.arguments(REGISTRATION, proof), tau=TAU)
