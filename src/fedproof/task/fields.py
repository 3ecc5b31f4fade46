"""The integers a task comes down to: exactly the arguments of `_core.Program.build`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from fedproof.task.kernel import Kernel


@dataclass(frozen=True)
class ProgramFields:
    """Fields of the integer program in the words of docs/protocol.md, section 1."""

    loss: str
    """"squared", "sigmoid", "softmax" or "huber"."""
    one_hot: bool
    """Targets of a record are one-hot."""
    dims: tuple[int, ...]
    """d_0 features, then the units of every layer."""
    activations: tuple[str, ...]
    """Of the hidden layers, in the words of the task file."""
    steps: int
    batch: int
    blocks: int
    bits: int
    limb_bits: int
    """Bits of the limbs of rounding; 0: the core chooses."""
    weight_bits: int
    activation_bits: int
    delta_bits: int
    kernel: int | Kernel
    """k of plain descent (rate / batch = k 2^(activation_bits + delta_bits - weight_bits)), or a whole kernel."""
    bound_bits: int
    openings: int
    group: int
    """Most lookup units in one helper column; 0: the core chooses."""
    vector_bits: int
    """Committed vectors have 2^vector_bits cells; 0: the core chooses."""
    huber: int
    """Threshold at scale 2^delta_bits, 0 for other losses."""
    weights: tuple[int, ...]
    """At scale 2^8: one per class (one-hot), or pairs (of 0, of 1) per output; empty for none."""
    prefer: str
    """"time", "gas" or "size": what the core makes small where it chooses."""

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of `Program.build` (lists instead of tuples)."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        kernel = self.kernel
        if isinstance(kernel, Kernel):
            values["kernel"] = (kernel.extra_bits, list(kernel.kappas), list(kernel.starts))
        return {key: list(v) if isinstance(v, tuple) and key != "kernel" else v for key, v in values.items()}

    @property
    def extra_bits(self) -> int:
        """Fractional bits that an update has beyond those of the model it starts from (F' - F)."""
        return self.kernel.extra_bits if isinstance(self.kernel, Kernel) else 0

    @property
    def update_bits(self) -> int:
        """Fractional bits of an update (F')."""
        return self.weight_bits + self.extra_bits

    @property
    def largest_update(self) -> int:
        """Bound on the absolute value of every weight of an update, whatever the data (docs/protocol.md, section 1)."""
        half, kernel = 1 << (self.bits - 1), self.kernel
        last = {
            "squared": half + (half << (self.delta_bits - self.activation_bits)),
            "huber": self.huber,
            "sigmoid": half if self.weights else 1 << self.delta_bits,
            "softmax": half if self.weights else 1 << self.delta_bits,
        }[self.loss]
        if isinstance(kernel, Kernel):
            start = max(1 << kernel.extra_bits, *map(abs, kernel.starts))
            gain = sum(map(abs, kernel.kappas))
        else:
            start, gain = 1, self.steps * kernel
        return (start << self.bound_bits) + gain * self.batch * half * max(half, last)

    @property
    def first_rate(self) -> float:
        """Learning rate / batch of a gradient in the step after it."""
        kappa = self.kernel.kappas[0] if isinstance(self.kernel, Kernel) else self.kernel
        return kappa * 2.0 ** (self.activation_bits + self.delta_bits - self.update_bits)
