"""What stands on the chain of a task: its terms and its progress, as IFedHub.sol defines them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from enum import IntEnum
from typing import Any

from fedproof._core import keccak256
from fedproof.errors import BadInput

ZERO = bytes(20)
"""No address."""


class Mode(IntEnum):
    """How updates are verified: every proof on submission, or a claim that stake answers for."""

    EAGER = 0
    BONDED = 1


class Phase(IntEnum):
    """Of a task."""

    NONE = 0
    JOINING = 1
    REVEALING = 2
    SUBMITTING = 3
    CHALLENGING = 4
    CLOSING = 5
    FINISHED = 6
    CANCELLED = 7

    @property
    def over(self) -> bool:
        """Does nothing follow?"""
        return self in (Phase.FINISHED, Phase.CANCELLED)


@dataclass(frozen=True)
class ChainTask:
    """`Task` of IFedHub.sol, in its order. Addresses: 20 bytes; digests: 32 bytes; amounts in units of `token`; windows
    in seconds.
    """

    sponsor: bytes
    task_digest: bytes
    task_file: bytes
    key_id: bytes
    verifier: int
    start: bytes
    mode: Mode
    rounds: int
    min_accepted: int
    max_members: int
    token: bytes
    reward: int
    closer_fee: int
    stake: int
    reveal_penalty: int
    absence_penalty: int
    claim_bond: int
    demand_deposit: int
    gate: bytes
    beacon: bytes
    aggregator: bytes
    join_window: int
    reveal_window: int
    submit_window: int
    challenge_window: int
    answer_window: int
    close_window: int
    salt: bytes

    @classmethod
    def of(cls, values: Any) -> ChainTask:
        """From the struct as web3 gives it. Raises BadInput."""
        given = tuple(values.values()) if isinstance(values, Mapping) else tuple(values)
        if len(given) != len(fields(cls)):
            raise BadInput(f"task on the chain: {len(given)} fields, expected {len(fields(cls))}")
        return cls(*(_plain(field.name, value) for field, value in zip(fields(cls), given, strict=True)))

    def values(self) -> tuple[Any, ...]:
        """The struct as web3 takes it."""
        return tuple(int(value) if isinstance(value, Mode) else _address(value) for value in astuple(self))

    @property
    def escrow(self) -> int:
        """What opening it takes from the sponsor."""
        return self.rounds * (self.reward + self.closer_fee)

    def id(self, chain_id: int, hub: bytes) -> bytes:
        """The id under which `hub` keeps it."""
        from eth_abi.abi import encode

        return keccak256(encode(["uint256", "address", STRUCT], [chain_id, _address(hub), self.values()]))


STRUCT = (
    "(address,bytes32,bytes32,bytes32,uint32,bytes32,uint8,uint32,uint32,uint32,address,uint128,uint128,uint128,uint128,"
    "uint128,uint128,uint128,address,address,address,uint32,uint32,uint32,uint32,uint32,uint32,bytes32)"
)


@dataclass(frozen=True)
class Progress:
    """Where a task stands: `Progress` of IFedHub.sol, in its order."""

    phase: Phase
    round: int
    deadline: int
    members: int
    entered: int
    entering: int
    submitted: int
    removed: int
    start: bytes
    seed: bytes
    roll: bytes

    @classmethod
    def of(cls, values: Any) -> Progress:
        """From the struct as web3 gives it. Raises BadInput."""
        given = tuple(values.values()) if isinstance(values, Mapping) else tuple(values)
        if len(given) != len(fields(cls)):
            raise BadInput(f"progress on the chain: {len(given)} fields, expected {len(fields(cls))}")
        return cls(*(_plain(field.name, value) for field, value in zip(fields(cls), given, strict=True)))


def address_bytes(text: str | bytes) -> bytes:
    """20 bytes of an address in hex. Raises BadInput."""
    try:
        raw = text if isinstance(text, bytes) else bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raw = b""
    if len(raw) != 20:
        raise BadInput(f"{str(text)[:64]!r} is not an address")
    return raw


def _plain(name: str, value: Any) -> Any:
    if name == "mode":
        return _member(Mode, value)
    if name == "phase":
        return _member(Phase, value)
    if isinstance(value, str):
        return address_bytes(value)
    return bytes(value) if isinstance(value, (bytes, bytearray)) else int(value)


def _member(kind: type[Any], value: Any) -> Any:
    try:
        return kind(int(value))
    except ValueError:
        raise BadInput(f"{kind.__name__.lower()} {value} on the chain is unknown") from None


def _address(value: Any) -> Any:
    """web3 takes addresses only with their checksum."""
    from eth_utils.address import to_checksum_address

    return to_checksum_address(value) if isinstance(value, bytes) and len(value) == 20 else value
