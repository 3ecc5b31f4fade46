"""Breast cancer Wisconsin (diagnostic): 569 real patients, 30 measurements of a fine needle aspirate, two classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from fedproof.data.examples.example import Example, Source, build


def breast_cancer(
    *,
    participants: int | None = None,
    rounds: int = 10,
    hidden: tuple[int, ...] = (16,),
    outputs: int | None = None,
    fold: int = 0,
    skew: float = 0.0,
    training: dict[str, Any] | None = None,
    precision: dict[str, Any] | None = None,
    min_accepted: int = 3,
) -> Example:
    """Hospitals with about 455 / participants patients each; 114 patients are the test set.

    hidden: units of the ReLU layers, () for logistic regression. outputs: 1 (is it benign?) or 2 (one per class); by
    default 1 for logistic regression and 2 otherwise.
    training, precision: keys of those sections that override the ones chosen here (docs/accuracy.md).
    """
    from sklearn.datasets import load_breast_cancer

    raw = load_breast_cancer()
    source = Source(
        "breast-cancer",
        "diagnosis",
        np.asarray(raw.data, dtype=np.float64),
        np.asarray(raw.target, dtype=np.int64),
        tuple(str(name) for name in raw.feature_names),
        tuple(str(name) for name in raw.target_names),
    )
    if outputs is None:
        outputs = 2 if hidden else 1
    return build(
        source,
        participants=participants,
        skew=skew,
        fold=fold,
        rounds=rounds,
        layers=[{"units": units, "activation": "relu"} for units in hidden] + [{"units": outputs}],
        training={"learning_rate": 0.5, "steps": 4, "batch": 32} | (training or {}),
        precision=precision or {},
        min_accepted=min_accepted,
    )
