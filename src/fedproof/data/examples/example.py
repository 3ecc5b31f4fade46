"""What every example consists of, and how raw arrays become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedproof.data.records import split
from fedproof.data.table import FloatArray, Table
from fedproof.errors import BadInput
from fedproof.task import Task

FOLDS = 5
PARTICIPANTS = 4


@dataclass(frozen=True, eq=False)
class Example:
    """A task, one raw table per participant, and a public test set none of them holds.

    names: of the participants. notes: what a reader of the results has to know, one line each.
    """

    task: Task
    participants: tuple[Table, ...]
    test: Table
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Source:
    """A classification data set as arrays: features (n, d_0), classes (n,) indices, names of both.

    means, scales: (d_0,) normalisation constants; by default those of each feature. impute: (d_0,), NaN where no value
    is ever missing. loss: of the task file.
    """

    name: str
    target: str
    features: FloatArray
    classes: NDArray[np.int64]
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    means: FloatArray | None = None
    scales: FloatArray | None = None
    impute: FloatArray | None = None
    loss: str = "sigmoid-cross-entropy"

    def table(self, index: NDArray[np.int64], source: str) -> Table:
        """Raw records at `index`."""
        return Table(self.features[index], tuple(self.class_names[c] for c in self.classes[index]), source=source)


def build(
    source: Source,
    *,
    participants: int | None,
    skew: float,
    fold: int,
    layers: list[dict[str, Any]],
    training: dict[str, Any],
    rounds: int,
    precision: dict[str, Any],
    min_accepted: int,
) -> Example:
    """Fold `fold` of five is the test set; the others are split among the participants (hospitals, 4 by default).

    Raises BadInput for options that make no sense.
    """
    if participants is None:
        participants = PARTICIPANTS
    test, train = folds(np.random.RandomState(7).permutation(len(source.features)), fold)
    parts = split(source.classes[train], participants, skew=skew)
    task = make_task(
        source,
        shares=[len(part) for part in parts],
        layers=layers,
        training=training,
        rounds=rounds,
        precision=precision,
        # two thirds of a share: small hospitals may take part, a handful of records may not
        min_records=max(1, len(train) // participants * 2 // 3),
        min_accepted=min_accepted,
    )
    return Example(
        task,
        tuple(source.table(train[part], f"participant {i}") for i, part in enumerate(parts, start=1)),
        source.table(test, "test set"),
        tuple(f"hospital-{i}" for i in range(1, participants + 1)),
    )


def folds(order: NDArray[np.int64], fold: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every fifth of `order`, beginning with `fold`, and the others, ascending. Raises BadInput."""
    if not 0 <= fold < FOLDS:
        raise BadInput(f"fold must lie between 0 and {FOLDS - 1}, got {fold}")
    return order[fold::FOLDS], np.sort(np.concatenate([order[i::FOLDS] for i in range(FOLDS) if i != fold]))


def make_task(
    source: Source,
    *,
    shares: list[int],
    layers: list[dict[str, Any]],
    training: dict[str, Any],
    rounds: int,
    precision: dict[str, Any],
    min_records: int,
    min_accepted: int,
) -> Task:
    """The task of a data set; enough blocks for the largest of `shares` unless `training` says how many.

    Normalisation constants are mean and standard deviation of the published data set, rounded to six digits: public
    numbers, as a sponsor would take them from the literature.
    """
    means = source.features.mean(axis=0) if source.means is None else source.means
    scales = source.features.std(axis=0) if source.scales is None else source.scales
    impute = np.full(len(means), np.nan) if source.impute is None else source.impute
    needed = max(training["steps"], -(-max(shares) // training["batch"]))
    return Task.parse(
        {
            "task": {
                "name": source.name,
                "rounds": rounds,
                "seed": 20250101,
                "min_records": min_records,
                "min_accepted": min_accepted,
            },
            "model": {"layers": layers, "loss": source.loss},
            "training": {"blocks": 1 << (needed - 1).bit_length()} | training,
            "data": {
                "features": [
                    {"name": name, "mean": _short(mean), "scale": _short(scale) if scale > 0 else 1.0}
                    | ({} if np.isnan(stand_in) else {"impute": _short(stand_in)})
                    for name, mean, scale, stand_in in zip(source.feature_names, means, scales, impute, strict=True)
                ],
                "target": source.target,
                "classes": list(source.class_names),
            },
            "precision": precision,
        },
        source.name,
    )


def _short(value: float) -> float:
    return float(f"{value:.6g}")
