"""Folders of participants that live on this machine only: for demonstrations and rehearsals."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from fedproof.data import Table
from fedproof.errors import BadInput
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.keys import RANDOM, create_identity
from fedproof.files import write_file
from fedproof.task import Task

MARK = ".fedproof-demo"
"""File that says: this folder was written by a demonstration or a rehearsal and may be written anew. Once a
demonstration's participants are there, also what is needed to go on with it: options, and the passphrases of keys that
protect nothing.
"""
WIDE = 128
"""Records with more features than this are written as .npz: CSV would take minutes to read."""


def clear(out: Path) -> None:
    """An empty folder; an earlier demonstration in it is removed, anything else is not touched. Raises BadInput."""
    if out.exists() and not (out / MARK).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(f"{out}: exists and is not a demonstration or a rehearsal; choose another folder")
    shutil.rmtree(out, ignore_errors=True)
    write_file(out / MARK, b"")


def furnish(out: Path, tables: Mapping[str, Table], task: Task) -> dict[str, str]:
    """Writes task.toml and one folder per participant with its records and a key.

    Returns the keys' passphrases by name, which nobody ever sees. Raises BadInput.
    """
    write_file(out / "task.toml", task.to_toml().encode())
    passphrases = {}
    for name, table in tables.items():
        folder = ParticipantFolder(out / name)
        folder.prepare()
        (folder.path / "data").mkdir()
        write_records(table, folder.path / "data" / "records", task)
        passphrases[name] = secrets.token_hex(32)
        create_identity(folder.keystore, passphrases[name], cost=RANDOM)
    return passphrases


def records_file(base: Path, task: Task) -> Path:
    """`base` with the suffix of a CSV file, or of an .npz file for wide records."""
    return base.with_suffix(".npz" if len(task.data.features) > WIDE else ".csv")


def write_records(table: Table, base: Path, task: Task) -> None:
    """Writes `records_file(base, task)`. Raises BadInput."""
    file = records_file(base, task)
    if file.suffix == ".npz":
        table.write_npz(file)
    else:
        table.write_csv(file, task)
