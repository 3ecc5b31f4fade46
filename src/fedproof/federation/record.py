"""The round record: an append-only file of JSON lines, each with the hash of the line before.

    {"event": kind, "index": 0.., "previous": hex, ...}

Digest of a line: keccak256 of its bytes without the newline. The record's digest is that of its last line.
`artefact` below is a name in the store beside the record; 32-byte values and points are lower-case hex.

    run           run (its id, 32 random bytes), version, mode, prove_rounds (so many of the last rounds are
                  proven in any mode), chain_id, task, task_file (artefact), program, program_file (artefact), key,
                  rounds, setup {digest, insecure, powers}, expected [{participant, name}]
    registration  participant, name, body, signature, accepted, check, code, reason, verify_ms, proof_bytes, prove_ms
    set           members (dataset ids, ascending), digest (draw.py), weights (artefact: W_0), commitment
    draw          round, attempt, members (dataset ids, ascending), digest
    nonce         round, attempt, participant, body, signature
    schedule      round, attempt, seed, pi, beta, weights (artefact), commitment
    submission    round, then as registration
    missing       round or null, participant, name, phase, reason
    close         round, accepted (addresses), sum (artefact: opened sum and its blinds), sum_commitment,
                  clipped (weights clipped to the bound), weights (artefact), commitment
    failed        round or null, check, reason
    end           weights (artefact), commitment

Updates of single participants are never in it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fedproof._core import keccak256
from fedproof.errors import BadInput
from fedproof.federation.canonical import Json, decode, encode
from fedproof.federation.files import read_file
from fedproof.federation.index import Index

RECORD = "record.jsonl"
START = bytes(32)


class RecordBroken(BadInput):
    """A line does not follow from the line before. `line` is 1-based."""

    def __init__(self, line: int, problem: str) -> None:
        self.line = line
        super().__init__(f"line {line}: {problem}")


@dataclass(frozen=True)
class Event:
    """One line. `fields` is everything in it but event, index and previous."""

    index: int
    kind: str
    fields: Json
    digest: bytes

    def __getitem__(self, name: str) -> Any:
        """A field. Raises BadInput if it is not there."""
        if name not in self.fields:
            raise BadInput(f"line {self.index + 1}: {self.kind} event without {name!r}")
        return self.fields[name]

    @property
    def round(self) -> int | None:
        """Round the event belongs to."""
        number = self.fields.get("round")
        return number if isinstance(number, int) else None


class Record:
    """Writer of a new record and its index in `folder`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / RECORD).open("xb")
        self._index = Index(folder)
        self._next = 0
        self.digest = START

    def append(self, kind: str, **fields: Any) -> Event:
        """Writes a line through to the disk, then indexes it."""
        body = {"event": kind, "index": self._next, "previous": self.digest.hex(), **fields}
        line = encode(body)
        self._file.write(line + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        event = Event(self._next, kind, fields, keccak256(line))
        self._index.add(event.index, kind, fields, event.digest)
        self.digest = event.digest
        self._next += 1
        return event

    def close(self) -> None:
        """Closes both files."""
        self._file.close()
        self._index.close()


def read_record(folder: Path) -> list[Event]:
    """All events of a record. Raises RecordBroken at the first line that does not follow from the one before."""
    content = read_file(folder / RECORD)
    events: list[Event] = []
    previous = START
    if not content.endswith(b"\n"):
        raise RecordBroken(content.count(b"\n") + 1, "is cut short" if content else "the record is empty")
    for index, line in enumerate(content[:-1].split(b"\n")):
        events.append(parse_line(line, index, previous))
        previous = events[-1].digest
    return events


def parse_line(line: bytes, index: int, previous: bytes) -> Event:
    """The event in line `index` (from 0) after a line with digest `previous`. Raises RecordBroken."""
    try:
        fields = decode(line)
    except BadInput as error:
        raise RecordBroken(index + 1, str(error)) from None
    kind, found, before = (fields.pop(name, None) for name in ("event", "index", "previous"))
    if not isinstance(kind, str):
        raise RecordBroken(index + 1, "has no event")
    if found != index:
        raise RecordBroken(index + 1, f"says index {found}, should be {index}")
    if before != previous.hex():
        raise RecordBroken(index + 1, "does not carry the hash of the line before")
    return Event(index, kind, fields, keccak256(line))
