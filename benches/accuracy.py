"""Accuracy of the integer program beside float32 federated averaging: prints the table of docs/accuracy.md.

    python -m benches.accuracy                 the shipped precision (part of `make bench`)
    python -m benches.accuracy --all           every precision that was compared
    python -m benches.accuracy --only lung     one data set

Both sides start from the same initial model and read the same batches; the float side uses the nominal optimiser, exact
activations and unrounded features. Five folds (each record is in the test set once) times `--models` initial models;
Fashion-MNIST has a test set of its own and one run. Integer training is executed, not proven: it is what a proof would
be about, and mode check compares it with a second execution.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field

import numpy as np

from fedproof import _core
from fedproof.data import encode, fill_blocks
from fedproof.data.examples import load_example
from fedproof.data.examples.example import FOLDS
from fedproof.errors import BadInput
from fedproof.federation.rules import add_weights, next_model
from fedproof.program import compile_task, float_model
from fedproof.task.precision import DEFAULT_BITS, PRESETS


@dataclass(frozen=True)
class Bench:
    """A model of a data set. options: of its example. rounds: None for the command line's. once: one run only."""

    dataset: str
    options: dict = field(default_factory=dict)
    rounds: int | None = None
    once: bool = False


MODELS: dict[str, Bench] = {
    "logistic 30-1": Bench("breast-cancer", {"hidden": ()}),
    "30-16-2": Bench("breast-cancer", {"hidden": (16,)}),
    "digits 64-32-10 softmax": Bench("digits"),
    "the same, Nesterov, FedProx": Bench(
        "digits",
        {"training": {"optimiser": "nesterov", "momentum": 0.9, "proximal": 0.1, "learning_rate": 0.05}},
    ),
    "lung 7-1": Bench("lung"),
    "fashion 784-128-10 softmax": Bench("fashion-mnist", rounds=10, once=True),
}
COMPARED_MODELS = ("logistic 30-1", "30-16-2")
"""Those for which `--all` tries every precision."""
NAMES = ("bits", "activation_bits", "delta_bits", "weight_bits")
SHIPPED = (DEFAULT_BITS, *PRESETS[DEFAULT_BITS])
COMPARED = [
    SHIPPED,
    (12, 6, 10, 36),
    (12, 7, 9, 36),
    (12, 7, 11, 36),
    (12, 7, 10, 32),
    (12, 7, 10, 40),
    (10, 5, 8, 40),
    (8, 3, 6, 40),
    (14, 8, 12, 36),
    (14, 8, 12, 42),
    (16, 10, 14, 40),
    (16, 10, 14, 48),
]


@dataclass(frozen=True)
class Run:
    """One federation after its last round; accuracies 0..1 on the test fold."""

    integer: float
    float32: float
    saturated: float
    """Share of all rounded values that were saturated."""
    largest: float
    """Largest weight that any round started from."""
    loss_integer: float
    loss_float: float


def federate(model: Bench, precision: tuple[int, ...], fold: int, number: int, rounds: int, skew: float) -> Run:
    """Trains both sides side by side."""
    example = load_example(
        model.dataset,
        fold=fold,
        rounds=rounds,
        precision=dict(zip(NAMES, precision, strict=True)),
        **({"skew": skew} if skew else {}),
        **model.options,
    )
    task = example.task
    program = compile_task(task)
    parts = [fill_blocks(encode(table, task), task.slots) for table in example.participants]
    datasets = [_core.Dataset(program, part.features, part.targets) for part in parts]
    test = encode(example.test, task, minimum=0)
    weights = program.init_weights(_core.keccak256(task.seed + bytes([number])))
    floats = float_model.from_integers(task, weights)
    saturated, largest = 0, 0.0
    for index in range(rounds):
        pi, beta, blocks = program.schedule(_core.keccak256(task.digest + bytes([number, index])))
        largest = max(largest, *(float(np.abs(w).max()) for w in float_model.from_integers(task, weights)))
        traces = [_core.execute(program, weights, dataset, pi, beta) for dataset in datasets]
        saturated += sum(trace.saturations for trace in traces)
        weights, _ = next_model(add_weights([trace.update for trace in traces]), len(traces), task.fields)
        floats = float_model.average([float_model.float_round(task, floats, part, blocks) for part in parts])
    final = float_model.from_integers(task, weights)
    values = rounds * len(parts) * task.steps * task.batch * (sum(task.dims[1:]) + sum(task.dims[1:-1]))
    return Run(
        float_model.accuracy(task, final, test),
        float_model.accuracy(task, floats, test),
        saturated / values,
        largest,
        float_model.loss(task, final, test),
        float_model.loss(task, floats, test),
    )


def row(name: str, model: Bench, precision: tuple[int, ...], models: int, rounds: int, skew: float) -> str:
    """One line of the table, averaged over folds and initial models."""
    numbers, folds = (1, 1) if model.once else (models, FOLDS)
    runs = [
        federate(model, precision, fold, number, model.rounds or rounds, skew)
        for number in range(numbers)
        for fold in range(folds)
    ]
    gaps = np.array([run.integer - run.float32 for run in runs]) * 100

    def mean(field: str) -> float:
        return float(np.mean([getattr(run, field) for run in runs]))

    cells = [
        name,
        str(len(runs)),
        *map(str, precision),
        f"{mean('integer'):.2%}",
        f"{mean('float32'):.2%}",
        f"{gaps.mean() + 0.0:+.2f}",
        f"{np.abs(gaps).max():.2f}",
        f"{mean('loss_integer'):.4f} / {mean('loss_float'):.4f}",
        f"{mean('saturated'):.2%}",
        f"{max(run.largest for run in runs):.2f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Prints the table as Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--all", action="store_true", help="every precision that was compared")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--models", type=int, default=4, help="initial models per fold")
    parser.add_argument("--skew", type=float, default=0.0, help="share of records dealt out sorted by class, 0 to 1")
    parser.add_argument("--only", default="", help="one data set: breast-cancer, digits, lung or fashion-mnist")
    options = parser.parse_args()
    begin = time.monotonic()
    heads = [
        "model",
        "runs",
        "l",
        "fa",
        "fd",
        "F",
        "integer",
        "float32",
        "points",
        "worst run",
        "loss",
        "saturated",
        "max abs W_0",
    ]
    print(f"4 participants (lung: its institutions), {options.rounds} rounds (fashion: 10)\n")
    print("| " + " | ".join(heads) + " |")
    print("|" + " --- |" * len(heads))
    for name, model in MODELS.items():
        if options.only not in ("", model.dataset) or (options.skew and model.dataset == "lung"):
            continue
        for precision in COMPARED if options.all and name in COMPARED_MODELS else [SHIPPED]:
            try:
                print(row(name, model, precision, options.models, options.rounds, options.skew), flush=True)
            except BadInput as error:  # data that are not installed
                print(f"{name}: {error}", file=sys.stderr)
                break
    print(f"\n{time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()
