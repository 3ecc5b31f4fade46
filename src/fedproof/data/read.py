"""Reads records: CSV with a header, Parquet, .npz with arrays x and y, .npy with the targets last, DataFrames."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fedproof.data import frames
from fedproof.data.arrays import read_arrays
from fedproof.data.cells import find_column, label, number
from fedproof.data.table import Table
from fedproof.errors import DataError
from fedproof.reading import BULK, open_file
from fedproof.task import Task

if TYPE_CHECKING:
    from pandas import DataFrame

SUFFIXES = (".csv", ".parquet", ".npz", ".npy")
"""Kinds of files."""


def read_table(data: str | os.PathLike[str] | Table | DataFrame, task: Task, *, targets: bool = True) -> Table:
    """Raw records of a file or a pandas DataFrame, columns in the task's order; a Table is taken as it is.

    Without `targets` the target columns are not looked at. Raises DataError: unreadable file, missing or repeated
    column, ragged row, a cell that is no number.
    """
    if isinstance(data, Table):
        return data
    if not isinstance(data, (str, os.PathLike)):
        return frames.from_frame(data, task, targets=targets)
    file = Path(data)
    suffix = file.suffix.lower()
    if suffix in (".npz", ".npy"):
        return read_arrays(file, task, targets=targets)
    if suffix == ".parquet":
        return frames.read_parquet(file, task, targets=targets)
    if suffix != ".csv":
        raise DataError(f"must be a {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} file", source=str(file))
    try:
        with TextIOWrapper(open_file(file, BULK), encoding="utf-8-sig", newline="") as stream:
            return _read_csv(stream, str(file), task, targets)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", source=str(file)) from None
    except UnicodeDecodeError:
        raise DataError("is not UTF-8 text", source=str(file)) from None


def _read_csv(stream: Sequence[str] | object, source: str, task: Task, with_targets: bool) -> Table:
    reader = csv.reader(stream, strict=True)  # type: ignore[arg-type]
    schema = task.data
    names = [feature.name for feature in schema.features]
    numeric = list(schema.numeric) if with_targets else []
    features: list[list[float]] = []
    labels: list[str] = []
    values: list[list[float]] = []
    lines: list[int] = []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        wanted = [*names, *numeric, *([schema.target] if with_targets and schema.target is not None else [])]
        place = {name: find_column(header, name, source) for name in wanted}
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            row, line = len(features) + 1, reader.line_num
            if len(cells) != len(header):
                problem = f"has {len(cells)} cells, the header has {len(header)}"
                raise DataError(problem, source=source, row=row, line=line)
            here: Any = {"source": source, "row": row, "line": line}
            features.append([number(cells[place[name]], **here, column=name) for name in names])
            values.append([number(cells[place[name]], **here, column=name) for name in numeric])
            if with_targets and schema.target is not None:
                labels.append(label(cells[place[schema.target]], task.classes))
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
