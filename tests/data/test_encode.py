"""Raw columns to fixed point; every complaint names row, line and column."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedproof import DataError, Task
from fedproof.data import Table, encode, encode_features, load_records, read_table


def table(features, labels=None, **more) -> Table:
    rows = np.array(features, dtype=np.float64)
    return Table(rows, tuple(labels or ["good"] * len(rows)), source="p.csv", **more)


def test_fixed_point(task):
    records = encode(table([[60, 0], [70.02, -3.5], [np.nan, 0.001]], ["good", "bad", "good"]), task)
    # (age - 60) / 10 and size / 2 at scale 2^7, rounded half up; the missing age is 55
    assert records.features.tolist() == [[0, 0], [128, -224], [-64, 0]]
    assert records.features.dtype == records.targets.dtype == np.int64
    assert records.targets.tolist() == [[0, 1024], [1024, 0], [0, 1024]]
    assert records.classes.tolist() == [1, 0, 1]
    assert records.count == 3
    np.testing.assert_allclose(records.x, [[0, 0], [1.002, -1.75], [-0.5, 0.0005]], rtol=1e-6)
    assert records.x.dtype == records.y.dtype == np.float32
    assert records.y.tolist() == [[0, 1], [1, 0], [0, 1]]


def test_rounding_is_half_up(task):
    half = 2.0 / 256  # half a step of the second column
    records = encode(table([[60, half], [60, -half], [60, 3 * half]]), task)
    assert records.features[:, 1].tolist() == [1, 0, 2]


def test_one_output_means_the_second_class(task):
    single = Task.parse(
        task.model_dump(by_alias=True, exclude_none=True)
        | {"model": {"layers": [{"units": 1}], "loss": "sigmoid-cross-entropy"}}
    )
    records = encode(table([[60, 0]] * 3, ["good", "bad", "good"]), single)
    assert records.targets.tolist() == [[1024], [0], [1024]]
    assert records.classes.tolist() == [1, 0, 1]


def test_regression(regression):
    records = encode(Table(np.array([[0.5]]), targets=np.array([[5.0, -0.25]])), regression)
    assert records.targets.tolist() == [[1024, -256]]
    assert records.y.tolist() == [[1.0, -0.25]]


@given(st.lists(st.floats(-31.9, 31.9), min_size=3, max_size=10))
def test_fixed_point_is_within_half_a_step(sizes):
    task = Task.parse(
        {
            "task": {"name": "t", "rounds": 1, "seed": 7, "min_records": 1},
            "model": {"layers": [{"units": 1}], "loss": "sigmoid-cross-entropy"},
            "training": {"learning_rate": 0.1, "steps": 2, "batch": 4},
            "data": {"features": [{"name": "size", "scale": 2.0}], "target": "y", "classes": ["a", "good"]},
        }
    )
    features, x = encode_features(table([[s] for s in sizes]), task)
    assert np.abs(features / 128 - np.array(sizes)[:, None] / 2).max() <= 0.5 / 128
    assert np.abs(features / 128 - x).max() <= 0.5 / 128 + 1e-5


ERRORS = [
    ([[60, 0], [60, np.nan], [60, 0]], None, "row 2 (line 8), column 'size': missing value, and the task gives no"),
    ([[60, 0], [60, 0], [60, np.inf]], None, "row 3 (line 9), column 'size': is not finite"),
    ([[-np.inf, np.nan], [60, 0], [60, 0]], None, "row 1 (line 7), column 'size': missing value"),
    ([[60, 0], [220, 0], [60, 0]], None, "row 2 (line 8), column 'age': normalised value 16 is outside -16 .. 15.9922"),
    ([[60, -32.1], [60, 0], [60, 0]], None, "row 1 (line 7), column 'size': normalised value -16.05 is outside"),
    ([[1e308, 0], [60, 0], [60, 0]], None, "row 1 (line 7), column 'age': normalised value 1e+307 is outside"),
    (
        [[60, 0]] * 3,
        ["good", "Good", "bad"],
        "row 2 (line 8), column 'outcome': unknown class 'Good' (known: bad, good)",
    ),
    ([[60, 0]] * 3, ["good", "bad", ""], "row 3 (line 9), column 'outcome': missing class"),
    ([[60, 0]] * 2, None, "has 2 records, the task asks for at least 3"),
]


@pytest.mark.parametrize(("rows", "labels", "problem"), ERRORS)
def test_errors_name_row_and_column(task, rows, labels, problem):
    with pytest.raises(DataError) as caught:
        encode(table(rows, labels, lines=tuple(range(7, 7 + len(rows)))), task)
    assert str(caught.value).startswith(f"p.csv: {problem}")
    assert caught.value.exit_code == 2


def test_extremes_that_fit(task):
    records = encode(table([[220 - 0.1, -32], [60, 0], [60, 0]]), task)
    assert records.features[0].tolist() == [2047, -2048]


def test_regression_errors(regression):
    good = np.array([[0.5]])
    for targets, problem in (
        ([[1.0, 2.0]], "row 1, column 'v': normalised value 2 is outside -2 .. 1.99902"),
        ([[np.nan, 0.0]], "row 1, column 'u': missing value"),
    ):
        with pytest.raises(DataError) as caught:
            encode(Table(good, targets=np.array(targets)), regression)
        assert str(caught.value).startswith(f"data: {problem}")
    with pytest.raises(DataError, match="has no targets"):
        encode(Table(good), regression)


def test_classes_are_needed(task):
    with pytest.raises(DataError, match="has no classes"):
        encode(Table(np.ones((3, 2))), task)


def test_a_test_set_may_be_small(task):
    assert encode(table([[60, 0]]), task, minimum=0).count == 1


def test_load_records_names_the_line_of_the_file(tmp_path, task):
    file = tmp_path / "p.csv"
    file.write_text("age,size,outcome\n60,1,good\n\n,2,bad\n61,,good\n")
    with pytest.raises(DataError) as caught:
        load_records(file, task)
    assert str(caught.value).startswith(f"{file}: row 3 (line 5), column 'size': missing value")
    assert (caught.value.row, caught.value.line, caught.value.column) == (3, 5, "size")
    file.write_text("age,size,outcome\n60,1,good\n\n,2,bad\n61,3,good\n")
    assert load_records(file, task).features[:, 0].tolist() == [0, -64, 13]
    features, x = encode_features(read_table(file, task, targets=False), task)
    assert features.shape == x.shape == (3, 2)


def test_labels_are_zero_or_one(tmp_path, labelled):
    (tmp_path / "p.csv").write_text("x,fever,cough\n1,0,1\n2,1,1\n3,0.0,0\n")
    records = load_records(tmp_path / "p.csv", labelled)
    assert records.targets.tolist() == [[1024, 0], [1024, 1024], [0, 0]]
    assert records.y.tolist() == [[1, 0], [1, 1], [0, 0]]


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("2", "row 2 (line 3), column 'fever': must be 0 or 1, got 2"),
        ("0.5", "row 2 (line 3), column 'fever': must be 0 or 1, got 0.5"),
        ("NA", "row 2 (line 3), column 'fever': missing label"),
        ("yes", "row 2 (line 3), column 'fever': 'yes' is not a number"),
    ],
)
def test_label_errors(tmp_path, labelled, cell, problem):
    file = tmp_path / "p.csv"
    file.write_text(f"x,fever,cough\n1,0,1\n2,{cell},1\n")
    with pytest.raises(DataError) as caught:
        load_records(file, labelled)
    assert str(caught.value) == f"{file}: {problem}"


def test_a_table_without_labels(labelled):
    with pytest.raises(DataError, match="has no labels"):
        encode(Table(np.ones((1, 1))), labelled)


def test_labels_from_arrays(tmp_path, labelled):
    np.savez(tmp_path / "p.npz", x=np.ones((2, 1)), y=np.array([[1, 0], [0, 1]]))
    assert load_records(tmp_path / "p.npz", labelled).y.tolist() == [[1, 0], [0, 1]]
    np.save(tmp_path / "p.npy", np.array([[5.0, 1, 0]]))
    assert load_records(tmp_path / "p.npy", labelled).y.tolist() == [[1, 0]]
    np.savez(tmp_path / "p.npz", x=np.ones((2, 1)), y=np.array([1, 0]))
    with pytest.raises(DataError, match=r"array y must have shape \(records, 2\), has \(2,\)"):
        load_records(tmp_path / "p.npz", labelled)


def test_written_labels_read_back(tmp_path, labelled):
    table = Table(np.array([[0.5], [1.5]]), targets=np.array([[1.0, 0.0], [0.0, 0.0]]))
    table.write_csv(tmp_path / "p.csv", labelled)
    table.write_npz(tmp_path / "p.npz")
    for name in ("p.csv", "p.npz"):
        assert load_records(tmp_path / name, labelled).y.tolist() == [[1, 0], [0, 0]]
