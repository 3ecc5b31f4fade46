"""Every check has an exception of its own, named as in Rust and listed in docs/protocol.md."""

import re
from pathlib import Path

import pytest

from fedproof import _core

SPEC = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
CHECKS = dict(re.findall(r"^\| (V\d+) \| `(\w+)` \|", SPEC, re.MULTILINE))


def test_every_check_of_the_specification_has_its_exception() -> None:
    assert list(CHECKS) == [f"V{i}" for i in range(1, 12)]
    for name in CHECKS.values():
        assert issubclass(getattr(_core, name), _core.ProofRejected)
    named = {
        n
        for n in dir(_core)
        if isinstance(getattr(_core, n), type) and issubclass(getattr(_core, n), _core.ProofRejected)
    }
    assert named - {"ProofRejected"} == set(CHECKS.values())


def test_exceptions_carry_code_and_check() -> None:
    program = _core.Program.build(
        loss="sigmoid", dims=[2, 1], activations=[], steps=2, batch=2, blocks=2, bits=6, weight_bits=12,
        activation_bits=3, delta_bits=4, kernel=3, bound_bits=14, one_hot=False, limb_bits=6,
    )  # fmt: skip
    key = _core.Key(program, _core.Setup.development(program.describe()["setup_powers"]))
    point = bytes(64)
    statement = _core.RegistrationStatement(
        chain_id=0,
        hub=bytes(32),
        submitter=bytes(20),
        task=bytes(32),
        nonce_commitment=bytes(32),
        dataset=point,
        count=4,
    )
    for proof, check in [(b"", "V1"), (b"FEDPROOF\0\1\2", "V2"), (b"FEDPROOF\0\2\1", "V3"), (b"FEDPROOF\0\2\2", "V4")]:
        with pytest.raises(getattr(_core, CHECKS[check])) as caught:
            _core.verify_registration(key, statement, proof)
        assert (caught.value.check, caught.value.code) == (check, CHECKS[check])


def test_the_soundness_bound_of_the_specification_is_the_computed_one() -> None:
    program = _core.Program.build(
        loss="sigmoid", dims=[30, 16, 2], activations=["relu"], steps=4, batch=32, blocks=4, bits=12, weight_bits=36,
        activation_bits=7, delta_bits=10, kernel=8192, bound_bits=40, one_hot=True, limb_bits=12,
    )  # fmt: skip
    stated = re.search(r"prints it: \*\*(\d+) bits\*\*", SPEC)
    assert stated is not None
    assert int(program.describe()["soundness_bits"]) == int(stated[1])
