"""Who takes part: expected addresses, their connections, and waiting for their messages.

A connection that ends takes nobody out of the run: whoever joins again is sent the orders that stand, and only the
launcher, or the participant itself, says that somebody will not come back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic

from fedproof.errors import BadInput
from fedproof.federation.canonical import Json, int_field, printable, text_field
from fedproof.federation.messages import Message
from fedproof.federation.wire import Arrival, Desk
from fedproof.proof import RegistrationFields

ROUNDS = 1 << 16


@dataclass
class Member:
    """An expected participant. line: its connection, None when it has none at present."""

    address: str
    name: str
    line: int | None = None
    gone: str = ""
    """Why it will not come back; "" while it may."""
    fields: RegistrationFields | None = field(default=None, repr=False)
    dataset_id: bytes = b""

    @property
    def registered(self) -> bool:
        """Has an accepted registration."""
        return self.fields is not None


NOBODY = Member("", "")


class Roster:
    """Members by address in hex. run: its id. tell: called with the `progress` a screen may show."""

    def __init__(self, desk: Desk, run: bytes, expected: dict[str, str], tell: Callable[[Json], None]) -> None:
        self._desk = desk
        self._run = run
        self._tell = tell
        self._standing: list[tuple[Collection[str], Json]] = []
        self.members = {address: Member(address, name) for address, name in expected.items()}
        self.missed: Callable[[Member, int], list[Json]] = lambda member, number: []
        """Gives the orders of what was settled from round `number` on, for somebody who joins."""

    def order(self, addresses: Collection[str], order: Json) -> None:
        """Sends an order to those of `addresses` that are connected; the others get it when they join."""
        self._standing.append((addresses, order))
        self.announce(addresses, order)

    def announce(self, addresses: Collection[str], order: Json) -> None:
        """Sends an order to those of `addresses` that are connected, and to nobody later."""
        for address in addresses:
            line = self.members[address].line
            if line is not None:
                self._desk.send(line, order)

    def settle(self) -> None:
        """The orders so far stand no longer: what came of them is settled."""
        self._standing.clear()

    def wait(
        self, kind: str, about: Mapping[str, int], addresses: Collection[str], timeout: float
    ) -> Iterator[tuple[Member, Message | None, str]]:
        """Yields (member, message, "") for the first message of `kind` of every address whose body has the entries
        `about` (`round`, `attempt`), or (member, None, reason) for who is gone or silent for `timeout` seconds.
        """
        deadline = monotonic() + timeout
        waiting = dict.fromkeys(addresses)
        while waiting:
            for address in [a for a in waiting if self.members[a].gone]:
                del waiting[address]
                yield self.members[address], None, self.members[address].gone
            if not waiting:
                return
            arrival = self._desk.next(deadline)
            if arrival is None:
                for address in waiting:
                    yield self.members[address], None, f"no {kind} within {timeout:g} seconds"
                return
            member, message = self._receive(arrival)
            if message is not None and self._fits(message, kind, about) and member.address in waiting:
                del waiting[member.address]
                yield member, message, ""

    def gather(self, addresses: Collection[str], patience: float) -> None:
        """Waits for everybody of `addresses` to be connected who may still come, at most `patience` seconds."""
        deadline = monotonic() + patience
        while any(self.members[a].line is None and not self.members[a].gone for a in addresses):
            arrival = self._desk.next(deadline)
            if arrival is None:
                return
            self._receive(arrival)

    def _receive(self, arrival: Arrival) -> tuple[Member, Message | None]:
        """Takes note of what happened; returns the message somebody has to look at, if it is one."""
        if arrival.message is None:
            self._leave(arrival)
            return NOBODY, None
        member = self._sender(arrival.line, arrival.message)
        if member is None:
            self._desk.drop(arrival.line)
            return NOBODY, None
        if arrival.message.kind in ("progress", "failure"):
            self._note(member, arrival.message)
            return member, None
        return member, arrival.message

    def _fits(self, message: Message, kind: str, about: Mapping[str, int]) -> bool:
        """Late answers of earlier rounds and attempts are passed over."""
        return message.kind == kind and all(message.body.get(name) == value for name, value in about.items())

    def _sender(self, line: int, message: Message) -> Member | None:
        """Whose connection this is. A new one becomes that of the member who signs its challenge."""
        if message.kind == "join":
            return self._join(line, message)
        return next((member for member in self.members.values() if member.line == line), None)

    def _join(self, line: int, message: Message) -> Member | None:
        body, found = message.body, self.members.get(message.signer.hex())
        wanted = {"run": self._run.hex(), "challenge": self._desk.challenge(line)}
        if found is None or found.gone or any(body.get(name) != value for name, value in wanted.items()):
            return None
        try:
            number = int_field(body, "round", 0, ROUNDS)
        except BadInput:
            return None
        if found.line is not None and found.line != line:
            self._desk.drop(found.line)
        found.line = line
        standing = [order for to, order in self._standing if found.address in to]
        self._desk.send(line, *self.missed(found, number), *standing)
        return found

    def _leave(self, arrival: Arrival) -> None:
        for member in self.members.values():
            if arrival.line > 0 and member.line == arrival.line:
                member.line = None
            elif arrival.line == 0 and member.address == arrival.address:
                member.line = None
                member.gone = member.gone or printable(arrival.problem) or "gone"

    def _note(self, member: Member, message: Message) -> None:
        if message.kind == "failure":
            member.gone = printable(message.body.get("reason", "")) or "failed"
        elif (told := progress(message.body)) is not None:
            self._tell({**told, "participant": member.address, "name": member.name, "tell": "progress"})


def progress(body: Json) -> Json | None:
    """What a screen may show of a progress message: the entries it knows, in their range. None if they are not."""
    try:
        phase = text_field(body, "phase", 64)
        if any(not (c.isalnum() or c in " -") for c in phase):
            return None
        return {
            "phase": phase,
            "done": int_field(body, "done", 0, 1000),
            "round": int_field(body, "round", -1, ROUNDS),
        }
    except BadInput:
        return None
