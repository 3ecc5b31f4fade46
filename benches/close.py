"""The proof of a round's close: seconds per phase, peak memory, verifying time and proof sizes.

    python -m benches.close [--threads N] [--repeat R] [--large] [--json]

Each network is measured in a process of its own on a random sum of some hundred updates, so that its peak memory is its
own. Some means lie beyond the bound and are clipped.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np

from benches.measure import timed
from benches.prove import LARGE, NETWORKS, shown
from fedproof import _core

COUNT = 100
"""Updates of the round."""


def random_sum(program: _core.Program, seed: int = 1) -> list[np.ndarray]:
    """Sums whose means are spread around the bound: one of a hundred weights lies beyond it."""
    sizes = program.describe()
    most = ((1 << sizes["bound_bits"]) - 1) * (COUNT << (sizes["scale_bits"] - sizes["weight_bits"]))
    generator = np.random.default_rng(seed)
    shapes = zip(sizes["dims"][:-1], sizes["dims"][1:], strict=True)
    return [(generator.normal(size=(a + 1, b)) / 2.576 * most).astype(np.int64) for a, b in shapes]


def closed(program: _core.Program, total: list[np.ndarray]) -> list[np.ndarray]:
    """The next model."""
    sizes = program.describe()
    divisor, most = COUNT << (sizes["scale_bits"] - sizes["weight_bits"]), (1 << sizes["bound_bits"]) - 1
    return [np.clip(np.floor_divide(layer + divisor // 2, divisor), -most, most) for layer in total]


def measure(arguments: dict[str, Any], repeat: int) -> dict[str, Any]:
    """Everything about one close, in this process."""
    program = _core.Program.build(**arguments)
    sizes = program.describe()
    key = _core.Key(program, _core.Setup.development(sizes["setup_powers"]))
    total = random_sum(program)
    # The sum of blinds is as good as any other field elements: zeros cost the same.
    statement = _core.CloseStatement(
        chain_id=0,
        hub=bytes(32),
        submitter=bytes(20),
        task=bytes(32),
        round=0,
        summed=key.commit_weights(total),
        weights=key.commit_weights(closed(program, total)),
        count=COUNT,
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    phases: list[tuple[str, float]] = []

    def prove() -> bytes:
        phases.clear()
        tell = lambda phase, _: phases.append((phase, time.perf_counter()))  # noqa: E731
        return _core.prove_close(key, statement, total, b"", secret=bytes(32), progress=tell)

    began = time.process_time()
    seconds, proof = timed(prove, repeat)
    core_seconds = (time.process_time() - began) / repeat
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    verified, _ = timed(lambda: _core.verify_close(key, statement, proof), 5 * repeat)
    spent = {f"  {name}": end - begin for (name, begin), (_, end) in itertools.pairwise(phases)}
    return {
        "parameters": sizes["parameters"],
        "vectors of": 1 << sizes["vector_bits"],
        "weight vectors": sizes["weight_vectors"],
        "prove": seconds,
        **spent,
        "prove, core s": core_seconds,
        "verify": verified,
        "proof bytes": len(proof),
        "MB before": before,
        "peak MB": peak,
    }


def isolated(arguments: dict[str, Any], threads: int, repeat: int) -> dict[str, Any]:
    """`measure` in a process of its own."""
    order = json.dumps({"arguments": arguments, "threads": threads, "repeat": repeat})
    command = [sys.executable, "-m", "benches.close", "--order", order]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def main() -> None:
    """Prints one table for all networks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--repeat", type=int, default=3, help="the fastest of so many runs counts")
    parser.add_argument("--large", action="store_true", help="ten million parameters too (some minutes)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--order", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.order:
        _core.set_threads(options.order["threads"])
        print(json.dumps(measure(options.order["arguments"], options.order["repeat"])))
        return
    networks = NETWORKS | (LARGE if options.large else {})
    repeats = {name: 1 if name in LARGE else options.repeat for name in networks}
    results = {name: isolated(arguments, options.threads, repeats[name]) for name, arguments in networks.items()}
    if options.json:
        print(json.dumps(results, indent=1))
        return
    print(f"close of a round of {COUNT} updates, {options.threads} threads; seconds unless a unit is named\n")
    print(f"{'':24}" + "".join(f"{name:>14}" for name in results))
    for line in next(iter(results.values())):
        print(f"{line:24}" + "".join(f"{shown(result[line]):>14}" for result in results.values()))


if __name__ == "__main__":
    main()
