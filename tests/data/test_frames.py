"""DataFrames and Parquet files are read as a CSV file with the same cells would be; skipped without pandas."""

import builtins
import sys

import numpy as np
import pytest

from fedproof import BadInput, DataError, Table
from fedproof.data import load_records, read_table

try:
    import pandas as pd
except ImportError:
    pd = None

needs_pandas = pytest.mark.skipif(pd is None, reason="pandas (fedproof[pandas]) is not installed")


def frame(**columns):
    return pd.DataFrame(
        {"id": [7, 8, 9], "age": [61, 62.5, None], "size": [1, 2, 3], "outcome": ["good", "bad", ""]} | columns
    )


@needs_pandas
def test_columns_by_name_and_missing_values(task):
    table = Table.from_pandas(frame(), task)
    np.testing.assert_array_equal(table.features, [[61, 1], [62.5, 2], [np.nan, 3]])
    assert table.labels == ("good", "bad", "") and table.targets is None and table.lines is None
    assert Table.from_pandas(frame().drop(columns="outcome"), task, targets=False).labels is None


@needs_pandas
def test_the_index_and_the_order_of_columns_do_not_matter(task):
    shuffled = frame()[["size", "outcome", "age"]].set_index(pd.Index([5, 5, 5]))
    np.testing.assert_array_equal(Table.from_pandas(shuffled, task).features, Table.from_pandas(frame(), task).features)


@needs_pandas
def test_kinds_of_columns(task):
    table = Table.from_pandas(
        frame(
            age=pd.array([1, None, 3], dtype="Int64"),
            size=["1.5", " NA ", pd.NA],
            outcome=pd.Categorical(["good", None, "bad"]),
        ),
        task,
    )
    np.testing.assert_array_equal(table.features, [[1, 1.5], [np.nan, np.nan], [3, np.nan]])
    assert table.labels == ("good", "", "bad")


@needs_pandas
def test_integer_classes_survive_a_missing_one(task):
    renamed = task.model_copy(update={"data": task.data.model_copy(update={"classes": ("0", "1")})})
    assert Table.from_pandas(frame(outcome=[1, 0, 1]), renamed).labels == ("1", "0", "1")
    assert Table.from_pandas(frame(outcome=[1, 0, None]), renamed).labels == ("1", "0", "")


@needs_pandas
def test_numeric_targets(regression):
    table = Table.from_pandas(pd.DataFrame({"v": [1.0, 2], "x": [3, 4], "u": [5, None]}), regression)
    np.testing.assert_array_equal(table.targets, [[5, 1], [np.nan, 2]])
    assert table.labels is None


@needs_pandas
def test_labels(labelled):
    table = Table.from_pandas(pd.DataFrame({"x": [1.0, 2], "fever": [True, False], "cough": [0, 1]}), labelled)
    assert load_records(table, labelled).y.tolist() == [[0, 1], [1, 0]]


@needs_pandas
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda f: f.drop(columns="age"), "column 'age': is missing from the header"),
        (
            lambda f: f.rename(columns={"age": "agee"}),
            "column 'age': is missing from the header (did you mean 'agee'?)",
        ),
        (
            lambda f: f.assign(more=1).rename(columns={"more": "age"}),
            "column 'age': stands in the header more than once",
        ),
        (lambda f: f.drop(columns="outcome"), "column 'outcome': is missing from the header"),
        (lambda f: f.assign(size=["1", "tall", "2"]), "row 2, column 'size': 'tall' is not a number"),
        (lambda f: f.assign(size=[1, 2, 3j]), "row 1, column 'size': '(1+0j)' is not a number"),
        (
            lambda f: f.assign(size=pd.Timestamp("2020-01-01")),
            "row 1, column 'size': '2020-01-01 00:00:00' is not a number",
        ),
    ],
)
def test_errors_name_row_and_column(task, change, problem):
    with pytest.raises(DataError) as caught:
        Table.from_pandas(change(frame()), task)
    assert str(caught.value) == f"DataFrame: {problem}"


@needs_pandas
def test_records_come_from_frames_too(task):
    with pytest.raises(DataError, match=r"row 3, column 'outcome': missing class"):
        load_records(frame(), task)
    good = frame(outcome=["good", "bad", "bad"])
    assert (
        load_records(good, task).features.tolist()
        == load_records(Table.from_pandas(good, task), task).features.tolist()
    )
    with pytest.raises(BadInput, match="must be a file, a Table or a pandas DataFrame, got list"):
        load_records([1, 2], task)


@needs_pandas
def test_parquet(tmp_path, task):
    pytest.importorskip("pyarrow", reason="pyarrow (fedproof[pandas]) is not installed")
    file = tmp_path / "p.parquet"
    frame().to_parquet(file)
    np.testing.assert_array_equal(read_table(file, task).features, [[61, 1], [62.5, 2], [np.nan, 3]])
    frame(size=["1", "tall", "2"]).to_parquet(file)
    with pytest.raises(DataError, match=rf"^{file}: row 2, column 'size': 'tall' is not a number$"):
        read_table(file, task)
    file.write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match=r"p\.parquet: is not a Parquet file"):
        read_table(file, task)
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_table(tmp_path / "no.parquet", task)


def without(monkeypatch, *names):
    """Imports of `names` fail as if they were not installed."""
    real = builtins.__import__

    def refuse(name, *rest, **named):
        if name.split(".")[0] in names:
            raise ImportError(name)
        return real(name, *rest, **named)

    for loaded in [m for m in sys.modules if m.split(".")[0] in names]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setattr(builtins, "__import__", refuse)


def test_without_pandas_the_error_says_how_to_get_it(monkeypatch, tmp_path, task):
    without(monkeypatch, "pandas")
    for call in (lambda: Table.from_pandas(object(), task), lambda: read_table(tmp_path / "p.parquet", task)):
        with pytest.raises(BadInput, match=r"this needs pandas: pip install 'fedproof\[pandas\]'"):
            call()
