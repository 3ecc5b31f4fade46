"""Rules of a round that aggregator, participants and auditors compute alike. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fedproof._core import Program, keccak256
from fedproof.errors import BadInput, Rejected
from fedproof.proof.weights import IntArray, largest


@dataclass(frozen=True)
class Schedule:
    """Which block every step reads. blocks: one entry per step."""

    seed: bytes
    pi: tuple[int, ...]
    beta: int
    blocks: tuple[int, ...]


def round_seed(task: bytes, number: int, weights: bytes, nonces: Mapping[bytes, bytes]) -> bytes:
    """keccak256(task digest ‖ round as u256 ‖ [W_0] ‖ dataset ids ascending ‖ their nonces in the same order).

    nonces: by dataset id, of everybody who revealed one. Who withholds theirs is left out of the round, so nobody
    alone chooses among seeds for batches of their own. Colluders can: one withholds to change the other's batches; only
    a beacon from outside ends that.
    """
    ids = sorted(nonces)
    parts = [task, number.to_bytes(32, "big"), weights, *ids, *(nonces[i] for i in ids)]
    return keccak256(b"".join(parts))


def schedule(program: Program, seed: bytes) -> Schedule:
    """The schedule a seed gives."""
    pi, beta, blocks = program.schedule(seed)
    return Schedule(seed, tuple(pi), beta, tuple(blocks))


def add_weights(updates: Sequence[Sequence[IntArray]]) -> list[IntArray]:
    """Exact sum, layer by layer. Raises Rejected if it does not fit 64 bits (a commitment could not be compared)."""
    limit = sum(largest(update) for update in updates)
    if limit >= 2**63:
        raise Rejected("the sum of the updates does not fit 64 bits", code="SumTooLarge", check="sum")
    return [np.sum(np.stack(layer), axis=0, dtype=np.int64) for layer in zip(*updates, strict=True)]


def close(total: Sequence[IntArray], count: int) -> list[IntArray]:
    """Equal weights, rounded half up: floor((2 sum + count) / (2 count))."""
    if count < 1:
        raise BadInput("a round without an accepted update has no new model")
    # sum = q count + r, so the result is q + floor((2 r + count) / (2 count)); nothing leaves 64 bits
    closed = []
    for layer in total:
        quotient, rest = np.divmod(layer, count)
        closed.append(quotient + (2 * rest + count) // (2 * count))
    return closed


def check_bound(weights: Sequence[IntArray], bound_bits: int) -> None:
    """Raises Rejected unless every |W| < 2^bound_bits, as the next round's statement needs."""
    found = largest(weights)
    if found >= 1 << bound_bits:
        raise Rejected(
            f"a weight of the new model has {found.bit_length()} bits, the program allows {bound_bits}: "
            "lower training.learning_rate or raise precision.weight_bound",
            code="WeightTooLarge",
            check="bound",
        )
