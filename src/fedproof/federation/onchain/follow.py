"""Following a chain: what is next is read from it, again and again, so that it does not matter who was away when."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from time import monotonic, sleep

from fedproof.chain.errors import RpcUnavailable, Unsettled
from fedproof.errors import FedproofError
from fedproof.federation.canonical import Json
from fedproof.federation.jobs import CRASHED


def follow(
    step: Callable[[], bool],
    tell: Callable[[Json], None],
    *,
    pause: float,
    patience: float,
    wait: Callable[[float], None] = sleep,
) -> None:
    """Calls `step` until it returns True: all is done. wait: called with `pause` in between.

    A node that is away is waited for, `patience` seconds at a time; then the error is raised.
    """
    away: float | None = None
    while True:
        try:
            if step():
                return
            away = None
        except (RpcUnavailable, Unsettled) as error:
            if away is None:
                away = monotonic()
                tell({"tell": "waiting", "reason": str(error)})
            elif monotonic() - away > patience:
                raise
        wait(pause)


def guarded(work: Callable[[], None]) -> int:
    """The exit code of a process: 0, that of an error meant for the user, or CRASHED, which is worth another start."""
    try:
        work()
    except FedproofError as error:
        print(error, file=sys.stderr)
        return CRASHED if isinstance(error, (RpcUnavailable, Unsettled)) else error.exit_code
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        traceback.print_exc()
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return CRASHED
    return 0
