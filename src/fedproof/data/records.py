"""Records in fixed point, and how they are dealt out and filled up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedproof.errors import DataError


@dataclass(frozen=True, eq=False)
class Records:
    """n records of one task.

    features: int64 (n, d_0) at scale 2^activation_bits. targets: int64 (n, d_L) at scale 2^delta_bits.
    x, y: float32 of the same shapes, normalised and not rounded: what a float baseline trains on.
    """

    features: NDArray[np.int64]
    targets: NDArray[np.int64]
    x: NDArray[np.float32]
    y: NDArray[np.float32]

    @property
    def count(self) -> int:
        """Number of records."""
        return len(self.features)

    @property
    def classes(self) -> NDArray[np.int64]:
        """Class index per record (n,); meaningless for labels and regression."""
        if self.targets.shape[1] == 1:
            return (self.targets[:, 0] > 0).astype(np.int64)
        return np.asarray(self.targets.argmax(axis=1), dtype=np.int64)

    def take(self, index: NDArray[np.int64]) -> Records:
        """The records at `index`, in that order (with repetitions, if it has any)."""
        return Records(self.features[index], self.targets[index], self.x[index], self.y[index])


def fill_blocks(records: Records, slots: int) -> Records:
    """Exactly `slots` (= blocks * batch) records: shuffled, then repeated cyclically; what does not fit is left out.

    The shuffle is the same for everybody and only keeps a file sorted by class from giving batches of one class.
    Raises DataError when there are no records.
    """
    if records.count == 0:
        raise DataError("there are no records")
    order = _shuffled(records.count, seed=0)
    return records.take(order[np.arange(slots) % records.count])


def split(
    classes: NDArray[np.int64], participants: int, *, skew: float = 0.0, seed: int = 0
) -> list[NDArray[np.int64]]:
    """Deals records out to participants; returns their indices, sizes differ by one at most.

    classes: class index per record (n,). skew: the share of records dealt out sorted by class, from 0 (identically
    distributed) to 1 (as few classes per participant as possible). Deterministic. Raises DataError if somebody would
    get none.
    """
    if participants < 1:
        raise DataError(f"cannot be split among {participants} participants")
    if len(classes) < participants:
        raise DataError(f"{len(classes)} records cannot be split among {participants} participants")
    if not 0.0 <= skew <= 1.0:
        raise DataError(f"skew must lie between 0 and 1, got {skew}")
    order = _shuffled(len(classes), seed)
    cut = round(skew * len(classes))
    by_class = order[:cut][np.argsort(classes[order[:cut]], kind="stable")]
    first, second = np.array_split(by_class, participants), np.array_split(order[cut:], participants)
    # the longer parts of the second half go to those with the shorter parts of the first
    return [np.concatenate([a, b]) for a, b in zip(first, reversed(second), strict=True)]


def _shuffled(count: int, seed: int) -> NDArray[np.int64]:
    # RandomState's streams are frozen for good; those of default_rng may change between versions of NumPy
    return np.random.RandomState(seed).permutation(count).astype(np.int64)
