# ruff: noqa: D101, D102, D103
"""A slow prover for tiny programs. It knows the trapdoor of the (insecure) development setup, so a commitment is one
multiplication: v(tau) G1."""

import random

from . import curve
from . import transcript as tr
from .field import INV2, R, batch_inverse, horner, inv, keccak256, powers
from .multilinear import bind, eq_table, mle
from .program import SIGMOID, Layout, RegistrationLayout, hidden
from .relations import (
    Batch,
    registration_integrand,
    registration_relations,
    s1b_coefficients,
    training_integrand,
    training_relations,
    weight_points,
)
from .transcript import REGISTRATION, TRAINING, Transcript
from .verifier import (
    Proof,
    RegistrationStatement,
    TrainingStatement,
    check_points,
    dataset_id,
    encode_proof,
    fold_challenge,
    key_digest,
    point_data,
    revealed,
    scalar_data,
    setup_digest,
    step_1,
    step_2,
    step_values,
)

DEVELOPMENT_TAU = int.from_bytes(keccak256(b"fedproof/insecure development setup"), "big") >> 3


class Setup:
    def __init__(self, tau=DEVELOPMENT_TAU):
        self.tau = tau
        self.g1 = curve.point_bytes(curve.base_mul(tau))
        self.h = curve.g2_bytes(tau)
        self.digest = setup_digest(self.g1, self.h)

    def commit(self, coefficients):
        return curve.base_mul(horner(coefficients, self.tau))


def table_points(program, setup):
    return [setup.commit(program.sigmoid_table())] if program.loss == SIGMOID else []


# --- data and weights as tables --------------------------------------------------------------------


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


# --- the integer program ---------------------------------------------------------------------------


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


# --- sumcheck --------------------------------------------------------------------------------------


def interpolate(values):
    """Coefficients of the polynomial with the given values at 0, 1, 2, ..."""
    n = len(values)
    out = [0] * n
    for i, v in enumerate(values):
        numerator, denominator = [1], 1
        for j in range(n):
            if j != i:
                numerator = [
                    ((numerator[k - 1] if k else 0) - j * (numerator[k] if k < len(numerator) else 0)) % R
                    for k in range(len(numerator) + 1)
                ]
                denominator = denominator * (i - j) % R
        scale = v * inv(denominator) % R
        out = [(a + scale * b) % R for a, b in zip(out, numerator, strict=False)]
    return out


class Group:
    """A summand: f(values of tables, values of publics); masked tables have a mask coefficient."""

    def __init__(self, nvars, tables, masks, f):
        self.nvars, self.tables, self.masks, self.f = nvars, [list(t) for t in tables], masks, f

    def total(self, x, masked):
        """Sum over the remaining variables with the first one set to x."""
        half = len(self.tables[0]) // 2
        acc = 0
        extra = [k * x * (1 - x) if masked and k else 0 for k in self.masks]
        for row in range(half):
            acc += self.f(
                [(t[row] + x * (t[row + half] - t[row]) + e) % R for t, e in zip(self.tables, extra, strict=False)]
            )
        return acc % R

    def constant(self, x, masked):
        """The same for a group without remaining variables, whose masks may still sit on this variable."""
        return self.f(
            [
                (t[0] + (k * x * (1 - x) if masked and k else 0)) % R
                for t, k in zip(self.tables, self.masks, strict=False)
            ]
        )

    def bind(self, x, masked):
        if len(self.tables[0]) > 1:
            self.tables = [bind(t, x) for t in self.tables]
        if masked:
            self.tables = [
                [(v + k * x * (1 - x)) % R for v in t] if k else t
                for t, k in zip(self.tables, self.masks, strict=False)
            ]


def prove_sumcheck(t, name, degrees, groups, g, masked_variable, start):
    """g[i][e]: coefficients of the mask (e = 0 unused). The shift constant is what makes the sum `start`."""
    n = len(degrees)
    rest = [sum(g[i][1:]) % R for i in range(n)]
    total = pow(2, n - 1, R) * sum(rest)
    for group in groups:
        rows = zip(*group.tables, strict=False)
        total += pow(2, n - group.nvars, R) * sum(group.f(list(row)) for row in rows)
    shift = (start - total) * pow(INV2, n, R) % R
    folds, point, fixed, claim = [], [], shift, start
    for i, d in enumerate(degrees):
        masked = i == masked_variable
        values = []
        for x in range(d + 1):
            v = pow(2, n - 1 - i, R) * (fixed + horner([0, *g[i][1:]], x))
            if i + 1 < n:
                v += pow(2, n - 2 - i, R) * sum(rest[i + 1 :])
            for group in groups:
                if i < group.nvars:
                    v += pow(2, n - group.nvars, R) * group.total(x, masked)
                else:
                    v += pow(2, n - 1 - i, R) * group.constant(x, masked)
            values.append(v % R)
        assert (values[0] + values[1] - claim) % R == 0
        coefficients = interpolate(values)
        folds.append([coefficients[0], *coefficients[2:]])
        r = fold_challenge(t, name, i, folds[-1])
        claim = horner(coefficients, r)
        point.append(r)
        fixed = (fixed + horner([0, *g[i][1:]], r)) % R
        for group in groups:
            group.bind(r, masked)
    return folds, point, [[table[0] for table in group.tables] for group in groups], claim


# --- the opening -----------------------------------------------------------------------------------


def correlate(u, v, out):
    """Adds the coefficients of X^1, X^2, ... of u(X) v(1/X) + u(1/X) v(X), divided by X, to out."""
    for i, a in enumerate(u):
        if a:
            for j, b in enumerate(v):
                if i != j and b:
                    out[abs(i - j) - 1] += a * b


def divide(polynomial, z):
    """(f(X) - f(z)) / (X - z)"""
    out, acc = [0] * (len(polynomial) - 1), 0
    for i in range(len(polynomial) - 1, 0, -1):
        acc = (polynomial[i] + z * acc) % R
        out[i - 1] = acc
    return out


def add_scaled(target, scale, vector):
    target.extend([0] * (len(vector) - len(target)))
    for i, v in enumerate(vector):
        if v:
            target[i] = (target[i] + scale * v) % R


class Engine:
    """Steps 5 to 10, common to both kinds of proof. tables: whole tables by name; vectors: committed polynomials."""

    def __init__(self, setup, layout, rng):
        self.setup, self.lay, self.rng = setup, layout, rng
        self.tables, self.vectors = {}, {}
        self.m = [self.random() for _ in range(layout.M)]
        self.check_relations = True

    def random(self):
        return self.rng.randrange(R)

    def table(self, name, cells, blinds):
        """Cells of a table and one list of blinds for every vector; the commitments."""
        N = self.lay.N
        self.tables[name] = [v % R for v in cells]
        assert len(cells) == N * len(blinds)
        self.vectors[name] = [self.tables[name][v * N : (v + 1) * N] + b for v, b in enumerate(blinds)]
        return [self.setup.commit(p) for p in self.vectors[name]]

    def g(self, name):
        return [
            [0] + [self.m[self.lay.m.index[name, i, e]] for e in range(1, d + 1)]
            for i, d in enumerate(self.lay.degrees[name])
        ]

    def sumcheck_2(self, t, proof, ch, tables, publics, f):
        lay = self.lay
        masks = [self.m[lay.m.index["2", name]] for name in lay.values_s2] + [None] * len(publics)
        n = len(tables)
        group = Group(lay.c, tables + publics, masks, lambda v: f(v[:n], v[n:]))
        proof.folds["2"], ch["r2"], final, last = prove_sumcheck(
            t, "2", lay.degrees["2"], [group], self.g("2"), lay.c - 1, 0
        )
        proof.values_2 = final[0][:n]
        return last

    def finish(self, t, proof, ch, relations):
        lay, setup, m, c = self.lay, self.setup, self.m, self.lay.c
        if self.check_relations:
            for relation in relations:
                value = sum(k * m[i] for i, k in relation.mask.items())
                for table, k, weight in relation.rows:
                    value += k * sum(a * b for a, b in zip(weight.table(), self.tables[table], strict=False))
                assert (value - relation.y) % R == 0, relation.name
        batch = Batch(relations, ch["xi"])
        names = list(batch.rows)
        left, right = [], []
        for name in names:
            total = [0] * len(self.tables[name])
            for k, weight in batch.rows[name]:
                assert 1 << weight.n == len(total), name
                total = [(x + k * y) % R for x, y in zip(total, weight.table(), strict=False)]
            for v in range(len(total) >> c):
                left.append(total[v << c : (v + 1) << c])
                right.append(self.tables[name][v << c : (v + 1) << c])
        n = len(left)
        group = Group(
            c, left + right, [None] * (2 * n), lambda v: sum(a * b for a, b in zip(v[:n], v[n:], strict=False)) % R
        )
        proof.folds["3"], r3, _, s3 = prove_sumcheck(t, "3", lay.degrees["3"], [group], self.g("3"), None, batch.y)

        a = []
        for name in names:
            for v, vector in enumerate(self.vectors[name]):
                add_scaled(a, batch.weight_at(name, v, r3), vector)
        b = [pow(2, c, R) * e % R for e in eq_table(r3)]
        final_mask = batch.final_mask(lay, r3)
        lm = [final_mask.get(i, 0) for i in range(lay.M)]
        y = pow(2, c, R) * s3 % R
        if self.check_relations:
            assert (
                sum(p * q for p, q in zip(a, b, strict=False)) + sum(p * q for p, q in zip(m, lm, strict=False)) - y
            ) % R == 0
        s_prime = [0] * (max(len(a), lay.M) - 1)
        correlate(a, b, s_prime)
        correlate(m, lm, s_prime)
        s_prime = [v % R for v in s_prime]
        proof.s_prime = setup.commit(s_prime)
        t.absorb(tr.S_PRIME, point_data([proof.s_prime]))
        z = t.draw(tr.Z)
        zeta = ch.get("zeta")
        zi = check_points(z, None, zeta)
        a1, a2 = [], []
        for target, x, minus in ((a1, zi, z), (a2, z, zi)):
            add_scaled(target, horner(b, x), a)
            add_scaled(target, horner(lm, x), m)
            add_scaled(target, R - minus, s_prime)
        openings = [(a1, z, horner(a1, z)), (a2, zi, horner(a2, zi))]
        proof.e1 = openings[0][2]
        if self.check_relations:
            assert openings[1][2] == (2 * y - proof.e1) % R
        t.absorb(tr.E1, scalar_data([proof.e1]))
        nu = t.draw(tr.NU)
        if zeta is not None:
            a3 = []
            for power, vector in zip(powers(ch["omega"], lay.nW), self.vectors["Wout"], strict=False):
                add_scaled(a3, power, vector)
            openings.append((a3, zeta, horner(a3, zeta)))
            if self.check_relations:
                assert openings[2][2] == proof.v_zeta
        h = []
        for power, (polynomial, at, _) in zip(powers(nu, 3), openings, strict=False):
            add_scaled(h, power, divide(polynomial, at))
        proof.quotient = setup.commit(h)
        t.absorb(tr.QUOTIENT, point_data([proof.quotient]))
        x = t.draw(tr.X)
        check_points(z, x, zeta)
        linear = []
        for power, (polynomial, at, value) in zip(powers(nu, 3), openings, strict=False):
            scale = power * inv(x - at) % R
            add_scaled(linear, scale, polynomial)
            linear[0] = (linear[0] - scale * value) % R
        add_scaled(linear, R - 1, h)
        assert horner(linear, x) == 0
        proof.opening = setup.commit(divide(linear, x))
        return encode_proof(proof)


def helper_tables(layout, ch, tables, selectors, lookup, lanes):
    """h_g = sum_{lookups} sel / (alpha + x) - sum_{lanes} selT mu / (alpha + t), row by row.

    selectors(row): whether the row looks up; lookup(unit, row): x; lanes[p]: {row: t}."""
    alpha = ch["alpha"]
    denominators, places = [], []
    out = [[0] * layout.N for _ in layout.helpers]
    for g, units in enumerate(layout.helpers):
        for unit in units:
            if unit.name == "lane":
                for row, value in lanes[unit.lane].items():
                    denominators.append((alpha + value) % R)
                    places.append((g, row, -tables[f"mu{unit.lane}"][row]))
            else:
                for row in range(layout.N):
                    if selectors(unit, row):
                        denominators.append((alpha + lookup(unit, row)) % R)
                        places.append((g, row, 1))
    for (g, row, factor), inverse in zip(places, batch_inverse(denominators), strict=False):
        out[g][row] = (out[g][row] + factor * inverse) % R
    return out


def lane_entries(layout, gamma, entry):
    """lanes[p][row] = idx + gamma tag + gamma^2 a + gamma^3 s"""
    lanes = [{} for _ in range(layout.P)]
    for segment in layout.segments:
        for idx in range(1 << segment.width):
            a, s = entry(segment, idx)
            lanes[segment.lane][segment.offset + idx] = (idx + gamma * segment.tag + gamma**2 * a + gamma**3 * s) % R
    return lanes


def dense(layout, lanes):
    """selT and t of every lane as tables"""
    sel = [[int(row in lane) for row in range(layout.N)] for lane in lanes]
    return sel, [[lane.get(row, 0) for row in range(layout.N)] for lane in lanes]


# --- training --------------------------------------------------------------------------------------


def commit_weights(layout, setup, table):
    """[W_0]: no blinds"""
    return [setup.commit([x % R for x in table[v << layout.c : (v + 1) << layout.c]]) for v in range(layout.nW)]


def prove_training(program, setup, w0, data, data_blinds, statement, rng=None, fault=None, tamper=None, check=True):
    """w0, data: tables of integers (weight_table, dataset_table). Returns the proof file, the Trace and the Engine."""
    rng = rng or random.SystemRandom()
    lay = Layout(program)
    pr, L, N, T2, B = program, program.L, lay.N, lay.padded_T, program.B
    engine = Engine(setup, lay, rng)
    engine.check_relations = check
    trace = Trace(lay, w0, data, statement.pi, statement.beta, fault)
    if tamper:
        tamper(trace, engine)
    m, index = engine.m, lay.m.index
    t = Transcript(TRAINING)
    t.absorb(tr.STATEMENT, statement.encode())

    # 1
    columns = []
    for name in lay.columns:
        blinds = [[engine.random() for _ in range(3 if name == "q" else 1)]]
        columns += engine.table(name, trace.columns[name], blinds)
    w_out = engine.table(
        "Wout", trace.w_out, [[m[index["blind", v, j]] for j in range(lay.wout_blinds(v))] for v in range(lay.nW)]
    )
    engine.table("W0", w0, [[] for _ in range(lay.nW)])
    engine.table("D", data, [[b] for b in data_blinds])
    if pr.loss == SIGMOID:
        engine.table("T", trace.sigmoid + [0] * (N - len(trace.sigmoid)), [[]])
    proof = Proof(TRAINING, columns, w_out, setup.commit(m), None)
    ch = step_1(t, lay, proof)

    # 2
    gamma, half = ch["gamma"], 1 << (pr.l - 1)
    publics = {n: [0] * N for n in ("selR", "tag", "selA", "selH", "selB", "selO")}
    for g in lay.regions:
        for row in range(g.offset, g.offset + (1 << g.nvars)):
            publics["selR"][row], publics["tag"][row] = 1, g.tag
            publics["selB"][row] = int(g.kind == "B")
            publics["selH"][row] = int(g.kind == "F" and g.layer < L)
            publics["selO"][row] = int(g.kind == "F" and g.layer == L)
            publics["selA"][row] = int(g.kind == "F" and (g.layer < L or pr.loss == SIGMOID))
    col = engine.tables

    def lookup(unit, row):
        if unit.name == "range":
            return (gamma * unit.tag + col[lay.columns[unit.column]][row]) % R
        return (
            gamma * publics["tag"][row]
            + col["q"][row]
            + half
            + gamma**2 * publics["selA"][row] * col["a"][row]
            + gamma**3 * publics["selH"][row] * col["s"][row]
        ) % R

    lanes = lane_entries(lay, gamma, lambda segment, idx: segment_entry(trace, segment, idx))
    helpers = helper_tables(lay, ch, col, lambda unit, row: publics["selR"][row], lookup, lanes)
    proof.helpers = []
    for name, cells in zip(lay.helper_names, helpers, strict=False):
        proof.helpers += engine.table(name, cells, [[engine.random()]])
    proof.v_zeta = (
        sum(
            p * horner(v, ch["zeta"]) for p, v in zip(powers(ch["omega"], lay.nW), engine.vectors["Wout"], strict=False)
        )
        % R
    )
    step_2(t, lay, proof, ch)

    # 3: S1a
    rho_t, rho_b, rho_j = ch["rho_t"], ch["rho_b"], ch["rho_j"]
    eq_b, eq_t = eq_table(rho_b), eq_table(rho_t)
    eta = powers(ch["eta"], len(lay.terms_a))
    groups = []
    for coefficient, term in zip(eta, lay.terms_a, strict=False):
        kind, i = term
        X, W, E = [], [], []
        for step in range(T2):
            source = trace.A[step][i - 1] if kind == "f" else trace.delta[step][i]
            width = len(source[0])
            X += [sum(e * row[x] for e, row in zip(eq_b, source, strict=False)) % R for x in range(width)]
            if kind == "f":
                e = eq_table(rho_j[i])
                W += [sum(x * y for x, y in zip(e, row, strict=False)) % R for row in trace.W[step][i]]
            else:
                e = eq_table(rho_j[i - 1])  # the leading bits of the input index are zero
                W += [sum(x * trace.W[step][i][j][out] for j, x in enumerate(e)) % R for out in range(width)]
            E += [eq_t[step]] * width
        masks = [None, m[index["X", term]], m[index["W", term]]]
        groups.append(
            Group(lay.nv[term], [E, X, W], masks, lambda v, k=coefficient: k * v[0] % R * v[1] % R * v[2] % R)
        )
    proof.folds["a"], ch["ra"], final, last_a = prove_sumcheck(t, "a", lay.degrees["a"], groups, engine.g("a"), 0, 0)
    proof.values_a = [v for values in final for v in values[1:]]
    step_values(t, proof, "a", ch)

    # 4: S1b
    points, coefficients = weight_points(lay, ch), s1b_coefficients(lay, ch)
    eq_ra = eq_table(ch["ra"][: lay.tb])
    before = [pr.k * sum(eq_ra[s + 1 :]) % R for s in range(T2)]  # k sum_t eq(ra_t, t) [s < t]
    groups = []
    for term in lay.terms_b:
        pin, pout = (eq_table(p) for p in points[term])
        A, D, K = [], [], []
        for step in range(T2):
            A += [sum(x * y for x, y in zip(pin, row, strict=False)) % R for row in trace.A[step][term[1] - 1]]
            D += [sum(x * y for x, y in zip(pout, row, strict=False)) % R for row in trace.delta[step][term[1]]]
            K += [pr.k if term[0] == "o" else before[step]] * B
        masks = [None, m[index["A", term]], m[index["D", term]]]
        groups.append(
            Group(lay.tb + lay.bb, [K, A, D], masks, lambda v, k=coefficients[term]: k * v[0] % R * v[1] % R * v[2] % R)
        )
    proof.folds["b"], ch["rb"], final, last_b = prove_sumcheck(t, "b", lay.degrees["b"], groups, engine.g("b"), 0, 0)
    proof.values_b = [v for values in final for v in values[1:]]
    step_values(t, proof, "b", ch)

    # 5: S2
    y, v = [0] * N, [0] * N
    top = lay.region["F", L]
    for row in range(1 << top.nvars):
        step, b, j = row >> (lay.bb + lay.J[L]), (row >> lay.J[L]) % B, row % (1 << lay.J[L])
        if step < pr.T:
            start = (pr.block(statement.pi, statement.beta, step) * B + b) << lay.rb
            y[top.offset + row], v[top.offset + row] = data[start + lay.toff + j] % R, data[start + lay.voff] % R
    tables = [col[n] for n in lay.columns + lay.helper_names] + [y, v]
    sel_t, t_tables = dense(lay, lanes)
    pub = (
        [eq_table(ch["tau"])] + [publics[n] for n in ("selR", "tag", "selA", "selH", "selB", "selO")] + sel_t + t_tables
    )
    last_2 = engine.sumcheck_2(t, proof, ch, tables, pub, training_integrand(lay, ch))
    if pr.loss == SIGMOID:
        proof.vtab = mle(col["T"], ch["r2"])
    step_values(t, proof, "2", ch)

    # 6 to 10
    relations = training_relations(lay, statement, ch, revealed(lay, proof), {"a": last_a, "b": last_b, "2": last_2})
    engine.relations, engine.challenges = relations, ch
    return engine.finish(t, proof, ch, relations), trace, engine


# --- registration ----------------------------------------------------------------------------------


def prove_registration(program, setup, data, data_blinds, statement, rng=None, check=True):
    rng = rng or random.SystemRandom()
    base = Layout(program)
    lay = RegistrationLayout(base)
    pr, N, nD, half = program, lay.N, lay.nD, 1 << (program.l - 1)
    engine = Engine(setup, lay, rng)
    engine.check_relations = check
    t = Transcript(REGISTRATION)
    t.absorb(tr.STATEMENT, statement.encode())
    engine.table("D", data, [[b] for b in data_blinds])
    rows = 1 << min(lay.nd, lay.c)  # of one vector that hold records
    sel_x, sel_y, sel_v = [0] * N, [0] * N, [0] * N
    for row in range(rows):
        slot = row % lay.rec
        feature, target = slot < pr.dims[0], lay.toff <= slot < lay.toff + pr.dims[-1]
        sel_x[row] = int(feature or (target and pr.loss != SIGMOID))
        sel_y[row] = int(target and pr.loss == SIGMOID)
        sel_v[row] = int(slot == lay.voff)
    mu = [0] * N
    for v in range(nD):
        for row in range(rows):
            value = data[(v << lay.c) + row] + half
            if sel_x[row] and 0 <= value < 2 * half:
                mu[value] += 1
    columns = engine.table("mu0", mu, [[engine.random() for _ in range(3)]])
    proof = Proof(REGISTRATION, columns, [], setup.commit(engine.m), None)
    ch = step_1(t, lay, proof)
    cells = [engine.tables["D"][v << lay.c : (v + 1) << lay.c] for v in range(nD)]
    lanes = lane_entries(lay, ch["gamma"], lambda segment, idx: (0, 0))
    helpers = helper_tables(
        lay,
        ch,
        engine.tables,
        lambda unit, row: sel_x[row],
        lambda unit, row: (ch["gamma"] * unit.tag + cells[unit.column][row] + half) % R,
        lanes,
    )
    proof.helpers = []
    for name, table in zip(lay.helper_names, helpers, strict=False):
        proof.helpers += engine.table(name, table, [[engine.random()]])
    step_2(t, lay, proof, ch)
    sel_t, t_tables = dense(lay, lanes)
    tables = cells + [engine.tables["mu0"]] + [engine.tables[n] for n in lay.helper_names]
    last = engine.sumcheck_2(
        t,
        proof,
        ch,
        tables,
        [eq_table(ch["tau"]), sel_x, sel_y, sel_v, *sel_t, *t_tables],
        registration_integrand(lay, ch),
    )
    step_values(t, proof, "2", ch)
    relations = registration_relations(lay, statement, ch, revealed(lay, proof), {"2": last})
    engine.relations, engine.challenges = relations, ch
    return engine.finish(t, proof, ch, relations), engine


# --- whole instances -------------------------------------------------------------------------------


def random_blocks(program, rng):
    pr, half = program, 1 << (program.l - 1)
    blocks = []
    for _ in range(pr.nblocks):
        block = []
        for _ in range(pr.B):
            features = [rng.randrange(-half, half) for _ in range(pr.dims[0])]
            valid = int(rng.random() < 0.85)
            if pr.loss == SIGMOID:
                targets = [0] * pr.dims[-1]
                if pr.dims[-1] == 1:
                    targets[0] = rng.choice([0, 1]) << pr.fd
                elif valid:
                    targets[rng.randrange(pr.dims[-1])] = 1 << pr.fd
            else:
                targets = [rng.randrange(-half, half) for _ in range(pr.dims[-1])]
            block.append((features, targets, valid))
        blocks.append(block)
    return blocks


class Instance:
    """A random task, dataset and model, with statements."""

    def __init__(self, program, seed=1, setup=None, blocks=None, matrices=None):
        program.validate()
        rng = self.rng = random.Random(seed)
        self.program, self.setup, self.layout = program, setup or Setup(), Layout(program)
        lay = self.layout
        self.blocks = blocks or random_blocks(program, rng)
        self.data = dataset_table(lay, self.blocks)
        self.data_blinds = [rng.randrange(R) for _ in range(lay.nD)]
        N = lay.N
        self.data_points = [
            self.setup.commit([x % R for x in self.data[v * N : (v + 1) * N]] + [b])
            for v, b in enumerate(self.data_blinds)
        ]
        self.table = table_points(program, self.setup)
        self.key = key_digest(program, self.table)
        self.matrices = matrices or program.initial_weights(keccak256(b"model %d" % seed))
        self.w0 = weight_table(lay, self.matrices)

        def word():
            return rng.randrange(1 << 256).to_bytes(32, "big")

        chain, hub, submitter, task = (word() for _ in range(4))
        count = sum(r[2] for block in self.blocks for r in block)
        self.registration = RegistrationStatement(
            chain, hub, submitter, task, self.key, self.setup.digest, word(), self.data_points, count
        )
        pi, beta = program.schedule(word())
        self.batches = [self.blocks[program.block(pi, beta, t)] for t in range(program.T)]
        self.training = TrainingStatement(
            chain,
            hub,
            submitter,
            task,
            word(),
            self.key,
            self.setup.digest,
            commit_weights(lay, self.setup, self.w0),
            dataset_id(self.registration.encode()),
            self.data_points,
            pi,
            beta,
            sum(r[2] for batch in self.batches for r in batch),
        )

    def prove_training(self, **options):
        proof, trace, engine = prove_training(
            self.program, self.setup, self.w0, self.data, self.data_blinds, self.training, rng=self.rng, **options
        )
        self.trace, self.engine = trace, engine
        return proof

    def prove_registration(self, **options):
        proof, self.registration_engine = prove_registration(
            self.program, self.setup, self.data, self.data_blinds, self.registration, rng=self.rng, **options
        )
        return proof

    def arguments(self, kind, proof, statement=None):
        """Arguments of verifier.verify"""
        if statement is None:
            statement = (self.training if kind == TRAINING else self.registration).encode()
        return kind, self.program, self.table, self.setup.g1, self.setup.h, statement, proof
