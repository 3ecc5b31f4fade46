"""One participant's turn in one round: all it needs to train, honestly or (cheats.py) not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fedproof._core import Dataset
from fedproof.federation.enrol import Enrolment
from fedproof.federation.rules import Schedule
from fedproof.federation.terms import Terms
from fedproof.proof import Mode, TrainingFields, Update, train
from fedproof.proof.weights import IntArray

if TYPE_CHECKING:
    from fedproof._core import Progress

Others = Callable[[], tuple[bytes, bytes] | None]
"""Gives commitment and proof of somebody else's submission of the round, if there is one."""


@dataclass(frozen=True)
class Turn:
    """history: W_0 of all rounds so far, the current one last. folder: the run's public folder.

    others: gives commitment and proof of somebody else's submission of this round, if there is one; by default from the
    record in the folder.
    """

    terms: Terms
    enrolment: Enrolment = field(repr=False)
    fields: TrainingFields
    schedule: Schedule
    history: list[list[IntArray]] = field(repr=False)
    folder: Path
    secret: bytes = field(repr=False)
    mode: Mode
    progress: Progress | None = None
    others: Others | None = field(default=None, repr=False)

    @property
    def weights(self) -> list[IntArray]:
        """W_0 of this round."""
        return self.history[-1]

    @property
    def dataset(self) -> Dataset:
        """The registered dataset."""
        return self.enrolment.dataset

    @property
    def targets(self) -> NDArray[np.int64]:
        """(slots, d_L) at scale 2^fd."""
        return self.enrolment.targets


def honest(turn: Turn) -> Update:
    """The agreed training."""
    return train(
        turn.terms.program,
        turn.terms.key,
        turn.fields,
        turn.weights,
        turn.dataset,
        secret=turn.secret,
        mode=turn.mode,
        progress=turn.progress,
    )
