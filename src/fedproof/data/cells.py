"""What a text cell means, and where a column stands: the same for every kind of table."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from difflib import get_close_matches

from fedproof.errors import DataError

MISSING = {"", "na", "n/a", "nan", "null", "none", "?"}
"""Cells (in any case) that mean: no value."""


def find_column(header: Sequence[str], name: str, source: str) -> int:
    """Index of the one column called `name`. Raises DataError."""
    found = [index for index, cell in enumerate(header) if cell == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise DataError("stands in the header more than once", source=source, column=name)
    close = get_close_matches(name, header, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    raise DataError(f"is missing from the header{hint}", source=source, column=name)


def number(cell: str, *, source: str, row: int, column: str, line: int | None = None) -> float:
    """The number a cell holds, NaN for a missing one. Raises DataError."""
    text = cell.strip()
    if text.lower() in MISSING:
        return math.nan
    try:
        # float() also takes "1_000", which no data file means
        return float(text) if "_" not in text else float("x")
    except ValueError:
        raise DataError(f"{text!r} is not a number", source=source, row=row, line=line, column=column) from None


def label(cell: str, classes: Collection[str]) -> str:
    """The class a cell names, "" for a missing one; a class may be called "none"."""
    text = cell.strip()
    return "" if text not in classes and text.lower() in MISSING else text
