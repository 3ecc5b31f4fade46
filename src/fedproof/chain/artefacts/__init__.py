"""Every contract that can be deployed: ABI and bytecode, so that users need no compiler.

The JSON files beside this one are made by `python -m tools.artefacts` from the Solidity sources; CI makes them anew and
compares.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from fedproof._core import keccak256
from fedproof.errors import BadInput

CONTRACTS = (
    "ProgramReader",
    "VerifyingKeys",
    "TrainingWeights",
    "TrainingVerifier",
    "RegistrationVerifier",
    "CloseVerifier",
    "VerifierRouter",
    "CommitRevealBeacon",
    "DrandBeacon",
    "VrfBeacon",
    "OpenGate",
    "MerkleGate",
    "HoldingGate",
    "VoucherGate",
    "WorldIdGate",
    "StakeVault",
    "HubParts",
    "FedHub",
    "DevToken",
)
"""All of them, parts before what is made of them. FedHub makes StakeVault and HubParts; DevToken is play money."""
WORDS = "errors.json"
"""What the errors mean, by signature; from the comments of the sources."""

Abi = list[dict[str, Any]]


@dataclass(frozen=True)
class Artefact:
    """One contract as compiled.

    bytecode: what is sent to deploy it, before the constructor's arguments. immutables: byte ranges (start, length) of
    the deployed code that the constructor fills. code_hash: keccak256 of the deployed code with these ranges zero.
    """

    name: str
    abi: Abi
    bytecode: bytes
    immutables: tuple[tuple[int, int], ...]
    code_hash: bytes

    def is_code(self, code: bytes) -> bool:
        """Is deployed code this contract's, whatever its constructor was given?"""
        return keccak256(blank(code, self.immutables)) == self.code_hash


def blank(code: bytes, ranges: tuple[tuple[int, int], ...]) -> bytes:
    """Code with zeros in some ranges."""
    plain = bytearray(code)
    for start, length in ranges:
        if start + length <= len(plain):
            plain[start : start + length] = bytes(length)
    return bytes(plain)


@cache
def artefact(name: str) -> Artefact:
    """A contract by its name. Raises BadInput."""
    if name not in CONTRACTS:
        raise BadInput(f"contract {name}: there is none of this name")
    content = json.loads(files(__package__).joinpath(f"{name}.json").read_bytes())
    return Artefact(
        name,
        content["abi"],
        bytes.fromhex(content["bytecode"]),
        tuple((start, length) for start, length in content["immutables"]),
        bytes.fromhex(content["code_hash"]),
    )


@cache
def error_abis() -> dict[bytes, dict[str, Any]]:
    """Errors of all contracts by their selector."""
    return {keccak256(signature(entry).encode())[:4]: entry for entry in _entries("error")}


@cache
def event_abis() -> dict[tuple[bytes, int], dict[str, Any]]:
    """Events of all contracts by first topic and number of topics."""
    found = {}
    for entry in _entries("event"):
        indexed = sum(field["indexed"] for field in entry["inputs"])
        found[keccak256(signature(entry).encode()), 1 + indexed] = entry
    return found


@cache
def error_words() -> dict[str, str]:
    """What errors mean, by signature."""
    words: dict[str, str] = json.loads(files(__package__).joinpath(WORDS).read_bytes())
    return words


def signature(entry: dict[str, Any]) -> str:
    """`WrongKind(uint256,uint256)` of an ABI entry."""
    return f"{entry['name']}({','.join(map(_type, entry['inputs']))})"


def _type(field: dict[str, Any]) -> str:
    kind: str = field["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(map(_type, field['components']))}){kind.removeprefix('tuple')}"


def _entries(kind: str) -> list[dict[str, Any]]:
    return [entry for name in CONTRACTS for entry in artefact(name).abi if entry["type"] == kind]
