"""Following a chain: what is next is read from it, again and again, so that it does not matter who was away when."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep

from fedproof.chain.errors import RpcUnavailable
from fedproof.federation.canonical import Json


def follow(
    step: Callable[[], bool],
    tell: Callable[[Json], None],
    *,
    pause: float,
    patience: float,
    wait: Callable[[float], None] = sleep,
) -> None:
    """Calls `step` until it returns True: all is done. wait: called with `pause` in between.

    A node that is away is waited for, `patience` seconds at a time; then RpcUnavailable is raised.
    """
    away: float | None = None
    while True:
        try:
            if step():
                return
            away = None
        except RpcUnavailable as error:
            if away is None:
                away = monotonic()
                tell({"tell": "waiting", "reason": str(error)})
            elif monotonic() - away > patience:
                raise
        wait(pause)
