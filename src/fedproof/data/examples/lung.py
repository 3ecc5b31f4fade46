"""Advanced lung cancer (North Central Cancer Treatment Group): 228 real patients of 18 real institutions."""

from __future__ import annotations

import csv
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedproof.data.cells import find_column, number
from fedproof.data.examples.example import Example, Source, folds, make_task
from fedproof.data.table import FloatArray
from fedproof.errors import BadInput, DataError
from fedproof.reading import TEXT, open_file

FEATURES = ("age", "sex", "ph.ecog", "ph.karno", "pat.karno", "meal.cal", "wt.loss")
DAYS = 270
MIN_RECORDS = 8
"""Institutions with fewer patients to train on do not take part."""
COLUMNS = ("inst", "time", "status", *FEATURES)


def lung(
    *,
    participants: int | None = None,
    rounds: int = 10,
    hidden: tuple[int, ...] = (),
    outputs: int | None = None,
    fold: int = 0,
    skew: float = 0.0,
    training: dict[str, Any] | None = None,
    precision: dict[str, Any] | None = None,
    min_accepted: int = 3,
    folder: Path | None = None,
) -> Example:
    """Who survives nine months? A participant is a real institution: every one with at least MIN_RECORDS patients to
    train on, or the `participants` largest; every fifth patient is in the test set, whatever the institution.

    Censoring: a patient whose observation ended alive before day 270 has no known outcome and is left out (28 of 228;
    nobody pretends that they survived or died). Missing values are replaced by the median of the data set, a constant
    of the task. A patient without an institution is left out too. Records of small institutions are repeated
    cyclically (`fill_blocks`), so that every update comes from equally many. The float32 baseline trains on the same.

    folder: holds lung.csv; by default the file of the package lifelines, which is not imported.
    Other options as in breast_cancer; skew must be 0: the institutions are what they are.
    """
    if skew:
        raise BadInput("skew: the lung data are split by institution")
    institutions, features, survived, left_out = _read(_file(folder))
    # sorted by institution, so that every institution gives a fifth of its patients to the test set
    order = np.random.RandomState(7).permutation(len(features))
    test, train = folds(order[np.argsort(institutions[order], kind="stable")], fold)
    chosen, notes = _choose(institutions[train], participants)
    groups = {code: train[institutions[train] == code] for code in chosen}
    source = Source(
        "lung",
        f"day {DAYS}",
        features,
        survived,
        FEATURES,
        ("died", "survived"),
        means=np.nanmean(features, axis=0),
        scales=np.nanstd(features, axis=0),
        impute=np.where(np.isnan(features).any(axis=0), np.nanmedian(features, axis=0), np.nan),
    )
    if outputs is None:
        outputs = 2 if hidden else 1
    task = make_task(
        source,
        shares=[len(group) for group in groups.values()],
        layers=[{"units": units, "activation": "relu"} for units in hidden] + [{"units": outputs}],
        training={"learning_rate": 0.25, "steps": 4, "batch": 8} | (training or {}),
        rounds=rounds,
        precision=precision or {},
        min_records=MIN_RECORDS,
        min_accepted=min_accepted,
    )
    return Example(
        task,
        tuple(source.table(group, f"institution {code}") for code, group in groups.items()),
        source.table(test, "test set"),
        tuple(f"institution-{code}" for code in groups),
        (*left_out, *notes),
    )


def _file(folder: Path | None) -> Path:
    if folder is not None:
        return folder / "lung.csv"
    package = find_spec("lifelines")
    if package is None or not package.submodule_search_locations:
        raise BadInput(
            "data set lung: comes with the package lifelines: pip install 'fedproof[lung]' "
            "(or give a folder that holds its lung.csv: --data DIR)"
        )
    return Path(package.submodule_search_locations[0]) / "datasets" / "lung.csv"


def _read(file: Path) -> tuple[NDArray[np.int64], FloatArray, NDArray[np.int64], list[str]]:
    """Institution codes (n,), features (n, 7) with NaN, survived (n,) 0 or 1, and who was left out."""
    try:
        with TextIOWrapper(open_file(file, TEXT), encoding="utf-8", newline="") as stream:
            header, *rows = list(csv.reader(stream, strict=True)) or [[]]
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", source=str(file)) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"is not valid CSV: {error}", source=str(file)) from None
    place = [find_column(header, name, str(file)) for name in COLUMNS]
    for row, cells in enumerate(rows, start=1):
        if len(cells) != len(header):
            raise DataError(f"has {len(cells)} cells, the header has {len(header)}", source=str(file), row=row)
    values = np.array(
        [
            [number(cells[at], source=str(file), row=row, column=name) for at, name in zip(place, COLUMNS, strict=True)]
            for row, cells in enumerate(rows, start=1)
        ]
    ).reshape(len(rows), len(COLUMNS))
    institution, days, died, features = values[:, 0], values[:, 1], values[:, 2], values[:, 3:]
    placed, known = ~np.isnan(institution), (days >= DAYS) | (died == 1)
    notes = [
        f"{np.count_nonzero(~known)} of {len(rows)} patients are left out: observation ended before day {DAYS}",
        f"{np.count_nonzero(known & ~placed)} of the others left out: no institution is known",
    ]
    used = placed & known
    return institution[used].astype(np.int64), features[used], (days[used] >= DAYS).astype(np.int64), notes


def _choose(institutions: NDArray[np.int64], participants: int | None) -> tuple[list[int], list[str]]:
    """Codes that take part, ascending, and a line about the others. Raises BadInput."""
    codes, counts = np.unique(institutions, return_counts=True)
    size = dict(zip(codes.tolist(), counts.tolist(), strict=True))
    able = sorted((code for code in size if size[code] >= MIN_RECORDS), key=lambda code: (-size[code], code))
    if participants is not None:
        if not 1 <= participants <= len(able):
            raise BadInput(
                f"participants: {len(able)} institutions have at least {MIN_RECORDS} patients, got {participants}"
            )
        able = able[:participants]
    others = [f"{code} ({size[code]})" for code in size if code not in able]
    why = f"fewer than {MIN_RECORDS} patients to train on" if participants is None else "not among the largest"
    return sorted(able), [f"institutions left out, {why}: {', '.join(others)}"] if others else []
