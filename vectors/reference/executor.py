"""The integer program, executed slowly and exactly: docs/protocol.md, section 1, word by word.

Independent of the package and of the Rust core: plain Python integers (NumPy only carries them as objects), keccak256
from pycryptodome, the sigmoid from `decimal`. Golden vectors are generated with it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal, localcontext
from math import isqrt
from typing import Any

import numpy as np
from Crypto.Hash import keccak

Matrix = Any
"""NumPy array of Python integers (dtype object)."""

LOSSES = {"squared": 0, "sigmoid": 1}
ACTIVATIONS = {"identity": 0, "relu": 1}


def keccak256(data: bytes) -> bytes:
    """The hash of everything."""
    return keccak.new(digest_bits=256, data=data).digest()


def matrix(values: Any) -> Matrix:
    """An array whose entries are Python integers, so that nothing can overflow."""
    array = np.asarray(values)
    out = np.empty(array.shape, dtype=object)
    out[...] = [[int(entry) for entry in row] for row in array.tolist()]
    return out


@dataclass(frozen=True)
class Program:
    """Fields of section 1 under the names of `Program.build`."""

    loss: str
    dims: tuple[int, ...]
    activations: tuple[str, ...]
    steps: int
    batch: int
    blocks: int
    bits: int
    weight_bits: int
    activation_bits: int
    delta_bits: int
    rate: int
    bound_bits: int
    openings: int = 4
    group: int = 3

    def encode(self) -> bytes:
        """Canonical bytes, section 8."""
        layers = len(self.dims) - 1
        return b"".join(
            [
                b"FPRG",
                struct.pack(">HBB", 1, LOSSES[self.loss], layers),
                *(struct.pack(">I", dim) for dim in self.dims),
                bytes(ACTIVATIONS[name] for name in self.activations),
                struct.pack(">III", self.steps, self.batch, self.blocks),
                struct.pack(">BBBB", self.bits, self.weight_bits, self.activation_bits, self.delta_bits),
                struct.pack(">QBBB", self.rate, self.bound_bits, self.openings, self.group),
            ]
        )

    @property
    def digest(self) -> bytes:
        """keccak256 of the encoding."""
        return keccak256(self.encode())

    def init_weights(self, seed: bytes) -> list[Matrix]:
        """The initial model, one (d_in + 1, d_out) matrix per layer, bias row last and zero."""
        out = []
        for layer, (inputs, units) in enumerate(zip(self.dims, self.dims[1:], strict=False), start=1):
            radius = isqrt(6 * 4**self.weight_bits // (inputs + units))
            weights = np.zeros((inputs + 1, units), dtype=object)
            for a in range(inputs):
                for j in range(units):
                    drawn = keccak256(b"fedproof/init/1" + seed + struct.pack(">III", layer, a, j))[:16]
                    weights[a, j] = int.from_bytes(drawn, "big") % (2 * radius + 1) - radius
            out.append(weights)
        return out

    def schedule(self, seed: bytes) -> tuple[list[int], int, list[int]]:
        """(pi, beta, block of every step)."""
        nb = (self.blocks - 1).bit_length()
        beta = int.from_bytes(seed, "big") % self.blocks
        pi = list(range(nb))
        for i in range(nb - 1, 0, -1):
            j = int.from_bytes(keccak256(seed + i.to_bytes(32, "big")), "big") % (i + 1)
            pi[i], pi[j] = pi[j], pi[i]
        return pi, beta, self.blocks_read(pi, beta)

    def blocks_read(self, pi: list[int], beta: int) -> list[int]:
        """Block of every step under the permutation pi of the block index's bits and the offset beta."""
        out = []
        for t in range(self.steps):
            index = t % self.blocks
            out.append(beta ^ sum((index >> k & 1) << to for k, to in enumerate(pi)))
        return out

    def round_sat(self, x: Matrix, execution: Execution) -> Matrix:
        """Rounds away the weight scale and saturates to signed `bits` bits, counting the entries that do."""
        rounded = (x + (1 << (self.weight_bits - 1))) >> self.weight_bits
        low, high = -(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1
        clipped = np.minimum(np.maximum(rounded, low), high)
        execution.saturations += int((clipped != rounded).sum())
        return clipped

    def sigmoid_table(self) -> dict[int, int]:
        """q -> floor(2^fd / (1 + exp(-q / 2^fa)) + 1/2)."""
        half = 1 << (self.bits - 1)
        with localcontext() as context:
            context.prec = 60
            table = {}
            for q in range(-half, half):
                value = Decimal(1 << self.delta_bits) / (1 + (-Decimal(q) / (1 << self.activation_bits)).exp())
                table[q] = int((value + Decimal("0.5")).to_integral_value(rounding=ROUND_FLOOR))
        return table

    def execute(self, weights: Any, features: Any, targets: Any, pi: list[int], beta: int) -> Execution:
        """One round on blocks * batch records, all of them valid."""
        execution = Execution([matrix(w) for w in weights])
        features, targets = matrix(features), matrix(targets)
        table = self.sigmoid_table() if self.loss == "sigmoid" else {}
        for block in self.blocks_read(pi, beta):
            records = slice(block * self.batch, (block + 1) * self.batch)
            self._step(execution, features[records], targets[records], table)
        return execution

    def _step(self, execution: Execution, features: Matrix, targets: Matrix, table: dict[int, int]) -> None:
        weights = execution.update
        layers = len(weights)
        one = np.full((self.batch, 1), 1 << self.activation_bits, dtype=object)
        inputs, slopes = [np.hstack([features, one])], []
        for i in range(layers):
            q = self.round_sat(inputs[i].dot(weights[i]), execution)
            if i < layers - 1:
                relu = self.activations[i] == "relu"
                inputs.append(np.hstack([np.maximum(q, 0) if relu else q, one]))
                slopes.append((q > 0).astype(int).astype(object) if relu else np.full(q.shape, 1, dtype=object))
        if self.loss == "sigmoid":
            predicted = np.array([[table[entry] for entry in row] for row in q], dtype=object).reshape(q.shape)
        else:
            predicted = q * (1 << (self.delta_bits - self.activation_bits))
        deltas = [predicted - targets]
        for i in range(layers - 2, -1, -1):
            back = self.round_sat(deltas[0].dot(weights[i + 1][:-1].T), execution)
            deltas.insert(0, back * slopes[i])
        # all gradients were taken at the old weights
        execution.update = [w - self.rate * a.T.dot(d) for w, a, d in zip(weights, inputs, deltas, strict=True)]


@dataclass
class Execution:
    """What a round gives: the new weights, and how many entries of the steps were saturated."""

    update: list[Matrix]
    saturations: int = field(default=0)
