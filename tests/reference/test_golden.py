"""The golden vectors are decided as they say."""

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.support import GOLDEN
from vectors.reference import vector
from vectors.reference.transcript import TRAINING


def test_vector_files_round_trip(relu, tmp_path):
    instance, proof = relu[0], relu[TRAINING]
    good = vector.make("good", instance, TRAINING, proof)
    assert vector.check(good, pairing=False) is None
    assert vector.check({**good, "proof": "0x" + good["proof"], "table": "".join(good["table"])}, pairing=False) is None
    bad = {**good, "proof": good["proof"][:-2] + "00", "valid": False}
    assert vector.check(bad, pairing=False)
    with pytest.raises(AssertionError):
        vector.check({**good, "valid": False}, pairing=False)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_golden_vectors(path):
    for content in vector.load(path):
        if "proof" in content:
            vector.check(content, pairing=not content.get("tau"))
