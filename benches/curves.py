"""How cost grows: proving and verifying time and proof size against steps, batch, widths, layers, and plain training.

    python -m benches.curves [--threads N] [--quick] [--json] [--plot docs/curves.png]

Each point is a process of its own. "at fixed rows" means that steps times batch times width stays the same while the
number of weights grows: proving must not grow with weights times steps.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benches.measure import described, isolated

Point = dict[str, Any]


def sweeps(quick: bool) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Name of a curve: (label of a point, arguments of its program). The shape of the proof is fixed along a curve."""
    shape = {"group": 4, "limb_bits": 12, "vector_bits": 14}
    fixed = shape | {"vector_bits": 17}
    steps = (4, 8) if quick else (4, 8, 16, 32)
    batches = (16, 32) if quick else (16, 32, 64, 128)
    widths = (64, 128) if quick else (64, 128, 256, 512, 1024)
    layers = (1, 2) if quick else (1, 2, 4, 8)
    return {
        "steps T (64-32-10, B = 32)": [(str(t), described([64, 32, 10], steps=t, **shape)) for t in steps],
        "steps T, one vector a column (64-32-10, B = 32)": [
            (str(t), described([64, 32, 10], steps=t, **fixed)) for t in steps
        ],
        "batch B (64-32-10, T = 8)": [(str(b), described([64, 32, 10], steps=8, batch=b, **shape)) for b in batches],
        "width at fixed rows (w-w-10, T B w = 2^16)": [
            (str(w), described([w - 1, w, 10], steps=(1 << 16) // w // 32, batch=32, **fixed)) for w in widths
        ],
        "width (w-w-10, T = 4, B = 32)": [(str(w), described([w - 1, w, 10], **fixed)) for w in widths],
        "hidden layers of 32 units (T = 4, B = 32)": [
            (str(n), described([32, *[32] * n, 10], **shape)) for n in layers
        ],
    }


def float_training(dims: list[int], steps: int, batch: int) -> float:
    """Seconds of the same steps in float32 NumPy: ReLU layers, softmax, plain descent."""
    generator = np.random.default_rng(1)
    weights = [generator.normal(size=(a, b), scale=a**-0.5).astype(np.float32) for a, b in pairwise(dims)]
    data = generator.normal(size=(steps, batch, dims[0])).astype(np.float32)
    targets = np.eye(dims[-1], dtype=np.float32)[generator.integers(0, dims[-1], size=(steps, batch))]
    best = float("inf")
    for _ in range(5):
        begin = time.perf_counter()
        for x, y in zip(data, targets, strict=True):
            values = [x]
            for w in weights[:-1]:
                values.append(np.maximum(values[-1] @ w, 0))
            z = values[-1] @ weights[-1]
            e = np.exp(z - z.max(axis=1, keepdims=True))
            delta = (e / e.sum(axis=1, keepdims=True) - y) / batch
            for k in range(len(weights) - 1, -1, -1):
                gradient = values[k].T @ delta
                if k:
                    delta = (delta @ weights[k].T) * (values[k] > 0)
                weights[k] = weights[k] - np.float32(0.01) * gradient
        best = min(best, time.perf_counter() - begin)
    return best


def torch_training(dims: list[int], steps: int, batch: int) -> float | None:
    """Seconds of the same steps in PyTorch, if it is there."""
    try:
        import torch
    except ImportError:
        return None
    layers: list[Any] = []
    for a, b in pairwise(dims):
        layers += [torch.nn.Linear(a, b), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1])
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)
    data, targets = torch.randn(steps, batch, dims[0]), torch.randint(0, dims[-1], (steps, batch))
    best = float("inf")
    for _ in range(5):
        begin = time.perf_counter()
        for x, y in zip(data, targets, strict=True):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(network(x), y).backward()
            optimiser.step()
        best = min(best, time.perf_counter() - begin)
    return best


def point(label: str, arguments: dict[str, Any], threads: int) -> Point:
    """One row of a table."""
    found = isolated(arguments, threads=threads)
    dims, steps, batch = arguments["dims"], arguments["steps"], arguments["batch"]
    plain, framework = float_training(dims, steps, batch), torch_training(dims, steps, batch)
    return {
        "at": label,
        "weights x steps": found["parameters"] * steps,
        "rows": found["trace rows"],
        "vectors of a column": found["vectors of a column"],
        "prove s": found["prove"],
        "verify ms": 1e3 * found["verify"],
        "proof KB": found["proof bytes"] / 1e3,
        "peak MB": found["peak MB"],
        "x NumPy": found["prove"] / plain,
        "x PyTorch": found["prove"] / framework if framework else None,
    }


def table(title: str, points: list[Point]) -> str:
    """A Markdown table."""
    names = list(points[0])
    cell = lambda v: "-" if v is None else f"{v:,}" if isinstance(v, int) else v if isinstance(v, str) else f"{v:.3g}"  # noqa: E731
    lines = [f"### {title}", "", "| " + " | ".join(names) + " |", "| " + " | ".join("---" for _ in names) + " |"]
    lines += ["| " + " | ".join(cell(p[name]) for name in names) + " |" for p in points]
    return "\n".join(lines) + "\n"


def plot(results: dict[str, list[Point]], path: Path) -> None:
    """Proving time, verifying time and proof size of every curve."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(len(results), 3, figsize=(12, 2.6 * len(results)), squeeze=False)
    for row, (title, points) in zip(axes, results.items(), strict=True):
        for axis, name in zip(row, ("prove s", "verify ms", "proof KB"), strict=True):
            x = [float(p["at"]) for p in points]
            axis.plot(x, [p[name] for p in points], marker="o", color="#14532d")
            axis.set_xscale("log", base=2)
            axis.set_xticks(x, [p["at"] for p in points])
            axis.set_ylim(0, 1.15 * max(p[name] for p in points))
            axis.set_ylabel(name)
            axis.grid(alpha=0.3)
        row[0].set_title(title, loc="left", fontsize=10)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Prints the tables; draws them where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--quick", action="store_true", help="two points a curve")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--plot", type=Path, help="draw the curves into this file")
    options = parser.parse_args()
    results = {
        title: [point(label, arguments, options.threads) for label, arguments in curve]
        for title, curve in sweeps(options.quick).items()
    }
    print(json.dumps(results, indent=1) if options.json else "\n".join(table(t, p) for t, p in results.items()))
    if options.plot:
        plot(results, options.plot)


if __name__ == "__main__":
    main()
