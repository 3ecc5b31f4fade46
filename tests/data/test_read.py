"""Files in: columns by name, missing values, and what is wrong with a file in row, line and column."""

import numpy as np
import pytest

from fedproof import DataError
from fedproof.data import Table, read_table

GOOD = "outcome,id,size,age\ngood,1,2.5,61\n\nbad,2, 3 ,\ngood,3,-1e0,NA\n"


def write(tmp_path, text, name="p.csv"):
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_csv(tmp_path, task):
    table = read_table(write(tmp_path, GOOD), task)
    np.testing.assert_array_equal(table.features, [[61, 2.5], [np.nan, 3], [np.nan, -1]])
    assert table.labels == ("good", "bad", "good")
    assert table.targets is None
    assert table.lines == (2, 4, 5)
    assert len(table) == 3


def test_csv_with_byte_order_mark_quotes_and_windows_lines(tmp_path, task):
    text = '\ufeff"age","size",outcome\r\n"61","2.5",good\r\n'
    assert read_table(write(tmp_path, text), task).features.tolist() == [[61, 2.5]]


def test_csv_without_targets(tmp_path, task, regression):
    table = read_table(write(tmp_path, "age,size\n1,2\n"), task, targets=False)
    assert table.features.tolist() == [[1, 2]]
    assert table.labels is None
    assert read_table(write(tmp_path, "x\n1\n"), regression, targets=False).targets is None


def test_csv_regression(tmp_path, regression):
    table = read_table(write(tmp_path, "v,x,u\n1,2,3\n?,5,6\n"), regression)
    np.testing.assert_array_equal(table.targets, [[3, 1], [6, np.nan]])
    assert table.labels is None


def test_a_class_may_be_called_none(tmp_path, task):
    renamed = task.model_copy(update={"data": task.data.model_copy(update={"classes": ("none", "some")})})
    table = read_table(write(tmp_path, "age,size,outcome\n1,2,none\n1,2,NA\n"), renamed)
    assert table.labels == ("none", "")


CSV_ERRORS = [
    ("age,outcome\n1,good\n", "column 'size': is missing from the header"),
    ("age,siez,outcome\n1,2,good\n", "column 'size': is missing from the header (did you mean 'siez'?)"),
    ("age,size,size,outcome\n1,2,3,good\n", "column 'size': stands in the header more than once"),
    ("age,size\n1,2\n", "column 'outcome': is missing from the header"),
    ("", "column 'age': is missing from the header"),
    ("age,size,outcome\n1,2,good\n1,2\n", "row 2 (line 3): has 2 cells, the header has 3"),
    ("age,size,outcome\n1,2,good,4\n", "row 1 (line 2): has 4 cells, the header has 3"),
    ("age,size,outcome\n\n1,tall,good\n", "row 1 (line 3), column 'size': 'tall' is not a number"),
    ("age,size,outcome\n1_0,2,good\n", "row 1 (line 2), column 'age': '1_0' is not a number"),
    ('age,size,outcome\n1,2,good\n1,2,"good\n', "row 2 (line 3): is not valid CSV"),
    ('age,size,outcome\n1,"2"x,good\n', "row 1 (line 2): is not valid CSV"),
    (b"age,size,outcome\n1,2,g\xfcd\n", "is not UTF-8 text"),
]


@pytest.mark.parametrize(("text", "problem"), CSV_ERRORS)
def test_csv_errors(tmp_path, task, text, problem):
    file = write(tmp_path, text)
    with pytest.raises(DataError) as caught:
        read_table(file, task)
    assert str(caught.value).startswith(f"{file}: {problem}")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["no.csv", "no.npz", "no.npy"])
def test_missing_files(tmp_path, task, name):
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_table(tmp_path / name, task)


def test_unknown_kind_of_file(tmp_path, task):
    with pytest.raises(DataError, match=r"must be a \.csv, \.parquet, \.npz or \.npy file"):
        read_table(tmp_path / "p.xlsx", task)


@pytest.mark.parametrize("y", [["good", "bad"], [1, 0], [1.0, 0.0], [[1], [0]], [True, False]])
def test_npz_classes(tmp_path, task, y):
    np.savez(tmp_path / "p.npz", x=np.array([[1, 2], [3, 4]]), y=np.array(y))
    table = read_table(tmp_path / "p.npz", task)
    assert table.features.tolist() == [[1, 2], [3, 4]]
    assert table.labels == ("good", "bad")


def test_npz_missing_class_and_no_targets(tmp_path, task):
    np.savez(tmp_path / "p.npz", x=np.ones((2, 2)), y=np.array([np.nan, 0]))
    assert read_table(tmp_path / "p.npz", task).labels == ("", "bad")
    np.savez(tmp_path / "p.npz", x=np.ones((2, 2)))
    assert read_table(tmp_path / "p.npz", task, targets=False).labels is None


def test_npz_regression(tmp_path, regression):
    np.savez(tmp_path / "p.npz", x=np.ones((2, 1)), y=np.array([[1, 2], [3, 4]]))
    assert read_table(tmp_path / "p.npz", regression).targets.tolist() == [[1, 2], [3, 4]]


def test_npy(tmp_path, task, regression):
    np.save(tmp_path / "p.npy", np.array([[1.0, 2, 1], [3, 4, 0]]))
    table = read_table(tmp_path / "p.npy", task)
    assert table.labels == ("good", "bad")
    assert read_table(tmp_path / "p.npy", task, targets=False).features.tolist() == [[1, 2], [3, 4]]
    assert read_table(tmp_path / "p.npy", regression).targets.tolist() == [[2, 1], [4, 0]]


ARRAY_ERRORS = [
    ({"x": np.ones((2, 2))}, "has no array 'y'"),
    ({"y": np.ones(2)}, "has no array 'x'"),
    ({"x": np.ones((2, 3)), "y": np.ones(2)}, "array x must have shape (records, 2), has (2, 3)"),
    ({"x": np.ones(2), "y": np.ones(2)}, "array x must have shape (records, 2), has (2,)"),
    ({"x": np.array([["a", "b"]]), "y": np.ones(1)}, "array x must hold numbers, holds <U1"),
    ({"x": np.ones((2, 2), complex), "y": np.ones(2)}, "array x must hold numbers, holds complex128"),
    ({"x": np.ones((2, 2)), "y": np.ones(3)}, "array y must have 2 entries like x, has shape (3,)"),
    ({"x": np.ones((2, 2)), "y": np.array(1)}, "array y must have 2 entries like x, has shape ()"),
    ({"x": np.ones((2, 2)), "y": np.ones((2, 2))}, "array y must hold one class per record, has shape (2, 2)"),
    ({"x": np.ones((2, 2)), "y": np.array([0, 2])}, "row 2, column 'outcome': unknown class 2"),
    ({"x": np.ones((2, 2)), "y": np.array([0.5, 1])}, "row 1, column 'outcome': unknown class 0.5"),
    ({"x": np.array([[{}, 1]], dtype=object), "y": np.ones(1)}, "is not a plain NumPy file"),
]


@pytest.mark.parametrize(("arrays", "problem"), ARRAY_ERRORS)
def test_npz_errors(tmp_path, task, arrays, problem):
    np.savez(tmp_path / "p.npz", **arrays)
    with pytest.raises(DataError) as caught:
        read_table(tmp_path / "p.npz", task)
    assert str(caught.value).startswith(f"{tmp_path / 'p.npz'}: {problem}")


def test_npz_regression_errors(tmp_path, regression):
    np.savez(tmp_path / "p.npz", x=np.ones((2, 1)), y=np.ones(2))
    with pytest.raises(DataError, match=r"array y must have shape \(records, 2\), has \(2,\)"):
        read_table(tmp_path / "p.npz", regression)
    np.savez(tmp_path / "p.npz", x=np.ones((2, 1)), y=np.array([["a", "b"]] * 2))
    with pytest.raises(DataError, match="array y must hold numbers, holds <U1"):
        read_table(tmp_path / "p.npz", regression)


def test_npy_errors(tmp_path, task):
    np.save(tmp_path / "p.npy", np.ones((2, 2)))
    with pytest.raises(DataError, match=r"array must have shape \(records, 3\), has \(2, 2\)"):
        read_table(tmp_path / "p.npy", task)
    with pytest.raises(DataError, match="is not a plain NumPy file"):
        read_table(write(tmp_path, b"not an array", "p.npy"), task)
    with pytest.raises(DataError, match="is not a plain NumPy file"):
        read_table(write(tmp_path, b"", "p.npz"), task)
    with pytest.raises(DataError, match="is not a plain NumPy file"):
        read_table(write(tmp_path, b"PK\x03\x04 broken archive", "p.npz"), task)


def test_written_csv_reads_back(tmp_path, task, regression):
    for written, of in (
        (Table(np.array([[1 / 3, np.nan], [1e-300, 2]]), labels=("good", "bad")), task),
        (Table(np.array([[0.1]]), targets=np.array([[np.nan, 2.5]])), regression),
    ):
        written.write_csv(tmp_path / "p.csv", of)
        read = read_table(tmp_path / "p.csv", of)
        np.testing.assert_array_equal(read.features, written.features)
        assert read.labels == written.labels
        if written.targets is not None:
            np.testing.assert_array_equal(read.targets, written.targets)
    assert [file.name for file in tmp_path.iterdir()] == ["p.csv"]


def test_csv_that_cannot_be_written(tmp_path, task):
    from fedproof import BadInput

    with pytest.raises(BadInput, match="cannot be written: No such file"):
        Table(np.ones((1, 2)), labels=("good",)).write_csv(tmp_path / "no" / "p.csv", task)
    assert list(tmp_path.iterdir()) == []
