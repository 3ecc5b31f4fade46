"""One participant's round: seconds per phase, peak memory, verifying time and proof sizes.

    python -m benches.prove [--threads N] [--repeat R] [--large] [--json]

Each network is measured in a process of its own on random records, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

from benches.measure import described, isolated

NETWORKS: dict[str, dict[str, Any]] = {
    "30-1": described([30, 1]),
    "30-16-2": described([30, 16, 2]),
    "64-32-10": described([64, 32, 10], steps=8),
    "784-128-10": described([784, 128, 10], steps=16, batch=64),
}
LARGE = {"1024 x 10": described([1024] * 11 + [10], steps=1, batch=64)}


def shown(value: float) -> str:
    """Counts as they are, seconds with four digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}" if value < 50 else f"{value:.0f}"


def main() -> None:
    """Prints one table for all networks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--repeat", type=int, default=3, help="the fastest of so many runs counts")
    parser.add_argument("--large", action="store_true", help="ten million parameters too (about a minute, 4 GB)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    options = parser.parse_args()
    networks = NETWORKS | (LARGE if options.large else {})
    results = {}
    for name, arguments in networks.items():
        repeat = 1 if name in LARGE else options.repeat
        results[name] = isolated(arguments, threads=options.threads, repeat=repeat, register=True)
        results[name] = {"steps": arguments["steps"], "batch": arguments["batch"]} | results[name]
    if options.json:
        print(json.dumps(results, indent=1))
        return
    print(f"one participant's round, {options.threads} threads; seconds unless a unit is named\n")
    print(f"{'':34}" + "".join(f"{name:>14}" for name in results))
    for line in next(iter(results.values())):
        print(f"{line:34}" + "".join(f"{shown(result.get(line, 0)):>14}" for result in results.values()))


if __name__ == "__main__":
    main()
