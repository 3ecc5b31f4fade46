"""The hub's events, from which auditors rebuild everything. What comes from an RPC is checked for type and size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fedproof.chain.task import ChainTask, Phase, address_bytes
from fedproof.errors import BadInput

POINTS = 1 << 20
"""Most bytes of a list of points in an event."""
TEXT = 1000
"""Most characters of a reason."""


@dataclass(frozen=True)
class Spot:
    """Where an event stands. transaction: its hash."""

    block: int
    index: int
    transaction: bytes


@dataclass(frozen=True)
class Event:
    """What all have."""

    spot: Spot
    id: bytes


@dataclass(frozen=True)
class TaskOpened(Event):
    """start: points of [W_0] of round 0."""

    sponsor: bytes
    task: ChainTask
    start: bytes


@dataclass(frozen=True)
class Joined(Event):
    """dataset: points of [D]. proof: hash of the registration proof's file."""

    member: bytes
    live_from: int
    dataset_id: bytes
    nonce_commitment: bytes
    person: bytes
    dataset: bytes
    proof: bytes


@dataclass(frozen=True)
class RoundBegun(Event):
    """start: hash of the points of the round's [W_0]."""

    round: int
    entered: int
    start: bytes


@dataclass(frozen=True)
class RoundSeeded(Event):
    """present: members that revealed."""

    round: int
    seed: bytes
    present: int


@dataclass(frozen=True)
class Submitted(Event):
    """update: points of [W_out]. verified: false for a claim."""

    round: int
    member: bytes
    index: int
    update: bytes
    proof: bytes
    verified: bool


@dataclass(frozen=True)
class Demanded(Event):
    """Somebody wants to see the proof of claim `index`."""

    round: int
    index: int
    demander: bytes
    deadline: int


@dataclass(frozen=True)
class Settled(Event):
    """held: the proof was shown; else the claim is removed."""

    round: int
    index: int
    held: bool


@dataclass(frozen=True)
class RoundClosed(Event):
    """summed, next: points. weights, proof: hashes of files. share: of each member whose update was accepted."""

    round: int
    closer: bytes
    accepted: int
    share: int
    summed: bytes
    next: bytes
    weights: bytes
    proof: bytes


@dataclass(frozen=True)
class PhaseChanged(Event):
    """deadline: of the phase."""

    round: int
    phase: Phase
    deadline: int


@dataclass(frozen=True)
class TaskCancelled(Event):
    """reason: words."""

    round: int
    reason: str


@dataclass(frozen=True)
class Slashed(Event):
    """amount: of the stake. fault: words."""

    member: bytes
    round: int
    amount: int
    reporter: bytes
    fault: str


@dataclass(frozen=True)
class Claimed(Event):
    """What a member took."""

    member: bytes
    amount: int


@dataclass(frozen=True)
class Refunded(Event):
    """What the sponsor took back."""

    sponsor: bytes
    amount: int


@dataclass(frozen=True)
class Entered(Event):
    """Again, after an absence."""

    member: bytes
    round: int


@dataclass(frozen=True)
class Left(Event):
    """Is not in the next round, whatever it had entered."""

    member: bytes


@dataclass(frozen=True)
class BeaconBegun(Event):
    """Of the beacon. prevrandao: of the block."""

    round: int
    prevrandao: bytes


@dataclass(frozen=True)
class Revealed(Event):
    """Of the beacon. added: does the nonce count?"""

    round: int
    member: bytes
    nonce: bytes
    added: bool


@dataclass(frozen=True)
class Cut(Event):
    """Of the vault: where a part of a stake went."""

    member: bytes
    burned: int
    reporter: int
    honest: int


def _bytes32(value: Any) -> bytes:
    raw = bytes(value)
    if len(raw) != 32:
        raise BadInput("a hash in an event has not 32 bytes")
    return raw


def _points(value: Any) -> bytes:
    raw = bytes(value)
    if len(raw) % 64 or len(raw) > POINTS:
        raise BadInput(f"{len(raw)} bytes in an event are no points")
    return raw


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput("a number in an event is none")
    return value


def _text(value: Any) -> str:
    return "".join(c if c.isprintable() else "?" for c in str(value)[:TEXT])


def _phase(value: Any) -> Phase:
    try:
        return Phase(value)
    except ValueError:
        raise BadInput(f"phase {value!r} in an event is unknown") from None


Reader = Callable[[Any], Any]
_FORMS: dict[str, tuple[type[Event], dict[str, Reader]]] = {
    "TaskOpened": (TaskOpened, {"sponsor": address_bytes, "task": ChainTask.of, "start": _points}),
    "Joined": (
        Joined,
        {
            "member": address_bytes,
            "liveFrom": _integer,
            "datasetId": _bytes32,
            "nonceCommitment": _bytes32,
            "person": _bytes32,
            "dataset": _points,
            "proof": _bytes32,
        },
    ),
    "RoundBegun": (RoundBegun, {"round": _integer, "entered": _integer, "start": _bytes32}),
    "RoundSeeded": (RoundSeeded, {"round": _integer, "seed": _bytes32, "present": _integer}),
    "Submitted": (
        Submitted,
        {
            "round": _integer,
            "member": address_bytes,
            "index": _integer,
            "update": _points,
            "proof": _bytes32,
            "verified": bool,
        },
    ),
    "Demanded": (
        Demanded,
        {"round": _integer, "index": _integer, "demander": address_bytes, "deadline": _integer},
    ),
    "Settled": (Settled, {"round": _integer, "index": _integer, "held": bool}),
    "RoundClosed": (
        RoundClosed,
        {
            "round": _integer,
            "closer": address_bytes,
            "accepted": _integer,
            "share": _integer,
            "summed": _points,
            "next": _points,
            "weights": _bytes32,
            "proof": _bytes32,
        },
    ),
    "PhaseChanged": (PhaseChanged, {"round": _integer, "phase": _phase, "deadline": _integer}),
    "TaskCancelled": (TaskCancelled, {"round": _integer, "reason": _text}),
    "Slashed": (
        Slashed,
        {
            "member": address_bytes,
            "round": _integer,
            "amount": _integer,
            "reporter": address_bytes,
            "fault": _text,
        },
    ),
    "Claimed": (Claimed, {"member": address_bytes, "amount": _integer}),
    "Refunded": (Refunded, {"sponsor": address_bytes, "amount": _integer}),
    "Entered": (Entered, {"member": address_bytes, "round": _integer}),
    "Left": (Left, {"member": address_bytes}),
}
NAMES = tuple(_FORMS)
"""Names of the events in IFedHub.sol."""


def parse_event(name: str, arguments: Mapping[str, Any], spot: Spot) -> Event:
    """The event `name` with its arguments by the names of the ABI. Raises BadInput."""
    if name not in _FORMS:
        raise BadInput(f"event {name[:64]!r} is none of the hub's")
    kind, readers = _FORMS[name]
    if set(arguments) != {*readers, "id"}:
        raise BadInput(f"event {name} has other arguments than the hub's")
    values = [reader(arguments[argument]) for argument, reader in readers.items()]
    return kind(spot, _bytes32(arguments["id"]), *values)
