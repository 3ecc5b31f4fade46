"""What the processes of a run have told, beside what is on the chain: who was refused and why, times, gas.

One JSON line each in the run's folder. Nothing is decided by it; it is for people. Whoever starts again may tell the
same again: that is passed over.
"""

from __future__ import annotations

import threading
from pathlib import Path

from fedproof.errors import BadInput
from fedproof.federation.canonical import Json, decode, encode
from fedproof.files import make_folder, read_file

TOLD = "told.jsonl"
PASSING = {"progress", "note", "waiting", "lacking", "watched"}
"""Not kept."""
REPEATED = {"restart", "exit", "process", "resumed"}
"""May happen more than once in the same words."""


class Told:
    """Of one run."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / TOLD
        self._lock = threading.Lock()
        self._known = {_identity(event) for event in told(folder)}

    @property
    def closed(self) -> int:
        """Rounds that are closed."""
        return sum(kind == "round" for kind, *_ in self._known)

    def keep(self, event: Json) -> bool:
        """Is it news? Then it is kept, unless it passes."""
        if event["tell"] in PASSING:
            return True
        with self._lock:
            if event["tell"] not in REPEATED and _identity(event) in self._known:
                return False
            self._known.add(_identity(event))
            make_folder(self._file.parent)
            with self._file.open("ab") as stream:
                stream.write(encode(event) + b"\n")
        return True


def told(folder: Path) -> list[Json]:
    """All that was told in a run so far; a last line that is not whole is left out."""
    file = folder / TOLD
    found = []
    for line in read_file(file).split(b"\n")[:-1] if file.exists() else ():
        try:
            found.append(decode(line))
        except BadInput:
            continue
    return found


def _identity(event: Json) -> tuple[object, ...]:
    return tuple(event.get(name) for name in ("tell", "name", "round", "what", "member", "id"))
