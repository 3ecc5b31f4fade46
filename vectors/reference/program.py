# ruff: noqa: D101, D102, D103, E741, N802
"""The program (section 1), its bytes (section 8) and the layout both sides compute from it (section 2)."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from decimal import ROUND_FLOOR, Decimal, localcontext
from math import isqrt

from .field import keccak256, log, need

SQUARED, SIGMOID = 0, 1
IDENTITY, RELU = 0, 1
MAGIC = b"FPRG"


@dataclass
class Program:
    loss: int
    dims: list
    activations: list
    T: int
    B: int
    nblocks: int
    l: int
    F: int
    fa: int
    fd: int
    k: int
    wb: int
    p: int
    group: int

    @property
    def L(self):
        return len(self.dims) - 1

    # --- bytes ------------------------------------------------------------------------------------------------------
    def encode(self):
        out = MAGIC + (1).to_bytes(2, "big") + bytes([self.loss, self.L])
        for d in self.dims:
            out += d.to_bytes(4, "big")
        out += bytes(self.activations)
        for v in (self.T, self.B, self.nblocks):
            out += v.to_bytes(4, "big")
        out += bytes([self.l, self.F, self.fa, self.fd]) + self.k.to_bytes(8, "big")
        return out + bytes([self.wb, self.p, self.group])

    @classmethod
    def decode(cls, data):
        position = 0

        def take(n):
            nonlocal position
            need(position + n <= len(data), "program too short")
            position += n
            return data[position - n : position]

        def number(n):
            return int.from_bytes(take(n), "big")

        need(take(4) == MAGIC, "program magic")
        need(number(2) == 1, "program version")
        loss, layers = number(1), number(1)
        need(1 <= layers <= 16, "number of layers")
        dims = [number(4) for _ in range(layers + 1)]
        activations = [number(1) for _ in range(layers - 1)]
        T, B, nblocks = number(4), number(4), number(4)
        l, F, fa, fd = number(1), number(1), number(1), number(1)
        k, wb, p, group = number(8), number(1), number(1), number(1)
        need(position == len(data), "bytes after the program")
        program = cls(loss, dims, activations, T, B, nblocks, l, F, fa, fd, k, wb, p, group)
        program.validate()
        return program

    def digest(self):
        return keccak256(self.encode())

    # --- limits and bounds ------------------------------------------------------------------------------------------
    def validate(self):
        def power_of_two(n):
            return n >= 1 and n & (n - 1) == 0

        need(self.loss in (SQUARED, SIGMOID), "loss")
        need(1 <= self.L <= 16, "number of layers")
        need(all(1 <= d <= 65536 for d in self.dims), "dims")
        need(
            len(self.activations) == self.L - 1 and all(a in (IDENTITY, RELU) for a in self.activations), "activations"
        )
        need(1 <= self.T <= 65536, "T")
        need(power_of_two(self.B) and self.B <= 65536, "B")
        need(self.T * self.B >= 2, "T B")
        need(power_of_two(self.nblocks) and self.nblocks <= 65536, "nblocks")
        need(4 <= self.l <= 16, "l")
        need(self.l <= self.F <= 48, "F")
        need(1 <= self.fa <= self.l - 1, "fa")
        need(self.fa <= self.fd <= self.l, "fd")
        need(1 <= self.k <= 1 << 40, "k")
        need(self.F <= self.wb <= 56, "wb")
        need(all(self.radius(i) < 1 << self.wb for i in range(1, self.L + 1)), "bound of the initial model")
        need(1 <= self.p <= 16, "p")
        need(2 <= self.group <= 6, "group")
        for i in range(1, self.L + 1):
            for bound in (self.max_a(), self.max_d(i), self.max_w(i), self.max_z(i)):
                need(bound < 1 << 100, "bound of 2^100")
            need(self.max_w(i) < 1 << 62, "bound of the weights")
            if i < self.L:
                need(self.max_e(i) < 1 << 100, "bound of 2^100")
        need(self.largest_quotient() < 1 << 62, "bound of the quotients")
        need(self.ng() <= 4, "excess limbs")
        need(log(self.T) + log(self.B) + log(max(self.dims) + 1) + 2 <= 26, "size of the trace")
        Layout(self)

    def radius(self, i):
        return isqrt(6 * 4**self.F // (self.dims[i - 1] + self.dims[i]))

    def max_a(self):
        return 1 << (self.l - 1)

    def max_d(self, i):
        if i < self.L:
            return 1 << (self.l - 1)
        if self.loss == SIGMOID:
            return 1 << self.fd
        return (1 << (self.l - 1 + self.fd - self.fa)) + (1 << (self.l - 1))

    def max_w(self, i):
        return (1 << self.wb) + self.T * self.B * self.k * self.max_a() * self.max_d(i)

    def max_z(self, i):
        return (self.dims[i - 1] * self.max_a() + (1 << self.fa)) * self.max_w(i)

    def max_e(self, i):
        """E_i, i < L"""
        return self.dims[i + 1] * self.max_d(i + 1) * self.max_w(i + 1)

    def largest_quotient(self):
        """X"""
        largest = [self.max_z(i) for i in range(1, self.L + 1)] + [self.max_e(i) for i in range(1, self.L)]
        return max((b >> self.F) + 2 for b in largest)

    def ng(self):
        """Number of excess limbs."""
        n = 1
        while 1 << (self.l * n) <= self.largest_quotient():
            n += 1
        return n

    def limb_widths(self):
        """Widths of the remainder limbs, least significant first."""
        nr = -(-self.F // self.l)
        return [self.l] * (nr - 1) + [self.F - self.l * (nr - 1)]

    # --- functions --------------------------------------------------------------------------------------------------
    def hidden_kinds(self):
        return sorted(set(self.activations))

    def activation(self, i, q):
        """(a, s) of hidden layer i"""
        return hidden(self.activations[i - 1], q)

    def sigmoid(self, q):
        with localcontext() as context:
            context.prec = 80
            value = (1 << self.fd) / (1 + (Decimal(-q) / (1 << self.fa)).exp()) + Decimal("0.5")
            return int(value.to_integral_value(rounding=ROUND_FLOOR))

    def sigmoid_table(self):
        half = 1 << (self.l - 1)
        return [self.sigmoid(idx - half) for idx in range(1 << self.l)]

    def saturate(self, x):
        half = 1 << (self.l - 1)
        return max(-half, min(half - 1, x))

    def round(self, x):
        """floor((x + 2^(F-1)) / 2^F)"""
        return (x + (1 << (self.F - 1))) >> self.F

    def initial_weights(self, seed):
        """One (d_{i-1} + 1) x d_i matrix a layer, the bias row last."""
        layers = []
        for i in range(1, self.L + 1):
            rows, units = self.dims[i - 1], self.dims[i]
            radius = self.radius(i)
            matrix = []
            for a in range(rows):
                row = []
                for j in range(units):
                    head = b"fedproof/init/1" + seed + b"".join(v.to_bytes(4, "big") for v in (i, a, j))
                    row.append(int.from_bytes(keccak256(head)[:16], "big") % (2 * radius + 1) - radius)
                matrix.append(row)
            layers.append([*matrix, [0] * units])
        return layers

    def schedule(self, seed):
        """(pi, beta) from a 32-byte seed"""
        nb = log(self.nblocks)
        beta = int.from_bytes(seed, "big") % self.nblocks
        pi = list(range(nb))
        for i in range(nb - 1, 0, -1):
            j = int.from_bytes(keccak256(seed + i.to_bytes(32, "big")), "big") % (i + 1)
            pi[i], pi[j] = pi[j], pi[i]
        return pi, beta

    def block(self, pi, beta, t):
        """The block that step t reads."""
        s, out = t % self.nblocks, beta
        for k, position in enumerate(pi):
            out ^= ((s >> k) & 1) << position
        return out


def hidden(kind, q):
    if kind == RELU:
        return (q, 1) if q > 0 else (0, 0)
    return q, 1


@dataclass
class Region:
    kind: str  # "F" or "B"
    layer: int
    nvars: int
    offset: int = 0
    tag: int = 0  # of the unit act

    @property
    def prefix(self):
        return self.offset >> self.nvars


@dataclass
class Segment:
    name: str  # "sigmoid", "range", "hidden"
    tag: int
    width: int
    kind: int = 0  # of a hidden activation
    lane: int = 0
    offset: int = 0

    @property
    def prefix(self):
        return self.offset >> self.width


@dataclass
class Unit:
    """A lookup unit, or the table side of a lane."""

    name: str  # "range", "act", "lane"
    size: int  # units it counts for; also its degree
    column: int = -1  # range: column index, lane: index of mu
    tag: int = 0
    lane: int = -1
    vector: int = -1  # registration: the dataset vector looked up
    last: int = dataclass_field(default=0)  # degree in the last variable, where every column counts twice

    def __post_init__(self):
        self.last = {"range": 2, "act": 3, "lane": 1}[self.name]


def place_segments(segments, c):
    """First fit into lanes of 2^c rows; the number of lanes."""
    used = []
    for segment in segments:
        size = 1 << segment.width
        lane = next((i for i, rows in enumerate(used) if rows + size <= 1 << c), len(used))
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


def s2_degrees(helpers, c, last_floor):
    inner = max([2 + sum(u.size for u in h) for h in helpers] + [4])
    last = last_floor
    for h in helpers:
        last = max(last, 1 + 2 + sum(u.last for u in h))
        for lane in (u for u in h if u.name == "lane"):
            last = max(last, 1 + 1 + 2 + sum(u.last for u in h if u is not lane))
    return [inner] * (c - 1) + [last]


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


class Layout:
    def __init__(self, program):
        self.program = pr = program
        L = pr.L
        self.tb, self.bb, self.nb = log(pr.T), log(pr.B), log(pr.nblocks)
        self.J = {i: log(pr.dims[i]) for i in range(1, L + 1)}
        self.I = {i: log(pr.dims[i - 1] + 1) for i in range(1, L + 1)}
        self.padded_T = 1 << self.tb
        self._regions()
        self._record()
        self._weights()
        segments = []
        if pr.loss == SIGMOID:
            segments.append(Segment("sigmoid", 48, pr.l))
        segments.append(Segment("range", pr.l, pr.l))
        segments += [Segment("hidden", 32 + kind, pr.l, kind) for kind in pr.hidden_kinds()]
        if pr.limb_widths()[-1] != pr.l:
            segments.append(Segment("range", pr.limb_widths()[-1], pr.limb_widths()[-1]))
        self.segments = segments
        self._terms()
        c = max(pr.l, self.bb + self.rb)
        need(c <= 26, "number of rows")
        while not self._fits(c):
            c += 1
            need(c <= 26, "number of rows")

    def _regions(self):
        pr, L = self.program, self.program.L
        regions = []
        for i in range(1, L + 1):
            n = self.tb + self.bb + self.J[i]
            if i < L:
                regions.append(Region("F", i, n, tag=32 + pr.activations[i - 1]))
                regions.append(Region("B", i, n, tag=pr.l))
            else:
                regions.append(Region("F", i, n, tag=48 if pr.loss == SIGMOID else pr.l))
        regions.sort(key=lambda g: (-g.nvars, g.layer, g.kind != "F"))
        offset = 0
        for g in regions:
            g.offset = offset
            offset += 1 << g.nvars
        self.regions, self.trace_rows = regions, offset
        self.region = {(g.kind, g.layer): g for g in regions}

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
        self.nw = log(offset)

    def _terms(self):
        L = self.program.L
        forward = [("f", i) for i in range(1, L + 1)]
        backward = [("b", i) for i in range(2, L + 1)]
        self.terms_a = forward + backward
        self.terms_b = self.terms_a + [("o", i) for i in range(1, L + 1)]
        self.nv = {t: self.tb + (self.I if t[0] == "f" else self.J)[t[1]] for t in self.terms_a}
        self.na = max(self.nv.values())

    def _fits(self, c):
        """Computes all that depends on c; whether c is large enough."""
        pr = self.program
        if 1 << c < self.trace_rows:
            return False
        P = place_segments(self.segments, c)
        if P > 4:
            return False
        self.c, self.N, self.P = c, 1 << c, P
        self.dv, self.wv = max(0, self.nd - c), max(0, self.nw - c)
        self.nD, self.nW = 1 << self.dv, 1 << self.wv
        if self.dv > 8 or self.wv > 8:
            return False

        widths, ng = pr.limb_widths(), pr.ng()
        self.columns = (
            ["q", "sg", "ex"]
            + [f"g{k}" for k in range(ng)]
            + [f"r{k}" for k in range(len(widths))]
            + ["a", "s"]
            + [f"mu{p}" for p in range(P)]
        )
        column = self.columns.index
        units = [Unit("range", 1, column(f"r{k}"), w) for k, w in enumerate(widths)]
        units += [Unit("range", 1, column(f"g{k}"), pr.l) for k in range(ng)]
        units.append(Unit("act", 2))
        units += [Unit("lane", 1, column(f"mu{p}"), lane=p) for p in range(P)]
        self.helpers = make_helpers(units, pr.group)
        self.helper_names = [f"h{g}" for g in range(len(self.helpers))]
        self.values_s2 = self.columns + self.helper_names + ["y", "v"]

        raised = [3] * self.tb + [2] * (self.na - self.tb)
        raised[0] += 2
        raised_b = [3] * self.tb + [2] * self.bb
        raised_b[0] += 2
        self.degrees = {"a": raised, "b": raised_b, "2": s2_degrees(self.helpers, c, 7), "3": [2] * c}

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
            for j in range(2 * pr.p + 1 if v == 0 else 1):
                m.add(("blind", v, j))
        m.close()
        self.m, self.M = m, m.size
        return max(self.M, RegistrationLayout(self).M) + 8 <= 1 << c

    def wout_blinds(self, v):
        return 2 * self.program.p + 1 if v == 0 else 1

    # --- proof length -----------------------------------------------------------------------------------------------
    def proof_body_length(self):
        points = len(self.columns) + self.nW + 1 + len(self.helpers) + 3
        scalars = 1 + sum(sum(d) for d in self.degrees.values()) + 2 * len(self.terms_a) + 2 * len(self.terms_b)
        scalars += len(self.values_s2) + (self.program.loss == SIGMOID) + 1
        return 64 * points + 32 * scalars


class RegistrationLayout:
    """Section 4, on top of the layout of the program."""

    def __init__(self, layout):
        self.base, self.program = layout, layout.program
        pr = self.program
        for name in ("c", "N", "dv", "nD", "nd", "nb", "bb", "rb", "toff", "voff", "rec"):
            setattr(self, name, getattr(layout, name))
        nD = self.nD
        self.P = 1
        self.segments = [Segment("range", pr.l, pr.l)]
        self.columns = [f"D{v}" for v in range(nD)] + ["mu0"]
        units = [Unit("range", 1, v, pr.l, vector=v) for v in range(nD)] + [Unit("lane", 1, nD, lane=0)]
        self.helpers = make_helpers(units, pr.group)
        self.helper_names = [f"h{g}" for g in range(len(self.helpers))]
        self.values_s2 = self.columns + self.helper_names
        self.degrees = {"2": s2_degrees(self.helpers, self.c, 6), "3": [2] * self.c}
        m = MaskVector()
        for s in "23":
            m.add_folds(s, self.degrees[s])
        for name in self.values_s2:
            m.add(("2", name))
        m.close()
        self.m, self.M = m, m.size

    def proof_body_length(self):
        points = 2 + len(self.helpers) + 3
        scalars = sum(sum(d) for d in self.degrees.values()) + len(self.values_s2) + 1
        return 64 * points + 32 * scalars
