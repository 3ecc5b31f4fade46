"""Transport on one machine: length-prefixed JSON over a Unix socket, both ends authenticated by a random key.

Nothing is ever unpickled: only send_bytes and recv_bytes of multiprocessing.connection are used, with a size limit.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from queue import Empty, Queue
from time import monotonic
from typing import Any

from fedproof.errors import BadInput
from fedproof.federation.canonical import Json, decode, encode
from fedproof.federation.messages import Message, parse
from fedproof.federation.terms import Terms

ORDER_LIMIT = 1 << 24
"""Bytes of a message from the aggregator: names and nonces, never weights."""


def message_limit(terms: Terms) -> int:
    """Bytes of a participant's message: proof, update and blinds in base64, and some room."""
    costs = terms.costs
    private = 8 * int(costs["parameters"]) + 64 * 64 * int(costs["weight_vectors"])
    return (1 << 16) + 2 * (private + int(costs["proof_bytes"]) + int(costs["registration_bytes"]))


class Link:
    """A participant's end. Raises BadInput when the aggregator is gone or refuses the key."""

    def __init__(self, address: str, authkey: bytes) -> None:
        try:
            self._connection: Connection[Any, Any] = Client(address, "AF_UNIX", authkey)
        except (OSError, EOFError, AuthenticationError) as error:
            raise BadInput(f"the aggregator cannot be reached: {error}") from None
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Sends a message (from any thread)."""
        with self._lock:
            try:
                self._connection.send_bytes(message.encode())
            except OSError:
                raise BadInput("the aggregator is gone") from None

    def receive(self) -> Json:
        """The next order."""
        try:
            return decode(self._connection.recv_bytes(ORDER_LIMIT))
        except (OSError, EOFError):
            raise BadInput("the aggregator is gone") from None


@dataclass(frozen=True)
class Arrival:
    """Something happened on connection `line`: a message, or (without one) its end and the reason.

    line 0: the launcher says that the process of the participant `address` has ended.
    """

    line: int
    message: Message | None
    problem: str = ""
    address: str = ""


class Desk:
    """The aggregator's end: accepts connections, one reader thread each, so that no participant can hold up another."""

    def __init__(self, address: str, authkey: bytes, limit: int) -> None:
        self._listener = Listener(address, "AF_UNIX", backlog=64, authkey=authkey)
        self._limit = limit
        self._arrivals: Queue[Arrival] = Queue()
        self._connections: dict[int, Connection[Any, Any]] = {}
        self._open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def next(self, deadline: float) -> Arrival | None:
        """The next arrival; None when `deadline` (monotonic clock) passes first."""
        try:
            return self._arrivals.get(timeout=max(0.0, deadline - monotonic()))
        except Empty:
            return None

    def post(self, arrival: Arrival) -> None:
        """Puts an arrival in from outside, for example that a process has ended."""
        self._arrivals.put(arrival)

    def send(self, line: int, order: Json) -> None:
        """Sends an order; a connection that does not take it will be reported as ended."""
        connection = self._connections.get(line)
        if connection is not None:
            try:
                connection.send_bytes(encode(order))
            except OSError:
                self.drop(line)

    def drop(self, line: int) -> None:
        """Hangs up. (Closing alone would not: the reader thread's blocked read keeps the socket open.)"""
        connection = self._connections.pop(line, None)
        if connection is not None:
            with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as end:
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Hangs up on everybody."""
        self._open = False
        self._listener.close()
        for line in list(self._connections):
            self.drop(line)

    def _accept(self) -> None:
        line = 0
        while self._open:
            try:
                connection = self._listener.accept()
            except (OSError, EOFError, AuthenticationError):
                continue
            line += 1
            self._connections[line] = connection
            threading.Thread(target=self._read, args=(line, connection), daemon=True).start()

    def _read(self, line: int, connection: Connection[Any, Any]) -> None:
        while True:
            try:
                message = parse(connection.recv_bytes(self._limit))
            except BadInput as error:
                self._arrivals.put(Arrival(line, None, f"sent a message that is none: {error}"))
            except (EOFError, ConnectionError):
                self._arrivals.put(Arrival(line, None, "closed the connection"))
            except OSError:
                self._arrivals.put(Arrival(line, None, "sent too large a message"))
            else:
                self._arrivals.put(Arrival(line, message))
                continue
            self.drop(line)
            connection.close()
            return
