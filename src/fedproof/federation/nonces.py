"""Nonces for the schedules' seeds: a hash chain whose tip is committed at registration.

links = rounds * ATTEMPTS: x_0 is random, x_{i+1} = keccak256(x_i), the commitment is x_links. Attempt a of round r
reveals x_{links-1-i} with i = r * ATTEMPTS + a, so what is revealed hashes to all that was revealed before, and nothing
can be told from it about what comes. On a chain a round has one attempt: `attempts` is 1 there.
"""

from __future__ import annotations

from fedproof._core import keccak256

ATTEMPTS = 8
"""Attempts at the randomness of one round: each one but the first because somebody withheld a nonce."""


def commitment(root: bytes, rounds: int, attempts: int = ATTEMPTS) -> bytes:
    """Tip of the chain."""
    return _hashed(root, rounds * attempts)


def nonce(root: bytes, rounds: int, number: int, attempt: int = 0, attempts: int = ATTEMPTS) -> bytes:
    """What `attempt` of round `number` (both from 0) reveals. Raises ValueError beyond the last."""
    if not (0 <= number < rounds and 0 <= attempt < attempts):
        raise ValueError(f"round {number} of {rounds}, attempt {attempt} of {attempts}")
    return _hashed(root, rounds * attempts - 1 - (number * attempts + attempt))


def opens(tip: bytes, revealed: bytes, number: int, attempt: int = 0, attempts: int = ATTEMPTS) -> bool:
    """Is `revealed` what `attempt` of round `number` of the chain with this tip reveals?"""
    return len(revealed) == 32 and _hashed(revealed, number * attempts + attempt + 1) == tip


def _hashed(value: bytes, times: int) -> bytes:
    for _ in range(times):
        value = keccak256(value)
    return value
