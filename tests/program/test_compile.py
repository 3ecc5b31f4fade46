"""Tasks compile to programs, and their reports say what the core says."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from fedproof import Task, TaskError, _core
from fedproof.data.examples import load_example
from fedproof.program import compile_task, inspect_task, prefer

ROOT = Path(__file__).parents[2]


def test_the_program_carries_the_fields_of_the_task():
    task = load_example("breast-cancer").task
    program = compile_task(task)
    described = program.describe()
    chosen = {"limb_bits", "group", "vector_bits"}
    for name, value in task.fields.arguments().items():
        if name in chosen:
            assert value == 0 and described[name] > 0, name
        elif name != "prefer":
            assert described[name] == value, name
    assert compile_task(Task.parse(tomllib.loads(task.to_toml()))).digest == program.digest


def test_what_does_not_change_the_program_keeps_its_digest():
    task = load_example("breast-cancer", rounds=3).task
    other = load_example("breast-cancer", rounds=4).task
    assert task.digest != other.digest
    assert compile_task(task).digest == compile_task(other).digest


def test_initial_weights_fit_the_default_bound():
    task = load_example("breast-cancer", hidden=(1,), outputs=1).task
    for weights in compile_task(task).init_weights(task.seed):
        assert np.abs(weights).max() < 1 << task.fields.bound_bits


def test_overflow_names_the_field():
    task = load_example("breast-cancer", training={"learning_rate": 5e6}).task
    with pytest.raises(TaskError) as caught:
        compile_task(task)
    assert caught.value.field == "training.learning_rate"
    assert "can reach 2^" in str(caught.value)
    assert caught.value.exit_code == 2


def test_too_many_rows_name_the_steps():
    training = {"steps": 65536, "batch": 65536, "blocks": 1, "learning_rate": 1e-4}
    with pytest.raises(TaskError, match=r"training\.steps: "):
        compile_task(load_example("breast-cancer", training=training, precision={"weight_bits": 48}).task)


def test_errors_without_a_field(monkeypatch):
    class Refusing:
        @staticmethod
        def build(**arguments):
            raise _core.BadInput("no")

    monkeypatch.setattr(_core, "Program", Refusing)
    with pytest.raises(TaskError, match=r"^task: no$"):
        compile_task(load_example("breast-cancer").task)


def test_inspection():
    task = load_example("breast-cancer").task
    report = inspect_task(task, cores=2)
    sizes = compile_task(task).describe()
    assert report.parameters == 31 * 16 + 17 * 2
    assert report.proof_bytes == sizes["proof_bytes"]
    assert report.rows == sizes["rows"]
    assert report.snapped_rate == task.snapped_rate
    assert report.remainder_limbs == 3
    assert report.task_digest == task.digest.hex()
    assert report.to_dict()["cores"] == 2
    lines = {name: value for section in report.sections().values() for name, value in section}
    assert lines["model"] == "30-16-2, 530 parameters"
    assert lines["features, activations"] == "-16 .. 15.9922 in steps of 2^-7"
    assert lines["weights"] == "steps of 2^-36, |W_0| < 16"
    assert lines["learning rate"].startswith("0.5 (asked for 0.5, +0.00%; k = 8192)")
    assert lines["rounding remainder"] == "36 bits (3 limbs)"
    assert lines["proving time, estimated"].endswith("s on 2 cores")


def test_estimates_grow_with_the_task():
    small = inspect_task(load_example("breast-cancer", hidden=()).task, cores=1)
    large = inspect_task(load_example("breast-cancer", hidden=(64, 64)).task, cores=1)
    assert large.proving_seconds > small.proving_seconds
    assert large.memory_bytes > small.memory_bytes
    half = inspect_task(load_example("breast-cancer", hidden=()).task, cores=2)
    assert half.proving_seconds < small.proving_seconds


def test_preferences_choose_the_shape():
    task = load_example("digits", hidden=(32,)).task
    found = {name: compile_task(prefer(task, name)).describe() for name in ("time", "gas", "size")}
    assert found["time"]["cost"]["core_seconds"] == min(f["cost"]["core_seconds"] for f in found.values())
    assert found["gas"]["cost"]["gas"] == min(f["cost"]["gas"] for f in found.values())
    assert found["size"]["proof_bytes"] == min(f["proof_bytes"] for f in found.values())
    shapes = {shape.prefer: shape for shape in inspect_task(task, cores=1).shapes}
    assert {name: shape.gas for name, shape in shapes.items()} == {n: f["cost"]["gas"] for n, f in found.items()}
    assert [name for name, shape in shapes.items() if shape.chosen] == ["time"]


@pytest.mark.parametrize("network", ["30-1", "30-16-2", "64-32-10", "784-128-10"])
def test_counted_gas_is_what_the_contracts_take(network):
    vectors = json.loads((ROOT / "vectors" / f"gas-{network}.json").read_text())
    training = next(vector for vector in vectors if vector["kind"] == "training")
    counted = _core.Program.decode(bytes.fromhex(training["program"])).describe()["cost"]["gas"]
    measured = json.loads((ROOT / "contracts" / "snapshots" / f"{network}.json").read_text())["training_transaction"]
    assert counted == pytest.approx(measured, rel=0.03)
