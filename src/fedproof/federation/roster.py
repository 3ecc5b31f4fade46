"""Who takes part: expected addresses, their connections, and waiting for their messages."""

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
    """An expected participant. line: its connection, None when it has none (any more)."""

    address: str
    name: str
    line: int | None = None
    gone: str = ""
    """Why there is no connection any more."""
    fields: RegistrationFields | None = field(default=None, repr=False)
    dataset_id: bytes = b""

    @property
    def registered(self) -> bool:
        """Has an accepted registration."""
        return self.fields is not None


class Roster:
    """Members by address in hex. run: its id. tell: called with the `progress` a screen may show."""

    def __init__(self, desk: Desk, run: bytes, expected: dict[str, str], tell: Callable[[Json], None]) -> None:
        self._desk = desk
        self._run = run
        self._tell = tell
        self.members = {address: Member(address, name) for address, name in expected.items()}

    def order(self, addresses: Collection[str], order: Json) -> None:
        """Sends an order to those of `addresses` that are connected."""
        for address in addresses:
            line = self.members[address].line
            if line is not None:
                self._desk.send(line, order)

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
            if arrival.message is None:
                self._leave(arrival)
                continue
            member = self._sender(arrival.line, arrival.message)
            if member is None:
                self._desk.drop(arrival.line)
            elif arrival.message.kind in ("progress", "failure"):
                self._note(member, arrival.message)
            elif self._fits(arrival.message, kind, about) and member.address in waiting:
                del waiting[member.address]
                yield member, arrival.message, ""

    def _fits(self, message: Message, kind: str, about: Mapping[str, int]) -> bool:
        """Late answers of earlier rounds and attempts are passed over."""
        return message.kind == kind and all(message.body.get(name) == value for name, value in about.items())

    def _sender(self, line: int, message: Message) -> Member | None:
        """Whose connection this is. A new one becomes the member's whose registration it brings, signed for this run:
        one of another run, which anybody may have, takes nobody's seat.
        """
        for member in self.members.values():
            if member.line == line:
                return member
        if message.kind == "progress":
            return Member("", "")
        if message.kind != "registration" or message.body.get("run") != self._run.hex():
            return None
        found = self.members.get(message.signer.hex())
        if found is None or found.line is not None or found.gone:
            return None
        found.line = line
        return found

    def _leave(self, arrival: Arrival) -> None:
        for member in self.members.values():
            never_connected = member.line is None and member.address == arrival.address
            if never_connected or (member.line == arrival.line and arrival.line > 0):
                member.line = None
                member.gone = member.gone or printable(arrival.problem) or "gone"

    def _note(self, member: Member, message: Message) -> None:
        if message.kind == "failure":
            member.gone = printable(message.body.get("reason", "")) or "failed"
        elif member.address:
            told = progress(message.body)
            if told is not None:
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
