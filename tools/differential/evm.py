"""The Solidity verifiers on a node. How they are called stands in `Verifiers` alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fedproof._core import keccak256
from tools.differential.case import Case, Verdict
from tools.differential.node import GAS, Node

OUT = Path(__file__).parents[2] / "out"
WORD = 32
# bytes of calldata in a request
BATCH = 1 << 20


def artefact(name: str) -> dict[str, Any]:
    """What forge made of a contract."""
    return dict(json.loads((OUT / f"{name}.sol" / f"{name}.json").read_text()))


def word(value: int | str) -> bytes:
    """A number or an address."""
    return (int(value, 16) if isinstance(value, str) else value).to_bytes(WORD, "big")


def call(signature: str, *arguments: bytes) -> bytes:
    """Calldata; arguments of type bytes32 are words, the others bytes."""
    types = signature[signature.index("(") + 1 : -1].split(",")
    head, tail = b"", b""
    for kind, argument in zip(types, arguments, strict=True):
        if kind == "bytes":
            head += word(WORD * len(types) + len(tail))
            tail += word(len(argument)) + argument + bytes(-len(argument) % WORD)
        else:
            head += argument
    return keccak256(signature.encode())[:4] + head + tail


class Verifiers:
    """All contracts, deployed; of kinds by name, the contract, its function, and whether it returns bytes or a word."""

    def __init__(self, node: Node) -> None:
        self.node = node
        reader = self._deploy("ProgramReader")
        parts = [reader, self._deploy("TrainingTargets"), self._deploy("TrainingWeights")]
        self.kinds = {
            "training": (self._deploy("TrainingVerifier", *parts), "verifyTraining", "bytes"),
            "registration": (self._deploy("RegistrationVerifier", reader), "verifyRegistration", "bytes32"),
        }

    def _deploy(self, name: str, *parts: str) -> str:
        content = artefact(name)
        self._learn(content["abi"])
        return str(
            self.node.send(bytes.fromhex(content["bytecode"]["object"][2:]) + b"".join(map(word, parts)))[
                "contractAddress"
            ]
        )

    errors: dict[bytes, tuple[str, list[str]]] = {}

    def _learn(self, abi: list[dict[str, Any]]) -> None:
        """Names and types of the errors by selector."""
        for entry in abi:
            if entry["type"] == "error":
                types = [field["type"] for field in entry["inputs"]]
                self.errors[keccak256(f"{entry['name']}({','.join(types)})".encode())[:4]] = (entry["name"], types)

    def request(self, case: Case) -> tuple[str, list[Any]]:
        """The call that decides a case."""
        contract, function, _ = self.kinds[case.kind]
        data = call(
            f"{function}(bytes,bytes,bytes,bytes,bytes)",
            case.program,
            case.table,
            case.setup,
            case.statement,
            case.file,
        )
        return "eth_call", [{"to": contract, "data": "0x" + data.hex(), "gas": hex(GAS)}, "latest"]

    def verdict(self, case: Case, answer: dict[str, Any]) -> Verdict:
        """What an answer says."""
        if "error" in answer:
            return self._error(bytes.fromhex((answer["error"].get("data") or "0x")[2:]), answer["error"])
        result = bytes.fromhex(answer["result"][2:])
        if self.kinds[case.kind][2] == "bytes32":
            return Verdict("accepted", result)
        length = int.from_bytes(result[WORD : 2 * WORD], "big")
        return Verdict("accepted", result[2 * WORD :][:length])

    def _error(self, data: bytes, why: Any) -> Verdict:
        if data[:4] not in self.errors:
            return Verdict(f"unknown revert {data.hex() or why}")
        name, types = self.errors[data[:4]]
        values = zip(types, range(4, len(data), WORD), strict=True)
        return Verdict(
            name, numbers=tuple(int.from_bytes(data[at : at + WORD], "big") for t, at in values if t == "uint256")
        )


def verdicts(verifiers: Verifiers, cases: Sequence[Case], workers: int = 2) -> list[Verdict]:
    """What the contracts say of every case."""
    batches: list[list[Case]] = [[]]
    size = 0
    for case in cases:
        if size > BATCH:
            batches.append([])
            size = 0
        batches[-1].append(case)
        size += len(case.file) + len(case.statement)

    def decide(batch: list[Case]) -> list[Verdict]:
        answers = verifiers.node.ask([verifiers.request(case) for case in batch])
        return [verifiers.verdict(case, answer) for case, answer in zip(batch, answers, strict=True)]

    with ThreadPoolExecutor(workers) as pool:
        return [verdict for batch in pool.map(decide, batches) for verdict in batch]
