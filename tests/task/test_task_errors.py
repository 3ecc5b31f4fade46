"""Every way a task can be wrong gives one line that names the field, and exit code 2."""

import copy
import math
import tomllib

import pytest

from fedproof import BadInput, Task, TaskError, load_task

GOOD = {
    "task": {"name": "t", "rounds": 3, "seed": 7, "min_records": 50},
    "model": {"layers": [{"units": 4, "activation": "relu"}, {"units": 2}], "loss": "sigmoid-cross-entropy"},
    "training": {"learning_rate": 0.1, "steps": 4, "batch": 32},
    "data": {"features": [{"name": "x"}, {"name": "z"}], "target": "y", "classes": ["a", "b"]},
}
REMOVED = object()

CASES = [
    # unknown and missing keys
    ("training.bacth", 30, "unknown key (did you mean 'batch'?)"),
    (
        "training.schedule",
        0.9,
        "unknown key (known: optimiser, learning_rate, momentum, weight_decay, proximal, steps, batch, blocks)",
    ),
    ("proof.preffer", "gas", "unknown key (did you mean 'prefer'?)"),
    ("data.features[1].std", 1.0, "unknown key (known: name, mean, scale, impute)"),
    ("trainnig", {}, "unknown key (did you mean 'training'?)"),
    ("task.rounds", REMOVED, "missing"),
    ("model", REMOVED, "missing"),
    ("data.features[0].name", REMOVED, "missing"),
    # wrong types
    ("training.steps", True, "must be an integer, got True"),
    ("training.steps", 4.0, "must be an integer, got 4.0"),
    ("training.learning_rate", "fast", "must be a number, got 'fast'"),
    ("training.learning_rate", math.nan, "must be a finite number, got nan"),
    ("data.features[0].mean", math.inf, "must be a finite number, got inf"),
    ("data.features", "all", "must be a list, got 'all'"),
    ("data.features[0]", "x", "must be a table, got 'x'"),
    ("model", 3, "must be a table, got 3"),
    ("data.target", 3, "must be a string, got 3"),
    # values
    ("task.name", "my task", "must consist of letters, digits, dots, dashes and underscores, got 'my task'"),
    ("task.rounds", 0, "must be at least 1, got 0"),
    ("task.seed", "abc", "must be 64 hex digits or an integer, got 'abc'"),
    ("task.seed", "0x" + " 1" * 32, "must be 64 hex digits or an integer, got"),
    ("task.seed", -1, "must be between 0 and 2^256 - 1, got -1"),
    ("task.seed", 1.5, "must be 64 hex digits or an integer, got 1.5"),
    ("task.min_accepted", 0, "must be at least 1, got 0"),
    ("task.min_records", 129, "must be at most blocks * batch = 128, got 129"),
    ("training.optimiser", "adam", "must be 'sgd', 'momentum' or 'nesterov', got 'adam'"),
    ("training.optimiser", "nesterov", "missing (optimiser = 'nesterov')"),
    ("training.momentum", 0.9, "belongs to momentum and nesterov (optimiser = 'sgd')"),
    ("training.momentum", 1.0, "must be less than 1.0, got 1.0"),
    ("training.momentum", 0.0, "must be greater than 0.0, got 0.0"),
    ("training.weight_decay", -0.1, "must be at least 0.0, got -0.1"),
    ("training.weight_decay", 20.0, "learning_rate * (weight_decay + proximal) must be at most 1, got 20.0"),
    ("training.proximal", -1.0, "must be at least 0.0, got -1.0"),
    ("training.proximal", 11.0, "learning_rate * (weight_decay + proximal) must be at most 1, got 11.0"),
    ("proof.prefer", "fame", "must be 'time', 'gas' or 'size', got 'fame'"),
    ("proof.group", 13, "must be at most 12, got 13"),
    ("proof.limb_bits", 3, "must be at least 4, got 3"),
    ("proof.limb_bits", 21, "must be at most 20, got 21"),
    ("proof.vector_bits", 25, "must be at most 24, got 25"),
    ("training.batch", 30, "must be a power of two, got 30"),
    ("training.blocks", 3, "must be a power of two, got 3"),
    ("training.batch", 131072, "must be at most 65536, got 131072"),
    ("training.learning_rate", 0.0, "must be greater than 0.0, got 0.0"),
    ("training.learning_rate", 1e-9, "must lie between 3.05e-05 and 6.71e+07 here, got 1e-09"),
    ("data.features[0].scale", 0.0, "must be greater than 0.0, got 0.0"),
    ("data.features", [], "must have at least 1 entries, got 0"),
    ("model.layers", [{"units": 2}] * 17, "must have at most 16 entries, got 17"),
    ("data.features[1].name", "x", "'x' stands there twice"),
    ("data.target", "z", "'z' is a feature too"),
    ("data.classes", ["a", "a"], "'a' stands there twice"),
    ("data.classes", ["a"], "must have at least 2 entries, got 1"),
    # model, loss and targets
    ("model.loss", "hinge", "must be 'sigmoid-cross-entropy', 'softmax-cross-entropy', 'squared-error' or 'huber'"),
    (
        "model.layers[0].activation",
        "elu",
        "must be 'identity', 'relu', 'leaky-relu', 'sigmoid', 'tanh', 'gelu' or 'silu', got 'elu'",
    ),
    ("model.loss", "huber", "belongs to sigmoid-cross-entropy and softmax-cross-entropy; give targets"),
    ("model.huber_delta", 1.0, "belongs to huber"),
    ("model.class_weights", [1.0], "must have 2 entries, one per entry of data.classes, got 1"),
    ("model.class_weights", [1.0, -1.0], "must be at least 0.0, got -1.0"),
    ("model.class_weights", [1.0, 256.0], "must be at most 255.996, got 256"),
    ("model.class_weights", [], "must have at least 1 entries, got 0"),
    ("model.positive_weights", [1.0, 2.0], "belongs to tasks with data.labels"),
    ("data.labels", ["u", "v"], "give either labels or target and classes, not both"),
    ("model.layers[1].activation", "relu", "the last layer has no activation (the loss adds its own)"),
    ("model.layers[1].units", 3, "must be 1 or 2 for 2 classes, got 3"),
    ("data.classes", ["a", "b", "c"], "must be 3 for 3 classes, got 2"),
    ("data.target", REMOVED, "missing (needed by sigmoid-cross-entropy)"),
    ("data.classes", REMOVED, "missing (needed by sigmoid-cross-entropy)"),
    ("data.targets", [{"name": "w"}], "belongs to huber and squared-error; give target and classes"),
    # precision
    ("precision.bits", 3, "must be at least 4, got 3"),
    ("precision.bits", 11, "missing (there is no default for bits = 11)"),
    ("precision.activation_bits", 12, "must be below bits = 12, got 12"),
    ("precision.delta_bits", 6, "must lie between activation_bits = 7 and bits = 12, got 6"),
    ("precision.delta_bits", 13, "must lie between activation_bits = 7 and bits = 12, got 13"),
    ("precision.weight_bits", 11, "must be at least bits = 12, got 11"),
    ("precision.weight_bits", 49, "must be at most 48, got 49"),
    ("precision.weight_bound", 1.0, "must be at least 2.0, got 1.0"),
    ("precision.weight_bound", 1048577.0, "must be at most 1048576.0"),
]
ELSEWHERE = {  # the field that is named, where it is not the one that was changed
    ("data.classes", 3): "model.layers[1].units",
    ("data.features[1].name", "x"): "data.features",
    ("training.optimiser", "nesterov"): "training.momentum",
    ("model.loss", "huber"): "data.target",
    ("data.labels", 2): "data.target",
    ("model.class_weights", 2): "model.class_weights[1]",
    ("precision.bits", 11): "precision.activation_bits",
}


def with_change(path: str, value: object) -> dict:
    content = copy.deepcopy(GOOD)
    steps = [int(s) if s.isdigit() else s for s in path.replace("[", ".").replace("]", "").split(".")]
    place = content
    for step in steps[:-1]:
        place = place.setdefault(step, {}) if isinstance(place, dict) else place[step]
    if value is REMOVED:
        del place[steps[-1]]
    else:
        place[steps[-1]] = value
    return content


@pytest.mark.parametrize(("path", "value", "problem"), CASES, ids=lambda v: repr(v)[:40])
def test_one_clear_error(path, value, problem):
    assert Task.parse(GOOD).name == "t"
    with pytest.raises(TaskError) as caught:
        Task.parse(with_change(path, value), "task.toml")
    key = (path, len(value) if isinstance(value, (dict, list)) else value)
    field = ELSEWHERE.get(key, path)
    assert str(caught.value).startswith(f"task.toml: {field}: {problem}")
    assert "\n" not in str(caught.value)
    assert caught.value.field == field
    assert caught.value.exit_code == 2
    assert isinstance(caught.value, BadInput)


def test_the_weight_bound_must_fit_the_program():
    content = with_change("precision.weight_bound", 2.0**10)
    content["precision"]["weight_bits"] = 48
    with pytest.raises(TaskError, match=r"^task: precision.weight_bound: must be at most 256 with weight_bits = 48$"):
        Task.parse(content)


def test_a_round_reads_at_least_two_records():
    content = with_change("training.steps", 1)
    content["training"]["batch"] = 1
    content["task"]["min_records"] = 1
    with pytest.raises(TaskError, match=r"^task: training.steps: steps \* batch must be at least 2$"):
        Task.parse(content)


def regression() -> dict:
    content = with_change("model.loss", "squared-error")
    content["data"] = {"features": [{"name": "x"}], "targets": [{"name": "u"}, {"name": "v"}]}
    return content


def labelled() -> dict:
    return with_change("data", {"features": [{"name": "x"}], "labels": ["u", "v"]})


@pytest.mark.parametrize(
    ("start", "path", "value", "field", "problem"),
    [
        (regression, "model.loss", "huber", "model.huber_delta", "missing (needed by huber)"),
        (regression, "data.labels", ["p", "w"], "data.labels", "belongs to sigmoid-cross-entropy; give targets"),
        (regression, "model.class_weights", [1.0, 1.0], "model.class_weights", "belongs to tasks with data.classes"),
        (labelled, "data.labels", ["u"], "model.layers[1].units", "must be 1, one per entry of data.labels, got 2"),
        (labelled, "data.labels", ["u", "u"], "data.labels", "'u' stands there twice"),
        (labelled, "data.labels", ["u", "x"], "data.labels", "'x' is a feature too"),
        (
            labelled,
            "model.loss",
            "softmax-cross-entropy",
            "data.labels",
            "belongs to sigmoid-cross-entropy; give",
        ),
        (labelled, "model.positive_weights", [1.0], "model.positive_weights", "must have 2 entries, one per entry of"),
        (labelled, "model.class_weights", [1.0, 2.0], "model.class_weights", "belongs to tasks with data.classes"),
    ],
)
def test_other_kinds_of_targets_are_checked_too(start, path, value, field, problem):
    content = start()
    Task.parse(content)
    section, key = path.split(".")
    content[section][key] = value
    with pytest.raises(TaskError) as caught:
        Task.parse(content)
    assert str(caught.value).startswith(f"task: {field}: {problem}")


@pytest.mark.parametrize("delta", [1e-4, 2.0, 1e300])
def test_a_huber_threshold_must_be_representable(delta):
    content = regression()
    content["model"] |= {"loss": "huber", "huber_delta": delta}
    with pytest.raises(TaskError, match=r"model\.huber_delta: must lie between 0\.000488 and 1\.99902 here"):
        Task.parse(content)


def test_softmax_needs_room_above_one():
    content = with_change("model.loss", "softmax-cross-entropy")
    Task.parse(content)
    content["precision"] = {"delta_bits": 11}
    with pytest.raises(TaskError, match=r"precision\.delta_bits: must be at most bits - 2 with softmax-cross-entropy"):
        Task.parse(content)
    content["model"]["layers"] = [{"units": 1}]
    with pytest.raises(TaskError, match=r"model\.layers\[0\]\.units: must be 2 for 2 classes, got 1"):
        Task.parse(content)


def test_explicit_kernels_have_few_steps():
    content = with_change("training.steps", 512)
    Task.parse(content)
    for change in ({"optimiser": "momentum", "momentum": 0.9}, {"weight_decay": 0.01}, {"proximal": 0.1}):
        changed = copy.deepcopy(content)
        changed["training"] |= change
        with pytest.raises(TaskError, match=r"training\.steps: must be at most 256 with momentum, weight decay"):
            Task.parse(changed)


def test_weight_decay_needs_room_for_its_factors():
    content = with_change("precision.weight_bits", 41)
    Task.parse(content)
    content["training"]["weight_decay"] = 0.01
    with pytest.raises(TaskError, match=r"precision\.weight_bits: must lie between 16 and 40 with weight decay"):
        Task.parse(content)


def test_weight_decay_must_not_vanish_in_rounding():
    content = with_change("training.weight_decay", 1e-5)
    assert Task.parse(content).fields.kernel.starts[0] == 2**24 - 17
    content["training"]["weight_decay"] = 1e-6
    with pytest.raises(TaskError, match=r"training\.weight_decay: must be at least 4\.8e-06 here, got 1e-06"):
        Task.parse(content)
    content = with_change("training.weight_decay", 0.01)
    content["precision"] = {"weight_bits": 36}
    with pytest.raises(TaskError, match=r"training\.weight_decay: must be at least 0\.02 here, got 0\.01"):
        Task.parse(content)


def test_regression_is_checked_too():
    assert Task.parse(regression()).dims == (1, 4, 2)
    content = regression()
    content["data"]["targets"].pop()
    with pytest.raises(TaskError, match=r"model.layers\[1\].units: must be 1, one per entry of data.targets, got 2"):
        Task.parse(content)
    content["data"].pop("targets")
    with pytest.raises(TaskError, match=r"data.targets: missing"):
        Task.parse(content)
    content = regression()
    content["data"]["target"] = "w"
    with pytest.raises(
        TaskError, match=r"data.target: belongs to sigmoid-cross-entropy and softmax-cross-entropy; give"
    ):
        Task.parse(content)
    content = regression()
    content["data"]["targets"][1]["name"] = "x"
    with pytest.raises(TaskError, match=r"data.targets: 'x' is a feature too"):
        Task.parse(content)


def test_files_that_are_no_task(tmp_path):
    with pytest.raises(TaskError, match=r"nowhere\.toml: cannot be read: No such file"):
        load_task(tmp_path / "nowhere.toml")
    (tmp_path / "latin.toml").write_bytes(b"[task]\nname = '\xe9'")
    with pytest.raises(TaskError, match="is not UTF-8 text"):
        load_task(tmp_path / "latin.toml")
    (tmp_path / "bad.toml").write_text("[task\n")
    with pytest.raises(TaskError, match=r"bad\.toml: is not valid TOML: .*line 1"):
        load_task(tmp_path / "bad.toml")
    (tmp_path / "task.toml").write_text(Task.parse(GOOD).to_toml().replace("batch = 32", "batch = 30"))
    with pytest.raises(TaskError) as caught:
        load_task(tmp_path / "task.toml")
    assert str(caught.value) == f"{tmp_path / 'task.toml'}: training.batch: must be a power of two, got 30"


def test_unknown_keys_are_told_before_missing_ones():
    content = tomllib.loads(Task.parse(GOOD).to_toml())
    content["training"]["learnig_rate"] = content["training"].pop("learning_rate")
    with pytest.raises(TaskError, match=r"training.learnig_rate: unknown key \(did you mean 'learning_rate'\?\)"):
        Task.parse(content)
