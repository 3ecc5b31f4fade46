"""The integers a task comes down to: exactly the arguments of `_core.Program.build`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class ProgramFields:
    """Fields of the integer program in the words of docs/protocol.md, section 1."""

    loss: str
    """"squared" or "sigmoid"."""
    dims: tuple[int, ...]
    """d_0 features, then the units of every layer."""
    activations: tuple[str, ...]
    """One of "identity", "relu" per hidden layer."""
    steps: int
    batch: int
    blocks: int
    bits: int
    weight_bits: int
    activation_bits: int
    delta_bits: int
    rate: int
    """k: learning rate / batch = k 2^(activation_bits + delta_bits - weight_bits)."""
    bound_bits: int
    openings: int
    group: int

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of `Program.build` (lists instead of tuples)."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @property
    def largest_update(self) -> int:
        """Bound on the absolute value of every weight of an update, whatever the data (docs/protocol.md, section 1)."""
        half = 1 << (self.bits - 1)
        deltas = half + (half << (self.delta_bits - self.activation_bits))
        last = deltas if self.loss == "squared" else 1 << self.delta_bits
        return (1 << self.bound_bits) + self.steps * self.batch * self.rate * half * max(half, last)

    @property
    def rate_unit(self) -> float:
        """Smallest step of learning rate / batch that this precision can represent."""
        return 2.0 ** (self.activation_bits + self.delta_bits - self.weight_bits)
