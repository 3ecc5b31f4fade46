# ruff: noqa: D101, D102
"""Public weight functions on tables: products of blocks over consecutive variables, most significant first.

Every block knows its value at a point (closed form, what the verifier uses) and its table over the cube (straight
from the definition, what the slow prover uses)."""

from .field import R, bits, powers
from .multilinear import eq, eq_table, eqbits, meq, mlt


class Fix:
    """[the n variables spell value]"""

    def __init__(self, value, n):
        assert 0 <= value < 1 << n
        self.value, self.n = value, n

    def at(self, p):
        return eqbits(self.value, p)

    def table(self):
        return [int(i == self.value) for i in range(1 << self.n)]


class One:
    def __init__(self, n):
        self.n = n

    def at(self, p):
        return 1

    def table(self):
        return [1] * (1 << self.n)


class Eq:
    def __init__(self, point):
        self.point, self.n = list(point), len(point)

    def at(self, p):
        return eq(self.point, p)

    def table(self):
        return eq_table(self.point)


class Meq:
    """[j < d] eqbits(j, point)"""

    def __init__(self, point, d):
        self.point, self.d, self.n = list(point), d, len(point)

    def at(self, p):
        return meq(self.point, p, self.d)

    def table(self):
        return [e if j < self.d else 0 for j, e in enumerate(eq_table(self.point))]


class Below:
    """[j < d]"""

    def __init__(self, d, n):
        self.d, self.n = d, n

    def at(self, p):
        return mlt(p, self.d)

    def table(self):
        return [int(j < self.d) for j in range(1 << self.n)]


class Coefficients:
    """The listed values, then zeros"""

    def __init__(self, values, n):
        self.values, self.n = list(values), n

    def at(self, p):
        return sum(v * eqbits(i, p) for i, v in enumerate(self.values)) % R

    def table(self):
        return [v % R for v in self.values] + [0] * ((1 << self.n) - len(self.values))


class Powers:
    """base^x, x the integer that the n variables spell"""

    def __init__(self, base, n):
        self.base, self.n = base, n

    def at(self, p):
        acc, power = 1, self.base
        for r in reversed(p):
            acc = acc * (1 - r + r * power) % R
            power = power * power % R
        return acc

    def table(self):
        return powers(self.base, 1 << self.n)


class Schedule:
    """sum_{t<T} E(t) [block = block(t)], E = eq(point, .) or 1 if point is None"""

    def __init__(self, layout, pi, beta, point):
        self.layout, self.pi, self.beta, self.point, self.n = layout, pi, beta, point, layout.nb

    def at(self, y):
        nb, tb, T = self.layout.nb, self.layout.tb, self.layout.program.T
        y_bit = list(reversed(y))  # y_bit[k]: the variable of bit k
        rotated = []
        for k in range(nb):
            v = y_bit[self.pi[k]]
            rotated.append((1 - v) % R if (self.beta >> self.pi[k]) & 1 else v)
        n = min(tb, nb)
        lo = list(reversed(rotated[:n]))
        e, rem = T >> n, T & ((1 << n) - 1)
        high = 1
        for v in rotated[n:]:
            high = high * (1 - v) % R
        if self.point is None:
            return high * (e + mlt(lo, rem)) % R
        p_hi, p_lo = self.point[: tb - n], self.point[tb - n :]
        total = mlt(p_hi, e) * eq(p_lo, lo)
        if rem:
            total += eqbits(e, p_hi) * meq(p_lo, lo, rem)
        return high * total % R

    def table(self):
        pr = self.layout.program
        out = [0] * pr.nblocks
        e = [1] * pr.T if self.point is None else eq_table(self.point)
        for t in range(pr.T):
            b = pr.block(self.pi, self.beta, t)
            out[b] = (out[b] + e[t]) % R
        return out


class Weight:
    def __init__(self, *blocks):
        self.blocks = blocks
        self.n = sum(b.n for b in blocks)

    def at(self, point):
        assert len(point) == self.n
        acc, i = 1, 0
        for b in self.blocks:
            acc = acc * b.at(point[i : i + b.n]) % R
            i += b.n
        return acc

    def at_vector(self, v, point):
        """At the vector v of the table and the cell point `point`."""
        return self.at(bits(v, self.n - len(point)) + list(point))

    def table(self):
        out = [1]
        for b in self.blocks:
            t = b.table()
            assert len(t) == 1 << b.n
            out = [x * y % R for x in out for y in t]
        return out
