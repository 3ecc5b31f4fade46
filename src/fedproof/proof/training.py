"""One round of one participant: execute, prove, and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from fedproof import _core
from fedproof._core import Dataset, Key, Program, Trace
from fedproof.errors import Rejected, core_errors
from fedproof.proof.check import TrainingFields
from fedproof.proof.mode import Mode
from fedproof.proof.weights import IntArray

if TYPE_CHECKING:
    from fedproof._core import Progress


@dataclass(frozen=True)
class Update:
    """New weights (private), the blinds that open their commitment (private), the commitment and its proof (public).

    Without a proof (mode check or off) `proof` is empty and the blinds are zero.
    """

    weights: list[IntArray] = field(repr=False)
    blinds: bytes = field(repr=False)
    commitment: bytes
    proof: bytes = field(repr=False)
    mode: Mode
    saturations: int
    seconds: dict[str, float]
    """Per phase of the prover, and `execute`, `prove` in all."""


def train(
    program: Program,
    key: Key,
    fields: TrainingFields,
    weights: list[IntArray],
    dataset: Dataset,
    *,
    secret: bytes,
    mode: Mode = "prove",
    progress: Progress | None = None,
) -> Update:
    """Trains as `fields` says and, in mode prove, proves it.

    weights: W_0 at scale 2^F. secret: 32 bytes of the participant. Raises BadInput for a dataset, weights or statement
    that do not fit the program; KeyboardInterrupt ends it cleanly.
    """
    start = perf_counter()
    with core_errors("training"):
        trace = _core.execute(program, weights, dataset, list(fields.pi), fields.beta)
    return claim(
        program,
        key,
        fields,
        weights,
        dataset,
        trace,
        secret=secret,
        mode=mode,
        progress=progress,
        executed=perf_counter() - start,
    )


def claim(
    program: Program,
    key: Key,
    fields: TrainingFields,
    weights: list[IntArray],
    dataset: Dataset,
    trace: Trace,
    *,
    secret: bytes,
    mode: Mode = "prove",
    progress: Progress | None = None,
    executed: float = 0.0,
) -> Update:
    """Claims that `trace` is the training `fields` speak of. Of a false trace mode prove makes a proof that does not
    verify; mode check raises Rejected.
    """
    start = perf_counter()
    seconds = {"execute": executed}
    if mode == "prove":
        statement = fields.statement()
        with core_errors("proving"):
            proven = _core.prove_training(key, statement, weights, dataset, trace, secret=secret, progress=progress)
        seconds |= proven.profile | {"prove": perf_counter() - start}
        return Update(trace.update, proven.blinds, proven.commitment, proven.proof, mode, trace.saturations, seconds)
    if mode == "check":
        _compare(program, key, fields, weights, dataset, trace)
    with core_errors("update"):
        commitment = key.commit_weights(trace.update)
    return Update(trace.update, b"", commitment, b"", mode, trace.saturations, seconds)


def _compare(
    program: Program, key: Key, fields: TrainingFields, weights: list[IntArray], dataset: Dataset, trace: Trace
) -> None:
    """Raises Rejected unless another execution on the committed inputs gives the same update."""
    with core_errors("checking"):
        if key.commit_weights(weights) != fields.weights:
            raise Rejected("check: trained from other weights than the round's", code="Reexecution", check="weights")
        if dataset.commit(key) != fields.dataset:
            raise Rejected("check: trained on other data than registered", code="Reexecution", check="dataset")
        again = _core.execute(program, weights, dataset, list(fields.pi), fields.beta).update
    if not _equal(again, trace.update):
        raise Rejected("check: the update is not that of the agreed training", code="Reexecution", check="update")


def _equal(left: Sequence[IntArray], right: Sequence[IntArray]) -> bool:
    return len(left) == len(right) and all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))
