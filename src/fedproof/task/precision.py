"""Numbers of the fixed point. All defaults of the project stand here and nowhere else (measured: docs/accuracy.md)."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_BITS = 12
DEFAULT_WEIGHT_BOUND = 16.0
OPENINGS = 4
"""Evaluating proofs an update may be the subject of (training, contribution, ...); each costs two blinds."""
Preference = Literal["time", "gas", "size"]
PREFERENCES: tuple[Preference, ...] = ("time", "gas", "size")


DECAY_BITS = 48
"""With weight decay updates have the most whole limbs within so many fractional bits, models half of that."""


class Preset(NamedTuple):
    """Fractional bits of activations, deltas and weights."""

    activation_bits: int
    delta_bits: int
    weight_bits: int


# Activations keep at least +-16 around zero: real features reach 12 standard deviations. Weights take whole limbs of
# `bits` bits, so that no range table of a partial limb is needed.
PRESETS: dict[int, Preset] = {
    8: Preset(3, 6, 40),
    10: Preset(5, 8, 40),
    12: Preset(7, 10, 36),
    14: Preset(8, 12, 42),
    16: Preset(10, 14, 48),
}


class Precision(BaseModel):
    """Section [precision]; what is left out follows from `bits` by the table above."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    bits: int = Field(DEFAULT_BITS, ge=4, le=16)
    """Bits of activations, deltas and limbs (signed)."""
    activation_bits: int | None = Field(None, ge=1, le=15)
    """Fractional bits of features and activations."""
    delta_bits: int | None = Field(None, ge=1, le=16)
    """Fractional bits of targets and deltas."""
    weight_bits: int | None = Field(None, ge=4, le=48)
    """Fractional bits of weights."""
    weight_bound: float = Field(DEFAULT_WEIGHT_BOUND, ge=2.0, le=2.0**20)
    """Weights a round starts from stay below this in absolute value; the program rounds it up to a power of two.
    An initial model (Glorot uniform) always fits."""

    def bound_bits(self, weight_bits: int) -> int:
        """Bits of the bound on integer weights: |W_0| < 2^bound_bits."""
        return weight_bits + math.ceil(math.log2(self.weight_bound))
