"""Nonces for the schedules' seeds: a hash chain whose tip is committed at registration.

links = rounds * ATTEMPTS: x_0 is random, x_{i+1} = keccak256(x_i), the commitment is x_links. Attempt a of round r
reveals x_{links-1-i} with i = r * ATTEMPTS + a, so what is revealed hashes to all that was revealed before, and nothing
can be told from it about what comes.
"""

from __future__ import annotations

from fedproof._core import keccak256

ATTEMPTS = 8
"""Attempts at the randomness of one round: each one but the first because somebody withheld a nonce."""


def commitment(root: bytes, rounds: int) -> bytes:
    """Tip of the chain."""
    return _hashed(root, rounds * ATTEMPTS)


def nonce(root: bytes, rounds: int, number: int, attempt: int = 0) -> bytes:
    """What `attempt` of round `number` (both from 0) reveals. Raises ValueError beyond the last."""
    if not (0 <= number < rounds and 0 <= attempt < ATTEMPTS):
        raise ValueError(f"round {number} of {rounds}, attempt {attempt} of {ATTEMPTS}")
    return _hashed(root, rounds * ATTEMPTS - 1 - _index(number, attempt))


def opens(tip: bytes, revealed: bytes, number: int, attempt: int = 0) -> bool:
    """Is `revealed` what `attempt` of round `number` of the chain with this tip reveals?"""
    return len(revealed) == 32 and _hashed(revealed, _index(number, attempt) + 1) == tip


def _index(number: int, attempt: int) -> int:
    return number * ATTEMPTS + attempt


def _hashed(value: bytes, times: int) -> bytes:
    for _ in range(times):
        value = keccak256(value)
    return value
