"""A task file is read, written and digested; what it comes down to."""

import copy
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedproof import Task, load_task
from fedproof.task.digest import encode_task
from fedproof.task.precision import PRESETS

TOML = """
[task]
name = "two-clinics"
rounds = 3
seed = 7
min_records = 50

[model]
layers = [ { units = 16, activation = "relu" }, { units = 2 } ]
loss = "sigmoid-cross-entropy"

[training]
learning_rate = 0.1
steps = 3
batch = 32

[data]
features = [
  { name = "age", mean = 61, scale = 9.5, impute = 60.0 },
  { name = "size of tumour", mean = 2.25, scale = 1.5 },
]
target = "outcome"
classes = ["relapse", "none"]
"""
CONTENT = tomllib.loads(TOML)


def changed(**sections: dict) -> dict:
    content = copy.deepcopy(CONTENT)
    for section, entries in sections.items():
        content.setdefault(section, {}).update(entries)
    return content


def test_load(tmp_path):
    file = tmp_path / "task.toml"
    file.write_text(TOML)
    task = load_task(file)
    assert (task.name, task.rounds, task.min_records) == ("two-clinics", 3, 50)
    assert task.seed == bytes(31) + b"\x07"
    assert task.dims == (2, 16, 2)
    assert task.classes == ("relapse", "none")
    assert task.data.features[0].impute == 60.0
    assert task.data.features[1].impute is None
    assert task.data.features[0].mean == 61.0


def test_integers_of_the_program():
    fields = Task.parse(CONTENT).fields
    assert fields.loss == "sigmoid"
    assert fields.activations == ("relu",)
    assert (fields.bits, fields.activation_bits, fields.delta_bits, fields.weight_bits) == (12, 7, 10, 36)
    assert fields.bound_bits == 40  # |W_0| < 16
    assert fields.rate == round(0.1 / 32 * 2**19)
    arguments = fields.arguments()
    assert arguments["dims"] == [2, 16, 2]
    assert set(arguments) == set(fields.__dataclass_fields__)


@pytest.mark.parametrize(("steps", "blocks"), [(1, 1), (2, 2), (3, 4), (4, 4), (5, 8)])
def test_blocks_default_to_the_next_power_of_two(steps, blocks):
    task = Task.parse(changed(training={"steps": steps}, task={"min_records": 1}))
    assert task.blocks == blocks
    assert task.slots == blocks * 32


def test_blocks_can_be_chosen():
    assert Task.parse(changed(training={"blocks": 16})).slots == 512


def test_snapped_rate_is_the_nearest_representable():
    task = Task.parse(CONTENT)
    unit = 32 * 2.0 ** (7 + 10 - 36)
    assert task.snapped_rate == task.fields.rate * unit
    assert abs(task.snapped_rate - task.nominal_rate) <= unit / 2
    assert task.nominal_rate == 0.1


@pytest.mark.parametrize("bits", sorted(PRESETS))
def test_presets_fill_in_what_is_left_out(bits):
    fields = Task.parse(changed(precision={"bits": bits})).fields
    assert (fields.activation_bits, fields.delta_bits, fields.weight_bits) == PRESETS[bits]
    assert fields.weight_bits >= fields.bits


def test_explicit_precision_wins():
    precision = {"bits": 11, "activation_bits": 6, "delta_bits": 9, "weight_bits": 33, "weight_bound": 5}
    fields = Task.parse(changed(precision=precision)).fields
    assert (fields.bits, fields.activation_bits, fields.delta_bits, fields.weight_bits) == (11, 6, 9, 33)
    assert fields.bound_bits == 33 + 3  # 5 rounds up to 8


def test_one_output_for_two_classes_and_regression():
    assert Task.parse(changed(model={"layers": [{"units": 1}]})).dims == (2, 1)
    content = changed(model={"layers": [{"units": 2}], "loss": "squared-error"})
    content["data"] = {"features": CONTENT["data"]["features"], "targets": [{"name": "a"}, {"name": "b", "scale": 2.0}]}
    task = Task.parse(content)
    assert task.fields.loss == "squared"
    assert task.classes == ()


@pytest.mark.parametrize("seed", [7, "07".rjust(64, "0"), "0x" + "7".rjust(64, "0")])
def test_seed_forms(seed):
    assert Task.parse(changed(task={"seed": seed})) == Task.parse(CONTENT)


def test_digest_covers_all_that_has_a_meaning():
    """Each change below gives another digest; what means nothing does not."""
    feature = {"name": "age", "mean": 61.0, "scale": 9.5, "impute": 60.0}
    second = CONTENT["data"]["features"][1]
    variants = [
        CONTENT,
        changed(task={"name": "x"}),
        changed(task={"rounds": 4}),
        changed(task={"seed": 8}),
        changed(task={"min_records": 51}),
        changed(task={"min_accepted": 4}),
        changed(model={"layers": [{"units": 16}, {"units": 2}]}),
        changed(model={"layers": [{"units": 17, "activation": "relu"}, {"units": 2}]}),
        changed(training={"steps": 4}),
        changed(training={"batch": 64}),
        changed(training={"blocks": 8}),
        changed(training={"learning_rate": 0.2}),
        changed(precision={"weight_bound": 32.0}),
        changed(precision={"weight_bits": 35, "activation_bits": 6}),
        changed(data={"target": "x"}),
        changed(data={"classes": ["none", "relapse"]}),
        changed(data={"features": [second, feature]}),
        *(changed(data={"features": [feature | c, second]}) for c in ({"name": "b"}, {"mean": 1.0}, {"scale": 1.0})),
        changed(data={"features": [feature | {"impute": 0.0}, second]}),
        changed(data={"features": [{"name": "age", "mean": 61.0, "scale": 9.5}, second]}),
    ]
    tasks = [Task.parse(variant) for variant in variants]
    assert len({task.digest for task in tasks}) == len(variants)
    same = [
        changed(data={"features": [feature, second | {"mean": 2.25}]}),
        changed(training={"learning_rate": 0.1 + 1e-9, "optimiser": "sgd"}),
        changed(training={"blocks": 4}),
        changed(precision={"bits": 12}),
    ]
    assert {Task.parse(variant).digest for variant in same} == {tasks[0].digest}


def test_digest_is_keccak_of_the_written_encoding():
    from Crypto.Hash import keccak

    task = Task.parse(CONTENT)
    encoded = encode_task(task)
    assert encoded.startswith(b"fedproof/task/1" + bytes([0, 0, 0, 11]) + b"two-clinics" + bytes([0] * 7 + [3]))
    assert task.digest == keccak.new(digest_bits=256, data=encoded).digest()


def test_negative_zero_is_zero():
    features = [{"name": "a", "mean": -0.0}]
    plus = [{"name": "a", "mean": 0.0}]
    assert (
        Task.parse(changed(data={"features": features})).digest == Task.parse(changed(data={"features": plus})).digest
    )


NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20)
NUMBERS = st.floats(-1e300, 1e300)
FEATURES = st.lists(
    st.fixed_dictionaries(
        {"name": NAMES, "mean": NUMBERS, "scale": st.floats(min_value=1e-300, max_value=1e300)},
        optional={"impute": NUMBERS},
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda feature: feature["name"],
)


@given(
    features=FEATURES,
    classes=st.lists(NAMES, min_size=2, max_size=2, unique=True),
    seed=st.binary(min_size=32, max_size=32),
)
def test_to_toml_round_trip(features, classes, seed):
    target = "t" * 21
    data = {"features": features, "classes": classes, "target": target}
    task = Task.parse(changed(data=data, task={"seed": seed.hex()}, training={"blocks": 8}))
    text = task.to_toml()
    again = Task.parse(tomllib.loads(text))
    assert again == task
    assert encode_task(again) == encode_task(task)
    assert again.to_toml() == text


def test_tasks_are_immutable_values():
    task = Task.parse(CONTENT)
    _ = task.fields
    assert task == Task.parse(CONTENT)
    with pytest.raises(Exception, match="frozen"):
        task.model.layers[0].units = 3
