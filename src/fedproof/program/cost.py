"""What a program costs to prove: linear models over the sizes of its layout, calibrated in this one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Printed by `python -m benches.calibrate` (x86-64 with AVX2 and ADX, 2 cores).
WORK = (0.064, 3.4e-6, 1.5e-6, 1.2e-6)
"""Processor seconds per entry of `work_features`."""
MEMORY = (137e6, 44.0)
"""Bytes, and bytes per cell of `memory_cells`."""


@dataclass(frozen=True)
class Cost:
    """Estimates of one participant's round on `cores` cores."""

    proving_seconds: float
    memory_bytes: float
    cores: int


def work_features(sizes: dict[str, Any]) -> tuple[float, ...]:
    """What proving time is linear in, from `Program.describe()`.

    One; cells that are committed as full-size scalars (helpers and the opening); cells of the trace; cells of the data.
    """
    rows = sizes["rows"]
    return (
        1,
        rows * (sizes["helpers"] + 4),
        sizes["trace_rows"] * sizes["columns"],
        rows * (sizes["data_vectors"] + sizes["weight_vectors"]),
    )


def memory_cells(sizes: dict[str, Any]) -> int:
    """Cells of all tables that the prover holds."""
    width = sizes["columns"] + sizes["helpers"] + sizes["data_vectors"] + 2 * sizes["weight_vectors"] + 8
    return int(sizes["rows"] * width)


def estimate(sizes: dict[str, Any], cores: int) -> Cost:
    """Cost of a round from `Program.describe()`."""
    seconds = sum(rate * amount for rate, amount in zip(WORK, work_features(sizes), strict=True))
    return Cost(seconds / cores, MEMORY[0] + MEMORY[1] * memory_cells(sizes), cores)
