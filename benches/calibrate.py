"""Fits the cost model of crates/program/src/cost.rs to this machine and prints its constants.

    python -m benches.calibrate

Processor seconds of proving, not seconds on the clock: they do not depend on what else the machine is doing, and
divided by the cores they are the estimate.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from typing import Any

import numpy as np
from scipy.optimize import nnls

from benches.measure import described, random_records
from fedproof import _core

COUNTS = ("full_points", "small_points", "row_products", "cell_products")
PROGRAMS = [
    described([30, 1]),
    described([30, 16, 2]),
    described([30, 16, 2], vector_bits=14),
    described([64, 32, 10], steps=8),
    described([64, 32, 10], steps=32),
    described([64, 32, 10], steps=8, group=2),
    described([64, 32, 10], steps=8, group=8, limb_bits=16),
    described([256, 64, 10], steps=8, vector_bits=16),
    described([512, 512, 10], steps=1, batch=64),
    described([784, 128, 10], steps=4, batch=64),
    described([784, 128, 10], steps=4, batch=64, group=8, vector_bits=17),
]


def processor_seconds(arguments: dict[str, Any]) -> float:
    """Of executing and proving one round, in this process."""
    program = _core.Program.build(**arguments)
    key = _core.Key(program, _core.Setup.development(program.describe()["setup_powers"]))
    dataset = _core.Dataset(program, *random_records(program))
    weights = program.init_weights(bytes(32))
    pi, beta, _ = program.schedule(bytes(32))
    statement = _core.TrainingStatement(
        chain_id=0,
        hub=bytes(32),
        submitter=bytes(20),
        task=bytes(32),
        dataset=dataset.commit(key),
        round=0,
        weights=key.commit_weights(weights),
        dataset_id=bytes(32),
        pi=pi,
        beta=beta,
        count=arguments["steps"] * arguments["batch"],
    )
    begin = time.process_time()
    trace = _core.execute(program, weights, dataset, pi, beta)
    _core.prove_training(key, statement, weights, dataset, trace, secret=bytes(32))
    return time.process_time() - begin


def main() -> None:
    """Measures every program in a process of its own and fits."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--one", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(processor_seconds(options.one))
        return
    rows, seconds = [], []
    for arguments in PROGRAMS:
        cost = _core.Program.build(**arguments).describe()["cost"]
        rows.append([1e9, *(cost[name] for name in COUNTS)])
        command = [sys.executable, "-m", "benches.calibrate", "--one", json.dumps(arguments)]
        seconds.append(float(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
    matrix, measured = np.array(rows) * 1e-9, np.array(seconds)
    # relative errors: a small proof counts as much as a large one
    found, _ = nnls(matrix / measured[:, None], np.ones(len(measured)))
    for arguments, row, spent in zip(PROGRAMS, matrix, measured, strict=True):
        print(
            f"{'-'.join(map(str, arguments['dims'])):>16}  {spent:8.3f} s measured  {row @ found:8.3f} s by the model"
        )
    print(f"FIXED_SECONDS = {found[0]:.3g}")
    print(f"NANOSECONDS = {[float(f'{value:.3g}') for value in found[1:]]}  # {', '.join(COUNTS)}")


if __name__ == "__main__":
    main()
