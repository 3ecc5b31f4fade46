"""Events of our contracts, decoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from fedproof.chain.artefacts import event_abis, signature


@dataclass(frozen=True)
class Event:
    """One event. address: checksummed, of the contract that says it. index: of the log in its block."""

    name: str
    values: Mapping[str, Any]
    address: str
    block: int
    block_hash: bytes
    transaction: bytes
    index: int

    def __getitem__(self, field: str) -> Any:
        return self.values[field]


def event(log: Mapping[str, Any]) -> Event | None:
    """A log as web3 gives it; None if it is no event of our contracts. Raises what web3 raises for a log that lies."""
    topics = log["topics"]
    found = event_abis().get((bytes(topics[0]), len(topics))) if topics else None
    return decoded(found, log) if found is not None else None


def decoded(abi: dict[str, Any], log: Mapping[str, Any]) -> Event:
    """A log of the event `abi`. Raises what web3 raises for a log that lies."""
    values = _reader(signature(abi), _Frozen(abi)).process_log(log)
    return Event(
        abi["name"], dict(values["args"]), str(log["address"]), int(log["blockNumber"]), bytes(log["blockHash"]),
        bytes(log["transactionHash"]), int(log["logIndex"]),
    )  # fmt: skip


def events(found: Sequence[Mapping[str, Any]]) -> tuple[Event, ...]:
    """Those logs that are events of our contracts."""
    return tuple(known for log in found if (known := event(log)) is not None)


class _Frozen(dict[str, Any]):
    """An ABI entry that can be looked up: equal signatures may differ in what is indexed."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(field["indexed"] for field in self["inputs"]))


@cache
def _reader(_: str, abi: _Frozen) -> Any:
    from web3 import Web3

    return Web3().eth.contract(abi=[dict(abi)]).events[abi["name"]]()
