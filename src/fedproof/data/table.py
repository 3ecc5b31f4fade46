"""Raw columns as a file gave them, before any normalisation."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fedproof.errors import BadInput
from fedproof.task import Task

if TYPE_CHECKING:
    from pandas import DataFrame

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Table:
    """n raw records.

    features: (n, d_0) in the columns' own units, NaN where a value is missing.
    labels: n class names ("" where missing), or None. targets: (n, d_L) in their own
    units, or 0 and 1 of labels, NaN where missing, or None.
    source: what errors call it. lines: the line of every record in a text file, or None.
    """

    features: FloatArray
    labels: tuple[str, ...] | None = None
    targets: FloatArray | None = None
    source: str = "data"
    lines: tuple[int, ...] | None = None

    @classmethod
    def from_pandas(cls, frame: DataFrame, task: Task, *, targets: bool = True, source: str = "DataFrame") -> Table:
        """Raw records of a DataFrame, columns found by name; without `targets` only the features.

        Raises DataError with row and column, BadInput if pandas (fedproof[pandas]) is not installed.
        """
        from fedproof.data.frames import from_frame

        return from_frame(frame, task, targets=targets, source=source)

    def __len__(self) -> int:
        return len(self.features)

    def take(self, index: NDArray[np.int64] | list[int], source: str | None = None) -> Table:
        """The records at `index`, in that order."""
        chosen = [int(i) for i in index]
        return Table(
            self.features[chosen],
            None if self.labels is None else tuple(self.labels[i] for i in chosen),
            None if self.targets is None else self.targets[chosen],
            self.source if source is None else source,
            None if self.lines is None else tuple(self.lines[i] for i in chosen),
        )

    def line(self, row: int) -> int | None:
        """Line of the record with index `row` (0-based)."""
        return None if self.lines is None else self.lines[row]

    def write_npz(self, path: str | os.PathLike[str]) -> None:
        """Writes arrays x and y, compressed, that `read_table` reads back; complete or not at all. Raises BadInput."""
        file = Path(path)
        narrow = self.features.astype(np.float32)
        same = np.array_equal(narrow, self.features, equal_nan=True)  # the same values in half the space
        arrays: dict[str, Any] = {"x": narrow if same else self.features}
        if self.labels is not None:
            arrays["y"] = np.array(self.labels)
        elif self.targets is not None:
            arrays["y"] = self.targets
        partial = file.with_name(file.name + ".part")
        try:
            with partial.open("wb") as stream:
                np.savez_compressed(stream, **arrays)
            partial.replace(file)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise BadInput(f"{file}: cannot be written: {error.strerror or error}") from None

    def write_csv(self, path: str | os.PathLike[str], task: Task) -> None:
        """Writes the CSV file that `read_table` reads back; complete or not at all. Raises BadInput if it cannot."""
        file = Path(path)
        header = [feature.name for feature in task.data.features]
        if self.labels is not None:
            header.append(task.data.target or "")
        elif self.targets is not None:
            header += task.data.numeric
        partial = file.with_name(file.name + ".part")
        try:
            with partial.open("w", newline="", encoding="utf-8") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(header)
                for row in range(len(self)):
                    cells = [_cell(value) for value in self.features[row]]
                    if self.labels is not None:
                        cells.append(self.labels[row])
                    elif self.targets is not None:
                        cells += [_cell(value) for value in self.targets[row]]
                    writer.writerow(cells)
            partial.replace(file)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise BadInput(f"{file}: cannot be written: {error.strerror or error}") from None


def _cell(value: float) -> str:
    return "" if np.isnan(value) else repr(float(value))
