"""From raw columns to fixed point: imputation, normalisation, rounding, and every complaint with row and column."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fedproof.data.read import read_table
from fedproof.data.records import Records
from fedproof.data.table import FloatArray, Table
from fedproof.errors import DataError
from fedproof.task import Scaled, Task

if TYPE_CHECKING:
    from pandas import DataFrame


def load_records(
    data: str | os.PathLike[str] | Table | DataFrame, task: Task, *, minimum: int | None = None
) -> Records:
    """Records of a file (see `read_table`) or a pandas DataFrame, checked and in fixed point.

    minimum: fewest records, by default the task's min_records (0 for a test set). Raises DataError.
    """
    return encode(read_table(data, task), task, minimum=minimum)


def encode(table: Table, task: Task, *, minimum: int | None = None) -> Records:
    """Records of a raw table; see `load_records`."""
    least = task.min_records if minimum is None else minimum
    if len(table) < least:
        raise DataError(f"has {len(table)} records, the task asks for at least {least}", source=table.source)
    features, x = encode_features(table, task)
    if task.labels:
        marks = _marks(table, task)
        return Records(features, marks.astype(np.int64) << task.fields.delta_bits, x, marks.astype(np.float32))
    if task.data.targets is not None:
        if table.targets is None:
            raise DataError("has no targets", source=table.source)
        y64 = _normalise(table.targets, task.data.targets, table)
        targets = _fix(y64, task.fields.delta_bits, task, task.data.targets, table)
        return Records(features, targets, x, y64.astype(np.float32))
    y = _one_hot(table, task)
    return Records(features, y.astype(np.int64) << task.fields.delta_bits, x, y.astype(np.float32))


def encode_features(table: Table, task: Task) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Features alone (for prediction): int64 (n, d_0) at scale 2^fa, and float32 (n, d_0) normalised."""
    schema = task.data.features
    filled = table.features.copy()
    for index, feature in enumerate(schema):
        if feature.impute is not None:
            column = filled[:, index]
            column[np.isnan(column)] = feature.impute
    x = _normalise(filled, schema, table)
    return _fix(x, task.fields.activation_bits, task, schema, table), x.astype(np.float32)


def _normalise(values: FloatArray, columns: Sequence[Scaled], table: Table) -> FloatArray:
    _first(np.isnan(values), columns, table, lambda value: "missing value, and the task gives no imputation constant")
    _first(np.isinf(values), columns, table, lambda value: "is not finite")
    means = np.array([column.mean for column in columns])
    scales = np.array([column.scale for column in columns])
    with np.errstate(over="ignore"):
        normalised: FloatArray = (values - means) / scales
    return normalised


def _fix(values: FloatArray, fraction: int, task: Task, columns: Sequence[Scaled], table: Table) -> NDArray[np.int64]:
    """floor(value 2^fraction + 1/2); everything must fit into signed `bits` bits."""
    half = 1 << (task.fields.bits - 1)
    with np.errstate(over="ignore"):
        scaled = np.floor(values * float(1 << fraction) + 0.5)
    low, high = -half / (1 << fraction), (half - 1) / (1 << fraction)
    _first(
        (scaled < -half) | (scaled > half - 1),
        columns,
        table,
        lambda value: f"normalised value {value:g} is outside {low:g} .. {high:g}",
        values,
    )
    return scaled.astype(np.int64)


def _first(wrong, columns, table, problem, values=None) -> None:  # type: ignore[no-untyped-def]
    """Raises for the first True of `wrong` (n, columns) in reading order."""
    if wrong.any():
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        value = None if values is None else float(values[row, column])
        raise DataError(
            problem(value), source=table.source, row=row + 1, line=table.line(row), column=columns[column].name
        )


def _marks(table: Table, task: Task) -> FloatArray:
    """(n, d_L) of 0 and 1, one column per label."""
    if table.targets is None:
        raise DataError("has no labels", source=table.source)
    columns = [Scaled(name=name) for name in task.labels]
    _first(np.isnan(table.targets), columns, table, lambda value: "missing label")
    wrong = (table.targets != 0) & (table.targets != 1)
    _first(wrong, columns, table, lambda value: f"must be 0 or 1, got {value:g}", table.targets)
    return table.targets


def _one_hot(table: Table, task: Task) -> NDArray[np.int8]:
    """(n, d_L) of 0 and 1; one output means: is it the second class?"""
    if table.labels is None:
        raise DataError("has no classes", source=table.source)
    index = {name: number for number, name in enumerate(task.classes)}
    out = np.zeros((len(table), task.dims[-1]), dtype=np.int8)
    for row, label in enumerate(table.labels):
        number = index.get(label)
        if number is None:
            problem = f"unknown class {label!r} (known: {', '.join(task.classes)})" if label else "missing class"
            raise DataError(problem, source=table.source, row=row + 1, line=table.line(row), column=task.data.target)
        if task.dims[-1] == 1:
            out[row, 0] = number
        else:
            out[row, number] = 1
    return out
