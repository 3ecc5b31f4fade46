"""Why a contract reverted: its typed errors, decoded with the ABIs of all shipped contracts."""

from __future__ import annotations

import re

from fedproof._core import keccak256
from fedproof.chain.artefacts import error_abis, error_words
from fedproof.chain.errors import ContractRejected

TEXT = bytes.fromhex("08c379a0")
"""Selector of Error(string)."""
PANIC = bytes.fromhex("4e487b71")
"""Selector of Panic(uint256)."""
PANICS = {
    0x01: "an assertion failed",
    0x11: "a number went out of range",
    0x12: "division by zero",
    0x21: "no such member of an enumeration",
    0x32: "an index is out of bounds",
    0x41: "too much memory",
}


def rejection(data: bytes, reason: str = "", transaction: bytes = b"") -> ContractRejected:
    """What revert data mean. reason: the node's own words, used if there are no data that we know."""
    from eth_abi.abi import decode
    from eth_abi.exceptions import DecodingError

    selector, body = data[:4], data[4:]
    try:
        if selector == TEXT:
            text = str(decode(["string"], body)[0])[:300]
            return ContractRejected("Error", {}, text, transaction)
        if selector == PANIC:
            code = int(decode(["uint256"], body)[0])
            return ContractRejected("Panic", {"code": code}, PANICS.get(code, "a fault of the contract"), transaction)
        known = error_abis().get(selector)
        if known is not None:
            types = [entry["type"] for entry in known["inputs"]]
            values = decode(types, body)
            names = [entry["name"] or str(i) for i, entry in enumerate(known["inputs"])]
            name = known["name"]
            words = error_words().get(f"{name}({','.join(types)})") or spelled(name)
            return ContractRejected(name, dict(zip(names, values, strict=True)), words, transaction)
    except (DecodingError, OverflowError, UnicodeDecodeError):
        pass  # of a contract that is not ours, or cut short
    if data:
        return ContractRejected(f"0x{selector.hex()}", {}, "an error that none of our contracts has", transaction)
    return ContractRejected("Reverted", {}, reason or "no reason given", transaction)


def selector(name: str, types: list[str]) -> bytes:
    """4 bytes that begin the data of an error."""
    return keccak256(f"{name}({','.join(types)})".encode())[:4]


def spelled(name: str) -> str:
    """`NotInWindow` -> `not in window`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
