"""Transport on one machine: length-prefixed JSON over a Unix socket, both ends authenticated by a random key.

Nothing is ever unpickled: only send_bytes and recv_bytes of multiprocessing.connection are used, with a size limit.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from queue import Empty, Queue
from time import monotonic, sleep
from typing import Any

from fedproof.errors import BadInput
from fedproof.federation.canonical import Json, decode, encode
from fedproof.federation.messages import Message, parse
from fedproof.federation.outbox import Outbox, hang_up
from fedproof.federation.terms import Terms

ORDER_LIMIT = 1 << 24
"""Bytes of a message from the aggregator: names and nonces, never weights."""

WAITING = 256
"""Arrivals nobody has looked at yet; who sends more has to wait."""
FAREWELL = 5.0
"""Seconds for the last orders to get out."""
RETRY = 0.05
"""Seconds between two attempts to connect."""


def message_limit(terms: Terms) -> int:
    """Bytes of a participant's message: proof, update and blinds in base64, and some room."""
    costs = terms.costs
    private = 8 * int(costs["parameters"]) + 64 * 64 * int(costs["weight_vectors"])
    return (1 << 16) + 2 * (private + int(costs["proof_bytes"]) + int(costs["registration_bytes"]))


class AggregatorGone(BadInput):
    """The connection has ended; there may be another one."""


class Link:
    """A participant's end. patience: seconds to wait for an aggregator that is not there (yet, or any more).

    Raises AggregatorGone when there is none, BadInput when it refuses the key.
    """

    def __init__(self, address: str, authkey: bytes, patience: float = 0.0) -> None:
        self._address = address
        self._authkey = authkey
        self._patience = patience
        self._lock = threading.Lock()
        self._connection = self._connect()

    def reconnect(self) -> None:
        """A new connection in place of one that has ended."""
        with self._lock:
            self._connection.close()
            self._connection = self._connect()

    def send(self, message: Message) -> None:
        """Sends a message (from any thread)."""
        with self._lock:
            try:
                self._connection.send_bytes(message.encode())
            except OSError:
                raise AggregatorGone("the aggregator is gone") from None

    def receive(self) -> Json:
        """The next order."""
        try:
            return decode(self._connection.recv_bytes(ORDER_LIMIT))
        except (OSError, EOFError):
            raise AggregatorGone("the aggregator is gone") from None

    def _connect(self) -> Connection[Any, Any]:
        deadline = monotonic() + self._patience
        while True:
            try:
                return Client(self._address, "AF_UNIX", self._authkey)
            except AuthenticationError as error:
                raise BadInput(f"the aggregator cannot be reached: {error}") from None
            except (OSError, EOFError) as error:
                if monotonic() >= deadline:
                    raise AggregatorGone(f"the aggregator cannot be reached: {error}") from None
                sleep(RETRY)


@dataclass(frozen=True)
class Arrival:
    """Something happened on connection `line`: a message, or (without one) its end and the reason.

    line 0: the launcher says that the process of the participant `address` has ended. at: monotonic clock.
    """

    line: int
    message: Message | None
    problem: str = ""
    address: str = ""
    at: float = field(default_factory=monotonic, compare=False)


class Desk:
    """The aggregator's end. Every connection is read and written by threads of its own, so that nobody who is silent,
    slow or does not read can hold up anybody else. Who connects is greeted with the run's id and a fresh challenge.
    """

    def __init__(self, address: str, authkey: bytes, limit: int, run: bytes) -> None:
        Path(address).unlink(missing_ok=True)  # of an aggregator that was killed
        self._listener = Listener(address, "AF_UNIX", backlog=64)
        self._authkey = authkey
        self._limit = limit
        self._run = run
        self._arrivals: Queue[Arrival] = Queue(WAITING)
        self._held: Arrival | None = None
        self._connections: dict[int, Connection[Any, Any]] = {}
        self._outboxes: dict[int, Outbox] = {}
        self._challenges: dict[int, str] = {}
        self._open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def next(self, deadline: float) -> Arrival | None:
        """The next arrival; None when there is none until `deadline` (monotonic clock), however much comes later."""
        if self._held is None:
            try:
                self._held = self._arrivals.get(timeout=max(0.0, deadline - monotonic()))
            except Empty:
                return None
        if self._held.at > deadline:
            return None
        arrival, self._held = self._held, None
        return arrival

    def challenge(self, line: int) -> str:
        """What whoever joins on a connection has to sign; "" if it has ended."""
        return self._challenges.get(line, "")

    def post(self, arrival: Arrival) -> None:
        """Puts an arrival in from outside, for example that a process has ended."""
        self._arrivals.put(arrival)

    def send(self, line: int, *orders: Json) -> None:
        """Sends orders without waiting; a connection that does not take them will be reported as ended."""
        outbox = self._outboxes.get(line)
        if outbox is not None and not outbox.put([encode(order) for order in orders]):
            self.drop(line)

    def drop(self, line: int) -> None:
        """Hangs up. (Closing alone would not: the reader thread's blocked read keeps the socket open.)"""
        connection, outbox = self._connections.pop(line, None), self._outboxes.pop(line, None)
        if connection is not None:
            hang_up(connection)
        if outbox is not None:
            outbox.put(None)

    def close(self) -> None:
        """Hangs up on everybody, once what was sent is out (or FAREWELL seconds have passed)."""
        self._open = False
        self._listener.close()
        deadline = monotonic() + FAREWELL
        outboxes = list(self._outboxes.values())
        for outbox in outboxes:
            outbox.put(None)
        for outbox in outboxes:
            outbox.join(deadline)
        for line in list(self._connections):
            self.drop(line)

    def _accept(self) -> None:
        line = 0
        while self._open:
            try:
                connection = self._listener.accept()
            except (OSError, EOFError):
                continue
            line += 1
            threading.Thread(target=self._serve, args=(line, connection), daemon=True).start()

    def _serve(self, line: int, connection: Connection[Any, Any]) -> None:
        try:
            deliver_challenge(connection, self._authkey)
            answer_challenge(connection, self._authkey)
        except (OSError, EOFError, AuthenticationError):
            connection.close()
            return
        outbox = Outbox(connection)
        self._outboxes[line], self._connections[line] = outbox, connection
        self._challenges[line] = secrets.token_hex(32)
        self.send(line, {"type": "run", "run": self._run.hex(), "challenge": self._challenges[line]})
        if not self._open:
            self.drop(line)
        problem = self._read(line, connection)
        self._arrivals.put(Arrival(line, None, problem))
        self.drop(line)
        self._challenges.pop(line, None)
        outbox.join(monotonic() + FAREWELL)
        connection.close()

    def _read(self, line: int, connection: Connection[Any, Any]) -> str:
        """Until the connection ends; returns why."""
        while True:
            try:
                self._arrivals.put(Arrival(line, parse(connection.recv_bytes(self._limit))))
            except BadInput as error:
                return f"sent a message that is none: {error}"
            except (EOFError, ConnectionError):
                return "closed the connection"
            except OSError:
                return "sent too large a message"
