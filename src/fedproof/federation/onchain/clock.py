"""Time on a chain of its own: passes as soon as nobody will do anything more in a phase, so that nobody waits for it.

On any other chain time is what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fedproof.chain.hub import Beacon, Hub
from fedproof.chain.node import Anvil
from fedproof.chain.task import Phase, Progress
from fedproof.federation.canonical import Json
from fedproof.federation.onchain.history import History, RoundHistory


@dataclass
class Clock:
    """names: of the members' addresses. What their processes tell goes through `hear`, their end through `gone`."""

    node: Anvil
    hub: Hub
    beacon: Beacon
    id: bytes
    names: Mapping[bytes, str]
    _out: dict[str, int] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)
    _left: set[str] = field(default_factory=set)
    _watched: int = -1
    _lacking: tuple[int, tuple[str, ...]] = (-1, ())

    def hear(self, event: Json) -> None:
        """What a process tells."""
        kind = event["tell"]
        if kind in ("out", "refused"):
            self._out[event["name"]] = event["round"]
        elif kind == "left":
            self._left.add(event["name"])
        elif kind == "watched":
            self._watched = event["round"]
        elif kind == "lacking":
            self._lacking = event["round"], tuple(event["members"])

    def gone(self, name: str) -> None:
        """The process has ended for good."""
        self._gone.add(name)

    def turn(self, progress: Progress, history: History) -> None:
        """Lets the time of the phase pass if nothing else will happen in it."""
        if progress.phase.over:
            if all(name in self._left or name in self._gone for name in self.names.values()):
                self._pass(max((self.hub.vault.withdrawable_at(self.id, m) for m in history.members), default=0))
        elif self._is_idle(progress, history):
            self._pass(progress.deadline)

    def _is_idle(self, progress: Progress, history: History) -> bool:
        if progress.phase is Phase.JOINING:
            waiting = [name for member, name in self.names.items() if member not in history.members]
            return bool(waiting) and self._gone.issuperset(waiting)
        if progress.round >= len(history.rounds):
            return False
        current = history.rounds[progress.round]
        if progress.phase is Phase.REVEALING:
            missing = [m for m in current.entered if not self._is_present(current, m)]
            return bool(missing) and all(self._idles(member, current.number) for member in missing)
        if progress.phase is Phase.SUBMITTING:
            missing = [m for m in current.entered if current.of(m) is None and self._is_present(current, m)]
            return bool(missing) and all(self._idles(member, current.number) for member in missing)
        if progress.phase is Phase.CHALLENGING:
            return self._is_settled(current)
        lacking = self._lacking == (current.number, self._lacking[1]) and bool(self._lacking[1])
        return lacking and all(self.names.get(bytes.fromhex(m), "") in self._gone for m in self._lacking[1])

    def _is_settled(self, current: RoundHistory) -> bool:
        """Is nothing contested any more, or nobody there to answer?"""
        demanded = [entry.member for entry in current.submissions if entry.index in current.demanded]
        if demanded:
            return all(self._idles(member, current.number) for member in demanded)
        return self._watched == current.number

    def _is_present(self, current: RoundHistory, member: bytes) -> bool:
        return self.beacon.is_present(self.hub.address, self.id, current.number, member)

    def _idles(self, member: bytes, number: int) -> bool:
        name = self.names.get(member, "")
        return name in self._gone or self._out.get(name, -1) >= number

    def _pass(self, until: int) -> None:
        seconds = until - self.hub.chain.block().time
        if seconds > 0:
            self.node.ask("evm_increaseTime", seconds)
            self.node.ask("evm_mine")
