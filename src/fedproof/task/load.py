"""Reads a task file."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from fedproof.errors import TaskError
from fedproof.reading import TEXT, read_bytes
from fedproof.task.task import Task
from fedproof.task.toml import read_toml


def load_task(path: str | PathLike[str]) -> Task:
    """The task in the TOML file `path`. Raises TaskError, its message beginning with the file's name and the field."""
    file = Path(path)
    try:
        content = read_toml(read_bytes(file, TEXT))
    except OSError as error:
        raise TaskError("", f"cannot be read: {error.strerror or error}", str(file)) from None
    except ValueError as error:
        raise TaskError("", str(error), str(file)) from None
    return Task.parse(content, str(file))
