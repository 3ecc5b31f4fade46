"""What ships is what the sources give; and what it says when it refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from eth_abi.abi import encode

from fedproof._core import keccak256
from fedproof.chain.artefacts import CONTRACTS, artefact, blank, error_abis, error_words, event_abis, signature
from fedproof.chain.deploy import PLAN, PLAY
from fedproof.chain.errors import ContractRejected
from fedproof.chain.reverts import rejection, spelled
from tools.artefacts import HERE, stale

ROOT = Path(__file__).parents[2]
FORGE = ROOT / "node_modules" / ".bin" / "forge"


@pytest.mark.skipif(not FORGE.exists(), reason="the compiler is not installed: npm ci")
def test_the_artefacts_are_what_the_sources_give():
    built = subprocess.run(
        [FORGE, "build"], cwd=ROOT, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"}
    )
    assert built.returncode == 0, built.stderr[-2000:]
    assert stale() == [], "regenerate them: npm run build && python -m tools.artefacts"


@pytest.mark.skipif(not FORGE.exists(), reason="the compiler is not installed: npm ci")
def test_a_changed_artefact_is_noticed(tmp_path, monkeypatch):
    there = tmp_path / "artefacts"
    shutil.copytree(HERE, there)
    monkeypatch.setattr("tools.artefacts.HERE", there)
    assert stale() == []
    text = (there / "OpenGate.json").read_text()
    (there / "OpenGate.json").write_text(text.replace('"bytecode": "6', '"bytecode": "7'))
    (there / "Extra.json").write_text("{}")
    (there / "errors.json").unlink()
    assert stale() == ["Extra.json", "OpenGate.json", "errors.json"]


def test_every_planned_contract_ships_and_fits():
    names = [part.name for part in (*PLAN, *PLAY)]
    assert len(set(names)) == len(names) and set(names) <= set(CONTRACTS)
    for name in CONTRACTS:
        found = artefact(name)
        assert 0 < len(found.bytecode) <= 49_152, f"EIP-3860: {name}"
        assert any(entry["type"] in ("function", "event") for entry in found.abi)


def test_parts_come_before_what_is_made_of_them():
    known: set[str] = set()
    for part in PLAN:
        named = {value for value in part.arguments if value in CONTRACTS}
        assert named | ({part.made_by[0]} if part.made_by else set()) <= known, part.name
        known.add(part.name)


def test_no_path_and_no_hash_of_metadata_is_in_the_bytecode():
    for name in CONTRACTS:
        assert b"ipfs" not in artefact(name).bytecode and b"solc" not in artefact(name).bytecode


def test_immutables_are_blanked():
    assert blank(b"\1\2\3\4", ((1, 2),)) == b"\1\0\0\4"
    assert blank(b"\1\2", ((1, 2), (0, 1))) == b"\0\2"  # code cut short is not this code


def test_signatures():
    assert signature(
        {"name": "E", "inputs": [{"type": "uint8"}, {"type": "tuple[]", "components": [{"type": "bytes"}]}]}
    ) == ("E(uint8,(bytes)[])")
    assert (keccak256(b"KeyStored(bytes32,bytes32,bytes32,bytes)"), 2) in event_abis()


def test_every_error_of_ours_has_words():
    known = {signature(entry) for entry in error_abis().values()}
    of_libraries = known - set(error_words())
    # OpenZeppelin's, whose names must do
    assert {name.split("(")[0] for name in of_libraries} <= {
        "AddressEmptyCode", "ECDSAInvalidSignature", "ECDSAInvalidSignatureLength", "ECDSAInvalidSignatureS",
        "ERC20InsufficientAllowance", "ERC20InsufficientBalance", "ERC20InvalidApprover", "ERC20InvalidReceiver",
        "ERC20InvalidSender", "ERC20InvalidSpender", "FailedCall", "InsufficientBalance", "InvalidShortString",
        "ReentrancyGuardReentrantCall", "SafeCastOverflowedUintDowncast", "SafeERC20FailedOperation", "StringTooLong",
    }, of_libraries  # fmt: skip


def error(text: str, *values: object) -> bytes:
    types = text[text.index("(") + 1 : -1]
    return keccak256(text.encode())[:4] + encode(types.split(",") if types else [], values)


@pytest.mark.parametrize(
    ("data", "name", "arguments", "message"),
    [
        (error("WrongMagic()"), "WrongMagic", {}, r"WrongMagic: V1: the file does not begin"),
        (
            error("WrongLength(uint256,uint256)", 7, 9),
            "WrongLength",
            {"expected": 7, "got": 9},
            r"WrongLength \(expected 7, got 9\): V4",
        ),
        (
            error("WrongStatement(bytes32)", b"count".ljust(32, b"\0")),
            "WrongStatement",
            {"field": b"count".ljust(32, b"\0")},
            r"WrongStatement \(field count\): V5",
        ),
        (error("Error(string)", "no luck"), "Error", {}, "Error: no luck"),
        (error("Panic(uint256)", 0x11), "Panic", {"code": 17}, r"Panic \(code 17\): a number went out of range"),
        (error("Panic(uint256)", 0x99), "Panic", {"code": 0x99}, "a fault of the contract"),
        (error("Unheard(uint256)", 1), "0x" + error("Unheard(uint256)", 1)[:4].hex(), {}, "none of our contracts has"),
        (error("WrongLength(uint256,uint256)", 7, 9)[:-1], None, {}, "none of our contracts has"),
        (error("Error(string)", "x")[:40], None, {}, "none of our contracts has"),
        (b"\x08\xc3\x79\xa0" + encode(["bytes"], [b"\xff\xfe"]), None, {}, "none of our contracts has"),
        (b"", "Reverted", {}, "Reverted: no reason given"),
        (b"\1", "0x01", {}, "none of our contracts has"),
    ],
)
def test_why_a_contract_reverted(data, name, arguments, message):
    found = rejection(data)
    assert isinstance(found, ContractRejected) and found.arguments == arguments
    assert found.name == (name or f"0x{data[:4].hex()}")
    with pytest.raises(ContractRejected, match=message):
        raise found


def test_names_are_spelled():
    assert spelled("NotInWindow") == "not in window"
    assert spelled("ERC20InsufficientBalance") == "erc20 insufficient balance"
