# ruff: noqa: D102
"""The layout of a round-close proof (section 4a), on top of that of the program."""

from .field import need
from .layout import MaskVector
from .lookups import Segment, Unit, looks_up, make_helpers, place_segments, s2_degrees

COUNT_BITS, QUOTIENT_BITS = 16, 62  # count < 2^16, |V| <= 2^62


class CloseLayout:
    """Columns over the vectors of the weight table, one lane with the range of lc bits."""

    def __init__(self, layout):
        self.base, self.program = layout, layout.program
        pr = self.program
        self.n, self.N, self.nW, self.wv, self.c = layout.n, layout.N, layout.nW, layout.wv, layout.wv + layout.n
        self.fc = pr.kernel.fc if pr.kernel else 0
        self.most = (1 << pr.wb) - 1
        self.lc = min(self.n, 16)
        self.P, self.segments = 1, [Segment("range", self.lc, self.lc)]
        place_segments(self.segments, self.N)
        self._columns()
        self._masks()
        need(self.M + 8 <= self.N, "rows for the mask vector of a close")

    def _columns(self):
        lc, nw = self.lc, self.nW
        widths = {
            "r": COUNT_BITS + self.fc,
            "c": COUNT_BITS + self.fc,
            "w": self.program.wb + 1,
            "g": QUOTIENT_BITS,
        }
        self.numbers = {name: [f"{name}{k}" for k in range(-(-width // lc))] for name, width in widths.items()}
        limbs = [limb for names in self.numbers.values() for limb in names]
        self.columns = ["S", "Wnext", "sg", *limbs, "mu0"]
        self.own = self.columns[2:]  # those that the proof brings; the first two are public
        column = self.columns.index
        units = [Unit("range", 1, column(limb), lc) for limb in limbs] + [Unit("lane", 1, column("mu0"), lane=0)]
        self.helpers = make_helpers(units, self.program.group)
        self.helper_names = [f"h{g}" for g in range(len(self.helpers))]
        self.values_s2 = self.columns + self.helper_names
        self.vectors = dict.fromkeys(self.values_s2, nw) | {"mu0": 1}
        self.vectors |= {n: 1 for n, h in zip(self.helper_names, self.helpers, strict=True) if not looks_up(h)}
        self.vector_bits = dict.fromkeys(self.values_s2, self.wv)

    def _masks(self):
        self.degrees = {"2": s2_degrees(self.helpers, self.c, 7), "3": [2] * self.n}
        m = MaskVector()
        for s in "23":
            m.add_folds(s, self.degrees[s])
        for name in self.values_s2:
            m.add(("2", name))
        m.close()
        self.m, self.M = m, m.size

    def blinds(self, name, v):
        """Blinds of vector v of a column of the proof's own."""
        return 3 if name == "mu0" else 1

    def layers(self):
        """(first cell, input bits, unit bits, inputs, units) of every layer's table"""
        base, dims = self.base, self.program.dims
        return [
            (base.weight_offset[i], base.I[i], base.J[i], dims[i - 1] + 1, dims[i])
            for i in range(1, self.program.L + 1)
        ]

    def in_layer(self):
        """[whether the cell belongs to a layer] for every cell of the table"""
        out = [0] * (1 << self.c)
        for offset, _, nj, inputs, units in self.layers():
            for a in range(inputs):
                start = offset + (a << nj)
                out[start : start + units] = [1] * units
        return out

    def scale(self, count):
        """m"""
        return count << self.fc

    def proof_body_length(self):
        points = sum(self.vectors[n] for n in self.own + self.helper_names) + 1 + 3
        scalars = sum(sum(d) for d in self.degrees.values()) + len(self.values_s2) + 2
        return 64 * points + 32 * scalars
