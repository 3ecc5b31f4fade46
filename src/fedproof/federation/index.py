"""SQLite index of a record, for queries. Derived: it can be rebuilt from the record and an audit does not trust it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fedproof.federation.canonical import Json

INDEX = "record.sqlite"
SCHEMA = """
create table if not exists events (
    line        integer primary key,   -- index in the record, from 0
    event       text not null,
    round       integer,
    participant text,                  -- address in hex
    accepted    integer,               -- 1, 0 or null
    failed      text,                  -- check that failed, or ''
    fields      text not null,         -- JSON
    digest      text not null
);
create index if not exists events_by_round on events (round, event);
create index if not exists events_by_participant on events (participant, round);
"""


def remove_index(folder: Path) -> None:
    """Before it is built anew from the record."""
    for file in folder.glob(f"{INDEX}*"):
        file.unlink(missing_ok=True)


class Index:
    """Index of the record in a folder, in write-ahead mode: readers do not disturb the writer."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / INDEX)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(SCHEMA)

    def add(self, rows: Iterable[tuple[int, str, Json, bytes]]) -> None:
        """Adds (or replaces) events, all or none: line, kind, fields and digest of each."""
        with self._connection:
            self._connection.executemany(
                "insert or replace into events values (?, ?, ?, ?, ?, ?, ?, ?)", (_row(*row) for row in rows)
            )

    def select(self, kind: str, number: int | None = None) -> list[Json]:
        """Fields of all events of a kind, of one round or of all, in order."""
        query, values = "select fields from events where event = ?", [kind]
        arguments: list[Any] = [*values]
        if number is not None:
            query += " and round = ?"
            arguments.append(number)
        return [json.loads(row[0]) for row in self._connection.execute(query + " order by line", arguments)]

    def close(self) -> None:
        """Folds the log back into the one file and closes it."""
        self._connection.execute("pragma wal_checkpoint(truncate)")
        self._connection.close()


def _row(line: int, kind: str, fields: Json, digest: bytes) -> tuple[object, ...]:
    accepted = fields.get("accepted")
    return (
        line,
        kind,
        fields.get("round"),
        fields.get("participant"),
        accepted if isinstance(accepted, bool) else None,
        fields.get("check"),
        json.dumps(fields, sort_keys=True),
        digest.hex(),
    )
