"""One participant's round, measured: seconds per phase, peak memory, sizes. Each in a process of its own.

A round is described by the keyword arguments of `Program.build`; records are random, and every proof is verified. The
setup is the development setup.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from fedproof import _core

DEFAULTS: dict[str, Any] = {
    "loss": "softmax",
    "one_hot": True,
    "steps": 4,
    "batch": 32,
    "bits": 12,
    "limb_bits": 0,
    "weight_bits": 36,
    "activation_bits": 7,
    "delta_bits": 10,
    "kernel": 1 << 14,
    "bound_bits": 40,
    "openings": 4,
    "group": 0,
    "vector_bits": 0,
    "prefer": "time",
}


def described(dims: list[int], **changes: Any) -> dict[str, Any]:
    """Arguments of `Program.build`: a ReLU network with softmax; with one output a sigmoid."""
    single = {"loss": "sigmoid", "one_hot": False} if dims[-1] == 1 else {}
    arguments = DEFAULTS | single | {"dims": dims, "activations": ["relu"] * (len(dims) - 2)} | changes
    return {"blocks": 1 << (arguments["steps"] - 1).bit_length()} | arguments


def random_records(program: _core.Program, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Features within +-4 of a normal distribution, targets one-hot or (one output) 0 and 1."""
    sizes = program.describe()
    dims, slots = sizes["dims"], sizes["blocks"] * sizes["batch"]
    generator = np.random.default_rng(seed)
    one, largest = 1 << sizes["activation_bits"], (1 << (sizes["bits"] - 1)) - 1
    features = np.clip(np.rint(generator.normal(size=(slots, dims[0])) * one), -largest, largest).astype(np.int64)
    classes = generator.integers(0, max(2, dims[-1]), size=slots)
    targets = (classes[:, None] == np.arange(dims[-1]) + (dims[-1] == 1)).astype(np.int64) << sizes["delta_bits"]
    return features, targets


def timed(action: Callable[[], Any], repeat: int = 1) -> tuple[float, Any]:
    """Fewest seconds of `repeat` runs, and the last result."""
    best = float("inf")
    for _ in range(repeat):
        begin = time.perf_counter()
        result = action()
        best = min(best, time.perf_counter() - begin)
    return best, result


def measure(
    program: _core.Program, features: np.ndarray, targets: np.ndarray, *, repeat: int = 1, register: bool = True
) -> dict[str, Any]:
    """Everything about one round, in this process."""
    sizes = program.describe()
    setup_seconds, setup = timed(lambda: _core.Setup.development(sizes["setup_powers"]))
    key_seconds, key = timed(lambda: _core.Key(program, setup))
    dataset = _core.Dataset(program, features, targets)
    weights = program.init_weights(bytes(32))
    pi, beta, _ = program.schedule(bytes(32))
    common = {
        "chain_id": 0,
        "hub": bytes(32),
        "submitter": bytes(20),
        "task": bytes(32),
        "dataset": dataset.commit(key),
    }
    registration = _core.RegistrationStatement(**common, nonce_commitment=bytes(32), count=dataset.count)
    out: dict[str, Any] = {
        "parameters": sizes["parameters"],
        "trace rows": sizes["trace_rows"],
        "vectors of": 1 << sizes["vector_bits"],
        "vectors of a column": sizes["vectors"],
        "limb bits": sizes["limb_bits"],
        "group": sizes["group"],
        "setup (once, cached)": setup_seconds,
        "key (once)": key_seconds,
    }
    if register:
        prove = lambda: _core.prove_registration(key, registration, dataset, secret=bytes(32))  # noqa: E731
        out["registration, prove"], registered = timed(prove)
        out["registration, verify"], _ = timed(lambda: _core.verify_registration(key, registration, registered), repeat)
        out["registration bytes"] = len(registered)
    statement = _core.TrainingStatement(
        **common,
        round=0,
        weights=key.commit_weights(weights),
        dataset_id=registration.dataset_id(key),
        pi=pi,
        beta=beta,
        count=sizes["steps"] * sizes["batch"],
    )
    out["execute"], trace = timed(lambda: _core.execute(program, weights, dataset, pi, beta), repeat)
    out["prove"], proven = timed(
        lambda: _core.prove_training(key, statement, weights, dataset, trace, secret=bytes(32)), repeat
    )
    out.update({f"  {phase}": seconds for phase, seconds in proven.profile.items()})
    out["verify"], _ = timed(lambda: _core.verify_training(key, statement, proven.proof), 5 * repeat)
    out["proof bytes"] = len(proven.proof)
    out["gas, counted"] = sizes["cost"]["gas"]
    out["estimated core s"] = sizes["cost"]["core_seconds"]
    out["estimated MB"] = sizes["cost"]["memory"] / 1e6
    out["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return out


def isolated(arguments: dict[str, Any], *, threads: int, repeat: int = 1, register: bool = False) -> dict[str, Any]:
    """`measure` in a process of its own, on random records."""
    order = {"arguments": arguments, "threads": threads, "repeat": repeat, "register": register}
    command = [sys.executable, "-m", "benches.measure", json.dumps(order)]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def main() -> None:
    """Prints one measurement as JSON; the argument is what `isolated` passes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("order", type=json.loads)
    order = parser.parse_args().order
    _core.set_threads(order["threads"])
    program = _core.Program.build(**order["arguments"])
    features, targets = random_records(program)
    print(json.dumps(measure(program, features, targets, repeat=order["repeat"], register=order["register"])))


if __name__ == "__main__":
    main()
