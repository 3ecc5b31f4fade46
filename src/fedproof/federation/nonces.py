"""Nonces for the schedule's seed: a hash chain whose tip is committed at registration.

links = rounds: x_0 is random, x_{i+1} = keccak256(x_i), the commitment is x_rounds. Round r reveals x_{rounds-1-r}, so
what a round reveals hashes to what the round before revealed, and no round can be told from earlier ones.
"""

from __future__ import annotations

from fedproof._core import keccak256


def commitment(root: bytes, rounds: int) -> bytes:
    """Tip of the chain."""
    return _hashed(root, rounds)


def nonce(root: bytes, rounds: int, number: int) -> bytes:
    """What round `number` (from 0) reveals. Raises ValueError beyond the last round."""
    if not 0 <= number < rounds:
        raise ValueError(f"round {number} of {rounds}")
    return _hashed(root, rounds - 1 - number)


def opens(tip: bytes, revealed: bytes, number: int) -> bool:
    """Is `revealed` what round `number` of the chain with this tip reveals?"""
    return len(revealed) == 32 and _hashed(revealed, number + 1) == tip


def _hashed(value: bytes, times: int) -> bytes:
    for _ in range(times):
        value = keccak256(value)
    return value
