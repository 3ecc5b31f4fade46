"""Fixtures of the reference's tests."""

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from vectors.reference.instance import Instance
from vectors.reference.programs import PROGRAMS


@pytest.fixture(scope="module")
def relu():
    instance = Instance(PROGRAMS["relu"], seed=11)
    return instance, instance.prove_training(), instance.prove_registration()


@pytest.fixture(scope="module", params=["relu", "lanes", "folded"])
def proven(request):
    """An instance and both proofs: one lane of the key, two of them, several vectors in a column."""
    instance = Instance(PROGRAMS[request.param], seed=11)
    return instance, instance.prove_training(), instance.prove_registration()
