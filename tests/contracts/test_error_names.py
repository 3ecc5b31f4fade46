"""Checks and their errors are the same in the protocol, Rust, Python and Solidity."""

import re
from pathlib import Path

import pytest

from fedproof import _core

ROOT = Path(__file__).parents[2]
CHECKS = dict(re.findall(r"^\| (V\d+) \| `(\w+)` \|", (ROOT / "docs/protocol.md").read_text(), re.MULTILINE))


def test_the_protocol_lists_them_in_order():
    assert list(CHECKS) == [f"V{number}" for number in range(1, len(CHECKS) + 1)]
    assert len(CHECKS) == 11 and len(set(CHECKS.values())) == 11


def test_rust():
    source = (ROOT / "crates/proof/src/error.rs").read_text()
    checks, names = (
        dict(re.findall(rf'Self::(\w+)[^=\n]* => "({what})"', source)) for what in (r"V\d+", "[A-Z][a-z]\\w+")
    )
    assert {check: name for name, check in checks.items()} == CHECKS
    assert names == {name: name for name in CHECKS.values()}


def test_solidity():
    source = (ROOT / "contracts/src/verifier/Errors.sol").read_text()
    verdicts, others = source.split("// What is not a verdict on a proof.")
    assert dict(re.findall(r"^/// (V\d+): .*\nerror (\w+)\(", verdicts, re.MULTILINE)) == CHECKS
    assert set(re.findall(r"^error (\w+)", verdicts, re.MULTILINE)) == set(CHECKS.values())
    assert not set(re.findall(r"^error (\w+)", others, re.MULTILINE)) & set(CHECKS.values())


def test_no_other_file_of_the_contracts_defines_an_error_of_the_same_name():
    for path in (ROOT / "contracts/src").rglob("*.sol"):
        if path.name != "Errors.sol":
            assert not set(re.findall(r"\berror (\w+)\(", path.read_text())) & set(CHECKS.values()), path


def test_python():
    assert {error.__name__ for error in _core.ProofRejected.__subclasses__()} == set(CHECKS.values())


@pytest.mark.parametrize("name", CHECKS.values())
def test_python_exports_the_error(name):
    assert issubclass(getattr(_core, name), _core.ProofRejected)
    assert f"class {name}(ProofRejected)" in (ROOT / "src/fedproof/_core.pyi").read_text()
