"""Reads records from files: CSV with a header, .npz with arrays x and y, .npy with the target columns last."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from fedproof.data.arrays import read_arrays
from fedproof.data.table import Table
from fedproof.errors import DataError
from fedproof.task import Task

MISSING = {"", "na", "n/a", "nan", "null", "none", "?"}
"""Cells (in any case) that mean: no value."""


def read_table(path: str | os.PathLike[str], task: Task, *, targets: bool = True) -> Table:
    """Raw records of a file, columns in the task's order. Without `targets` the target columns are not looked at.

    Raises DataError: unreadable file, missing or repeated column, ragged row, a cell that is no number.
    """
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix in (".npz", ".npy"):
        return read_arrays(file, task, targets=targets)
    if suffix != ".csv":
        raise DataError("must be a .csv, .npz or .npy file", source=str(file))
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            return _read_csv(stream, str(file), task, targets)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", source=str(file)) from None
    except UnicodeDecodeError:
        raise DataError("is not UTF-8 text", source=str(file)) from None


def _read_csv(stream: Sequence[str] | object, source: str, task: Task, with_targets: bool) -> Table:
    reader = csv.reader(stream, strict=True)  # type: ignore[arg-type]
    schema = task.data
    names = [feature.name for feature in schema.features]
    numeric = [target.name for target in schema.targets or ()] if with_targets else []
    features: list[list[float]] = []
    labels: list[str] = []
    values: list[list[float]] = []
    lines: list[int] = []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        wanted = [*names, *numeric, *([schema.target] if with_targets and schema.target is not None else [])]
        place = {name: _column(header, name, source) for name in wanted}
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            row, line = len(features) + 1, reader.line_num
            if len(cells) != len(header):
                problem = f"has {len(cells)} cells, the header has {len(header)}"
                raise DataError(problem, source=source, row=row, line=line)
            features.append([_number(cells[place[name]], source, row, line, name) for name in names])
            values.append([_number(cells[place[name]], source, row, line, name) for name in numeric])
            if with_targets and schema.target is not None:
                label = cells[place[schema.target]].strip()
                labels.append("" if label not in task.classes and label.lower() in MISSING else label)
            lines.append(line)
    except csv.Error as error:
        raise DataError(
            f"is not valid CSV: {error}", source=source, row=len(features) + 1, line=reader.line_num
        ) from None
    return Table(
        np.array(features, dtype=np.float64).reshape(len(features), len(names)),
        tuple(labels) if with_targets and schema.target is not None else None,
        np.array(values, dtype=np.float64).reshape(len(values), len(numeric)) if numeric else None,
        source,
        tuple(lines),
    )


def _column(header: list[str], name: str, source: str) -> int:
    found = [index for index, cell in enumerate(header) if cell == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise DataError("stands in the header more than once", source=source, column=name)
    close = get_close_matches(name, header, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    raise DataError(f"is missing from the header{hint}", source=source, column=name)


def _number(cell: str, source: str, row: int, line: int, column: str) -> float:
    text = cell.strip()
    if text.lower() in MISSING:
        return math.nan
    try:
        # float() also takes "1_000", which no data file means
        return float(text) if "_" not in text else float("x")
    except ValueError:
        raise DataError(f"{text!r} is not a number", source=source, row=row, line=line, column=column) from None
