# ruff: noqa: D103
"""Scalar field of BN254, keccak256 and a few integer helpers."""

from Crypto.Hash import keccak

R = 21888242871839275222246405745257275088548364400416034343698204186575808495617  # group order, the field F


class Reject(Exception):
    """The proof, statement or program is not acceptable."""


def need(condition, reason):
    if not condition:
        raise Reject(reason)


def inv(x):
    assert x % R != 0
    return pow(x, -1, R)


INV2 = inv(2)


def powers(x, n):
    out, acc = [], 1
    for _ in range(n):
        out.append(acc)
        acc = acc * x % R
    return out


def log(n):
    """The least k with 2^k >= n."""
    assert n >= 1
    return (n - 1).bit_length()


def bits(v, n):
    """The n bits of v, most significant first."""
    assert 0 <= v < 1 << n
    return [(v >> (n - 1 - i)) & 1 for i in range(n)]


def keccak256(data):
    return keccak.new(digest_bits=256, data=bytes(data)).digest()


def scalar_bytes(x):
    assert 0 <= x < R
    return x.to_bytes(32, "big")


def scalar_from(data):
    need(len(data) == 32, "scalar length")
    x = int.from_bytes(data, "big")
    need(x < R, "scalar not canonical")
    return x


def horner(coefficients, x):
    acc = 0
    for c in reversed(coefficients):
        acc = (acc * x + c) % R
    return acc


def batch_inverse(values):
    """Inverses of non-zero field elements with one exponentiation."""
    prefix, acc = [], 1
    for v in values:
        prefix.append(acc)
        acc = acc * v % R
    acc, out = inv(acc), [0] * len(values)
    for i in range(len(values) - 1, -1, -1):
        out[i] = acc * prefix[i] % R
        acc = acc * values[i] % R
    return out
