"""Openings that reach the aggregator: each is held against the commitment on the chain, then kept privately."""

from __future__ import annotations

from time import monotonic

from fedproof.errors import BadInput, Rejected
from fedproof.federation.aggregation import Opening, check_opening
from fedproof.federation.canonical import Json, hex_field, int_field, printable
from fedproof.federation.messages import Message
from fedproof.federation.onchain.history import History
from fedproof.federation.openings import Openings
from fedproof.federation.terms import Terms
from fedproof.federation.wire import Arrival, Desk, message_limit

WAITING = 64
"""Messages of submissions that this node's chain does not have yet."""


class Inbox:
    """openings: where they are kept until their round is closed."""

    def __init__(self, terms: Terms, desk: Desk, openings: Openings) -> None:
        self._terms = terms
        self._desk = desk
        self._openings = openings
        self._held: list[Arrival] = []
        self._kept: set[tuple[int, bytes]] = set()

    @property
    def waiting(self) -> bool:
        """Is there a message to be looked at again?"""
        return bool(self._held)

    def wait(self, seconds: float) -> None:
        """Takes messages in for so long."""
        deadline = monotonic() + seconds
        while (arrival := self._desk.next(deadline)) is not None:
            if arrival.message is not None and len(self._held) < WAITING:
                self._held.append(arrival)

    def judge(self, history: History) -> None:
        """Answers whatever the chain allows to answer."""
        held, self._held = self._held, []
        for arrival in held:
            if arrival.message is None:
                continue
            try:
                answer = self._answer(arrival.message, history)
            except (BadInput, Rejected) as error:
                answer = {"kept": False, "reason": printable(error)}
            if answer is None:
                self._held.append(arrival)
            else:
                number = arrival.message.body.get("round", -1)
                self._desk.send(arrival.line, {"type": "opening", "round": number, **answer})

    def has(self, number: int, member: bytes) -> bool:
        """Is the opening here?"""
        if (number, member) not in self._kept:
            try:
                self._openings.get(number, member.hex(), self._terms.task.dims)
            except BadInput:
                return False
            self._kept.add((number, member))
        return True

    def get(self, number: int, member: bytes) -> Opening:
        """What was kept. Raises BadInput."""
        return self._openings.get(number, member.hex(), self._terms.task.dims)

    def forget(self, number: int) -> None:
        """Round `number` is closed."""
        self._openings.forget(number)
        self._kept = {entry for entry in self._kept if entry[0] != number}

    def _answer(self, message: Message, history: History) -> Json | None:
        """None if the chain does not have the submission yet."""
        body = message.body
        if message.kind != "submission" or body.get("run") != self._terms.id.hex():
            raise BadInput("is not a submission of this task")
        member = hex_field(body, "participant", 20)
        if message.signer != member:
            raise Rejected("the signature is not the member's", check="signature")
        number = int_field(body, "round", 0, self._terms.task.rounds - 1)
        if number >= len(history.rounds):
            return None
        current = history.rounds[number]
        if current.closed is not None:
            return {"kept": True}
        entry = current.of(member)
        if entry is None:
            return None
        opening = Opening.decode(message.attachment("opening", message_limit(self._terms)), self._terms.task.dims)
        check_opening(self._terms.key, opening, entry.update)
        self._openings.keep(number, member.hex(), opening)
        self._kept.add((number, member))
        return {"kept": True}
