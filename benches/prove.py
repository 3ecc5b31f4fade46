"""One participant's round: seconds per phase, peak memory, verifying time and proof sizes.

    python -m benches.prove [--threads N] [--repeat R] [--json]

Each task is measured in a process of its own, so that its peak memory is its own. The setup is the development setup.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from fedproof import _core
from fedproof.data import encode, fill_blocks
from fedproof.data.examples import load_example
from fedproof.program import compile_task, inspect_task

MODELS: dict[str, dict[str, Any]] = {
    "logistic 30-1": {"name": "breast-cancer", "hidden": ()},
    "30-16-2": {"name": "breast-cancer", "hidden": (16,)},
    "digits 64-32-10": {"name": "digits", "hidden": (32,)},
}


def timed(action: Callable[[], Any], repeat: int = 1) -> tuple[float, Any]:
    """Fewest seconds of `repeat` runs, and the last result."""
    best = float("inf")
    for _ in range(repeat):
        begin = time.perf_counter()
        result = action()
        best = min(best, time.perf_counter() - begin)
    return best, result


def measure(name: str, threads: int, repeat: int) -> dict[str, Any]:
    """Everything about one model, in this process."""
    _core.set_threads(threads)
    example = load_example(**MODELS[name])
    task = example.task
    program = compile_task(task)
    sizes = program.describe()
    records = fill_blocks(encode(example.participants[0], task), task.slots)
    setup_seconds, setup = timed(lambda: _core.Setup.development(sizes["setup_powers"]))
    key_seconds, key = timed(lambda: _core.Key(program, setup))
    dataset = _core.Dataset(program, records.features, records.targets)
    weights = program.init_weights(task.seed)
    pi, beta, _ = program.schedule(bytes(32))
    common = {
        "chain_id": 0,
        "hub": task.digest,
        "submitter": bytes(20),
        "task": task.digest,
        "dataset": dataset.commit(key),
    }
    registration = _core.RegistrationStatement(**common, nonce_commitment=bytes(32), count=dataset.count)
    register_seconds, registered = timed(
        lambda: _core.prove_registration(key, registration, dataset, secret=bytes(32)), repeat
    )
    check_seconds, _ = timed(lambda: _core.verify_registration(key, registration, registered), repeat)
    statement = _core.TrainingStatement(
        **common,
        round=0,
        weights=key.commit_weights(weights),
        dataset_id=registration.dataset_id(key),
        pi=pi,
        beta=beta,
        count=task.steps * task.batch,
    )
    execute_seconds, trace = timed(lambda: _core.execute(program, weights, dataset, pi, beta), repeat)
    prove_seconds, proven = timed(
        lambda: _core.prove_training(key, statement, weights, dataset, trace, secret=bytes(32)), repeat
    )
    verify_seconds, _ = timed(lambda: _core.verify_training(key, statement, proven.proof), 5 * repeat)
    return {
        "steps": task.steps,
        "batch": task.batch,
        "rows": sizes["rows"],
        "setup (once, cached)": setup_seconds,
        "key (once)": key_seconds,
        "registration, prove": register_seconds,
        "registration, verify": check_seconds,
        "execute": execute_seconds,
        "prove": prove_seconds,
        **{f"  {phase}": seconds for phase, seconds in proven.profile.items()},
        "verify": verify_seconds,
        "proof bytes": len(proven.proof),
        "registration bytes": len(registered),
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "estimated s": inspect_task(task, cores=threads).cost.proving_seconds,
        "estimated MB": inspect_task(task).cost.memory_bytes / 1e6,
    }


def shown(value: float) -> str:
    """Counts as they are, seconds with four digits."""
    return str(value) if isinstance(value, int) else f"{value:.4f}" if value < 50 else f"{value:.0f}"


def main() -> None:
    """Prints one table for all models."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--repeat", type=int, default=3, help="the fastest of so many runs counts")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--model", choices=MODELS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.model:
        print(json.dumps(measure(options.model, options.threads, options.repeat)))
        return
    results = {}
    for name in MODELS:
        arguments = ["--model", name, "--threads", str(options.threads), "--repeat", str(options.repeat)]
        command = [sys.executable, "-m", "benches.prove", *arguments]
        results[name] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    if options.json:
        print(json.dumps(results, indent=1))
        return
    print(f"one participant's round, {options.threads} threads; seconds unless a unit is named\n")
    print(f"{'':34}" + "".join(f"{name:>16}" for name in results))
    for line in next(iter(results.values())):
        print(f"{line:34}" + "".join(f"{shown(result.get(line, 0)):>16}" for result in results.values()))


if __name__ == "__main__":
    main()
