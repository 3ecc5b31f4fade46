# ruff: noqa: D102
"""Whole random closes: a sum of updates, its commitment, the statement, proofs."""

import random
from itertools import pairwise

from .close_layout import CloseLayout
from .close_prover import prove_close
from .close_trace import CloseTrace, next_cell
from .data import vectors, weight_table
from .field import R, keccak256
from .layout import Layout
from .prover import commit_weights
from .setup import Setup, table_points
from .statement import CloseStatement, key_digest
from .transcript import CLOSE


def random_sum(layout, m, rng):
    """Sums of both signs: means that need rounding, that round to exactly an end, and that lie beyond either end."""
    most, base = layout.most, layout.base

    def value():
        mean = rng.choice([rng.randrange(-most, most + 1), rng.choice([-1, 1]) * (most + rng.randrange(-1, 2) * 3)])
        return mean * m + rng.randrange(-m, m + 1)

    dims = layout.program.dims
    matrices = [[[value() for _ in range(units)] for _ in range(inputs + 1)] for inputs, units in pairwise(dims)]
    return weight_table(base, matrices)


class CloseInstance:
    """A random sum of `count` updates of a program. `total`: its cells, if they are not to be random."""

    def __init__(self, program, count, seed=1, total=None):
        program.validate()
        rng = self.rng = random.Random(seed)
        self.program, self.setup, self.layout = program, Setup(), CloseLayout(Layout(program))
        lay = self.layout
        m = lay.scale(count)
        self.total = random_sum(lay, m, rng) if total is None else list(total)
        self.total += [0] * ((lay.nW << lay.n) - len(self.total))
        self.next = [next_cell(v, m, lay.most) for v in self.total]
        self.blinds = [[rng.randrange(R) for _ in range(lay.base.wout_blinds(v))] for v in range(lay.nW)]
        self.table = table_points(program, self.setup)
        words = [keccak256(b"close %d %d" % (seed, k)) for k in range(5)]
        digests = [key_digest(program, self.table), self.setup.digest]
        self.statement = CloseStatement(
            *words, *digests, self.commit_sum(), commit_weights(lay, self.setup, self.next), count
        )

    def commit_sum(self):
        cut = vectors(self.total, self.layout.n)
        return [
            self.setup.commit([*(v % R for v in cells), *blinds])
            for cells, blinds in zip(cut, self.blinds, strict=True)
        ]

    def prove(self, fault=None, **options):
        """A cheat's statement has the [W'] that the cheat ends with."""
        if fault:
            cheat = CloseTrace(self.layout, self.total, self.statement.count, fault)
            self.next = cheat.columns["Wnext"]
            self.statement.next = commit_weights(self.layout, self.setup, self.next)
        arguments = (self.program, self.setup, self.total, self.blinds, self.statement)
        proof, self.trace, self.engine = prove_close(*arguments, rng=self.rng, fault=fault, **options)
        return proof

    def arguments(self, proof, statement=None):
        """Arguments of verifier.verify"""
        statement = (statement or self.statement).encode()
        return CLOSE, self.program, self.table, self.setup.g1, self.setup.h, statement, proof
