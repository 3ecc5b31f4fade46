"""Handwritten digits: 1797 real images of 8 x 8 pixels, ten classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from fedproof.data.examples.example import Example, Source, build


def digits(
    *,
    participants: int | None = None,
    rounds: int = 10,
    hidden: tuple[int, ...] = (32,),
    outputs: int | None = None,
    fold: int = 0,
    skew: float = 0.0,
    training: dict[str, Any] | None = None,
    precision: dict[str, Any] | None = None,
    min_accepted: int = 3,
) -> Example:
    """Participants with about 1437 / participants images each; 360 images are the test set.

    All pixels share one mean and scale (those of the whole data set): some pixels are almost always blank, and their
    own scale would send a rare stroke out of range. Options as in breast_cancer.
    """
    from sklearn.datasets import load_digits

    raw = load_digits()
    pixels = np.asarray(raw.data, dtype=np.float64)
    source = Source(
        "digits",
        "digit",
        pixels,
        np.asarray(raw.target, dtype=np.int64),
        tuple(str(name) for name in raw.feature_names),
        tuple(f"digit {name}" for name in raw.target_names),
        means=np.full(pixels.shape[1], pixels.mean()),
        scales=np.full(pixels.shape[1], pixels.std()),
        loss="softmax-cross-entropy",
    )
    return build(
        source,
        participants=participants,
        skew=skew,
        fold=fold,
        rounds=rounds,
        layers=[{"units": units, "activation": "relu"} for units in hidden] + [{"units": outputs or 10}],
        training={"learning_rate": 0.5, "steps": 8, "batch": 32} | (training or {}),
        precision=precision or {},
        min_accepted=min_accepted,
    )
