"""Who takes part: expected addresses, their connections, and waiting for their messages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from time import monotonic

from fedproof.federation.canonical import Json
from fedproof.federation.messages import Message
from fedproof.federation.wire import Arrival, Desk
from fedproof.proof import RegistrationFields


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
    """Members by address in hex. tell: called with what a screen may show (`progress`, `failure`)."""

    def __init__(self, desk: Desk, expected: dict[str, str], tell: Callable[[Json], None]) -> None:
        self._desk = desk
        self._tell = tell
        self.members = {address: Member(address, name) for address, name in expected.items()}

    def order(self, addresses: Collection[str], order: Json) -> None:
        """Sends an order to those of `addresses` that are connected."""
        for address in addresses:
            line = self.members[address].line
            if line is not None:
                self._desk.send(line, order)

    def wait(
        self, kind: str, number: int | None, addresses: Collection[str], timeout: float
    ) -> Iterator[tuple[Member, Message | None, str]]:
        """Yields (member, message, "") for the first message of `kind` (and of round `number`) of every address, or
        (member, None, reason) for who is gone or silent for `timeout` seconds.
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
            elif self._fits(arrival.message, kind, number) and member.address in waiting:
                del waiting[member.address]
                yield member, arrival.message, ""

    def _fits(self, message: Message, kind: str, number: int | None) -> bool:
        """Late answers of earlier rounds are passed over."""
        return message.kind == kind and (number is None or message.body.get("round") == number)

    def _sender(self, line: int, message: Message) -> Member | None:
        """Whose connection this is. A new one becomes the member's whose registration it brings, correctly signed."""
        for member in self.members.values():
            if member.line == line:
                return member
        if message.kind == "progress":
            return Member("", "")
        if message.kind != "registration":
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
                member.gone = member.gone or arrival.problem

    def _note(self, member: Member, message: Message) -> None:
        if message.kind == "failure":
            member.gone = str(message.body.get("reason", ""))[:500] or "failed"
        elif member.address:
            self._tell({"tell": "progress", "participant": member.address, "name": member.name, **message.body})
