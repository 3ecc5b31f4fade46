"""Orders on their way to one participant."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import Full, Queue
from time import monotonic
from typing import Any

ORDERS = 64
"""Batches of orders waiting; a participant that leaves more unread is not there."""
STALLED = 60.0
"""Seconds one order may take to be read."""


class Outbox:
    """Orders wait here for a thread that writes them, so that the aggregator never waits for a reader."""

    def __init__(self, connection: Connection[Any, Any]) -> None:
        self._connection = connection
        self._orders: Queue[Sequence[bytes] | None] = Queue(ORDERS)
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def put(self, orders: Sequence[bytes] | None) -> bool:
        """A batch, in order. None: nothing more comes. False if the outbox is full: the participant does not read."""
        try:
            self._orders.put_nowait(orders)
        except Full:
            return False
        return True

    def join(self, deadline: float) -> None:
        """Waits until all is written, at most until `deadline` (monotonic clock)."""
        self._thread.join(max(0.0, deadline - monotonic()))

    def _write(self) -> None:
        while (orders := self._orders.get()) is not None:
            for order in orders:
                if not self._send(order):
                    return

    def _send(self, order: bytes) -> bool:
        alarm = threading.Timer(STALLED, hang_up, [self._connection])
        alarm.daemon = True
        alarm.start()
        try:
            self._connection.send_bytes(order)
        except (OSError, ValueError):  # gone: the thread that reads reports it
            return False
        finally:
            alarm.cancel()
        return True


def hang_up(connection: Connection[Any, Any]) -> None:
    """Ends both directions, also of reads and writes that are under way in other threads."""
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as end:
        end.shutdown(socket.SHUT_RDWR)
