"""What the hub's events say of a task: members, rounds, submissions. Whoever reads the same events sees the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fedproof._core import keccak256
from fedproof.chain.hub_events import (
    Demanded,
    Entered,
    Event,
    Joined,
    Left,
    RoundBegun,
    RoundClosed,
    RoundSeeded,
    Settled,
    Slashed,
    Submitted,
    TaskCancelled,
    TaskOpened,
)
from fedproof.errors import Rejected


@dataclass
class RoundHistory:
    """One round. submissions: in the order of the chain. removed: indices of claims that did not hold.
    settled: of those that a proof has decided. demanded: by index, no answer yet. entered: members.
    """

    number: int
    begun: RoundBegun
    seeded: RoundSeeded | None = None
    submissions: list[Submitted] = field(default_factory=list)
    removed: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    demanded: dict[int, Demanded] = field(default_factory=dict)
    entered: set[bytes] = field(default_factory=set)
    closed: RoundClosed | None = None

    @property
    def accepted(self) -> list[Submitted]:
        """Submissions that count."""
        return [entry for entry in self.submissions if entry.index not in self.removed]

    @property
    def roll(self) -> bytes:
        """As the hub keeps it over all submissions."""
        roll = bytes(32)
        for entry in self.submissions:
            roll = keccak256(roll + entry.member + entry.update)
        return roll

    def of(self, member: bytes) -> Submitted | None:
        """The member's submission."""
        return next((entry for entry in self.submissions if entry.member == member), None)


@dataclass
class History:
    """One task."""

    opened: TaskOpened | None = None
    joined: list[Joined] = field(default_factory=list)
    rounds: list[RoundHistory] = field(default_factory=list)
    slashed: list[Slashed] = field(default_factory=list)
    cancelled: TaskCancelled | None = None
    _entering: set[bytes] = field(default_factory=set)
    _leaving: Left | None = None

    @classmethod
    def of(cls, events: Iterable[Event]) -> History:
        """From all events of one task, in the order of the chain. Raises Rejected if no hub says so."""
        history = cls()
        for event in events:
            history._take(event)
        return history

    @property
    def members(self) -> list[bytes]:
        """Everybody who ever joined, in the order in which they did."""
        return list(dict.fromkeys(entry.member for entry in self.joined))

    def registration(self, member: bytes, number: int) -> Joined | None:
        """What the member's updates of round `number` are about: its last registration that was live then."""
        live = [entry for entry in self.joined if entry.member == member and entry.live_from <= number]
        return live[-1] if live else None

    def _take(self, event: Event) -> None:
        if isinstance(event, TaskOpened):
            if self.opened is not None:
                raise Rejected("the task is opened twice", code="History", check="events")
            self.opened = event
        elif isinstance(event, Joined):
            self.joined.append(event)
            if not self._is_due(event.member):
                self._entering.add(event.member)
        elif isinstance(event, Entered):
            self._entering.add(event.member)
        elif isinstance(event, Left):
            self._entering.discard(event.member)
            self._leaving = event
        elif isinstance(event, RoundBegun):
            if event.round != len(self.rounds):
                raise Rejected(f"round {event.round} begins after round {len(self.rounds) - 1}", check="events")
            self.rounds.append(RoundHistory(event.round, event, entered=self._entering))
            self._entering = set()
        elif isinstance(event, RoundSeeded):
            self._round(event.round).seeded = event
        elif isinstance(event, Submitted):
            current = self._round(event.round)
            if event.index != len(current.submissions):
                raise Rejected(f"round {event.round}: submission {event.index} is out of order", check="events")
            current.submissions.append(event)
            left = self._leaving  # the hub says so just before, in the same transaction
            if left is None or (left.member, left.spot.transaction) != (event.member, event.spot.transaction):
                self._entering.add(event.member)
        elif isinstance(event, Demanded):
            self._round(event.round).demanded[event.index] = event
        elif isinstance(event, Settled):
            current = self._round(event.round)
            current.settled.add(event.index)
            current.demanded.pop(event.index, None)
            if not event.held:
                current.removed.add(event.index)
        elif isinstance(event, RoundClosed):
            self._round(event.round).closed = event
        elif isinstance(event, Slashed):
            self.slashed.append(event)
        elif isinstance(event, TaskCancelled):
            self.cancelled = event

    def _is_due(self, member: bytes) -> bool:
        """Does the current round wait for the member? Then its update will bring it into the next one."""
        if not self.rounds or member not in self.rounds[-1].entered:
            return False
        current = self.rounds[-1]
        punished = any(entry.member == member and entry.round == current.number for entry in self.slashed)
        return current.of(member) is None and not punished

    def _round(self, number: int) -> RoundHistory:
        if not 0 <= number < len(self.rounds):
            raise Rejected(f"an event of round {number}, which never began", code="History", check="events")
        return self.rounds[number]
