"""The float baseline: right gradients, and close to the integer program."""

from dataclasses import replace

import numpy as np
import pytest

from fedproof import Task, _core
from fedproof.data import encode, fill_blocks
from fedproof.data.examples import load_example
from fedproof.program import compile_task, float_model, losses
from fedproof.program.activations import ACTIVATIONS
from fedproof.task.integers import optimiser_rule
from fedproof.task.kernel import response

TARGETS = {
    "sigmoid-cross-entropy": {"target": "y", "classes": ["a", "b"]},
    "softmax-cross-entropy": {"target": "y", "classes": ["a", "b"]},
    "squared-error": {"targets": [{"name": "u"}, {"name": "v"}]},
    "huber": {"targets": [{"name": "u"}, {"name": "v"}]},
    "labels": {"labels": ["u", "v"]},
}


def small(loss: str, activation: str = "relu", training: dict | None = None, **model) -> Task:
    """3-5-2; loss "labels" is sigmoid cross-entropy with two labels."""
    if loss == "huber":
        model = {"huber_delta": 0.4} | model
    return Task.parse(
        {
            "task": {"name": "t", "rounds": 1, "seed": 1, "min_records": 1},
            "model": {
                "layers": [{"units": 5, "activation": activation}, {"units": 2}],
                "loss": "sigmoid-cross-entropy" if loss == "labels" else loss,
                **model,
            },
            "training": {"learning_rate": 0.25, "steps": 1, "batch": 8} | (training or {}),
            "data": {"features": [{"name": n} for n in "pqr"], **TARGETS[loss]},
        }
    )


def some_records(task: Task, count: int):
    from fedproof.data import Records

    random = np.random.default_rng(3)
    x = random.normal(size=(count, 3)).astype(np.float32)
    y = np.eye(2)[random.integers(0, 2, count)].astype(np.float32)
    if task.labels:
        y = random.integers(0, 2, (count, 2)).astype(np.float32)
    return Records(np.floor(x * 128 + 0.5).astype(np.int64), (y * 1024).astype(np.int64), x, y)


def follows_the_gradient(task: Task) -> None:
    """A single step is the learning rate times the numerical gradient of the loss."""
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


@pytest.mark.parametrize("loss", TARGETS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_step_follows_the_gradient_of_the_loss(loss, activation):
    follows_the_gradient(small(loss, activation))


@pytest.mark.parametrize(
    ("loss", "weights"),
    [
        ("sigmoid-cross-entropy", {"class_weights": [0.5, 3.0]}),
        ("softmax-cross-entropy", {"class_weights": [0.5, 3.0]}),
        ("labels", {"positive_weights": [4.0, 0.25]}),
    ],
)
def test_a_step_follows_the_gradient_of_a_weighted_loss(loss, weights):
    task = small(loss, **weights)
    follows_the_gradient(task)
    records, zero = some_records(task, 8), [np.zeros((4, 5), np.float32), np.zeros((6, 2), np.float32)]
    assert float_model.loss(task, zero, records) != pytest.approx(float_model.loss(small(loss), zero, records))


def test_weights_count_records_as_torch_does():
    """pos_weight weighs ones of a label; a class weight weighs all outputs of a record of that class."""
    labels = small("labels", positive_weights=[4.0, 1.0])
    y = np.float32([[1, 1], [0, 0]])
    assert losses.target_weights(labels, y).tolist() == [[4, 1], [1, 1]]
    classes = small("softmax-cross-entropy", class_weights=[2.0, 0.5])
    assert losses.target_weights(classes, np.float32([[1, 0], [0, 1]])).tolist() == [[2], [0.5]]
    z = np.float32([[0.3, -1.2]])
    delta = losses.deltas(labels, z, y[:1])
    np.testing.assert_allclose(delta, [[4 * (1 / (1 + np.exp(-0.3)) - 1), 1 / (1 + np.exp(1.2)) - 1]], rtol=1e-6)


def test_one_output_has_a_weight_per_class():
    content = small("sigmoid-cross-entropy").model_dump(exclude_defaults=True)
    content["task"] = content.pop("about")
    content["model"] |= {"layers": [{"units": 1}], "class_weights": [0.5, 3.0]}
    task = Task.parse(content)
    assert losses.target_weights(task, np.float32([[0], [1]])).tolist() == [[0.5], [3]]


OPTIMISERS = [
    {},
    {"optimiser": "momentum", "momentum": 0.9},
    {"optimiser": "nesterov", "momentum": 0.9},
    {"weight_decay": 0.1},
    {"proximal": 0.5},
    {"optimiser": "nesterov", "momentum": 0.8, "weight_decay": 0.05, "proximal": 0.2},
]


@pytest.mark.parametrize("training", OPTIMISERS)
def test_a_round_is_what_the_kernel_makes_of_its_gradients(training):
    """The float optimiser and the exact kernel are the same algorithm, step by step."""
    task = small("softmax-cross-entropy", "tanh", {"steps": 6, "blocks": 8} | training)
    records = some_records(task, 64)
    random = np.random.default_rng(6)
    weights = [random.normal(size=s) for s in ((4, 5), (6, 2))]
    records = replace(records, x=records.x.astype(np.float64), y=records.y.astype(np.float64))
    found = response(optimiser_rule(task), 6)
    seen = []
    for step in range(6):
        current = [w.copy() for w in weights]
        if step:
            current = [
                float(found.initial[step - 1]) * w
                - sum(float(found.gradients[step - s - 1]) * seen[s][layer] for s in range(step))
                for layer, w in enumerate(weights)
            ]
        at = slice(step * 8, step * 8 + 8)
        seen.append(float_model.gradients(task, current, records.x[at], records.y[at]))
        after = float_model.float_round(task, weights, records, range(step + 1))
        for layer, w in enumerate(weights):
            moved = sum(float(found.gradients[step - s]) * seen[s][layer] for s in range(step + 1))
            np.testing.assert_allclose(after[layer], float(found.initial[step]) * w - moved, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("training", [t for t in OPTIMISERS if "proximal" not in t])
def test_a_round_is_what_torch_makes_of_it(training):
    torch = pytest.importorskip("torch", reason="torch (fedproof[torch]) is not installed")
    task = small("softmax-cross-entropy", "gelu", {"steps": 6, "blocks": 8} | training, class_weights=[2.0, 0.5])
    records = some_records(task, 64)
    random = np.random.default_rng(6)
    weights = [random.normal(size=s).astype(np.float32) for s in ((4, 5), (6, 2))]
    theirs = [torch.nn.Parameter(torch.tensor(w.tolist())) for w in weights]
    optimiser = torch.optim.SGD(
        theirs,
        lr=0.25,
        momentum=training.get("momentum", 0.0),
        nesterov=training.get("optimiser") == "nesterov",
        weight_decay=training.get("weight_decay", 0.0),
    )
    for step in range(6):
        x, y = (torch.tensor(a[step * 8 : step * 8 + 8].tolist()) for a in (records.x, records.y))
        one = torch.ones(8, 1)
        z = torch.cat([torch.nn.functional.gelu(torch.cat([x, one], 1) @ theirs[0]), one], 1) @ theirs[1]
        each = torch.nn.functional.cross_entropy(z, y.argmax(1), weight=torch.tensor([2.0, 0.5]), reduction="none")
        optimiser.zero_grad()
        each.mean().backward()
        optimiser.step()
    mine = float_model.float_round(task, weights, records, range(6))
    for ours, torchs in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(ours, torchs.detach().tolist(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slopes_are_those_of_the_functions(name):
    function, slope = ACTIVATIONS[name]
    z = np.linspace(-4, 4, 33) + 0.01
    np.testing.assert_allclose((function(z + 1e-6) - function(z - 1e-6)) / 2e-6, slope(z), atol=1e-5)
    single = z.astype(np.float32)
    assert function(single).dtype == slope(single).dtype == np.float32


def test_known_values_of_activations():
    at = {name: float(function(np.array([1.0]))[0]) for name, (function, _) in ACTIVATIONS.items()}
    assert at["gelu"] == pytest.approx(0.8413447) and at["silu"] == pytest.approx(0.7310586)
    assert float(ACTIVATIONS["leaky-relu"][0](np.array([-2.0]))[0]) == pytest.approx(-0.02)


def test_labels_are_predicted_one_by_one():
    task = small("labels")
    one = [np.zeros((4, 5), np.float32), np.zeros((6, 2), np.float32)]
    one[1][5] = [1.0, -1.0]
    records = some_records(task, 20)
    assert float_model.predict_labels(task, one, records.x).tolist() == [[1, 0]] * 20
    first, second = (records.y == [[1, 0]]).mean(axis=0)
    assert float_model.class_accuracy(task, one, records) == pytest.approx({"u": first, "v": second})
    assert float_model.accuracy(task, one, records) == pytest.approx((first + second) / 2)


def test_softmax_predicts_probabilities_that_add_up():
    task = small("softmax-cross-entropy")
    weights = [np.ones((4, 5), np.float32), np.float32([[1, 3]] * 6)]
    records = some_records(task, 5)
    found = float_model.predict(task, weights, records.x)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    assert float_model.predict_classes(task, weights, records.x).tolist() == found.argmax(axis=1).tolist()
    huge = [weights[0], weights[1] * 1e4]
    assert np.isfinite(float_model.predict(task, huge, records.x)).all()


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
    program = compile_task(task)
    initial = program.init_weights(task.seed)
    pi, beta, blocks = program.schedule(bytes(32))
    update = _core.execute(program, initial, _core.Dataset(program, records.features, records.targets), pi, beta).update
    floats = float_model.float_round(task, float_model.from_integers(task, initial), records, blocks)
    for integer, real in zip(float_model.from_integers(task, update), floats, strict=True):
        assert np.abs(integer - real).max() < 0.01
    changes = np.abs(float_model.from_integers(task, update)[0] - float_model.from_integers(task, initial)[0])
    assert changes.max() > 0.05
