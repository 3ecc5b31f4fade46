# ruff: noqa: D102, D103
"""The prover's side of the argument: masked sumchecks, helpers, the opening."""

from decimal import MAX_EMAX, MAX_PREC, Context, Decimal, Inexact

from . import transcript as tr
from .data import vectors
from .field import INV2, R, batch_inverse, horner, inv, powers
from .multilinear import bind, eq_table
from .proof import BOUNDED, encode_proof, point_data, scalar_data
from .relation import Batch
from .verifier import check_points, fold_challenge


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


DIGITS = 168  # hold the sum of 2^24 products of two field elements
LONG = Context(prec=MAX_PREC, Emax=MAX_EMAX, traps=[Inexact])


def product(u, v):
    """Coefficients of u(X) v(X) as integers: one multiplication of numbers whose blocks of digits they are."""
    long = [Decimal("".join(str(c % R).zfill(DIGITS) for c in reversed(p))) for p in (u, v)]
    size = DIGITS * (len(u) + len(v) - 1)
    text = format(LONG.multiply(*long), "f").zfill(size)
    return [int(text[end - DIGITS : end]) for end in range(size, 0, -DIGITS)]


def correlate(u, v, out):
    """Adds the coefficients of X^1, X^2, ... of u(X) v(1/X) + u(1/X) v(X), divided by X, to out."""
    centre = len(v) - 1  # of u(X) v(1/X) X^centre
    for k, c in enumerate(product(u, v[::-1])):
        if k != centre:
            out[abs(k - centre) - 1] += c


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
        """Cells of a table (zeros after them) and one list of blinds for every vector; the commitments."""
        lay = self.lay
        size = 1 << (lay.vector_bits[name] + lay.n)
        self.tables[name] = [v % R for v in cells] + [0] * (size - len(cells))
        assert len(blinds) == lay.vectors[name] and not any(self.tables[name][lay.N * len(blinds) :])
        cut = vectors(self.tables[name], lay.n)
        self.vectors[name] = [v + b for v, b in zip(cut, blinds, strict=False)]
        return [self.setup.commit(p) for p in self.vectors[name]]

    def blinds(self, name):
        """Fresh ones for a trace column or helper."""
        lay = self.lay
        return [[self.random() for _ in range(lay.blinds(name, v))] for v in range(lay.vectors[name])]

    def v_zeta(self, kind, ch):
        """Of the table whose degrees the proof bounds, at zeta."""
        cells = self.vectors[BOUNDED[kind]]
        return sum(p * horner(v, ch["zeta"]) for p, v in zip(powers(ch["omega"], len(cells)), cells, strict=True)) % R

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
        lay, setup, m, n = self.lay, self.setup, self.m, self.lay.n
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
            # vectors that are not committed are zero
            left += vectors(total, n)[: lay.vectors[name]]
            right += vectors(self.tables[name], n)[: lay.vectors[name]]
        k = len(left)
        group = Group(
            n, left + right, [None] * (2 * k), lambda v: sum(a * b for a, b in zip(v[:k], v[k:], strict=True)) % R
        )
        proof.folds["3"], r3, _, s3 = prove_sumcheck(t, "3", lay.degrees["3"], [group], self.g("3"), None, batch.y)

        a = []
        for name in names:
            for v, vector in enumerate(self.vectors[name]):
                add_scaled(a, batch.weight_at(name, v, r3), vector)
        b = [pow(2, n, R) * e % R for e in eq_table(r3)]
        final_mask = batch.final_mask(lay, r3)
        lm = [final_mask.get(i, 0) for i in range(lay.M)]
        y = pow(2, n, R) * s3 % R
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
            for power, vector in zip(powers(ch["omega"], lay.nW), self.vectors[BOUNDED[proof.kind]], strict=True):
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


def helper_tables(layout, ch, tables, looks_up, lookup, lanes):
    """h_g = sum_{lookups} sel / (alpha + x) - sum_{lanes} selT mu / (alpha + t), row by row.

    looks_up(row): whether it does; lookup(unit, row): x; lanes[p]: {row: t}."""
    alpha = ch["alpha"]
    denominators, places = [], []
    out = [[0] * (1 << layout.c) for _ in layout.helpers]
    for g, units in enumerate(layout.helpers):
        for unit in units:
            if unit.name == "lane":
                for row, value in lanes[unit.lane].items():
                    denominators.append((alpha + value) % R)
                    places.append((g, row, -tables[f"mu{unit.lane}"][row]))
            else:
                for row in range(1 << layout.c):
                    if looks_up(row):
                        denominators.append((alpha + lookup(unit, row)) % R)
                        places.append((g, row, 1))
    for (g, row, factor), inverse in zip(places, batch_inverse(denominators), strict=True):
        out[g][row] = (out[g][row] + factor * inverse) % R
    return out


def lane_entries(layout, gamma):
    """lanes[p][row] = idx + gamma tag + gamma^2 a + gamma^3 s"""
    lanes = [{} for _ in range(layout.P)]
    for segment in layout.segments:
        for idx in range(1 << segment.width):
            a, s = segment.entry(layout.program, idx)
            lanes[segment.lane][segment.offset + idx] = (idx + gamma * segment.tag + gamma**2 * a + gamma**3 * s) % R
    return lanes


def dense(layout, lanes):
    """selT and t of every lane as tables"""
    rows = range(1 << layout.c)
    return [[int(row in lane) for row in rows] for lane in lanes], [
        [lane.get(row, 0) for row in rows] for lane in lanes
    ]
