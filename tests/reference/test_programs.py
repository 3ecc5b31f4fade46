"""Encoding, limits, layout and schedule of programs."""

import random

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.support import program, random_program
from vectors.reference.field import Reject, keccak256
from vectors.reference.make import PROGRAMS
from vectors.reference.program import Layout, Program


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_bytes(name):
    data = PROGRAMS[name].encode()
    assert Program.decode(data) == PROGRAMS[name]
    for bad in (data[:-1], data + b"\0", b"GPRG" + data[4:], data[:4] + b"\0\2" + data[6:]):
        with pytest.raises(Reject):
            Program.decode(bad)


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": 2},
        {"dims": [0, 2, 1]},
        {"dims": [65537, 2, 1]},
        {"activations": [2]},
        {"T": 0},
        {"B": 3},
        {"T": 1, "B": 1},
        {"nblocks": 3},
        {"nblocks": 0},
        {"l": 3},
        {"l": 17},
        {"F": 3},
        {"F": 49},
        {"fa": 0},
        {"fa": 4},
        {"fd": 1},
        {"fd": 5},
        {"k": 0},
        {"k": (1 << 40) + 1},
        {"wb": 5},
        {"wb": 57},
        {"p": 0},
        {"p": 17},
        {"group": 1},
        {"group": 7},
        {"k": 1 << 39, "T": 65536},
        {"wb": 56},
        {"T": 65536, "B": 512, "l": 12, "F": 24, "wb": 30},
        {"nblocks": 65536, "B": 32768, "T": 1, "dims": [60, 1], "activations": []},
        {"dims": [60000, 3], "activations": [], "B": 1024, "l": 12, "F": 24, "wb": 30},
        {"l": 16, "F": 16, "wb": 56, "k": 1 << 40, "T": 65536, "B": 65536, "fa": 1, "fd": 16, "loss": 0},
    ],
)
def test_illegal_programs(changes):
    with pytest.raises(Reject):
        program(**changes).validate()


def test_layout_is_aligned_and_disjoint():
    rng = random.Random(4)
    for _ in range(60):
        p = random_program(rng)
        layout = Layout(p)
        end = 0
        for g in layout.regions:
            assert g.offset == end and g.offset % (1 << g.nvars) == 0
            end += 1 << g.nvars
        assert end <= layout.N and layout.M + 8 <= layout.N
        targets = set(range(layout.toff, layout.toff + (1 << layout.J[p.L])))
        assert not targets & set(range(p.dims[0])) and layout.voff not in targets and layout.voff >= p.dims[0]
        assert layout.toff % (1 << layout.J[p.L]) == 0 and max(targets) < layout.rec > layout.voff
        assert sorted(layout.m.index.values()) == list(layout.m.support) == list(range(3, layout.M - 3))
        for helper in layout.helpers:
            assert sum(u.size for u in helper) <= p.group


def test_schedule_visits_every_block_once_per_epoch():
    p = program(nblocks=16)
    for seed in range(20):
        pi, beta = p.schedule(keccak256(bytes([seed])))
        assert sorted(p.block(pi, beta, t) for t in range(16)) == list(range(16))
        assert p.block(pi, beta, 0) == beta == p.block(pi, beta, 16)


def test_sigmoid_table():
    p = program(l=8, fa=4, fd=8, F=10, wb=10)
    table = p.sigmoid_table()
    assert table[128] == 128 and table[0] == 0 and table[255] == 256 and table == sorted(table)
    assert all(table[128 + q] + table[128 - q] == 256 for q in range(1, 128))
