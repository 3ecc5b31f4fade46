"""Where the parts of statements and proofs stand, by the layouts of the independent reference."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any

from vectors.reference.close_layout import CloseLayout
from vectors.reference.layout import Layout, RegistrationLayout
from vectors.reference.program import Program

HEADER = 11
WORD, POINT = 32, 64


@dataclass(frozen=True)
class Part:
    """A message of a proof or a field of a statement: `count` values of `size` bytes (64: points) from `start` on."""

    name: str
    start: int
    size: int
    count: int

    @property
    def end(self) -> int:
        """Where the next part starts."""
        return self.start + self.size * self.count

    @property
    def places(self) -> range:
        """Where its values start."""
        return range(self.start, self.end, self.size)


@dataclass(frozen=True)
class Shape:
    """Parts of the proof file and of the statement, and how many bytes the key's tables take."""

    program: Any
    counts: range  # that the statement may name
    file: tuple[Part, ...]
    statement: tuple[Part, ...]
    table: int

    def places(self, size: int, parts: tuple[Part, ...]) -> list[int]:
        """Where all values of this size start."""
        return [at for part in parts if part.size == size for at in part.places]

    def field(self, name: str) -> Part:
        """A field of the statement."""
        return next(part for part in self.statement if part.name == name)


def _parts(start: int, fields: list[tuple[str, int, int]]) -> tuple[Part, ...]:
    starts = accumulate((size * count for _, size, count in fields), initial=start)
    return tuple(Part(name, at, size, count) for at, (name, size, count) in zip(starts, fields, strict=False))


def _folds(layout: Any, name: str) -> list[tuple[str, int, int]]:
    return [(f"fold {name}{i}", WORD, degree) for i, degree in enumerate(layout.degrees[name])]


def _opening() -> list[tuple[str, int, int]]:
    return [("S'", POINT, 1), ("e1", WORD, 1), ("h", POINT, 1), ("w", POINT, 1)]


def _points(layout: Any, names: list[str]) -> int:
    return sum(layout.vectors[name] for name in names)


def _training(lay: Layout) -> tuple[list[tuple[str, int, int]], list[tuple[str, int, int]]]:
    file = [(f"column {name}", POINT, lay.vectors[name]) for name in lay.columns]
    file += [("W_out", POINT, lay.nW), ("m", POINT, 1), ("helpers", POINT, _points(lay, lay.helper_names))]
    file += [("v_zeta", WORD, 1), *_folds(lay, "a"), ("values a", WORD, 2 * len(lay.terms_a))]
    file += [*_folds(lay, "b"), ("values b", WORD, 2 * len(lay.terms_b))]
    file += [*_folds(lay, "2"), ("values 2", WORD, len(lay.values_s2)), ("vtab", WORD, len(lay.key_lanes))]
    words = ["chain", "hub", "submitter", "task", "round", "key", "setup"]
    statement = [(name, WORD, 1) for name in words]
    statement += [("W_0", POINT, lay.nW), ("dataset", WORD, 1), ("D", POINT, lay.nD), ("pi", 1, lay.nb)]
    return [*file, *_folds(lay, "3"), *_opening()], [*statement, ("beta", WORD, 1), ("count", WORD, 1)]


def _registration(base: Layout) -> tuple[list[tuple[str, int, int]], list[tuple[str, int, int]]]:
    lay = RegistrationLayout(base)
    file = [("column mu0", POINT, 1), ("m", POINT, 1), ("helpers", POINT, _points(lay, lay.helper_names))]
    file += [*_folds(lay, "2"), ("values 2", WORD, len(lay.values_s2))]
    words = ["chain", "hub", "submitter", "task", "key", "setup", "nonces"]
    statement = [(name, WORD, 1) for name in words]
    return [*file, *_folds(lay, "3"), *_opening()], [*statement, ("D", POINT, lay.nD), ("count", WORD, 1)]


def _close(base: Layout) -> tuple[list[tuple[str, int, int]], list[tuple[str, int, int]]]:
    lay = CloseLayout(base)
    file = [(f"column {name}", POINT, lay.vectors[name]) for name in lay.own]
    file += [("m", POINT, 1), ("helpers", POINT, _points(lay, lay.helper_names))]
    file += [("v_zeta", WORD, 1), *_folds(lay, "2"), ("values 2", WORD, len(lay.values_s2))]
    words = ["chain", "hub", "submitter", "task", "round", "key", "setup"]
    statement = [(name, WORD, 1) for name in words]
    return [*file, *_folds(lay, "3"), *_opening()], [
        *statement,
        ("S", POINT, lay.nW),
        ("W'", POINT, lay.nW),
        ("count", WORD, 1),
    ]


PARTS = {"training": _training, "registration": _registration, "close": _close}
"""By the name of the kind: parts of the proof's body, fields of the statement."""


@lru_cache(maxsize=4096)
def shape(kind: str, program: bytes) -> Shape:
    """Of the proofs of a legal program; Reject if it is none."""
    decoded = Program.decode(program)
    layout = Layout(decoded)
    file, statement = PARTS[kind](layout)
    least, most = {
        "training": (0, decoded.T * decoded.B),
        "registration": (0, decoded.nblocks * decoded.B),
        "close": (1, (1 << 16) - 1),
    }[kind]
    return Shape(
        decoded, range(least, most + 1), _parts(HEADER, file), _parts(0, statement), POINT * len(layout.key_tables)
    )
