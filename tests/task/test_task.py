"""A task file is read, written and digested; what it comes down to."""

import copy
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedproof import Task, load_task
from fedproof.task import Kernel
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
    assert fields.kernel == round(0.1 / 32 * 2**19)
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
    assert task.snapped_rate == task.fields.kernel * unit
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


def test_losses_and_targets():
    softmax = Task.parse(changed(model={"loss": "softmax-cross-entropy", "class_weights": [1.0, 2.5]})).fields
    assert (softmax.loss, softmax.one_hot, softmax.weights) == ("softmax", True, (256, 640))
    binary = Task.parse(changed(model={"layers": [{"units": 1}], "class_weights": [0.5, 3.0]})).fields
    assert (binary.loss, binary.one_hot, binary.weights) == ("sigmoid", False, (128, 768))
    labels = changed(model={"positive_weights": [4.0, 1.0]})
    labels["data"] = {"features": CONTENT["data"]["features"], "labels": ["cough", "fever"]}
    task = Task.parse(labels)
    assert (task.fields.one_hot, task.fields.weights) == (False, (256, 1024, 256, 256))
    assert task.labels == ("cough", "fever") and task.classes == ()
    huber = changed(model={"layers": [{"units": 1}], "loss": "huber", "huber_delta": 0.5})
    huber["data"] = {"features": CONTENT["data"]["features"], "targets": [{"name": "days"}]}
    assert Task.parse(huber).fields.huber == 512
    assert Task.parse(CONTENT).fields.huber == 0 and Task.parse(CONTENT).fields.weights == ()


@pytest.mark.parametrize("name", ["leaky-relu", "sigmoid", "tanh", "gelu", "silu"])
def test_activations_keep_their_names(name):
    layers = [{"units": 4, "activation": name}, {"units": 2}]
    assert Task.parse(changed(model={"layers": layers})).fields.activations == (name,)


def test_momentum_and_proximal_have_a_kernel_at_the_scale_of_weights():
    fields = Task.parse(changed(training={"optimiser": "momentum", "momentum": 0.9})).fields
    unit = 2**19 / 32
    assert isinstance(fields.kernel, Kernel) and fields.extra_bits == 0 and fields.weight_bits == 36
    assert fields.kernel.kappas == (round(0.1 * unit), round(0.19 * unit), round(0.271 * unit))
    assert fields.kernel.starts == (1, 1, 1)
    near = Task.parse(changed(training={"proximal": 0.5})).fields
    assert near.kernel.kappas[:2] == (round(0.1 * unit), round(0.095 * unit)) and near.kernel.starts == (1, 1, 1)
    ahead = Task.parse(changed(training={"optimiser": "nesterov", "momentum": 0.9}))
    assert ahead.fields.kernel.kappas[0] == round(0.19 * unit)
    assert ahead.snapped_rate == pytest.approx(0.1, rel=1e-3)
    name, kappa, _ = ahead.fields.arguments()["kernel"]
    assert (name, len(kappa)) == (0, 3)


@pytest.mark.parametrize(
    ("bits", "limbs", "model", "extra"),
    [
        (12, None, 24, 24),
        (8, None, 24, 24),
        (10, None, 20, 20),
        (14, None, 21, 21),
        (16, None, 24, 24),
        (12, 18, 18, 18),
    ],
)
def test_weight_decay_makes_room_in_whole_limbs(bits, limbs, model, extra):
    proof = {} if limbs is None else {"limb_bits": limbs}
    fields = Task.parse(changed(training={"weight_decay": 0.01}, precision={"bits": bits}, proof=proof)).fields
    assert (fields.weight_bits, fields.extra_bits) == (model, extra)
    assert fields.update_bits % (fields.limb_bits or bits) == 0
    assert fields.kernel.starts[0] == round(0.999 * 2**extra)
    assert fields.bound_bits == model + 4


def test_the_rate_of_plain_descent_is_as_before():
    assert Task.parse(CONTENT).fields.kernel == round(0.1 / 32 * 2**19)


def test_largest_updates_bound_every_kind_of_program():
    plain, half = Task.parse(CONTENT).fields, 2**11
    assert plain.largest_update == 2**40 + 3 * plain.kernel * 32 * half * half
    decay = Task.parse(changed(training={"weight_decay": 0.01})).fields
    gain = sum(decay.kernel.kappas)
    assert decay.largest_update == 2**24 * 2**28 + gain * 32 * half * half


def test_preferences_of_the_proof():
    assert Task.parse(changed(proof={"prefer": "gas"})).fields.prefer == "gas"
    assert Task.parse(changed(proof={"prefer": "gas"})).digest != Task.parse(CONTENT).digest
    chosen = Task.parse(changed(proof={"group": 5, "limb_bits": 18, "vector_bits": 14})).fields
    assert (chosen.group, chosen.limb_bits, chosen.vector_bits) == (5, 18, 14)
    open_ = Task.parse(CONTENT).fields
    assert (open_.group, open_.limb_bits, open_.vector_bits, open_.prefer) == (0, 0, 0, "time")


@pytest.mark.parametrize("seed", [7, "07".rjust(64, "0"), "0x" + "7".rjust(64, "0")])
def test_seed_forms(seed):
    assert Task.parse(changed(task={"seed": seed})) == Task.parse(CONTENT)


def _labelled(labels: list[str]) -> dict:
    return {**CONTENT, "data": {"features": CONTENT["data"]["features"], "labels": labels}}


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
        changed(training={"optimiser": "momentum", "momentum": 0.9}),
        changed(training={"optimiser": "nesterov", "momentum": 0.9}),
        changed(training={"weight_decay": 0.01}),
        changed(training={"proximal": 0.01}),
        changed(model={"loss": "softmax-cross-entropy"}),
        changed(model={"class_weights": [1.0, 2.0]}),
        changed(model={"layers": [{"units": 16, "activation": "tanh"}, {"units": 2}]}),
        changed(proof={"group": 4}),
        changed(proof={"limb_bits": 18}),
        changed(proof={"vector_bits": 13}),
        _labelled(["u", "v"]),
        _labelled(["v", "u"]),
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
        changed(proof={"prefer": "time"}),
    ]
    assert {Task.parse(variant).digest for variant in same} == {tasks[0].digest}


def test_digest_is_keccak_of_the_written_encoding():
    from Crypto.Hash import keccak

    task = Task.parse(CONTENT)
    encoded = encode_task(task)
    assert encoded.startswith(b"fedproof/task/2" + bytes([0, 0, 0, 11]) + b"two-clinics" + bytes([0] * 7 + [3]))
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


@pytest.mark.parametrize(
    "content",
    [
        changed(
            model={"loss": "softmax-cross-entropy", "class_weights": [1.0, 0.1]},
            training={"optimiser": "nesterov", "momentum": 0.9, "weight_decay": 0.001, "proximal": 0.25},
            proof={"prefer": "gas", "group": 5, "limb_bits": 18, "vector_bits": 14},
        ),
        _labelled(["u", "v"]) | {"model": changed()["model"] | {"positive_weights": [3.0, 0.5]}},
        changed()
        | {
            "model": {
                "layers": [{"units": 3, "activation": "gelu"}, {"units": 1}],
                "loss": "huber",
                "huber_delta": 0.3,
            },
            "data": {"features": [{"name": "x"}], "targets": [{"name": "y", "scale": 2.0}]},
        },
    ],
)
def test_to_toml_round_trip_of_every_field(content):
    task = Task.parse(content)
    again = Task.parse(tomllib.loads(task.to_toml()))
    assert again == task and again.digest == task.digest


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
