"""What the launcher tells its processes, as one JSON line on their standard input (so nothing secret is in `ps`), and
how they tell it what happens.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from fedproof.errors import BadInput
from fedproof.federation.canonical import Json, decode, encode
from fedproof.proof import Mode

ORPHANED = 3
"""Exit code of a process whose launcher is gone."""
PREDECESSOR = 10.0
"""Seconds to wait for a process that worked in the same folder and whose launcher is gone."""
CRASHED = 70
"""Exit code of a process that ended by an error nobody foresaw: worth another start."""


@dataclass(frozen=True)
class Place:
    """Where the processes of a run meet. authkey: 32 random bytes in hex."""

    socket: str
    authkey: str = field(repr=False)


@dataclass(frozen=True)
class ParticipantJob:
    """A participant's process. task: TOML text. cheat: "" or a name from cheats.py.

    patience: seconds to wait for an aggregator that is not there at present.
    """

    place: Place
    folder: str
    name: str
    task: str
    ptau: str | None
    mode: Mode
    threads: int
    passphrase: str = field(repr=False)
    data: str | None = None
    cheat: str = ""
    cheat_from: int = 0
    prove_rounds: int = 0
    patience: float = 0.0


@dataclass(frozen=True)
class AggregatorJob:
    """The aggregator's process. run: its id in hex. expected: names by address in hex.

    timeout: seconds to wait for a participant.
    """

    place: Place
    folder: str
    run: str
    task: str
    ptau: str | None
    mode: Mode
    threads: int
    expected: dict[str, str]
    timeout: float
    prove_rounds: int = 0


def _read_lines() -> Iterator[bytes]:
    """Lines of standard input, read past Python's buffer: its lock would be held by the waiting thread at exit."""
    rest = b""
    while data := os.read(0, 1 << 16):
        *lines, rest = (rest + data).split(b"\n")
        yield from lines


_lines = _read_lines()


PARTS: Mapping[str, Callable[..., Any]] = {"place": Place}
"""Fields of a job that are structures themselves."""


def write_job(job: Any) -> bytes:
    """The line. job: a dataclass."""
    return encode(asdict(job)) + b"\n"


def read_job(kind: Callable[..., Any], parts: Mapping[str, Callable[..., Any]] = PARTS) -> Json:
    """Arguments of a job from standard input, its structures parsed."""
    try:
        content = decode(next(_lines, b""))
        for name, part in parts.items():
            content[name] = part(**content[name])
        kind(**content)
    except (BadInput, KeyError, TypeError) as error:
        raise BadInput(f"this process is started by `fedproof run`, not by hand ({error})") from None
    return content


def watch_launcher(heard: Callable[[Json], None] | None = None) -> None:
    """Ends this process when the launcher is gone (its end of standard input closes), so that none is ever orphaned.

    heard: called, in another thread, with what the launcher says meanwhile.
    """

    def watch() -> None:
        for line in _lines:
            if heard is not None:
                heard(decode(line))
        os._exit(ORPHANED)

    threading.Thread(target=watch, daemon=True).start()


_print = threading.Lock()


def tell(value: Json) -> None:
    """One line for the launcher, from any thread."""
    with _print:
        sys.stdout.buffer.write(encode(value) + b"\n")
        sys.stdout.buffer.flush()
