"""Openings on their way from members to the aggregator, over the private wire of runs on one machine.

A member sends its signed submission with update and blinds until the aggregator says that it keeps the opening. Updates
never go to the chain or into the artefact store.
"""

from __future__ import annotations

from fedproof.errors import Rejected
from fedproof.federation.jobs import Place
from fedproof.federation.messages import Message
from fedproof.federation.wire import AggregatorGone, Link

PATIENCE = 1.0
"""Seconds to wait for an aggregator that is not there; the member tries again later."""


class Courier:
    """A member's end. task: id, so that nothing is handed to the aggregator of another one."""

    def __init__(self, place: Place, task: bytes) -> None:
        self._place = place
        self._task = task
        self._link: Link | None = None

    def deliver(self, message: Message) -> bool:
        """Hands a submission over; False if there is no aggregator now. Raises Rejected if it is refused."""
        try:
            link = self._connected()
            link.send(message)
            answer = link.receive()
        except AggregatorGone:
            self._link = None
            return False
        number = message.body["round"]
        if answer.get("type") != "opening" or answer.get("round") != number:
            raise Rejected("the aggregator does not say what became of the opening", check="opening")
        if answer.get("kept") is not True:
            raise Rejected(f"the aggregator refuses the opening: {answer.get('reason', '')}", check="opening")
        return True

    def _connected(self) -> Link:
        if self._link is None:
            link = Link(self._place.socket, bytes.fromhex(self._place.authkey), PATIENCE)
            greeting = link.receive()
            if greeting.get("type") != "run" or greeting.get("run") != self._task.hex():
                raise Rejected("the aggregator there works on another task", check="opening")
            self._link = link
        return self._link
