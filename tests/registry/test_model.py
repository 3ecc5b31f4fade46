import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from fedproof.errors import BadInput, DataError
from fedproof.registry import export_model, load_model, predict
from fedproof.task import Task
from tests.federation.helpers import make_table, make_task

PROVENANCE = {"task_digest": "aa", "program_digest": "bb", "weights": "cc", "rounds": "3", "record": "dd"}


@pytest.fixture
def weights():
    generator = np.random.default_rng(1)
    return [generator.integers(-(2**41), 2**41, shape) for shape in ((4, 2), (3, 2))]


@pytest.fixture
def folder(tmp_path, weights):
    for name, content in export_model(make_task(), weights, PROVENANCE).items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("name", ["model.safetensors", "model.npz", ""])
def test_both_files_and_their_folder_load_as_the_same_model(folder, name, weights):
    model = load_model(folder / name)
    assert model.task == make_task() and model.rounds == 3 and model.commitment == "cc"
    for layer, integers in zip(model.weights, weights, strict=True):
        assert layer.dtype == np.float32
        np.testing.assert_array_equal(layer, (integers / 2.0**40).astype(np.float32))


def test_tensors_have_pytorchs_names_and_shapes(folder, weights):
    tensors = load_file(folder / "model.safetensors")
    assert {name: t.shape for name, t in tensors.items()} == {
        "layers.0.weight": (2, 3),
        "layers.0.bias": (2,),
        "layers.1.weight": (2, 2),
        "layers.1.bias": (2,),
    }
    np.testing.assert_array_equal(tensors["layers.1.bias"], (weights[1][-1] / 2.0**40).astype(np.float32))


def test_predictions_are_those_of_the_formula(folder, tmp_path, weights):
    task, table = make_task(), make_table(5)
    table.write_csv(tmp_path / "records.csv", task)
    found = predict(load_model(folder), tmp_path / "records.csv")
    w = [layer / 2.0**40 for layer in weights]
    hidden = np.maximum(table.features @ w[0][:-1] + w[0][-1], 0)
    logits = hidden @ w[1][:-1] + w[1][-1]
    np.testing.assert_allclose(found.values, 1 / (1 + np.exp(-logits)), rtol=1e-5)
    assert found.labels == tuple(task.classes[i] for i in logits.argmax(axis=1))
    lines = found.to_csv().splitlines()
    assert lines[0] == "class,low,high" and len(lines) == 1 + len(table)
    assert lines[1].split(",")[0] == found.labels[0]


def test_targets_are_not_needed_and_errors_name_row_and_column(folder, tmp_path):
    (tmp_path / "new.csv").write_text("c,a,b\n0.1,0.2,0.3\n,0.2,0.3\n")
    with pytest.raises(DataError, match=r"row 2 \(line 3\), column 'c'"):
        predict(load_model(folder), tmp_path / "new.csv")
    (tmp_path / "new.csv").write_text("c,a,b\n0.1,0.2,0.3\n")
    assert len(predict(load_model(folder), tmp_path / "new.csv").values) == 1


def test_regression_predicts_in_the_targets_own_unit(tmp_path):
    task = Task.parse(
        {
            "task": {"name": "days", "rounds": 1, "seed": 1, "min_records": 1},
            "model": {"layers": [{"units": 1}], "loss": "squared-error"},
            "training": {"learning_rate": 0.1, "steps": 1, "batch": 2},
            "data": {"features": [{"name": "a"}], "targets": [{"name": "days", "mean": 300.0, "scale": 200.0}]},
        }
    )
    weights = [np.array([[1 << 35], [1 << 36]])]  # 0.5 a + 1
    for name, content in export_model(task, weights, PROVENANCE).items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "x.csv").write_text("a\n2\n-2\n")
    found = predict(load_model(tmp_path), tmp_path / "x.csv")
    assert found.columns == ("days",) and found.labels == ()
    np.testing.assert_allclose(found.values[:, 0], [700.0, 300.0])


def test_other_files_are_bad_input(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "x.safetensors").write_bytes(b"nonsense")
    (other / "x.npz").write_bytes(b"nonsense")
    save_file({"a": np.zeros(1, dtype=np.float32)}, other / "foreign.safetensors")
    np.savez(other / "foreign.npz", a=np.zeros(1))
    for name in ("x.safetensors", "x.npz", "foreign.safetensors", "foreign.npz", "none.npz", "none.safetensors", ""):
        with pytest.raises(BadInput, match=str(other)):
            load_model(other / name)


def test_a_layer_of_another_shape_is_bad_input(folder):
    with np.load(folder / "model.npz") as content:
        arrays = {name: content[name] for name in content.files}
    arrays["layers.1.bias"] = np.zeros(3, dtype=np.float32)
    np.savez(folder / "model.npz", **arrays)
    with pytest.raises(BadInput, match="layer 1 is missing or has another shape"):
        load_model(folder / "model.npz")


def exported(folder, weights, **sections):
    task = Task.parse(
        {
            "task": {"name": "t", "rounds": 1, "seed": 1, "min_records": 1},
            "training": {"learning_rate": 0.1, "steps": 1, "batch": 2},
            **sections,
        }
    )
    for name, content in export_model(task, weights, PROVENANCE).items():
        (folder / name).write_bytes(content)
    (folder / "x.csv").write_text("a\n2\n-2\n")
    return predict(load_model(folder), folder / "x.csv")


def test_softmax_predicts_a_class_and_probabilities_that_add_up(tmp_path):
    found = exported(
        tmp_path,
        [np.array([[1 << 36, 0, 0], [0, 1 << 35, 0]])],  # a, 0.5, 0
        model={"layers": [{"units": 3}], "loss": "softmax-cross-entropy"},
        data={"features": [{"name": "a"}], "target": "y", "classes": ["up", "flat", "down"]},
    )
    z = np.array([[2, 0.5, 0], [-2, 0.5, 0]])
    np.testing.assert_allclose(found.values, np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), rtol=1e-6)
    assert found.labels == ("up", "flat") and found.columns == ("up", "flat", "down")


def test_labels_are_predicted_one_by_one_with_their_probabilities(tmp_path):
    found = exported(
        tmp_path,
        [np.array([[1 << 36, 0], [0, 1 << 36]])],  # a, 1
        model={"layers": [{"units": 2}], "loss": "sigmoid-cross-entropy", "positive_weights": [3.0, 1.0]},
        data={"features": [{"name": "a"}], "labels": ["cough", "fever"]},
    )
    assert found.marks.tolist() == [[1, 1], [0, 1]] and found.labels == ()
    assert found.to_csv() == "cough,fever,p(cough),p(fever)\n1,1,0.880797,0.731059\n0,1,0.119203,0.731059\n"
    assert found.rows()[1] == {
        "cough": 0,
        "fever": 1,
        "p(cough)": pytest.approx(0.119203, rel=1e-5),
        "p(fever)": pytest.approx(0.731059, rel=1e-5),
    }


def test_huber_predicts_in_the_targets_own_unit(tmp_path):
    found = exported(
        tmp_path,
        [np.array([[1 << 35], [1 << 36]])],  # 0.5 a + 1
        model={"layers": [{"units": 1}], "loss": "huber", "huber_delta": 1.0},
        data={"features": [{"name": "a"}], "targets": [{"name": "days", "mean": 300.0, "scale": 200.0}]},
    )
    assert found.values.tolist() == [[700.0], [300.0]] and found.to_csv().splitlines()[0] == "days"


def test_predictions_from_a_table(tmp_path, folder):
    from fedproof.data import Table

    table = make_table(5)
    found = predict(load_model(folder), Table(table.features))
    table.write_csv(tmp_path / "t.csv", make_task())
    np.testing.assert_array_equal(found.values, predict(load_model(folder), tmp_path / "t.csv").values)
