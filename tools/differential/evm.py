"""The Solidity verifiers on a node. What they are called and how stands in `Verifiers` alone."""

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
BATCH = 1 << 20
"""Bytes of proofs and statements in a request."""

Answer = dict[str, Any]
Key = tuple[bytes, bytes, bytes]


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
    """All contracts, deployed."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.errors: dict[bytes, tuple[str, list[str]]] = {}
        self.stored: dict[Key, bytes | Verdict] = {}  # ids, or why not
        self.deployed: dict[str, str] = {}
        self.keys = self._deploy("VerifyingKeys")
        # by kind: the contract, its function, what it returns
        self.kinds = {
            "training": (self._deploy("TrainingVerifier"), "verifyTraining", "bytes"),
            "registration": (self._deploy("RegistrationVerifier"), "verifyRegistration", "bytes32"),
            "close": (self._deploy("CloseVerifier"), "verifyClose", "bytes"),
        }

    def _deploy(self, name: str) -> str:
        """The address of a contract, deployed with the contracts that its constructor names."""
        if name in self.deployed:
            return self.deployed[name]
        content, parts = artefact(name), []
        for entry in content["abi"]:
            if entry["type"] == "error":
                types = [field["type"] for field in entry["inputs"]]
                self.errors[keccak256(f"{entry['name']}({','.join(types)})".encode())[:4]] = (entry["name"], types)
            if entry["type"] == "constructor":
                parts = [self._deploy(part["internalType"].removeprefix("contract ")) for part in entry["inputs"]]
        code = _unhex(content["bytecode"]["object"]) + b"".join(map(word, parts))
        return self.deployed.setdefault(name, str(self.node.send([(code, None)])["contractAddress"]))

    def store(self, cases: Sequence[Case]) -> None:
        """Stores the keys of all cases, as far as they are any."""
        new = list(dict.fromkeys(key for case in cases if (key := _key(case)) not in self.stored))
        calls = [call("store(bytes,bytes,bytes)", *key) for key in new]
        good = []
        for key, data, answer in zip(new, calls, self.node.ask([_view(self.keys, c) for c in calls]), strict=True):
            if "error" in answer:
                self.stored[key] = self._refused(answer)
            else:
                self.stored[key] = _unhex(answer["result"])
                good.append((data, self.keys))
        if good:
            self.node.send(good)

    def decide(self, cases: Sequence[Case]) -> list[Verdict]:
        """Verdicts on cases whose keys are stored, or known to be none."""
        keys = [self.stored[_key(case)] for case in cases]
        asked = [self._request(case, key) for case, key in zip(cases, keys, strict=True) if isinstance(key, bytes)]
        answers = iter(self.node.ask(asked))
        return [
            self._verdict(case, next(answers)) if isinstance(key, bytes) else key
            for case, key in zip(cases, keys, strict=True)
        ]

    def _request(self, case: Case, key: bytes) -> tuple[str, list[Any]]:
        contract, function, _ = self.kinds[case.kind]
        return _view(contract, call(f"{function}(bytes32,bytes,bytes)", key, case.statement, case.file))

    def _verdict(self, case: Case, answer: Answer) -> Verdict:
        if "error" in answer:
            return self._refused(answer)
        result = _unhex(answer["result"])
        if self.kinds[case.kind][2] == "bytes32":
            return Verdict("accepted", result)
        length = int.from_bytes(result[WORD : 2 * WORD], "big")
        return Verdict("accepted", result[2 * WORD :][:length])

    def _refused(self, answer: Answer) -> Verdict:
        data = _unhex(answer["error"].get("data") or "0x")
        if data[:4] not in self.errors:
            return Verdict(f"untyped: {data.hex() or answer['error']['message']}")
        name, types = self.errors[data[:4]]
        words = (data[at : at + WORD] for at in range(4, len(data), WORD))
        numbers = (int.from_bytes(value, "big") for kind, value in zip(types, words, strict=True) if kind == "uint256")
        return Verdict(name, numbers=tuple(numbers))


def _key(case: Case) -> Key:
    return case.program, case.table, case.setup


def _view(contract: str, data: bytes) -> tuple[str, list[Any]]:
    return "eth_call", [{"to": contract, "data": "0x" + data.hex(), "gas": hex(GAS)}, "latest"]


def _unhex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


class Chain:
    """Decides cases, on one node after the other: a node's memory grows with every key that is stored."""

    def __init__(self, cases_per_node: int = 10_000, workers: int = 2) -> None:
        self.cases_per_node, self.workers = cases_per_node, workers

    def __enter__(self) -> Chain:
        self.node, self.left = Node(), self.cases_per_node
        self.verifiers = Verifiers(self.node)
        return self

    def __exit__(self, *error: object) -> None:
        self.node.close()

    def verdicts(self, cases: Sequence[Case]) -> list[Verdict]:
        """What the contracts say of every case."""
        if self.left <= 0:
            self.__exit__()
            self.__enter__()
        self.left -= len(cases)
        self.verifiers.store(cases)
        batches: list[list[Case]] = [[]]
        size = 0
        for case in cases:
            if size > BATCH:
                batches.append([])
                size = 0
            batches[-1].append(case)
            size += len(case.file) + len(case.statement)
        with ThreadPoolExecutor(self.workers) as pool:
            return [verdict for batch in pool.map(self.verifiers.decide, batches) for verdict in batch]
