"""Real data sets that are there offline, split among participants, each with a task to start from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fedproof.data.examples.breast_cancer import breast_cancer
from fedproof.data.examples.digits import digits
from fedproof.data.examples.example import Example
from fedproof.data.examples.fashion_mnist import fashion_mnist
from fedproof.data.examples.lung import lung
from fedproof.errors import BadInput

EXAMPLES: dict[str, Callable[..., Example]] = {
    "breast-cancer": breast_cancer,
    "digits": digits,
    "lung": lung,
    "fashion-mnist": fashion_mnist,
}
"""Builders by the name used on the command line; all take participants, rounds, hidden, outputs, fold and skew."""
FROM_FILES = ("lung", "fashion-mnist")
"""Those whose files may lie anywhere: they take `folder` too."""


def load_example(name: str, *, folder: Path | None = None, **options: object) -> Example:
    """The example called `name`. Raises BadInput for an unknown name, or for data that are not there."""
    if name not in EXAMPLES:
        raise BadInput(f"unknown data set {name!r} (known: {', '.join(EXAMPLES)})")
    if folder is not None:
        if name not in FROM_FILES:
            raise BadInput(f"--data: the data set {name} comes with scikit-learn; only {', '.join(FROM_FILES)} take it")
        options["folder"] = folder
    return EXAMPLES[name](**options)


__all__ = ["EXAMPLES", "Example", "breast_cancer", "digits", "fashion_mnist", "load_example", "lung"]
