"""The processes of a run: started, started again when they die, and ended with the launcher."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from fedproof.federation.canonical import Json, decode, encode
from fedproof.federation.children import Child, end_children

Watch = Callable[[Json], None]
BACK_OFF = 0.1
"""Seconds before the first new start; twice as long before each further one."""
LONGEST = 5.0
PARTING = 2.0
"""Seconds in which the processes of a finished run may end by themselves."""


class Crew:
    """restarts: how often a process may be started again until the next round is closed. watch: is told of each."""

    def __init__(self, restarts: int, watch: Watch) -> None:
        self._restarts = restarts
        self._watch = watch
        self._lock = threading.Lock()
        self._watching = threading.Lock()
        self._over = threading.Event()
        self._children: list[Child] = []
        self._deaths: Counter[str] = Counter()
        self._gone: dict[str, str] = {}
        self.gone: dict[str, str] = {}
        """Names of whoever has ended for good, and their last words."""
        self._aggregator: Child | None = None
        self._attending: list[threading.Thread] = []

    def tell(self, event: Json) -> None:
        """To whoever watches, one at a time."""
        with self._watching:
            self._watch(event)

    def lead(self, make: Callable[[], Child]) -> Child | None:
        """Starts the aggregator's process; None once all is over."""
        self._aggregator = self._start("aggregator", make)
        return self._aggregator

    def attend(
        self, name: str, address: str, make: Callable[[], Child], hear: Callable[[Json], None] | None = None
    ) -> None:
        """Starts a participant's process, and starts it again when it dies, in a thread of its own. The aggregator is
        told when it will not come back, so that it need not wait for it. hear: called with what the process tells.
        """

        def attend() -> None:
            while (child := self._start(name, make)) is not None:
                for line in (child.process.stdout or ()) if hear is not None else ():
                    if hear is not None and line.endswith(b"\n"):  # else killed while it wrote
                        hear(decode(line[:-1]))
                child.process.wait()
                if not child.died() or not self.again(name, child):
                    words = child.last_words()[:500]
                    self._gone[address] = self.gone[name] = words
                    self.tell_gone(address)
                    self.tell({"tell": "exit", "name": name, "code": child.process.returncode, "reason": words})
                    return

        thread = threading.Thread(target=attend, daemon=True)
        self._attending.append(thread)
        thread.start()

    @property
    def busy(self) -> bool:
        """Is there a process that is attended?"""
        return any(thread.is_alive() for thread in self._attending)

    def again(self, name: str, child: Child) -> bool:
        """May a process that died be started again? Waits a little if so."""
        self._deaths[name] += 1
        count = self._deaths[name]
        if count > self._restarts or self._over.is_set():
            return False
        self.tell({"tell": "restart", "name": name, "reason": child.last_words(), "attempt": count})
        return not self._over.wait(min(LONGEST, BACK_OFF * 2 ** (count - 1)))

    def tell_gone(self, *addresses: str) -> None:
        """Tells the aggregator who has ended: `addresses`, or everybody who has."""
        for address in addresses or list(self._gone):
            if self._aggregator is not None:
                self._aggregator.write(encode({"gone": address, "reason": self._gone[address]}) + b"\n")

    def progressed(self) -> None:
        """A round was closed: what crashed before it is forgiven."""
        self._deaths.clear()

    def end(self, *, finished: bool) -> None:
        """Ends all processes; nothing is started any more. finished: they end by themselves, given a little time."""
        self._over.set()
        with self._lock:
            end_children(self._children, PARTING if finished else 0.0)
        for thread in self._attending:
            thread.join()

    def _start(self, name: str, make: Callable[[], Child]) -> Child | None:
        with self._lock:
            if self._over.is_set():
                return None
            child = make()
            self._children.append(child)
        self.tell({"tell": "process", "name": name, "pid": child.process.pid})
        return child
