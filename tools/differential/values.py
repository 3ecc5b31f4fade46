"""Scalars and points at random, and those at the edges of what is canonical."""

from __future__ import annotations

from random import Random

from vectors.reference.curve import P
from vectors.reference.field import R

EDGES = [0, 1, 2, R - 1, R, R + 1, P - 1, P, P + 1, 1 << 253, (1 << 256) - 1]
IDENTITY = bytes(64)


def integer(data: bytes) -> int:
    """Big-endian."""
    return int.from_bytes(data, "big")


def bytes32(value: int) -> bytes:
    """Big-endian, modulo 2^256."""
    return (value % (1 << 256)).to_bytes(32, "big")


def random_scalar(rng: Random) -> bytes:
    """Canonical; small, 0 and r - 1 more often than by chance."""
    return bytes32(rng.choice([rng.randrange(R), rng.randrange(R), rng.randrange(1 << 16), 0, 1, R - 1]))


def random_point(rng: Random) -> bytes:
    """On the curve; the identity now and then."""
    if rng.random() < 0.1:
        return IDENTITY
    while True:
        x = rng.randrange(P)
        square = (x * x * x + 3) % P
        y = pow(square, (P + 1) // 4, P)  # p = 3 mod 4
        if y * y % P == square:
            return bytes32(x) + bytes32(rng.choice([y, P - y]))


def negated(point: bytes) -> bytes:
    """The point with the other y; bytes that are no point get some other y."""
    return point[:32] + bytes32((P - integer(point[32:])) % P)
