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
                  clipped (weights clipped to the bound), weights (artefact), commitment;
                  proof (artefact, only of a round that is proven)
    failed        round or null, check, reason
    end           weights (artefact), commitment

Updates of single participants are never in it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fedproof._core import keccak256
from fedproof.errors import BadInput
from fedproof.federation.canonical import Json, decode, encode
from fedproof.federation.index import Index, remove_index
from fedproof.files import make_folder, read_file, sync_folder

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
    """Writer of a record and its index in `folder`. With resume, of one that a killed writer left.

    A line is on the disk before anything that follows from it is done. What was recorded before is in `past`, in order:
    whoever resumes goes through it again (`append`, `take`) before anything new can be recorded.
    """

    def __init__(self, folder: Path, *, resume: bool = False) -> None:
        make_folder(folder)
        events = _recover(folder) if resume else []
        self._file = (folder / RECORD).open("ab" if resume else "xb")
        sync_folder(folder)
        remove_index(folder)  # of the lines of a killed writer the last may be missing in it
        self._index = Index(folder)
        self._index.add((event.index, event.kind, event.fields, event.digest) for event in events)
        self.past = deque(events)
        self._closed = {event.round for event in events if event.kind == "close"}
        self.digest = events[-1].digest if events else START
        self._next = len(events)

    def append(self, kind: str, **fields: Any) -> Event:
        """Writes a line through to the disk, then indexes it. If the record goes on from here already, its next line
        must be this very one. Raises BadInput if it is not: nobody ever records two different things in one place.
        """
        if self.past:
            return self._again(kind, fields)
        body = {"event": kind, "index": self._next, "previous": self.digest.hex(), **fields}
        line = encode(body)
        self._file.write(line + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        event = Event(self._next, kind, fields, keccak256(line))
        self._index.add([(event.index, kind, fields, event.digest)])
        self.digest = event.digest
        self._next += 1
        return event

    def take(self, kinds: Collection[str], number: int | None, people: Container[str]) -> Event | None:
        """The next line of the past if it is of one of `kinds`, of that round, and about one of `people`."""
        event = self.past[0] if self.past else None
        if event is None or event.kind not in kinds or event.round != number or event["participant"] not in people:
            return None
        return self.past.popleft()

    def skip(self, number: int) -> Event | None:
        """Goes past all lines up to the close of round `number`, if that is in the past; returns the close."""
        if number not in self._closed:
            return None
        while (event := self.past.popleft()).kind != "close":
            pass
        return event

    def select(self, kind: str, number: int) -> list[Json]:
        """Fields of all events of a kind and a round."""
        return self._index.select(kind, number)

    def close(self) -> None:
        """Closes both files."""
        self._file.close()
        self._index.close()

    def _again(self, kind: str, fields: Json) -> Event:
        event = self.past.popleft()
        wanted = decode(encode(fields))
        if event.kind != kind:
            raise RecordBroken(event.index + 1, f"is {event.kind} where {kind} follows: the run cannot be resumed")
        for name in sorted({*wanted, *event.fields}):
            if event.fields.get(name) != wanted.get(name):
                raise RecordBroken(event.index + 1, f"{kind} has another {name} than follows here: cannot be resumed")
        return event


def _recover(folder: Path) -> list[Event]:
    """Events of a record whose writer was killed. A last line that is not whole is cut: nothing followed from it."""
    file = folder / RECORD
    content = read_file(file)
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with file.open("r+b") as stream:
            stream.truncate(len(whole))
            os.fsync(stream.fileno())
    return parse_record(whole) if whole else []


def read_record(folder: Path) -> list[Event]:
    """All events of a record. Raises RecordBroken at the first line that does not follow from the one before."""
    return parse_record(read_file(folder / RECORD))


def parse_record(content: bytes) -> list[Event]:
    """All events of a record's bytes. Raises RecordBroken."""
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
