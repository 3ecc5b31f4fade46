"""What a program costs to prove: a linear model over the sizes the layout gives, calibrated in this one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Seconds of one core per unit. Calibrated with `python -m benches.calibrate`, see there for the machine.
FIXED = 0.05
PER_SMALL_CELL = 0.25e-6
"""A committed cell of a trace column or of W_out: small integers."""
PER_FULL_CELL = 6.0e-6
"""A committed cell with a full-size scalar: helpers and the four vectors of the opening."""
PER_ROW_UNIT = 2.0e-6
"""A row times a column or helper in the sumchecks."""
BYTES_PER_CELL = 32
BASE_MEMORY = 120e6


@dataclass(frozen=True)
class Cost:
    """Estimates of one participant's round on `cores` cores."""

    proving_seconds: float
    memory_bytes: float
    cores: int


def estimate(sizes: dict[str, Any], cores: int) -> Cost:
    """Cost from `Program.describe()`."""
    rows = sizes["rows"]
    small = rows * (sizes["columns"] + sizes["weight_vectors"])
    full = rows * (sizes["helpers"] + 4)
    width = sizes["columns"] + sizes["helpers"]
    work = FIXED + PER_SMALL_CELL * small + PER_FULL_CELL * full + PER_ROW_UNIT * rows * width
    cells = rows * (2 * width + sizes["data_vectors"] + 2 * sizes["weight_vectors"] + 12)
    return Cost(work / cores, BASE_MEMORY + BYTES_PER_CELL * cells, cores)
