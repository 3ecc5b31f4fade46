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


@dataclass(frozen=True, eq=False)
class Example:
    """A task, one raw table per participant, and a public test set none of them holds."""

    task: Task
    participants: tuple[Table, ...]
    test: Table


@dataclass(frozen=True, eq=False)
class Source:
    """A classification data set as arrays: features (n, d_0), classes (n,) indices, names of both.

    means, scales: (d_0,) normalisation constants; by default those of each feature.
    """

    name: str
    target: str
    features: FloatArray
    classes: NDArray[np.int64]
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    means: FloatArray | None = None
    scales: FloatArray | None = None


def build(
    source: Source,
    *,
    participants: int,
    skew: float,
    fold: int,
    layers: list[dict[str, Any]],
    training: dict[str, Any],
    rounds: int,
    precision: dict[str, Any],
    min_accepted: int,
) -> Example:
    """Fold `fold` of five is the test set; the others are split among the participants.

    Normalisation constants are mean and standard deviation of the published data set, rounded to six digits: public
    numbers, as a sponsor would take them from the literature. Raises BadInput for options that make no sense.
    """
    if not 0 <= fold < FOLDS:
        raise BadInput(f"fold must lie between 0 and {FOLDS - 1}, got {fold}")
    order = np.random.RandomState(7).permutation(len(source.features))
    test, train = order[fold::FOLDS], np.sort(np.concatenate([order[i::FOLDS] for i in range(FOLDS) if i != fold]))
    means = source.features.mean(axis=0) if source.means is None else source.means
    scales = source.features.std(axis=0) if source.scales is None else source.scales
    parts = split(source.classes[train], participants, skew=skew)
    # enough blocks for the largest share, so that no record is left out
    needed = max(training["steps"], -(-max(map(len, parts)) // training["batch"]))
    training = {"blocks": 1 << (needed - 1).bit_length()} | training
    task = Task.parse(
        {
            "task": {
                "name": source.name,
                "rounds": rounds,
                "seed": 20250101,
                # two thirds of a share: small hospitals may take part, a handful of records may not
                "min_records": max(1, len(train) // participants * 2 // 3),
                "min_accepted": min_accepted,
            },
            "model": {"layers": layers, "loss": "sigmoid-cross-entropy"},
            "training": training,
            "data": {
                "features": [
                    {"name": name, "mean": _short(mean), "scale": _short(scale) if scale > 0 else 1.0}
                    for name, mean, scale in zip(source.feature_names, means, scales, strict=True)
                ],
                "target": source.target,
                "classes": list(source.class_names),
            },
            "precision": precision,
        },
        source.name,
    )
    table = Table(source.features, tuple(source.class_names[c] for c in source.classes), source=source.name)
    return Example(
        task,
        tuple(table.take(train[part], f"participant {i}") for i, part in enumerate(parts, start=1)),
        table.take(test, "test set"),
    )


def _short(value: float) -> float:
    return float(f"{value:.6g}")
