"""Reads a task file."""

from __future__ import annotations

import tomllib
from os import PathLike
from pathlib import Path

from fedproof.errors import TaskError
from fedproof.task.task import Task


def load_task(path: str | PathLike[str]) -> Task:
    """The task in the TOML file `path`. Raises TaskError, its message beginning with the file's name and the field."""
    file = Path(path)
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise TaskError("", f"cannot be read: {error.strerror or error}", str(file)) from None
    except UnicodeDecodeError:
        raise TaskError("", "is not UTF-8 text", str(file)) from None
    except tomllib.TOMLDecodeError as error:
        raise TaskError("", f"is not valid TOML: {error}", str(file)) from None
    except RecursionError:
        raise TaskError("", "is nested too deeply", str(file)) from None
    return Task.parse(content, str(file))
