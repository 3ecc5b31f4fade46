"""Real data sets that are there offline, split among participants, each with a task to start from."""

from __future__ import annotations

from collections.abc import Callable

from fedproof.data.examples.breast_cancer import breast_cancer
from fedproof.data.examples.digits import digits
from fedproof.data.examples.example import Example
from fedproof.errors import BadInput

EXAMPLES: dict[str, Callable[..., Example]] = {"breast-cancer": breast_cancer, "digits": digits}
"""Builders by the name used on the command line; all take participants, rounds, hidden, outputs, fold and skew."""


def load_example(name: str, **options: object) -> Example:
    """The example called `name`. Raises BadInput for an unknown name."""
    if name not in EXAMPLES:
        raise BadInput(f"unknown data set {name!r} (known: {', '.join(EXAMPLES)})")
    return EXAMPLES[name](**options)


__all__ = ["EXAMPLES", "Example", "breast_cancer", "digits", "load_example"]
