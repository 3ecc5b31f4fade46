# ruff: noqa: D103
"""Data, weights and a slow execution of the integer program as the columns of the trace."""

from .program import SIGMOID, hidden


def weight_table(layout, matrices):
    """matrices: for every layer d_{i-1} + 1 rows (the bias last) of d_i integers"""
    table = [0] * (layout.nW << layout.c)
    for i, matrix in enumerate(matrices, 1):
        for a, row in enumerate(matrix):
            start = layout.weight_offset[i] + (a << layout.J[i])
            table[start : start + len(row)] = row
    return table


def padded_weights(layout, table):
    out = {}
    for i in range(1, layout.program.L + 1):
        start, nj = layout.weight_offset[i], layout.J[i]
        out[i] = [table[start + (a << nj) : start + ((a + 1) << nj)] for a in range(1 << layout.I[i])]
    return out


def dataset_table(layout, blocks):
    """blocks: nblocks lists of B records (features, targets, valid)"""
    pr = layout.program
    table = [0] * (layout.nD << layout.c)
    assert len(blocks) == pr.nblocks
    for k, block in enumerate(blocks):
        assert len(block) == pr.B
        for b, (features, targets, valid) in enumerate(block):
            start = (k * pr.B + b) << layout.rb
            table[start : start + pr.dims[0]] = features
            table[start + layout.toff : start + layout.toff + pr.dims[-1]] = targets
            table[start + layout.voff] = valid
    return table


def train(program, matrices, batches):
    """Plain training on lists, without padding or trace. batches: T lists of B records. Returns the new matrices."""
    pr, L = program, program.L
    W = [None] + [[list(row) for row in m] for m in matrices]
    for batch in batches:
        gradients = [None] + [[[0] * len(row) for row in m] for m in W[1:]]
        for features, targets, valid in batch:
            inputs, derivatives, x = [], [None], list(features)
            for i in range(1, L + 1):
                x = [*x, 1 << pr.fa]
                inputs.append(x)
                q = [pr.saturate(pr.round(sum(x[a] * W[i][a][j] for a in range(len(x))))) for j in range(pr.dims[i])]
                if i < L:
                    pairs = [pr.activation(i, v) for v in q]
                    x, s = [p[0] for p in pairs], [p[1] for p in pairs]
                    derivatives.append(s)
            prediction = [pr.sigmoid(v) for v in q] if pr.loss == SIGMOID else [v << (pr.fd - pr.fa) for v in q]
            delta = [(u - y) * valid for u, y in zip(prediction, targets, strict=False)]
            for i in range(L, 0, -1):
                for a, v in enumerate(inputs[i - 1]):
                    for j, d in enumerate(delta):
                        gradients[i][a][j] += v * d
                if i > 1:
                    e = [sum(delta[o] * W[i][j][o] for o in range(len(delta))) for j in range(pr.dims[i - 1])]
                    delta = [pr.saturate(pr.round(v)) * s for v, s in zip(e, derivatives[i - 1], strict=False)]
        for i in range(1, L + 1):
            for a, row in enumerate(gradients[i]):
                for j, g in enumerate(row):
                    W[i][a][j] -= pr.k * g
    return W[1:]


class Trace:
    """Columns and activations of the padded program; `fault(name, i, t, value)` may change values (for cheats)."""

    def __init__(self, layout, w0, data, pi, beta, fault=None):
        self.lay, self.fault = layout, fault or (lambda name, i, t, value: value)
        pr = self.pr = layout.program
        self.columns = {name: [0] * layout.N for name in layout.columns}
        self.sigmoid = pr.sigmoid_table() if pr.loss == SIGMOID else None
        W = padded_weights(layout, w0)
        self.W, self.A, self.delta = [], [], []  # by step: weights, activations with the bias input, deltas
        for t in range(layout.padded_T):
            self.W.append({i: [list(r) for r in W[i]] for i in W})
            self._step(t, W, pr.block(pi, beta, t) if t < pr.T else None, data)
            for i in W:
                A, D = self.A[t][i - 1], self.delta[t][i]
                for a in range(1 << layout.I[i]):
                    for j in range(1 << layout.J[i]):
                        W[i][a][j] -= pr.k * sum(A[b][a] * D[b][j] for b in range(pr.B))
        self.w_out = list(w0)
        for i in W:
            for a, row in enumerate(W[i]):
                start = layout.weight_offset[i] + (a << layout.J[i])
                self.w_out[start : start + len(row)] = row
        self._multiplicities()

    def _step(self, t, W, block, data):
        lay, pr, L = self.lay, self.pr, self.pr.L

        def cell(b, slot):
            return 0 if block is None else data[((block * pr.B + b) << lay.rb) + slot]

        A = {0: []}
        for b in range(pr.B):
            x = [cell(b, s) if s < pr.dims[0] else 0 for s in range(1 << lay.I[1])]
            x[pr.dims[0]] = 1 << pr.fa
            A[0].append(x)
        q, s = {}, {}
        for i in range(1, L + 1):
            units = range(1 << lay.J[i])
            Z = [[sum(x * W[i][a][j] for a, x in enumerate(A[i - 1][b])) for j in units] for b in range(pr.B)]
            q[i] = self._rescale("F", i, t, Z)
            if i < L:
                pairs = [[self.fault("act", i, t, pr.activation(i, v)) for v in row] for row in q[i]]
                a, s[i] = [[p[0] for p in row] for row in pairs], [[p[1] for p in row] for row in pairs]
                self._put("F", i, t, "a", a)
                self._put("F", i, t, "s", s[i])
                A[i] = []
                for b in range(pr.B):
                    x = (
                        [a[b][j] if j < pr.dims[i] else 0 for j in range(1 << lay.I[i + 1])]
                        if lay.I[i + 1] <= lay.J[i]
                        else [a[b][j] if j < pr.dims[i] else 0 for j in units]
                        + [0] * ((1 << lay.I[i + 1]) - (1 << lay.J[i]))
                    )
                    x[pr.dims[i]] = 1 << pr.fa
                    A[i].append(x)
        half = 1 << (pr.l - 1)
        if pr.loss == SIGMOID:
            a = [[self.sigmoid[v + half] for v in row] for row in q[L]]
            self._put("F", L, t, "a", a)
            prediction = a
        else:
            prediction = [[v << (pr.fd - pr.fa) for v in row] for row in q[L]]
        raw = [
            [(v - cell(b, lay.toff + j)) * cell(b, lay.voff) for j, v in enumerate(row)]
            for b, row in enumerate(prediction)
        ]
        raw = self.fault("delta", L, t, raw)
        self._put("F", L, t, "s", raw)
        delta = {L: [[v if j < pr.dims[L] else 0 for j, v in enumerate(row)] for row in raw]}
        for i in range(L - 1, 0, -1):
            E = [
                [sum(d * W[i + 1][j][o] for o, d in enumerate(delta[i + 1][b])) for j in range(1 << lay.J[i])]
                for b in range(pr.B)
            ]
            qe = self._rescale("B", i, t, E)
            copied = self.fault("copy", i, t, s[i])
            a = self.fault(
                "back", i, t, [[x * y for x, y in zip(u, v, strict=False)] for u, v in zip(qe, copied, strict=False)]
            )
            self._put("B", i, t, "s", copied)
            self._put("B", i, t, "a", a)
            delta[i] = [[v if j < pr.dims[i] else 0 for j, v in enumerate(row)] for row in a]
        self.A.append(A)
        self.delta.append(delta)

    def _put(self, kind, i, t, column, matrix):
        g, pr = self.lay.region[kind, i], self.pr
        for b, row in enumerate(matrix):
            start = g.offset + ((t * pr.B + b) << self.lay.J[i])
            self.columns[column][start : start + len(row)] = row

    def _rescale(self, kind, i, t, X):
        names = [n for n in self.columns if n in ("q", "sg", "ex") or n[0] == "g" or (n[0] == "r")]
        out = {n: [] for n in names}
        for row in X:
            cells = {n: [] for n in names}
            for x in row:
                x = self.fault("x" + kind, i, t, x)
                for n, v in self._split(kind, i, t, x).items():
                    cells[n].append(v)
            for n in names:
                out[n].append(cells[n])
        for n in names:
            self._put(kind, i, t, n, out[n])
        return out["q"]

    def _split(self, kind, i, t, x):
        pr = self.pr
        y = x + (1 << (pr.F - 1))
        total, rem = y >> pr.F, y & ((1 << pr.F) - 1)
        total, rem = self.fault("split" + kind, i, t, (total, rem))
        q = pr.saturate(total)
        excess = total - q
        sg = (excess > 0) - (excess < 0)
        q, sg, excess = self.fault("sat" + kind, i, t, (q, sg, excess))
        out = {"q": q, "sg": sg, "ex": excess}
        distance = abs(excess) - 1 if excess else 0
        for k in range(pr.ng()):
            out[f"g{k}"] = (distance >> (pr.l * k)) & ((1 << pr.l) - 1)
        widths = pr.limb_widths()
        for k in range(len(widths)):
            limb = rem >> (pr.l * k)
            out[f"r{k}"] = limb & ((1 << pr.l) - 1) if k < len(widths) - 1 else limb
        return out

    def _multiplicities(self):
        lay, pr = self.lay, self.pr
        half = 1 << (pr.l - 1)
        place = {}
        for segment in lay.segments:
            for idx in range(1 << segment.width):
                a, s = segment_entry(self, segment, idx)
                place[segment.tag, idx, a, s] = segment.lane, segment.offset + idx
        c, self.missing = self.columns, 0
        for g in lay.regions:
            for row in range(g.offset, g.offset + (1 << g.nvars)):
                keys = []
                for unit in (u for h in lay.helpers for u in h):
                    if unit.name == "range":
                        keys.append((unit.tag, c[lay.columns[unit.column]][row], 0, 0))
                    elif unit.name == "act":
                        hidden_row = g.kind == "F" and g.layer < pr.L
                        a = c["a"][row] if hidden_row or g.tag == 48 else 0
                        keys.append((g.tag, c["q"][row] + half, a, c["s"][row] if hidden_row else 0))
                for key in keys:
                    if key in place:
                        lane, position = place[key]
                        c[f"mu{lane}"][position] += 1
                    else:
                        self.missing += 1  # only a cheating prover


def segment_entry(trace, segment, idx):
    half = 1 << (segment.width - 1)
    if segment.name == "hidden":
        return hidden(segment.kind, idx - half)
    if segment.name == "sigmoid":
        return trace.sigmoid[idx], 0
    return 0, 0
