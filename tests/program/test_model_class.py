"""Every activation, loss, weight and optimiser of a task: the core's integers stay close to exact float training."""

import numpy as np
import pytest

from fedproof import Task, _core
from fedproof.data import Records, Table, encode, fill_blocks
from fedproof.federation.rules import next_model
from fedproof.program import compile_task, float_model, inspect_task

CLASSES = {"target": "y", "classes": ["a", "b", "c"]}
SOFTMAX = {"loss": "softmax-cross-entropy"}
TARGETS = {"targets": [{"name": "u"}, {"name": "v"}, {"name": "w"}]}


def task_of(model: dict, data: dict | None = None, activation: str = "tanh", **training) -> Task:
    """4-6-3 at 12 bits, 8 steps of 16 records. Not ReLU unless asked for: rounding may push a unit over its kink."""
    return Task.parse(
        {
            "task": {"name": "t", "rounds": 1, "seed": 3, "min_records": 1},
            "model": {"layers": [{"units": 6, "activation": activation}, {"units": 3}]} | model,
            "training": {"learning_rate": 0.2, "steps": 8, "batch": 16} | training,
            "data": {"features": [{"name": n} for n in "pqrs"], **(data or CLASSES)},
        }
    )


def records_of(task: Task) -> Records:
    """Features and targets that have something to do with each other."""
    random = np.random.RandomState(1)
    x = random.normal(size=(100, 4)).round(3)
    scores = np.tanh(x @ random.normal(size=(4, 3)))
    if task.data.classes:
        table = Table(x, tuple(task.classes[i] for i in scores.argmax(axis=1)))
    else:
        table = Table(x, targets=(scores > 0).astype(float) if task.labels else scores)
    return fill_blocks(encode(table, task), task.slots)


def largest_gap(task: Task) -> tuple[float, float]:
    """Largest difference of a weight after a round, and largest change of a weight in float."""
    program, records = compile_task(task), records_of(task)
    start = program.init_weights(task.seed)
    pi, beta, blocks = program.schedule(bytes(32))
    trace = _core.execute(program, start, _core.Dataset(program, records.features, records.targets), pi, beta)
    model, _ = next_model(trace.update, 1, task.fields)
    first = float_model.from_integers(task, start)
    floats = float_model.float_round(task, first, records, blocks)
    mine = float_model.from_integers(task, model)
    gaps = [np.abs(a - b).max() for a, b in zip(mine, floats, strict=True)]
    moved = [np.abs(a - b).max() for a, b in zip(first, floats, strict=True)]
    return float(max(gaps)), float(max(moved))


CASES = {
    **{f"softmax, {name}": task_of(SOFTMAX, activation=name) for name in float_model.ACTIVATIONS},
    "sigmoid": task_of({"loss": "sigmoid-cross-entropy"}),
    "sigmoid, class weights": task_of({"loss": "sigmoid-cross-entropy", "class_weights": [0.5, 1.0, 2.0]}),
    "softmax, class weights": task_of(SOFTMAX | {"class_weights": [0.5, 1.0, 2.0]}),
    "labels": task_of({"loss": "sigmoid-cross-entropy"}, {"labels": ["u", "v", "w"]}),
    "labels, positive weights": task_of(
        {"loss": "sigmoid-cross-entropy", "positive_weights": [2.0, 0.5, 1.0]}, {"labels": ["u", "v", "w"]}
    ),
    "squared": task_of({"loss": "squared-error"}, TARGETS),
    "huber": task_of({"loss": "huber", "huber_delta": 0.3}, TARGETS),
    "momentum": task_of(SOFTMAX, optimiser="momentum", momentum=0.9, learning_rate=0.05),
    "nesterov": task_of(SOFTMAX, optimiser="nesterov", momentum=0.9, learning_rate=0.05),
    "weight decay": task_of(SOFTMAX, weight_decay=0.1),
    "proximal": task_of(SOFTMAX, proximal=0.5),
    "everything": task_of(
        SOFTMAX | {"class_weights": [1.5, 1.0, 0.5]},
        activation="gelu",
        optimiser="nesterov",
        momentum=0.8,
        weight_decay=0.01,
        proximal=0.1,
        learning_rate=0.05,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_integers_stay_close_to_float(name):
    gap, moved = largest_gap(CASES[name])
    assert moved > 0.1
    assert gap < 0.015, f"{gap} of {moved}"


@pytest.mark.parametrize("name", ["weight decay", "momentum", "proximal", "labels, positive weights", "huber"])
def test_the_comparison_would_notice_if_it_were_left_out(name):
    """What a case adds moves weights by more than integers differ from float."""
    task = CASES[name]
    plain = {
        "weight decay": task_of(SOFTMAX),
        "momentum": task_of(SOFTMAX, learning_rate=0.05),
        "proximal": task_of(SOFTMAX),
        "labels, positive weights": task_of({"loss": "sigmoid-cross-entropy"}, {"labels": ["u", "v", "w"]}),
        "huber": task_of({"loss": "squared-error"}, TARGETS),
    }[name]
    records = records_of(task)
    start = float_model.from_integers(plain, compile_task(plain).init_weights(plain.seed))
    ends = [float_model.float_round(t, start, records, range(8)) for t in (task, plain)]
    assert max(np.abs(a - b).max() for a, b in zip(*ends, strict=True)) > 0.02


def test_inspection_tells_loss_and_optimiser():
    lines = {n: v for section in inspect_task(CASES["everything"]).sections().values() for n, v in section}
    assert lines["loss"] == "softmax-cross-entropy, weights 1.5, 1, 0.5"
    assert lines["optimiser"] == "nesterov, momentum 0.8, weight decay 0.01, proximal 0.1"
    assert "kappa = " in lines["learning rate"] and "over 8 steps" in lines["learning rate"]
    assert lines["rounding remainder"] == "48 bits (4 limbs)"
    huber = {n: v for s in inspect_task(CASES["huber"]).sections().values() for n, v in s}
    assert huber["loss"] == "huber, delta 0.3" and huber["optimiser"] == "sgd"
