"""pandas, the only place that imports it: DataFrames and Parquet files as tables. An extra: fedproof[pandas]."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fedproof.data.cells import find_column, label, number
from fedproof.data.table import Table
from fedproof.errors import BadInput, DataError
from fedproof.reading import BULK, open_file
from fedproof.task import Task

if TYPE_CHECKING:
    from pandas import DataFrame

CELL = 8
"""Bytes of a number in memory."""


def from_frame(frame: DataFrame, task: Task, *, targets: bool = True, source: str = "DataFrame") -> Table:
    """Raw records of a DataFrame, columns in the task's order; its index is not looked at, rows count from 1.

    Missing is whatever pandas calls so, and the texts that mean it in a CSV file. Raises DataError for a missing or
    repeated column and for a cell that is no number, BadInput without pandas or for anything but a DataFrame.
    """
    pandas = _pandas(source)
    if not isinstance(frame, pandas.DataFrame):
        raise BadInput(f"{source}: must be a file, a Table or a pandas DataFrame, got {type(frame).__name__}")
    schema = task.data
    header = [str(name).strip() for name in frame.columns]

    def numbers(names: list[str]) -> NDArray[np.float64]:
        columns = [_numbers(frame.iloc[:, find_column(header, name, source)], name, source) for name in names]
        return np.stack(columns, axis=1) if columns else np.empty((len(frame), 0))

    features = numbers([feature.name for feature in schema.features])
    if not targets:
        return Table(features, source=source)
    if schema.target is None:
        return Table(features, targets=numbers(list(schema.numeric)), source=source)
    column = frame.iloc[:, find_column(header, schema.target, source)]
    return Table(features, tuple(_label(cell, missing, task) for cell, missing in _cells(column)), source=source)


def read_parquet(file: Path, task: Task, *, targets: bool = True) -> Table:
    """Raw records of a Parquet file. Raises DataError, BadInput without pandas or an engine for it."""
    pandas = _pandas(str(file))
    try:
        frame = _parquet(pandas, file)
    except ImportError:
        raise BadInput(f"{file}: reading Parquet needs pyarrow: pip install 'fedproof[pandas]'") from None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", source=str(file)) from None
    except ValueError as error:  # pyarrow's errors of format are ValueErrors too
        raise DataError(f"is not a Parquet file: {str(error).partition(chr(10))[0]}", source=str(file)) from None
    return from_frame(frame, task, targets=targets, source=str(file))


def _parquet(pandas: Any, file: Path) -> Any:
    """A DataFrame whose declared size is judged before anything is unpacked."""
    from pyarrow import ArrowException, parquet

    with open_file(file, BULK) as stream:
        try:
            declared = parquet.ParquetFile(stream).metadata
            cells = declared.num_rows * declared.num_columns * CELL
            unpacked = sum(declared.row_group(n).total_byte_size for n in range(declared.num_row_groups))
            if max(cells, unpacked) > BULK:
                raise ValueError(f"unpacks to more than {BULK} bytes")
            stream.seek(0)
            return pandas.read_parquet(stream)
        except (ArrowException, KeyError, TypeError, IndexError) as error:
            raise ValueError(str(error)) from None


def _pandas(source: str) -> Any:
    try:
        import pandas
    except ImportError:
        raise BadInput(f"{source}: this needs pandas: pip install 'fedproof[pandas]'") from None
    return pandas


def _cells(column: Any) -> list[tuple[Any, bool]]:
    return list(zip(column.tolist(), column.isna().tolist(), strict=True))


def _numbers(column: Any, name: str, source: str) -> NDArray[np.float64]:
    """(n,), NaN where a value is missing."""
    values = np.empty(len(column), dtype=np.float64)
    for index, (cell, missing) in enumerate(_cells(column)):
        if missing:
            values[index] = np.nan
        elif isinstance(cell, str):
            values[index] = number(cell, source=source, row=index + 1, column=name)
        elif isinstance(cell, (int, float)):
            values[index] = cell
        else:
            raise DataError(f"{str(cell)!r} is not a number", source=source, row=index + 1, column=name)
    return values


def _label(cell: Any, missing: bool, task: Task) -> str:
    if missing:
        return ""
    # one missing value turns a column of integers into floats
    whole = isinstance(cell, float) and cell.is_integer() and str(cell) not in task.classes
    return label(str(int(cell) if whole else cell), task.classes)
