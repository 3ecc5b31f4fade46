"""Inference in float32."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fedproof.data import Table, encode_features, read_table
from fedproof.program import float_model
from fedproof.registry.model import Model

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, eq=False)
class Prediction:
    """values: (n, d_L), probabilities per output (classes, labels) or targets in their own units.

    columns: names of the values' columns. labels: n class names, () without classes. marks: (n, d_L) of 0 and 1, what
    is predicted of each label; None without labels.
    """

    columns: tuple[str, ...]
    values: NDArray[np.float32]
    labels: tuple[str, ...] = ()
    marks: NDArray[np.int8] | None = None

    def rows(self) -> list[dict[str, Any]]:
        """One per record: the class under `class`, or labels by name with their probabilities; then the values."""
        rows: list[dict[str, Any]] = []
        for number, row in enumerate(self.values.tolist()):
            if self.marks is None:
                chosen = {"class": self.labels[number]} if self.labels else {}
                rows.append(chosen | dict(zip(self.columns, row, strict=True)))
            else:
                marks = dict(zip(self.columns, self.marks[number].tolist(), strict=True))
                rows.append(marks | {f"p({name})": value for name, value in zip(self.columns, row, strict=True)})
        return rows

    def to_csv(self) -> str:
        """A header and one row per record."""
        heads = self.columns if self.marks is None else (*self.columns, *(f"p({name})" for name in self.columns))
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*(["class"] if self.labels else []), *heads])
        for row in self.rows():
            writer.writerow([f"{value:.6g}" if isinstance(value, float) else value for value in row.values()])
        return text.getvalue()


def predict(model: Model, data: str | Path | Table | DataFrame) -> Prediction:
    """Predictions for every record of a .csv, .parquet, .npz or .npy file, a Table or a pandas DataFrame; target
    columns, if any, are ignored. Raises DataError with row and column.
    """
    task = model.task
    table = read_table(data, task, targets=False)
    _, x = encode_features(table, task)
    values = float_model.predict(task, model.weights, x)
    if task.data.targets is not None:
        means = np.array([t.mean for t in task.data.targets], dtype=np.float32)
        scales = np.array([t.scale for t in task.data.targets], dtype=np.float32)
        return Prediction(tuple(t.name for t in task.data.targets), values * scales + means)
    if task.labels:
        return Prediction(task.labels, values, marks=float_model.predict_labels(task, model.weights, x))
    labels = tuple(task.classes[c] for c in float_model.predict_classes(task, model.weights, x))
    columns = task.classes if values.shape[1] == len(task.classes) else (task.classes[1],)
    return Prediction(columns, values, labels)
