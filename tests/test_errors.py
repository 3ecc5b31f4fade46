"""Errors carry their exit code and their place; those of the core become the package's own."""

import pytest

from fedproof import BadInput, DataError, FedproofError, Rejected, TaskError, _core
from fedproof.errors import core_errors


def test_exit_codes():
    assert FedproofError.exit_code == Rejected.exit_code == 1
    assert BadInput.exit_code == TaskError.exit_code == DataError.exit_code == 2


def test_task_error_names_the_field():
    error = TaskError("training.batch", "must be a power of two")
    assert str(error) == "task: training.batch: must be a power of two"
    assert str(error.at("t.toml")) == "t.toml: training.batch: must be a power of two"
    assert str(TaskError("", "is not UTF-8 text", "t.toml")) == "t.toml: is not UTF-8 text"


def test_data_error_names_row_line_and_column():
    assert str(DataError("no")) == "data: no"
    assert str(DataError("no", source="p.csv", row=3)) == "p.csv: row 3: no"
    assert str(DataError("no", source="p.csv", column="age")) == "p.csv: column 'age': no"
    assert (
        str(DataError("no", source="p.csv", row=3, line=5, column="age")) == "p.csv: row 3 (line 5), column 'age': no"
    )


def test_bad_input_of_the_core():
    with pytest.raises(BadInput, match="^program of clinic-2: ") as caught, core_errors("program of clinic-2"):
        _core.Program.decode(b"nonsense")
    assert isinstance(caught.value.__cause__, _core.BadInput)


def test_rejection_by_the_core_keeps_code_and_check():
    def refuse():
        error = _core.ProofRejected("sums differ")
        error.code, error.check = "SumcheckFailed", "V7"
        raise error

    with pytest.raises(Rejected, match="^proof of clinic-2: sums differ$") as caught, core_errors("proof of clinic-2"):
        refuse()
    assert (caught.value.code, caught.value.check) == ("SumcheckFailed", "V7")


def test_other_errors_pass_unchanged():
    with pytest.raises(KeyError), core_errors("x"):
        raise KeyError("y")


def test_what_the_core_cannot_check_is_rejected_and_numbers_it_cannot_hold_are_bad_input():
    with pytest.raises(Rejected) as caught, core_errors("proof"):
        raise _core.CoreError("lost its way")
    assert caught.value.code == "Internal"
    with pytest.raises(BadInput, match="out of range"), core_errors("proof"):
        raise OverflowError
    with pytest.raises(_core.Cancelled), core_errors("proof"):
        raise _core.Cancelled
