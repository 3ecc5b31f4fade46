"""Folders of participants that live on this machine only: for demonstrations and rehearsals."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from fedproof.data import Table
from fedproof.errors import BadInput
from fedproof.federation.files import write_file
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.keys import RANDOM, create_identity
from fedproof.task import Task

MARK = ".fedproof-demo"
"""File that says: this folder was written by a demonstration or a rehearsal and may be written anew."""
WIDE = 128
"""Records with more features than this are written as .npz: CSV would take minutes to read."""


def clear(out: Path) -> None:
    """An empty folder; an earlier demonstration in it is removed, anything else is not touched. Raises BadInput."""
    if out.exists() and not (out / MARK).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(f"{out}: exists and is not a demonstration or a rehearsal; choose another folder")
    shutil.rmtree(out, ignore_errors=True)
    write_file(out / MARK, b"")


def furnish(out: Path, tables: Mapping[str, Table], task: Task) -> dict[str, tuple[Path, str]]:
    """Writes task.toml and one folder per participant with its records and a key.

    Returns by name the file of records and the key's passphrase, which nobody ever sees. Raises BadInput.
    """
    write_file(out / "task.toml", task.to_toml().encode())
    made = {}
    for name, table in tables.items():
        folder = ParticipantFolder(out / name)
        folder.prepare()
        (folder.path / "data").mkdir()
        passphrase = secrets.token_hex(32)
        made[name] = write_records(table, folder.path / "data" / "records", task), passphrase
        create_identity(folder.keystore, passphrase, cost=RANDOM)
    return made


def write_records(table: Table, base: Path, task: Task) -> Path:
    """The file written: a CSV file, or an .npz file for wide records."""
    wide = len(task.data.features) > WIDE
    file = base.with_suffix(".npz" if wide else ".csv")
    if wide:
        table.write_npz(file)
    else:
        table.write_csv(file, task)
    return file
