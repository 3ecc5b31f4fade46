"""Fashion-MNIST: 70,000 real pictures of clothes, 28 x 28 pixels, ten classes (Xiao, Rasul, Vollgraf, 2017; MIT)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from fedproof.data.examples.example import PARTICIPANTS, Example, Source, make_task
from fedproof.data.idx import read_images
from fedproof.data.records import split
from fedproof.errors import BadInput

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package dataset-fashion-mnist puts the files."""
FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
CLASSES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
MEAN, SCALE = 72.94, 90.02
"""Of all training pixels: one pair for all, since some pixels are almost always blank."""
SHARE = 4096
"""Pictures of a participant: more make the data set's commitment dear without changing what is shown."""


def fashion_mnist(
    *,
    participants: int | None = None,
    rounds: int = 10,
    hidden: tuple[int, ...] = (128,),
    outputs: int | None = None,
    fold: int = 0,
    skew: float = 0.0,
    training: dict[str, Any] | None = None,
    precision: dict[str, Any] | None = None,
    min_accepted: int = 3,
    folder: Path | None = None,
) -> Example:
    """Participants with up to SHARE of the 60,000 training pictures each; the official 10,000 are the test set.

    folder: holds the four IDX files, plain or gzipped; by default where Debian's package puts them. fold: chooses which
    training pictures are used. Other options as in breast_cancer.
    """
    participants = PARTICIPANTS if participants is None else participants
    pixels, labels, test_pixels, test_labels = _read(folder or DEBIAN, given=folder is not None)
    order = np.random.RandomState(fold).permutation(len(pixels))[: SHARE * participants]
    parts = split(labels[order], participants, skew=skew, seed=fold)
    wide = pixels.shape[1]
    source = Source(
        "fashion-mnist",
        "article",
        np.concatenate([pixels[order], test_pixels]).astype(np.float64),
        np.concatenate([labels[order], test_labels]),
        tuple(f"pixel {i // 28} {i % 28}" for i in range(wide)),
        CLASSES,
        means=np.full(wide, MEAN),
        scales=np.full(wide, SCALE),
        loss="softmax-cross-entropy",
    )
    task = make_task(
        source,
        shares=[len(part) for part in parts],
        layers=[{"units": units, "activation": "relu"} for units in hidden] + [{"units": outputs or len(CLASSES)}],
        training={"learning_rate": 0.1, "steps": 16, "batch": 64} | (training or {}),
        rounds=rounds,
        precision=precision or {},
        min_records=max(1, min(map(len, parts)) * 2 // 3),
        min_accepted=min_accepted,
    )
    return Example(
        task,
        tuple(source.table(part, f"participant {i}") for i, part in enumerate(parts, start=1)),
        source.table(np.arange(len(order), len(order) + len(test_labels)), "test set"),
        tuple(f"shop-{i}" for i in range(1, participants + 1)),
        (f"{len(order)} of {len(pixels)} training pictures are used, {len(parts[0])} per participant",),
    )


def _read(folder: Path, *, given: bool) -> tuple[Any, Any, Any, Any]:
    found = [next((f for f in (folder / name, folder / f"{name}.gz") if f.is_file()), None) for name in FILES]
    missing = [name for name, file in zip(FILES, found, strict=True) if file is None]
    if missing:
        how = (
            "" if given else "; get them with `apt-get install dataset-fashion-mnist`, or name their folder: --data DIR"
        )
        raise BadInput(f"data set fashion-mnist: {folder} lacks {', '.join(missing)} (plain or .gz){how}")
    train_images, train_labels, test_images, test_labels = (file for file in found if file is not None)
    return (
        *read_images(train_images, train_labels, classes=len(CLASSES)),
        *read_images(test_images, test_labels, classes=len(CLASSES)),
    )
