# ruff: noqa: D101, D102, E741
"""The layout that both sides compute from the program (sections 2 and 4)."""

from dataclasses import dataclass

from .field import log, need
from .limits import excess_limbs, limb_widths
from .lookups import HIDDEN_TAG, LOSS_TAGS, Unit, looks_up, make_helpers, make_segments, place_segments, s2_degrees
from .program import HUBER, SIGMOID, SOFTMAX, WEIGHT_SCALE

KINDS = "FBDPQH"


@dataclass
class Region:
    """Rows of one kind and layer, and the public selectors of S2 on them."""

    kind: str
    layer: int
    nvars: int
    tag: int  # of the unit act
    publics: dict  # name: value on every row of the region
    offset: int = 0

    @property
    def prefix(self):
        return self.offset >> self.nvars


class MaskVector:
    """Indices of m: 3 random cells, what is added by name, 3 random cells."""

    def __init__(self):
        self.index, self.size = {}, 3

    def add(self, key):
        assert key not in self.index
        self.index[key] = self.size
        self.size += 1

    def add_folds(self, name, degrees):
        for i, d in enumerate(degrees):
            for e in range(1, d + 1):
                self.add((name, i, e))

    def close(self):
        self.support = range(3, self.size)
        self.size += 3


PUBLICS = ("selR", "tag", "selA", "selH", "selB", "selO", "selX", "selD", "selQ", "selP")


def make_region(pr, kind, layer, nvars):
    """The region with its tag and its selectors, unplaced."""
    tag, on = pr.l, {"selR"}
    if kind == "F" and layer < pr.L:
        tag = HIDDEN_TAG + pr.activations[layer - 1]
        on |= {"selA", "selH"}
    elif kind == "F":
        if pr.loss == SIGMOID:
            tag = LOSS_TAGS[pr.loss]
            on.add("selA")
        if pr.weights is None or not pr.one_hot:
            on.add("selO")
    elif kind == "B" and not pr.smooth(layer):
        on.add("selB")
    elif kind == "D":
        on.add("selD")
    elif kind in "PH":
        tag = LOSS_TAGS[pr.loss]
        on |= {"selA", "selP"} if kind == "P" else {"selA"}
    elif kind == "Q":
        on.add("selQ")
    publics = {name: int(name in on) for name in PUBLICS}
    publics["tag"] = tag
    if kind == "D":
        publics["selX"] = 1 << (pr.scale - shift(pr, layer))
    return Region(kind, layer, nvars, tag, publics)


def shift(pr, layer):
    """sh of D_i: bits by which its product is rounded"""
    return pr.fs if layer < pr.L else pr.fd + WEIGHT_SCALE


class Layout:
    def __init__(self, program):
        self.program = pr = program
        self.tb, self.bb, self.nb = log(pr.T), log(pr.B), log(pr.nblocks)
        self.J = {i: log(pr.dims[i]) for i in range(1, pr.L + 1)}
        self.I = {i: log(pr.dims[i - 1] + 1) for i in range(1, pr.L + 1)}
        self.padded_T = 1 << self.tb
        self._regions()
        self._record()
        self._weights()
        self._terms()
        self._vectors()
        self._lanes()
        self._columns()
        self._masks()
        need(max(self.M, RegistrationLayout(self).M) + 8 <= self.N, "rows for the mask vector")

    def _regions(self):
        pr, L = self.program, self.program.L
        wanted = [("F", i) for i in range(1, L + 1)] + [("B", i) for i in range(1, L)]
        wanted += [("D", i) for i in range(1, L) if pr.smooth(i)]
        wanted += [("D", L)] if pr.weights is not None else []
        wanted += {SOFTMAX: [("P", L), ("Q", L)], HUBER: [("H", L)]}.get(pr.loss, [])
        regions = [make_region(pr, kind, i, self.tb + self.bb + self.J[i]) for kind, i in wanted]
        regions.sort(key=lambda g: (-g.nvars, g.layer, KINDS.index(g.kind)))
        offset = 0
        for g in regions:
            g.offset = offset
            offset += 1 << g.nvars
        self.regions, self.rows = regions, offset
        self.region = {(g.kind, g.layer): g for g in regions}
        # where the deltas of a layer stand
        self.deltas = dict.fromkeys(range(1, L), ("a", "B")) | {L: ("s", "F")}
        self.deltas |= {i: ("q", "D") for kind, i in wanted if kind == "D"}

    def _record(self):
        pr = self.program
        d0, I, J = pr.dims[0], 1 << self.I[1], 1 << self.J[pr.L]
        self.toff = -(-d0 // J) * J
        free = [s for s in range(d0, I) if not self.toff <= s < self.toff + J]
        if self.toff + J <= I and free:
            self.rec, self.voff = I, free[-1]
        else:
            self.rec = 2 * max(I, 2 * J)
            self.toff = self.rec // 2
            self.voff = self.toff + self.rec // 4
        self.rb = log(self.rec)
        self.nd = self.nb + self.bb + self.rb

    def _weights(self):
        order = sorted(range(1, self.program.L + 1), key=lambda i: (-(self.I[i] + self.J[i]), i))
        self.weight_offset, offset = {}, 0
        for i in order:
            self.weight_offset[i] = offset
            offset += 1 << (self.I[i] + self.J[i])
        self.cells = offset

    def _terms(self):
        L = self.program.L
        self.terms_a = [("f", i) for i in range(1, L + 1)] + [("b", i) for i in range(2, L + 1)]
        self.terms_b = self.terms_a + [("o", i) for i in range(1, L + 1)]
        self.nv = {t: self.tb + (self.I if t[0] == "f" else self.J)[t[1]] for t in self.terms_a}
        self.na = max(self.nv.values())

    def _vectors(self):
        pr = self.program
        self.n, self.c = pr.n, max(pr.n, log(self.rows))
        need(max(pr.l, pr.lb, self.rb) <= pr.n <= 24, "n")
        need(self.c <= 26, "number of rows")
        self.N = 1 << self.n
        self.V, self.nD, self.nW = (-(-cells // self.N) for cells in (self.rows, 1 << self.nd, self.cells))
        need(self.nD <= 1024 and self.nW <= 1024, "number of vectors")
        self.dv, self.wv = log(self.nD), log(self.nW)

    def _lanes(self):
        self.segments = make_segments(self.program, limb_widths(self.program)[-1])
        self.P = place_segments(self.segments, self.N)
        need(self.P <= 4, "lanes")
        committed = [s for s in self.segments if s.committed]
        self.key_lanes = sorted({s.lane for s in committed})
        self.key_tables = []  # names: TA or TS and the lane
        for p in self.key_lanes:
            self.key_tables.append(f"TA{p}")
            if any(s.lane == p and s.name == "hidden" for s in committed):
                self.key_tables.append(f"TS{p}")

    def _columns(self):
        pr = self.program
        self.limb_widths, self.ng = limb_widths(pr), excess_limbs(pr)
        self.limbs = [f"r{k}" for k in range(len(self.limb_widths))]
        self.excess_limbs = [f"g{k}" for k in range(self.ng)]
        lanes = [f"mu{p}" for p in range(self.P)]
        self.columns = ["q", "sg", "ex", *self.excess_limbs, *self.limbs, "a", "s", *lanes]
        column = self.columns.index
        units = [Unit("range", 1, column(n), w) for n, w in zip(self.limbs, self.limb_widths, strict=True)]
        units += [Unit("range", 1, column(n), pr.lb) for n in self.excess_limbs]
        units.append(Unit("act", 2))
        units += [Unit("lane", 1, column(n), lane=p) for p, n in enumerate(lanes)]
        self.helpers = make_helpers(units, pr.group)
        self.helper_names = [f"h{g}" for g in range(len(self.helpers))]
        self.values_s2 = [*self.columns, *self.helper_names, "y", "v"]
        self.constraints = [1, 2, 3, 4, 5]  # numbers of those that the program has
        if any(g.kind == "D" for g in self.regions):
            self.constraints.append(6)
        if pr.loss == SOFTMAX:
            self.constraints += [7, 8, 9, 10]
        # of every table: vectors that are committed, and bits that address them
        single = set(lanes + self.key_tables)
        single |= {name for name, h in zip(self.helper_names, self.helpers, strict=True) if not looks_up(h)}
        self.vectors = {n: 1 if n in single else self.V for n in self.columns + self.helper_names + self.key_tables}
        self.vectors |= {"D": self.nD, "W0": self.nW, "Wout": self.nW}
        self.vector_bits = dict.fromkeys(self.columns + self.helper_names, self.c - self.n)
        self.vector_bits |= dict.fromkeys(self.key_tables, 0) | {"D": self.dv, "W0": self.wv, "Wout": self.wv}

    def _masks(self):
        raised = [3] * self.tb + [2] * (self.na - self.tb)
        raised[0] += 2
        raised_b = [3] * self.tb + [2] * self.bb
        raised_b[0] += 2
        degrees = s2_degrees(self.helpers, self.c, 7)
        self.degrees = {"a": raised, "b": raised_b, "2": degrees, "3": [2] * self.n}
        m = MaskVector()
        for s in "ab23":
            m.add_folds(s, self.degrees[s])
        for t in self.terms_a:
            m.add(("X", t))
            m.add(("W", t))
        for t in self.terms_b:
            m.add(("A", t))
            m.add(("D", t))
        for name in self.values_s2:
            m.add(("2", name))
        for v in range(self.nW):
            for j in range(self.wout_blinds(v)):
                m.add(("blind", v, j))
        m.close()
        self.m, self.M = m, m.size

    def blinds(self, name, v):
        """Blinds of vector v of a trace column or helper."""
        return 3 if (name, v) == ("q", 0) else 1

    def wout_blinds(self, v):
        return 2 * self.program.p + 1 if v == 0 else 1

    def proof_body_length(self):
        points = sum(self.vectors[n] for n in self.columns + self.helper_names) + self.nW + 1 + 3
        scalars = 1 + sum(sum(d) for d in self.degrees.values()) + 2 * len(self.terms_a) + 2 * len(self.terms_b)
        scalars += len(self.values_s2) + len(self.key_lanes) + 1
        return 64 * points + 32 * scalars


class RegistrationLayout:
    """Section 4, on top of the layout of the program: S2 over the cells of one vector, one lane."""

    def __init__(self, layout):
        self.base, self.program = layout, layout.program
        pr = self.program
        for name in ("n", "N", "dv", "nD", "nd", "nb", "bb", "rb", "toff", "voff", "rec"):
            setattr(self, name, getattr(layout, name))
        self.c, self.P, nD = self.n, 1, self.nD
        self.segments = make_segments(pr, pr.l)
        self.segments = [s for s in self.segments if s.name == "range" and s.tag == pr.l]
        place_segments(self.segments, self.N)
        self.columns = [f"D{v}" for v in range(nD)] + ["mu0"]
        units = [Unit("range", 1, v, pr.l) for v in range(nD)] + [Unit("lane", 1, nD, lane=0)]
        self.helpers = make_helpers(units, pr.group)
        self.helper_names = [f"h{g}" for g in range(len(self.helpers))]
        self.values_s2 = self.columns + self.helper_names
        self.vectors = dict.fromkeys(["mu0", *self.helper_names], 1) | {"D": nD}
        self.vector_bits = dict.fromkeys(["mu0", *self.helper_names], 0) | {"D": self.dv}
        self.degrees = {"2": s2_degrees(self.helpers, self.n, 6), "3": [2] * self.n}
        m = MaskVector()
        for s in "23":
            m.add_folds(s, self.degrees[s])
        for name in self.values_s2:
            m.add(("2", name))
        m.close()
        self.m, self.M = m, m.size

    def blinds(self, name, v):
        return 3 if name == "mu0" else 1

    def proof_body_length(self):
        points = 2 + len(self.helpers) + 3
        scalars = sum(sum(d) for d in self.degrees.values()) + len(self.values_s2) + 1
        return 64 * points + 32 * scalars
