# ruff: noqa: D102
"""Linear relations in private vectors, and their random combination (section 3)."""

from .field import INV2, R, powers


class Relation:
    """sum_i coefficient_i <weight_i, table_i> + <m, mask> = y"""

    def __init__(self, name, y=0):
        self.name, self.y, self.rows, self.mask = name, y % R, [], {}

    def row(self, table, weight, coefficient=1):
        self.rows.append((table, coefficient % R, weight))

    def m(self, index, coefficient):
        self.mask[index] = (self.mask.get(index, 0) + coefficient) % R

    def constant(self, value):
        """A constant on the left-hand side."""
        self.y = (self.y - value) % R


def g_at(m, name, degrees, point):
    """g_s(point) as a functional of m"""
    out = {}
    for i, d in enumerate(degrees):
        for e, power in enumerate(powers(point[i], d + 1)):
            if e:
                out[m.index[name, i, e]] = power
    return out


def g_sum(m, name, degrees):
    """sigma_s as a functional of m"""
    half_cube = pow(2, len(degrees) - 1, R)
    return {m.index[name, i, e]: half_cube for i, d in enumerate(degrees) for e in range(1, d + 1)}


def closing(relation, layout, name, point, linear):
    """g(r) - 2^-n (Lin + sigma) on the left-hand side; `linear(relation, factor)` adds factor Lin."""
    degrees = layout.degrees[name]
    for index, coefficient in g_at(layout.m, name, degrees, point).items():
        relation.m(index, coefficient)
    factor = -pow(INV2, len(degrees), R)
    linear(relation, factor)
    for index, coefficient in g_sum(layout.m, name, degrees).items():
        relation.m(index, factor * coefficient)


class Batch:
    """sum_i xi^i relation_i"""

    def __init__(self, relations, xi):
        self.rows, self.mask, self.y = {}, {}, 0
        power = 1
        for relation in relations:
            for table, coefficient, weight in relation.rows:
                self.rows.setdefault(table, []).append((coefficient * power % R, weight))
            for index, coefficient in relation.mask.items():
                self.mask[index] = (self.mask.get(index, 0) + coefficient * power) % R
            self.y = (self.y + power * relation.y) % R
            power = power * xi % R

    def weight_at(self, table, v, point):
        return sum(c * w.at_vector(v, point) for c, w in self.rows[table]) % R

    def final_mask(self, layout, r3):
        """l' = l + 2^n g_3(r3) - sigma_3"""
        out = dict(self.mask)
        scale = pow(2, layout.n, R)
        for index, coefficient in g_at(layout.m, "3", layout.degrees["3"], r3).items():
            out[index] = (out.get(index, 0) + scale * coefficient) % R
        for index, coefficient in g_sum(layout.m, "3", layout.degrees["3"]).items():
            out[index] = (out.get(index, 0) - coefficient) % R
        return out
