"""Reads NumPy files. Never unpickles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedproof.data.npy import NpyError, load_arrays
from fedproof.data.table import Table
from fedproof.errors import DataError
from fedproof.task import Task


def read_arrays(file: Path, task: Task, *, targets: bool) -> Table:
    """Raw records of an .npz file (x: (n, d_0), y: (n,) or (n, d_L)) or an .npy file (n, d_0 + target columns).

    y of a classification holds class names, or indices into the task's classes. Raises DataError.
    """
    source = str(file)
    try:
        wanted = ("x", "y") if targets else ("x",)
        loaded = load_arrays(file, wanted)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", source=source) from None
    except NpyError as error:
        raise DataError(f"is not a plain NumPy file: {error}", source=source) from None
    if isinstance(loaded, np.ndarray):
        x, y = _cut(loaded, task, targets, source)
    else:
        for name in wanted:
            if name not in loaded:
                raise DataError(f"has no array {name!r}", source=source)
        x, y = loaded["x"], loaded.get("y")
    features = _floats(x, "x", source)
    if features.ndim != 2 or features.shape[1] != len(task.data.features):
        problem = f"array x must have shape (records, {len(task.data.features)}), has {features.shape}"
        raise DataError(problem, source=source)
    if y is None:
        return Table(features, source=source)
    if len(y.shape) == 0 or len(y) != len(features):
        raise DataError(f"array y must have {len(features)} entries like x, has shape {y.shape}", source=source)
    if task.data.target is not None:
        return Table(features, _labels(y, task, source), source=source)
    values = _floats(y, "y", source).reshape(len(y), -1)
    if values.shape[1] != len(task.data.numeric):
        problem = f"array y must have shape (records, {len(task.data.numeric)}), has {y.shape}"
        raise DataError(problem, source=source)
    return Table(features, targets=values, source=source)


def _cut(array: NDArray[Any], task: Task, targets: bool, source: str) -> tuple[NDArray[Any], NDArray[Any] | None]:
    width = len(task.data.features)
    behind = len(task.data.numeric) or 1
    allowed = {width + behind} if targets else {width, width + behind}
    if array.ndim != 2 or array.shape[1] not in allowed:
        wanted = " or ".join(str(n) for n in sorted(allowed))
        raise DataError(f"array must have shape (records, {wanted}), has {array.shape}", source=source)
    return array[:, :width], array[:, width:] if targets else None


def _floats(array: NDArray[Any], name: str, source: str) -> NDArray[np.float64]:
    if array.dtype.kind not in "fiub":
        raise DataError(f"array {name} must hold numbers, holds {array.dtype}", source=source)
    return array.astype(np.float64)


def _labels(y: NDArray[Any], task: Task, source: str) -> tuple[str, ...]:
    flat = y.reshape(len(y), -1)
    if flat.shape[1] != 1:
        raise DataError(f"array y must hold one class per record, has shape {y.shape}", source=source)
    column = task.data.target
    names = []
    for row, value in enumerate(flat[:, 0].tolist(), start=1):
        if isinstance(value, str):
            names.append(value.strip())
        elif isinstance(value, float) and np.isnan(value):
            names.append("")
        elif isinstance(value, (int, float)) and value in range(len(task.classes)):
            names.append(task.classes[int(value)])
        else:
            problem = f"unknown class {value!r} (a name, or an index below {len(task.classes)})"
            raise DataError(problem, source=source, row=row, column=column)
    return tuple(names)
