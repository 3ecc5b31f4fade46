# ruff: noqa: D103
"""A slow execution of the padded integer program as the columns of the trace (section 2)."""

from .data import padded_weights, unpadded
from .kernel import update_table
from .layout import shift
from .outputs import output_rows
from .tables import saturate


class Trace:
    """Columns and activations of the padded program; `fault(name, i, t, value)` may change values (for cheats).

    Whatever a fault changes, everything computed from it follows the change."""

    def __init__(self, layout, w0, data, pi, beta, fault=None):
        self.lay, self.fault = layout, fault or (lambda name, i, t, value: value)
        pr = self.pr = layout.program
        self.data, self.pi, self.beta = data, pi, beta
        self.columns = {name: [0] * (layout.vectors[name] << layout.n) for name in layout.columns}
        self.split_names = ["q", "sg", "ex", *layout.excess_limbs, *layout.limbs]
        self.W, self.A, self.delta = [], [], []  # by step: weights, activations with the bias input, deltas
        self.initial, self.gradients = padded_weights(layout, w0), []
        for t in range(layout.padded_T):
            self.W.append(self.weights_at(t))
            self._step(t)
            A, D = self.A[t], self.delta[t]
            self.gradients.append(
                {
                    i: [
                        [sum(A[i - 1][b][a] * D[i][b][j] for b in range(pr.B)) for j in range(1 << layout.J[i])]
                        for a in range(1 << layout.I[i])
                    ]
                    for i in self.initial
                }
            )
        factors = [self.fault("update", u, pr.T, k) for u, k in enumerate(update_table(pr, layout.tb))]
        self.w_out = unpadded(layout, self.combined(self.fault("last", 0, pr.T, pr.c(pr.T)), factors))
        self._multiplicities()

    def weights_at(self, t):
        """W_t, padded"""
        factors = [self.fault("kappa", u, t, self.pr.kappa(t - u)) for u in range(t)]
        return self.combined(self.fault("c", 0, t, self.pr.c(t)), factors)

    def combined(self, c, factors):
        """c W_0 - sum_u factors_u gradient_u"""
        return {
            i: [
                [
                    c * w - sum(k * g[i][a][j] for k, g in zip(factors, self.gradients, strict=True))
                    for j, w in enumerate(row)
                ]
                for a, row in enumerate(matrix)
            ]
            for i, matrix in self.initial.items()
        }

    def cell(self, t, b, slot):
        """Of the record b of step t; 0 in padded steps."""
        if t >= self.pr.T:
            return 0
        return self.data[((self.pr.block(self.pi, self.beta, t) * self.pr.B + b) << self.lay.rb) + slot]

    def _step(self, t):
        lay, pr, L, W = self.lay, self.pr, self.pr.L, self.W[t]
        A = {0: []}
        for b in range(pr.B):
            x = [self.cell(t, b, s) if s < pr.dims[0] else 0 for s in range(1 << lay.I[1])]
            x[pr.dims[0]] = 1 << pr.fa
            A[0].append(x)
        q, s = {}, {}
        for i in range(1, L + 1):
            Z = [[sum(x * W[i][a][j] for a, x in enumerate(v)) for j in range(1 << lay.J[i])] for v in A[i - 1]]
            q[i] = self.rescale("F", i, t, Z)
            if i < L:
                pairs = [[self.fault("act", i, t, pr.activation(i, v)) for v in row] for row in q[i]]
                a, s[i] = [[p[0] for p in row] for row in pairs], [[p[1] for p in row] for row in pairs]
                self.put("F", i, t, a=a, s=s[i])
                A[i] = []
                for row in a:
                    x = row[: pr.dims[i]] + [0] * ((1 << lay.I[i + 1]) - pr.dims[i])
                    x[pr.dims[i]] = 1 << pr.fa
                    A[i].append(x)
        delta = {L: self.cut(L, output_rows(self, t, q[L]))}
        for i in range(L - 1, 0, -1):
            E = [
                [sum(d * W[i + 1][j][o] for o, d in enumerate(row)) for j in range(1 << lay.J[i])]
                for row in delta[i + 1]
            ]
            back = self.rescale("B", i, t, E)
            copied = self.fault("copy", i, t, s[i])
            if pr.smooth(i):
                out = self.product(i, t, self.fault("copyq", i, t, back), copied)
            else:
                out = self.fault("back", i, t, entrywise(lambda x, y: x * y, back, copied))
                self.put("B", i, t, a=out, s=copied)
            delta[i] = self.cut(i, out)
        self.A.append(A)
        self.delta.append(delta)

    def product(self, i, t, a, s):
        """Fills D_i with a, s and their rounded product, which is returned."""
        self.put("D", i, t, a=a, s=s)
        factor = 1 << (self.pr.scale - shift(self.pr, i))
        return self.rescale("D", i, t, entrywise(lambda x, y: x * y * factor, a, s))

    def cut(self, i, rows):
        """Without padded units."""
        return [[v if j < self.pr.dims[i] else 0 for j, v in enumerate(row)] for row in rows]

    def put(self, kind, i, t, **columns):
        """Rows of step t of a region; a column is a list of rows by record."""
        g, pr = self.lay.region[kind, i], self.pr
        for name, matrix in columns.items():
            for b, row in enumerate(matrix):
                start = g.offset + ((t * pr.B + b) << self.lay.J[i])
                assert len(row) == 1 << self.lay.J[i]
                self.columns[name][start : start + len(row)] = row

    def rescale(self, kind, i, t, X):
        """Fills a region with the rounding of X by F' bits and its saturation; the saturated values."""
        pr = self.pr

        def split(x):
            x = self.fault("x" + kind, i, t, x)
            y = x + (1 << (pr.scale - 1))
            parts = (y >> pr.scale, y & ((1 << pr.scale) - 1))
            return self.saturated(kind, i, t, *self.fault("split" + kind, i, t, parts))

        return self._put_split(kind, i, t, split, X)

    def difference(self, i, t, X):
        """Fills H_L with X, saturated but not rounded; the saturated values."""
        return self._put_split("H", i, t, lambda x: self.saturated("H", i, t, self.fault("xH", i, t, x), 0), X)

    def _put_split(self, kind, i, t, split, X):
        cells = [[split(x) for x in row] for row in X]
        for name in self.split_names:
            self.put(kind, i, t, **{name: [[c[name] for c in row] for row in cells]})
        return [[c["q"] for c in row] for row in cells]

    def saturated(self, kind, i, t, total, rem):
        """Cells of the row whose rounded value is total."""
        q = saturate(total, self.pr.l)
        excess = total - q
        sg = (excess > 0) - (excess < 0)
        q, sg, excess = self.fault("sat" + kind, i, t, (q, sg, excess))
        distance = self.fault("distance" + kind, i, t, abs(excess) - 1 if excess else 0)
        return {"q": q, "sg": sg, "ex": excess} | self.limbs(distance, rem)

    def limbs(self, g, r):
        """g and r by limbs; a cheat's number too large or negative shows in the top limb."""
        lay, lb = self.lay, self.pr.lb
        out = {}
        for names, value in ((lay.excess_limbs, g), (lay.limbs, r)):
            for k, name in enumerate(names):
                limb = value >> (lb * k)
                out[name] = limb & ((1 << lb) - 1) if k < len(names) - 1 else limb
        return out

    def _multiplicities(self):
        lay, pr, c = self.lay, self.pr, self.columns
        half, place = 1 << (pr.l - 1), {}
        for segment in lay.segments:
            for idx in range(1 << segment.width):
                place[segment.tag, idx, *segment.entry(pr, idx)] = segment.lane, segment.offset + idx
        self.missing = 0
        for g in lay.regions:
            for row in range(g.offset, g.offset + (1 << g.nvars)):
                keys = []
                for unit in (u for h in lay.helpers for u in h):
                    if unit.name == "range":
                        keys.append((unit.tag, c[lay.columns[unit.column]][row], 0, 0))
                    elif unit.name == "act":
                        a, s = g.publics["selA"] * c["a"][row], g.publics["selH"] * c["s"][row]
                        keys.append((g.tag, c["q"][row] + half, a, s))
                for key in keys:
                    if key in place:
                        lane, position = place[key]
                        c[f"mu{lane}"][position] += 1
                    else:
                        self.missing += 1  # only a cheating prover


def entrywise(f, *matrices):
    return [[f(*values) for values in zip(*rows, strict=True)] for rows in zip(*matrices, strict=True)]
