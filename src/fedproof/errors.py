"""Every error a user can cause, and the exit code it ends the command line with.

Exit codes: 1 a proof, an update or an audit was rejected; 2 usage or bad input.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class FedproofError(Exception):
    """Base of all errors of the package; the message is one line meant for the user."""

    exit_code = 1


class BadInput(FedproofError):
    """A file, field or option is wrong; the message names the field, or the row and column, of which file."""

    exit_code = 2


class TaskError(BadInput):
    """A task is illegal. `field` is the dotted name of the TOML key, for example `training.batch`."""

    def __init__(self, field: str, problem: str, source: str = "task") -> None:
        self.field = field
        self.problem = problem
        self.source = source
        super().__init__(f"{source}: {field}: {problem}" if field else f"{source}: {problem}")

    def at(self, source: str) -> TaskError:
        """The same error, said of the file `source`."""
        return TaskError(self.field, self.problem, source)


class DataError(BadInput):
    """Records cannot be used. `row` counts data rows from 1, `line` those of the text file; `column` is a name."""

    def __init__(
        self,
        problem: str,
        *,
        source: str = "data",
        row: int | None = None,
        line: int | None = None,
        column: str | None = None,
    ) -> None:
        self.problem = problem
        self.source = source
        self.row = row
        self.line = line
        self.column = column
        where = []
        if row is not None:
            where.append(f"row {row}" + (f" (line {line})" if line is not None else ""))
        if column is not None:
            where.append(f"column {column!r}")
        super().__init__(": ".join([source, *([", ".join(where)] if where else []), problem]))


class Rejected(FedproofError):
    """A proof, an update or an audit did not pass. `code` names the error, `check` the check id of docs/protocol.md."""

    exit_code = 1

    def __init__(self, message: str, *, code: str = "", check: str = "") -> None:
        self.code = code
        self.check = check
        super().__init__(message)


@contextmanager
def core_errors(subject: str) -> Iterator[None]:
    """Turns errors of the Rust core into these ones; `subject` says what was being worked on ("proof of clinic-2").

    Raises: BadInput for the core's BadInput and for numbers it cannot hold, Rejected for its ProofRejected and for any
    other error of its own, so that what cannot be checked is never taken for good. Cancelled passes unchanged.
    """
    from fedproof import _core

    try:
        yield
    except _core.BadInput as error:
        raise BadInput(f"{subject}: {error}") from error
    except _core.ProofRejected as error:
        raise Rejected(f"{subject}: {error}", code=error.code, check=error.check) from error
    except _core.Cancelled:
        raise
    except _core.CoreError as error:
        raise Rejected(f"{subject}: {error}", code="Internal", check="internal") from error
    except OverflowError:
        raise BadInput(f"{subject}: a number is out of range") from None
