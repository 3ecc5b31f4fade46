# ruff: noqa: D102, D103
"""Lookup tables, their lanes, and the units that helpers sum up (section 2)."""

from dataclasses import dataclass, field

from . import tables
from .program import HUBER, SIGMOID, SOFTMAX

LOSS_TAGS = {SIGMOID: 48, SOFTMAX: 50, HUBER: 51}
HIDDEN_TAG = 32


@dataclass
class Segment:
    """A table of 2^width rows in a lane."""

    name: str  # "loss", "range", "hidden"
    tag: int
    width: int
    kind: int = 0  # of a hidden activation
    lane: int = 0
    offset: int = 0

    @property
    def prefix(self):
        return self.offset >> self.width

    @property
    def committed(self):
        """Whether its values stand in the key; the others have closed forms."""
        return self.name == "loss" or (self.name == "hidden" and self.kind > tables.RELU)

    def entry(self, program, idx):
        """(a, s) at row idx"""
        if self.name == "hidden":
            return tables.hidden(self.kind, program.l, program.fa, idx - (1 << (program.l - 1)))
        return (program.loss_table(idx), 0) if self.name == "loss" else (0, 0)


@dataclass
class Unit:
    """A lookup unit, or the table side of a lane."""

    name: str  # "range", "act", "lane"
    size: int  # units it counts for; also its degree
    column: int = -1  # range: column index, lane: index of mu
    tag: int = 0
    lane: int = -1
    last: int = field(default=0)  # degree in the last variable, where every column counts twice

    def __post_init__(self):
        self.last = {"range": 2, "act": 3, "lane": 1}[self.name]


def make_segments(program, top_limb):
    """In the order in which lanes take them."""
    pr = program
    out = [Segment("loss", LOSS_TAGS[pr.loss], pr.l)] if pr.loss in LOSS_TAGS else []
    out.append(Segment("range", pr.l, pr.l))
    out += [Segment("hidden", HIDDEN_TAG + kind, pr.l, kind) for kind in sorted(set(pr.activations))]
    if pr.lb != pr.l:
        out.append(Segment("range", pr.lb, pr.lb))
    if top_limb not in (pr.l, pr.lb):
        out.append(Segment("range", top_limb, top_limb))
    return sorted(out, key=lambda s: -s.width)


def place_segments(segments, rows):
    """First fit into lanes of so many rows; the number of lanes."""
    used = []
    for segment in segments:
        size = 1 << segment.width
        lane = next((i for i, taken in enumerate(used) if taken + size <= rows), len(used))
        if lane == len(used):
            used.append(0)
        assert used[lane] % size == 0
        segment.lane, segment.offset = lane, used[lane]
        used[lane] += size
    return len(used)


def make_helpers(units, group):
    helpers = []
    for unit in units:
        fitting = (h for h in helpers if sum(other.size for other in h) + unit.size <= group)
        helper = next(fitting, None)
        if helper is None:
            helper = []
            helpers.append(helper)
        helper.append(unit)
    return helpers


def looks_up(helper):
    """Whether a helper has a lookup; else only rows of the first vector are not zero."""
    return any(unit.name != "lane" for unit in helper)


def s2_degrees(helpers, variables, last_floor):
    inner = max([2 + sum(u.size for u in h) for h in helpers] + [4])
    last = last_floor
    for h in helpers:
        last = max(last, 1 + 2 + sum(u.last for u in h))
        for lane in (u for u in h if u.name == "lane"):
            last = max(last, 1 + 1 + 2 + sum(u.last for u in h if u is not lane))
    return [inner] * (variables - 1) + [last]
