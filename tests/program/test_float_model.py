"""The float baseline: right gradients, and close to the integer program."""

import numpy as np
import pytest

from fedproof import Task
from fedproof.data import encode, fill_blocks
from fedproof.data.examples import load_example
from fedproof.program import float_model
from vectors.reference import executor


def small(loss: str, activation: str = "relu") -> Task:
    targets = (
        {"target": "y", "classes": ["a", "b"]}
        if loss == "sigmoid-cross-entropy"
        else {"targets": [{"name": "u"}, {"name": "v"}]}
    )
    return Task.parse(
        {
            "task": {"name": "t", "rounds": 1, "seed": 1, "min_records": 1},
            "model": {"layers": [{"units": 5, "activation": activation}, {"units": 2}], "loss": loss},
            "training": {"learning_rate": 0.25, "steps": 1, "batch": 8},
            "data": {"features": [{"name": n} for n in "pqr"], **targets},
        }
    )


def some_records(task: Task, count: int):
    from fedproof.data import Records

    random = np.random.default_rng(3)
    x = random.normal(size=(count, 3)).astype(np.float32)
    y = np.eye(2)[random.integers(0, 2, count)].astype(np.float32)
    return Records(np.floor(x * 128 + 0.5).astype(np.int64), (y * 1024).astype(np.int64), x, y)


@pytest.mark.parametrize("loss", ["sigmoid-cross-entropy", "squared-error"])
@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_a_step_follows_the_gradient_of_the_loss(loss, activation):
    task = small(loss, activation)
    records = some_records(task, 8)
    random = np.random.default_rng(5)
    weights = [random.normal(size=s).astype(np.float32) for s in ((4, 5), (6, 2))]
    updated = float_model.float_round(task, weights, records, [0])
    for layer, row, column in ((0, 0, 0), (0, 3, 4), (1, 2, 1), (1, 5, 0)):
        moved = []
        for sign in (1, -1):
            bent = [w.astype(np.float64) for w in weights]
            bent[layer][row, column] += sign * 1e-5
            moved.append(float_model.loss(task, bent, records))
        gradient = (moved[0] - moved[1]) / 2e-5
        step = weights[layer][row, column] - updated[layer][row, column]
        assert step == pytest.approx(0.25 * gradient, rel=1e-2, abs=1e-5)


def test_batches_are_read_by_block():
    task = small("squared-error")
    records = some_records(task, 16)
    weights = [np.ones((4, 5), np.float32), np.ones((6, 2), np.float32)]
    second = float_model.float_round(task, weights, records, [1])
    alone = float_model.float_round(task, weights, records.take(np.arange(8, 16)), [0])
    assert all((a == b).all() for a, b in zip(second, alone, strict=True))
    assert weights[0].tolist() == np.ones((4, 5)).tolist()
    both = float_model.float_round(task, weights, records, [1, 0])
    assert not np.allclose(both[1], second[1])


def test_average_and_scale():
    task = small("squared-error")
    weights = float_model.from_integers(task, [np.full((4, 5), 3 << 35, dtype=np.int64)])
    assert weights[0].dtype == np.float32
    assert (weights[0] == 1.5).all()
    mean = float_model.average([[np.float32([[1, 2]])], [np.float32([[3, 5]])]])
    assert mean[0].tolist() == [[2, 3.5]]


def test_predictions_and_accuracy():
    task = small("sigmoid-cross-entropy", "identity")
    one = [np.zeros((4, 5), np.float32), np.zeros((6, 2), np.float32)]
    one[1][5] = [1.0, -1.0]  # the biases of the outputs decide
    records = some_records(task, 20)
    assert float_model.predict_classes(task, one, records.x).tolist() == [0] * 20
    share = float((records.classes == 0).mean())
    assert float_model.accuracy(task, one, records) == pytest.approx(share)
    assert float_model.class_accuracy(task, one, records) == {"a": 1.0, "b": 0.0}
    np.testing.assert_allclose(float_model.predict(task, one, records.x)[0], [0.7310586, 0.2689414], rtol=1e-6)
    huge = [one[0], one[1] * 1e4]
    assert float_model.predict(task, huge, records.x)[0].tolist() == [1.0, 0.0]


def test_single_output_threshold():
    example = load_example("breast-cancer", hidden=())
    records = encode(example.test, example.task, minimum=0)
    weights = [np.zeros((31, 1), np.float32)]
    weights[0][30] = 0.1
    assert set(float_model.predict_classes(example.task, weights, records.x).tolist()) == {1}


@pytest.mark.parametrize("hidden", [(), (16,)])
def test_integers_stay_close_to_float(hidden):
    """One participant's first round on real data: every weight within a few steps of the rounded activations."""
    example = load_example("breast-cancer", hidden=hidden)
    task = example.task
    records = fill_blocks(encode(example.participants[0], task), task.slots)
    program = executor.program(task.fields.arguments())
    initial = [executor.matrix(w) for w in program.initial_weights(task.seed)]
    pi, beta = program.schedule(bytes(32))
    blocks = [program.block(pi, beta, t) for t in range(program.T)]
    execution = executor.execute(program, initial, records.features, records.targets, pi, beta)
    floats = float_model.float_round(task, float_model.from_integers(task, initial), records, blocks)
    for integer, real in zip(float_model.from_integers(task, execution.update), floats, strict=True):
        assert np.abs(integer - real).max() < 0.01
    changes = np.abs(float_model.from_integers(task, execution.update)[0] - float_model.from_integers(task, initial)[0])
    assert changes.max() > 0.05
