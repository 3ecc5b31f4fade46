"""Changes of a case: soft ones leave all values well formed, so only the algebra can reject it; hard ones need not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tools.differential.shape import HEADER, POINT, WORD, Part, Shape
from tools.differential.values import EDGES, IDENTITY, bytes32, integer, negated, random_point, random_scalar
from vectors.reference.field import R


class Draft:
    """A case while it is changed. `others`: proof files and statements to take parts from."""

    def __init__(self, file: bytes, statement: bytes, shape: Shape, others: Sequence[bytes]) -> None:
        self.file, self.statement = bytearray(file), bytearray(statement)
        self.shape, self.others = shape, others

    def put(self, at: int, data: bytes) -> None:
        """Writes into the file what fits."""
        self.file[at : at + len(data)] = data[: max(0, len(self.file) - at)]

    def get(self, at: int, size: int) -> bytes:
        """Reads from the file; what is not there reads as zero."""
        return bytes(self.file[at : at + size]).ljust(size, b"\0")


def _place(rng: Random, draft: Draft, size: int) -> int:
    return rng.choice(draft.shape.places(size, draft.shape.file))


# --- soft ------------------------------------------------------------------------------------------------------------


def scalar(rng: Random, draft: Draft) -> str:
    """A scalar replaced by another one, canonical too."""
    at, other = _place(rng, draft, WORD), _place(rng, draft, WORD)
    old = integer(draft.get(at, WORD))
    step = rng.choice([1, -1, 1 << rng.randrange(253)])
    values = [random_scalar(rng), draft.get(other, WORD), bytes32(-old % R), bytes32((old + step) % R)]
    draft.put(at, rng.choice(values))
    return f"scalar at {at} replaced"


def scalars_against_each_other(rng: Random, draft: Draft) -> str:
    """What is added to one scalar is taken from another."""
    at, other = _place(rng, draft, WORD), _place(rng, draft, WORD)
    amount = rng.choice([1, rng.randrange(R)])
    for place, step in ((at, amount), (other, -amount)):
        draft.put(place, bytes32((integer(draft.get(place, WORD)) + step) % R))
    return f"{amount} moved from the scalar at {other} to that at {at}"


def point(rng: Random, draft: Draft) -> str:
    """A point replaced by another one on the curve."""
    at, other = _place(rng, draft, POINT), _place(rng, draft, POINT)
    values = [
        IDENTITY,
        bytes32(1) + bytes32(2),
        negated(draft.get(at, POINT)),
        draft.get(other, POINT),
        random_point(rng),
    ]
    draft.put(at, rng.choice(values))
    return f"point at {at} replaced"


def points_exchanged(rng: Random, draft: Draft) -> str:
    """Two points in each other's place."""
    at, other = _place(rng, draft, POINT), _place(rng, draft, POINT)
    first, second = draft.get(at, POINT), draft.get(other, POINT)
    draft.put(at, second)
    draft.put(other, first)
    return f"points at {at} and {other} exchanged"


def points_negated(rng: Random, draft: Draft) -> str:
    """Two points negated: what one does the other may undo."""
    places = [_place(rng, draft, POINT) for _ in range(2)]
    for at in places:
        draft.put(at, negated(draft.get(at, POINT)))
    return f"points at {places[0]} and {places[1]} negated"


def _field(draft: Draft, part: Part, place: int, data: bytes) -> None:
    draft.statement[place : place + part.size] = data


def statement_value(rng: Random, draft: Draft) -> str:
    """A field of the statement replaced by a value that it may have."""
    program = draft.shape.program
    part = rng.choice([part for part in draft.shape.statement if part.count])
    place = rng.choice(part.places)
    if part.size == POINT:
        old = bytes(draft.statement[place : place + POINT])
        _field(draft, part, place, rng.choice([IDENTITY, negated(old), random_point(rng)]))
    elif part.name == "pi":
        order = list(range(part.count))
        rng.shuffle(order)
        draft.statement[part.start : part.end] = bytes(order)
    elif part.name == "beta":
        _field(draft, part, place, bytes32(rng.randrange(program.nblocks)))
    elif part.name == "count":
        counts = draft.shape.counts
        _field(draft, part, place, bytes32(rng.choice([counts[0], counts[-1], rng.choice(counts)])))
    else:
        _field(draft, part, place, rng.randbytes(WORD))
    return f"statement's {part.name} replaced"


# --- hard ------------------------------------------------------------------------------------------------------------


def bit(rng: Random, draft: Draft) -> str:
    """A bit of the file."""
    at = rng.randrange(max(1, len(draft.file)))
    draft.put(at, bytes([draft.get(at, 1)[0] ^ 1 << rng.randrange(8)]))
    return f"bit of byte {at} changed"


def edge(rng: Random, draft: Draft) -> str:
    """A word, whatever it is, replaced by one at the edge of what is canonical, or by the same value not reduced."""
    at = rng.choice([*draft.shape.places(WORD, draft.shape.file), *draft.shape.places(POINT, draft.shape.file)])
    at += rng.choice([0, 0, WORD])
    old = integer(draft.get(at, WORD))
    draft.put(at, bytes32(rng.choice([*EDGES, old + R, old + EDGES[7]])))
    return f"word at {at} replaced"


def header(rng: Random, draft: Draft) -> str:
    """A byte of the header."""
    at = rng.randrange(HEADER)
    draft.put(at, bytes([rng.choice([0, 1, 2, 3, 4, 255, rng.randrange(256)])]))
    return f"header's byte {at} replaced"


def length(rng: Random, draft: Draft) -> str:
    """A file cut off or with more bytes."""
    if rng.random() < 0.5:
        draft.file[rng.randrange(len(draft.file) + 1) :] = b""
    else:
        draft.file += rng.choice([bytes(1), bytes(WORD), rng.randbytes(rng.randrange(1, 99))])
    return f"file of {len(draft.file)} bytes"


def spliced(rng: Random, draft: Draft) -> str:
    """Another file's bytes from one message's border on, up to another's or to the end."""
    other = rng.choice(draft.others)
    first = rng.choice(draft.shape.file).start
    last = rng.choice([part.end for part in draft.shape.file if part.end > first] + [len(other)])
    draft.file[first:last] = other[first:last]
    return f"bytes {first} to {last} of another file"


def statement_word(rng: Random, draft: Draft) -> str:
    """A word or a bit of the statement."""
    at = rng.randrange(max(1, len(draft.statement)))
    part = rng.choice([part for part in draft.shape.statement if part.count])
    if part.size == 1 or rng.random() < 0.3:
        draft.statement[at : at + 1] = bytes([rng.randrange(256)])
        return f"statement's byte {at} replaced"
    at = rng.choice(part.places) + rng.choice([0, part.size - WORD])
    old = integer(bytes(draft.statement[at : at + WORD]))
    draft.statement[at : at + WORD] = bytes32(rng.choice([*EDGES, old + R, old + EDGES[7], old + 1]))
    return f"statement's {part.name} at {at} replaced"


def schedule(rng: Random, draft: Draft) -> str:
    """Numbers of the statement just in and out of their range; a permutation that is none."""
    program = draft.shape.program
    part = rng.choice([part for part in draft.shape.statement if part.count and part.name in ("pi", "beta", "count")])
    if part.name == "pi":
        _field(draft, part, rng.choice(part.places), bytes([rng.choice([0, part.count - 1, part.count, 255])]))
    else:
        limits = [program.nblocks, draft.shape.counts[0], draft.shape.counts[-1] + 1]
        limit = rng.choice(limits) if rng.random() < 0.7 else rng.choice([1 << 32, 1 << 64, R, R + 1])
        _field(draft, part, part.start, bytes32(limit + rng.choice([-1, 0, 1])))
    return f"statement's {part.name} replaced"


def statement_length(rng: Random, draft: Draft) -> str:
    """A statement cut off or with more bytes."""
    if rng.random() < 0.5:
        draft.statement[rng.randrange(len(draft.statement) + 1) :] = b""
    else:
        draft.statement += rng.choice([bytes(1), bytes(WORD), bytes(POINT)])
    return f"statement of {len(draft.statement)} bytes"


Change = Callable[[Random, Draft], str]
SOFT: list[Change] = [scalar, scalar, scalars_against_each_other, point, point, points_exchanged, points_negated]
SOFT += [statement_value, statement_value]
HARD: list[Change] = [bit, edge, edge, edge, header, length, spliced, spliced]
HARD += [statement_word, schedule, schedule, statement_length]
