"""Fits the cost model of `fedproof inspect` to this machine and prints its constants (src/fedproof/program/cost.py).

    python -m benches.calibrate

Processor seconds of proving, not seconds on the clock: they do not depend on what else the machine is doing, and
divided by the cores they are the estimate. Peak memory is that of a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np
from scipy.optimize import nnls

from fedproof import _core
from fedproof.data import encode, fill_blocks
from fedproof.data.examples import load_example
from fedproof.program import compile_task
from fedproof.program.cost import memory_cells, work_features

TASKS: list[dict[str, Any]] = [
    {"hidden": ()},
    {"hidden": (), "training": {"batch": 128}},
    {"hidden": (), "training": {"batch": 128, "steps": 16}},
    {"hidden": (), "precision": {"bits": 16}},
    {"hidden": (16,)},
    {"hidden": (16,), "training": {"steps": 16}},
    {"hidden": (16,), "precision": {"bits": 14}},
    {"hidden": (64,)},
    {"hidden": (64,), "training": {"steps": 8}},
    {"hidden": (32, 32)},
    {"hidden": (256, 64)},
    {"hidden": (1024,), "training": {"batch": 8}},
]


def measure(options: dict[str, Any]) -> dict[str, Any]:
    """Sizes of one task, and what proving it took in this process."""
    options["hidden"] = tuple(options["hidden"])
    example = load_example("breast-cancer", **options)
    task = example.task
    program = compile_task(task)
    sizes = program.describe()
    records = fill_blocks(encode(example.participants[0], task), task.slots)
    key = _core.Key(program, _core.Setup.development(sizes["setup_powers"]))
    dataset = _core.Dataset(program, records.features, records.targets)
    weights = program.init_weights(task.seed)
    pi, beta, _ = program.schedule(bytes(32))
    statement = _core.TrainingStatement(
        chain_id=0,
        hub=task.digest,
        submitter=bytes(20),
        task=task.digest,
        round=0,
        weights=key.commit_weights(weights),
        dataset_id=bytes(32),
        dataset=dataset.commit(key),
        pi=pi,
        beta=beta,
        count=task.steps * task.batch,
    )
    seconds = []
    for _ in range(3):
        begin = time.process_time()
        trace = _core.execute(program, weights, dataset, pi, beta)
        _core.prove_training(key, statement, weights, dataset, trace, secret=bytes(32))
        seconds.append(time.process_time() - begin)
    return {"sizes": sizes, "seconds": min(seconds), "bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def main() -> None:
    """Measures every task in a process of its own and prints the fitted constants."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--one", help=argparse.SUPPRESS)
    one = parser.parse_args().one
    if one:
        print(json.dumps(measure(json.loads(one)), default=str))
        return
    results = []
    for options in TASKS:
        command = [sys.executable, "-m", "benches.calibrate", "--one", json.dumps(options)]
        results.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
        print(options, f"{results[-1]['seconds']:.2f} s, {results[-1]['bytes'] / 1e6:.0f} MB", flush=True)
    features = np.array([work_features(result["sizes"]) for result in results], dtype=float)
    seconds = np.array([result["seconds"] for result in results])
    # relative errors count, so that small tasks are fitted as well as large ones
    work, _ = nnls(features / seconds[:, None], np.ones(len(results)))
    print("WORK =", tuple(float(f"{value:.3g}") for value in work))
    cells = np.array([[1, memory_cells(result["sizes"])] for result in results], dtype=float)
    used = np.array([result["bytes"] for result in results], dtype=float)
    memory, _ = nnls(cells / used[:, None], np.ones(len(results)))
    print("MEMORY =", tuple(float(f"{value:.3g}") for value in memory))
    for name, found, fitted in (("seconds", seconds, features @ work), ("memory", used, cells @ memory)):
        print(f"{name}: estimate / measured from {(fitted / found).min():.2f} to {(fitted / found).max():.2f}")


if __name__ == "__main__":
    main()
