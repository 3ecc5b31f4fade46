"""Events out of a range of blocks, as many blocks at a time as the node can answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fedproof._core import keccak256
from fedproof.chain.artefacts import signature
from fedproof.chain.errors import BadAnswer, RpcRefused, RpcUnavailable
from fedproof.chain.events import Event, decoded
from fedproof.chain.transport import TooLong
from fedproof.errors import BadInput

if TYPE_CHECKING:
    from web3.contract import Contract

    from fedproof.chain.rpc import Chain

SPAN = 2000
"""Blocks asked for at a time, at first and at most: what public nodes allow."""
MOST = 100_000
"""Logs in one answer."""


def logs(
    chain: Chain, contract: Contract, names: Sequence[str], first: int, last: int | None, where: Mapping[str, Any]
) -> Iterator[Event]:
    """See Chain.logs."""
    abis = _abis(contract, names)
    topics = [list(abis), *_positions(abis, where)]
    return _chunks(chain, contract, abis, topics, first, chain.block().number if last is None else last)


def _chunks(
    chain: Chain, contract: Contract, abis: dict[str, Any], topics: list[Any], first: int, last: int
) -> Iterator[Event]:
    span = SPAN
    while first <= last:
        end = min(first + span - 1, last)
        wanted = {"address": contract.address, "topics": topics, "fromBlock": first, "toBlock": end}
        try:
            found = chain.ask(lambda w: w.eth.get_logs(wanted))  # type: ignore[arg-type]  # noqa: B023
            if len(found) > MOST:
                raise TooLong(f"{chain.shown} answers with more than {MOST} events")
        except (RpcRefused, RpcUnavailable, TooLong):  # too many blocks or events at once: nodes say so in many ways
            if span == 1:
                raise
            span = max(1, span // 4)
            continue
        for log in found:
            yield _judged(chain, contract, abis, log, first, end)
        first, span = end + 1, min(SPAN, span * 2)


def _judged(
    chain: Chain, contract: Contract, abis: dict[str, Any], log: Mapping[str, Any], first: int, end: int
) -> Event:
    """The event, if it is one that was asked for. Raises BadAnswer."""

    def read() -> Event:
        abi = abis["0x" + bytes(log["topics"][0]).hex()]
        if log["address"] != contract.address or not first <= log["blockNumber"] <= end:
            raise BadAnswer(f"{chain.shown} answers with events that were not asked for")
        return decoded(abi, log)

    return chain.ask(lambda _: read())


def _abis(contract: Contract, names: Sequence[str]) -> dict[str, Any]:
    """Events by their first topic. Raises BadInput."""
    every = {entry["name"]: dict(entry) for entry in contract.abi if entry["type"] == "event"}
    for name in names:
        if name not in every:
            raise BadInput(f"event {name}: the contract has none of this name")
    return {"0x" + keccak256(signature(every[name]).encode()).hex(): every[name] for name in (names or list(every))}


def _positions(abis: dict[str, Any], where: Mapping[str, Any]) -> list[Any]:
    """Topics after the first. Raises BadInput unless the fields are indexed, at the same place in all events."""
    topics: list[Any] = []
    for field, value in where.items():
        places = {
            tuple(entry["name"] for entry in abi["inputs"] if entry["indexed"]).index(field)
            if any(entry["name"] == field and entry["indexed"] for entry in abi["inputs"])
            else -1
            for abi in abis.values()
        }
        place = places.pop()
        if places or place < 0:
            raise BadInput(f"event field {field}: is not indexed, or not at the same place, in all events asked for")
        topics += [None] * (place + 1 - len(topics))
        topics[place] = "0x" + _word(value).hex()
    return topics


def _word(value: Any) -> bytes:
    """32 bytes of an indexed value: bytes are bytes32, texts are addresses."""
    if isinstance(value, int):
        return int(value).to_bytes(32, "big")
    if isinstance(value, bytes):
        return value.ljust(32, b"\0")
    return bytes.fromhex(str(value).removeprefix("0x")).rjust(32, b"\0")
