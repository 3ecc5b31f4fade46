"""Rules of a round that aggregator, participants and auditors compute alike. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fedproof._core import Program
from fedproof.errors import BadInput, Rejected
from fedproof.proof.weights import IntArray, largest
from fedproof.task import ProgramFields


@dataclass(frozen=True)
class Schedule:
    """Which block every step reads. blocks: one entry per step."""

    seed: bytes
    pi: tuple[int, ...]
    beta: int
    blocks: tuple[int, ...]


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
    """The sum divided by `count`, rounded half up: floor((2 sum + count) / (2 count))."""
    if count < 1:
        raise BadInput("a round without an accepted update has no new model")
    # sum = q count + r, so the result is q + floor((2 r + count) / (2 count)); nothing leaves 64 bits
    closed = []
    for layer in total:
        quotient, rest = np.divmod(layer, count)
        closed.append(quotient + (2 * rest + count) // (2 * count))
    return closed


def clip(weights: Sequence[IntArray], bound_bits: int) -> tuple[list[IntArray], int]:
    """Weights within +-(2^bound_bits - 1), as the next round's statement needs, and how many had to be clipped.

    A round can therefore always be closed: nobody ends a run by pushing the mean over the bound.
    """
    most = (1 << bound_bits) - 1
    clipped = [np.clip(layer, -most, most) for layer in weights]
    return clipped, sum(int((a != b).sum()) for a, b in zip(clipped, weights, strict=True))


def next_model(total: Sequence[IntArray], count: int, fields: ProgramFields) -> tuple[list[IntArray], int]:
    """The model that follows from the sum of `count` updates, and how many of its weights were clipped.

    Updates have `fields.extra_bits` more fractional bits than models; they are rounded off with the division.
    """
    return clip(close(total, count << fields.extra_bits), fields.bound_bits)
