"""Inference in float32."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fedproof.data import Table, encode_features, read_table
from fedproof.program import float_model
from fedproof.registry.model import Model

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, eq=False)
class Prediction:
    """values: (n, d_L), probabilities per output (classification) or targets in their own units.

    labels: n class names, () for regression. columns: names of the values' columns.
    """

    columns: tuple[str, ...]
    values: NDArray[np.float32]
    labels: tuple[str, ...] = ()

    def to_csv(self) -> str:
        """One row per record."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*(["class"] if self.labels else []), *self.columns])
        for row, value in enumerate(self.values.tolist()):
            writer.writerow([*([self.labels[row]] if self.labels else []), *(f"{v:.6g}" for v in value)])
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
    labels = tuple(task.classes[c] for c in float_model.predict_classes(task, model.weights, x))
    columns = task.classes if values.shape[1] == len(task.classes) else (task.classes[1],)
    return Prediction(columns, values, labels)
