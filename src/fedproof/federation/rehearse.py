"""A federation on one's own tables, all on this machine: what to do with a task before anybody else is asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from fedproof.data import Table, encode, read_table
from fedproof.errors import BadInput, FedproofError
from fedproof.federation.audit import AuditReport, audit
from fedproof.federation.canonical import Json
from fedproof.federation.cheats import check_cheat
from fedproof.federation.config import ParticipantConfig, RunConfig
from fedproof.federation.furnish import clear, furnish
from fedproof.federation.launch import run_federation
from fedproof.federation.premises import check_size
from fedproof.federation.record import read_record
from fedproof.registry import Model, load_model
from fedproof.task import Task

if TYPE_CHECKING:
    from pandas import DataFrame

PEOPLE = "participants"
"""Folder of the participants' folders."""


@dataclass(frozen=True)
class Rehearsal:
    """A finished run, its model and its audit. folder: the run's, as `fedproof audit` takes it."""

    folder: Path
    model: Model
    audit: AuditReport

    @property
    def refused(self) -> list[tuple[int, str, str]]:
        """(round, participant, failed check) of every update that was left out."""
        return [(r.round, r.participant, r.check) for r in self.audit.refused if r.round is not None]

    def events(self, kind: str) -> list[Json]:
        """Lines of the record of that kind, in order: run, registration, set, nonce, submission, close and so on."""
        return [event.fields for event in read_record(self.folder) if event.kind == kind]


def rehearse(
    task: Task,
    tables: Mapping[str, str | os.PathLike[str] | Table | DataFrame],
    *,
    out: str | os.PathLike[str],
    cheats: Mapping[str, str] | None = None,
    watch: Callable[[Json], None] | None = None,
) -> Rehearsal:
    """Trains as `fedproof run` does, one process per participant, every update proven, then audits the files.

    tables: records by the participant's name, whatever `load_records` takes. cheats: what some of them try, by name;
    see `fedproof demo --help`. watch: called with every event. `out` is replaced if an earlier rehearsal made it.
    Uses the INSECURE development setup. Raises BadInput, or FedproofError if the run could not be finished.
    """
    trying = dict(cheats or {})
    stranger = next((name for name in trying if name not in tables), None)
    if stranger is not None:
        raise BadInput(f"cheats: {stranger!r} is none of the participants ({', '.join(tables)})")
    for kind in trying.values():
        check_cheat(kind, task, len(tables))
    check_size(task, len(tables))
    folder = Path(out)
    config = _config(folder, tables, trying)
    read = {name: _read(name, data, task) for name, data in tables.items()}
    for table in read.values():
        encode(table, task)  # what is wrong with the records is said before anything is started
    clear(folder)
    result = run_federation(config, furnish(folder / PEOPLE, read, task), watch=watch)
    if not result.finished:
        raise FedproofError(f"the run ended early: {result.failure}")
    return Rehearsal(result.folder, load_model(result.folder), audit(result.folder))


def _read(name: str, data: str | os.PathLike[str] | Table | DataFrame, task: Task) -> Table:
    """Errors about a DataFrame call it by the participant's name."""
    if isinstance(data, (str, os.PathLike, Table)):
        return read_table(data, task)
    return Table.from_pandas(data, task, source=name)


def _config(folder: Path, names: Mapping[str, object], cheats: Mapping[str, str]) -> RunConfig:
    try:
        people = tuple(
            ParticipantConfig(name=name, folder=folder / PEOPLE / name, cheat=cheats.get(name, "")) for name in names
        )
        return RunConfig(task=folder / PEOPLE / "task.toml", out=folder / "run", participant=people)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadInput(f"tables: {first['msg'][:1].lower()}{first['msg'][1:]}, got {first['input']!r}") from None
