# ruff: noqa: D101, D102, D103
"""Digests, and the statements of the three kinds of proof (sections 7 and 8)."""

from dataclasses import dataclass

from . import curve
from .close_layout import COUNT_BITS
from .field import keccak256, need, scalar_from


def key_digest(program, table_points):
    data = b"fedproof/key/2" + program.digest() + bytes([len(table_points)])
    return keccak256(data + b"".join(curve.point_bytes(p) for p in table_points))


def setup_digest(tau_g1, tau_h):
    """Both as bytes."""
    assert len(tau_g1) == 64 and len(tau_h) == 128
    return keccak256(b"fedproof/setup/1" + tau_g1 + tau_h)


def dataset_id(registration_statement):
    return keccak256(b"fedproof/dataset/1" + registration_statement)


class Reader:
    def __init__(self, data):
        self.data, self.position = bytes(data), 0

    def take(self, n):
        need(self.position + n <= len(self.data), "too short")
        self.position += n
        return self.data[self.position - n : self.position]

    def scalar(self):
        return scalar_from(self.take(32))

    def scalars(self, n):
        return [self.scalar() for _ in range(n)]

    def points(self, n):
        return [curve.point_from(self.take(64)) for _ in range(n)]

    def end(self):
        need(self.position == len(self.data), "trailing bytes")


@dataclass
class TrainingStatement:
    chain: bytes
    hub: bytes
    submitter: bytes
    task: bytes
    round: bytes
    key: bytes
    setup: bytes
    w0: list
    dataset: bytes
    data: list
    pi: list
    beta: int
    count: int

    def encode(self):
        out = self.chain + self.hub + self.submitter + self.task + self.round + self.key + self.setup
        out += b"".join(curve.point_bytes(p) for p in self.w0) + self.dataset
        out += b"".join(curve.point_bytes(p) for p in self.data) + bytes(self.pi)
        return out + self.beta.to_bytes(32, "big") + self.count.to_bytes(32, "big")

    @classmethod
    def decode(cls, data, layout):
        r, pr = Reader(data), layout.program
        head = [r.take(32) for _ in range(7)]
        w0 = r.points(layout.nW)
        dataset = r.take(32)
        points = r.points(layout.nD)
        pi, beta, count = list(r.take(layout.nb)), int.from_bytes(r.take(32), "big"), int.from_bytes(r.take(32), "big")
        r.end()
        need(sorted(pi) == list(range(layout.nb)), "pi is not a permutation")
        need(beta < pr.nblocks, "beta out of range")
        need(count <= pr.T * pr.B, "count out of range")
        return cls(*head, w0, dataset, points, pi, beta, count)


@dataclass
class RegistrationStatement:
    chain: bytes
    hub: bytes
    submitter: bytes
    task: bytes
    key: bytes
    setup: bytes
    nonce: bytes
    data: list
    count: int

    def encode(self):
        out = self.chain + self.hub + self.submitter + self.task + self.key + self.setup + self.nonce
        return out + b"".join(curve.point_bytes(p) for p in self.data) + self.count.to_bytes(32, "big")

    @classmethod
    def decode(cls, data, layout):
        r, pr = Reader(data), layout.program
        head = [r.take(32) for _ in range(7)]
        points = r.points(layout.nD)
        count = int.from_bytes(r.take(32), "big")
        r.end()
        need(count <= pr.nblocks * pr.B, "count out of range")
        return cls(*head, points, count)


@dataclass
class CloseStatement:
    chain: bytes
    hub: bytes
    submitter: bytes
    task: bytes
    round: bytes
    key: bytes
    setup: bytes
    total: list  # [S]
    next: list  # [W']
    count: int

    def encode(self):
        out = self.chain + self.hub + self.submitter + self.task + self.round + self.key + self.setup
        out += b"".join(curve.point_bytes(p) for p in self.total + self.next)
        return out + self.count.to_bytes(32, "big")

    @classmethod
    def decode(cls, data, layout):
        r = Reader(data)
        head = [r.take(32) for _ in range(7)]
        total, following = r.points(layout.nW), r.points(layout.nW)
        count = int.from_bytes(r.take(32), "big")
        r.end()
        need(1 <= count < 1 << COUNT_BITS, "count out of range")
        return cls(*head, total, following, count)
