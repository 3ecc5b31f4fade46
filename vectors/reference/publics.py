"""The public functions of S2 at a point, in closed form."""

from . import tables
from .field import R
from .layout import PUBLICS
from .multilinear import eq, eqbits
from .weights import Below


def index_at(variables):
    """The integer the variables spell"""
    acc = 0
    for x in variables:
        acc = (2 * acc + x) % R
    return acc


def segment_at(segment, gamma, cell):
    """([row in segment], [row in segment] (idx + gamma tag + gamma^2 a + gamma^3 s)) at a point of the cells of a
    lane; without the part of committed values."""
    n = len(cell) - segment.width
    here, low = eqbits(segment.prefix, cell[:n]), cell[n:]
    idx = index_at(low)
    value = idx + gamma * segment.tag
    if segment.name == "hidden" and not segment.committed:
        half = 1 << (segment.width - 1)
        a, s = idx - half, 1
        if segment.kind == tables.RELU:
            a, s = low[0] * index_at(low[1:]), 1
            for x in low[1:]:
                s = s * (1 - x) % R
            s = low[0] * (1 - s)  # idx > half: the leading bit and any other
        value += gamma**2 * a + gamma**3 * s
    return here, here * value % R


def lanes_at(layout, gamma, point, vtab):
    """(selT, t) of every lane; vtab: {lane: value of its committed tables at the cell part of the point}"""
    lead, cell = point[: layout.c - layout.n], point[layout.c - layout.n :]
    first = eqbits(0, lead)  # lanes stand in the first vector
    sel, t = [0] * layout.P, [vtab.get(p, 0) for p in range(layout.P)]
    for segment in layout.segments:
        here, value = segment_at(segment, gamma, cell)
        sel[segment.lane] += here
        t[segment.lane] += value
    return [first * v % R for v in sel], [first * v % R for v in t]


def training_publics_at(layout, challenges, point, vtab):
    """[eq, the selectors of PUBLICS.., selT_0.., t_0..]"""
    selectors = dict.fromkeys(PUBLICS, 0)
    for g in layout.regions:
        here = eqbits(g.prefix, point[: layout.c - g.nvars])
        for name, value in g.publics.items():
            selectors[name] = (selectors[name] + value * here) % R
    sel_t, t = lanes_at(layout, challenges["gamma"], point, vtab)
    return [eq(challenges["tau"], point), *(selectors[n] for n in PUBLICS), *sel_t, *t]


def registration_publics_at(layout, challenges, point):
    """[eq, selX, selY, selV, selT, t]"""
    pr, n, nj = layout.program, layout.rb, layout.base.J[layout.program.L]
    here = eqbits(0, point[: max(0, layout.n - layout.nd)])
    slot = point[layout.n - n :]
    target = eqbits(layout.toff >> nj, slot[: n - nj]) * Below(pr.dims[-1], nj).at(slot[n - nj :])
    features = Below(pr.dims[0], n).at(slot)
    sel_v = eqbits(layout.voff, slot)
    sel_x, sel_y = (features, target) if pr.cross_entropy else (features + target, 0)
    sel_t, t = lanes_at(layout, challenges["gamma"], point, {})
    return [eq(challenges["tau"], point)] + [here * s % R for s in (sel_x, sel_y, sel_v)] + sel_t + t
