"""Encoding, limits, layout and schedule of programs."""

import random

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.support import program, random_program
from vectors.reference.field import Reject, keccak256
from vectors.reference.layout import Layout
from vectors.reference.limits import excess_limbs, largest_quotient
from vectors.reference.program import Kernel, Program
from vectors.reference.programs import PROGRAMS


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_bytes(name):
    data = PROGRAMS[name].encode()
    assert Program.decode(data) == PROGRAMS[name]
    for bad in (data[:-1], data + b"\0", b"GPRG" + data[4:], data[:5] + b"\1" + data[6:], data[:5] + b"\3" + data[6:]):
        with pytest.raises(Reject):
            Program.decode(bad)


def test_program_bytes_by_hand():
    p = program(
        loss=2, one_hot=1, dims=[2, 3], activations=[], T=2, l=5, lb=6, F=10, wb=11, n=9, k=0, weights=[256, 1, 65535],
        kernel=Kernel(3, [-1, 2], [8, -256]),
    )  # fmt: skip
    dims = "00000002" + "00000003"
    sizes = "00000002" + "00000002" + "00000004"
    bits = "05" + "06" + "0a" + "02" + "03" + "0b" + "01" + "04" + "09"  # l lb F fa fd wb p group n
    weights = "01" + "0100" + "0001" + "ffff"
    kernel = "01" + "03" + "ff" * 8 + "00" * 7 + "02" + "00" * 7 + "08" + "ff" * 7 + "00"
    expected = "46505247" + "0002" + "02" + "01" + "01" + dims + sizes + bits + "00000000" + weights + kernel
    assert p.encode().hex() == expected
    assert Program.decode(p.encode()) == p
    flags = [(7, "flag"), (len(bytes.fromhex("46505247" + "0002020101" + dims + sizes + bits)) + 4, "flag")]
    for position, reason in flags:
        bad = bytearray(p.encode())
        bad[position] = 2
        with pytest.raises(Reject, match=reason):
            Program.decode(bytes(bad))


SOFTMAX = {"loss": 2, "one_hot": 1, "dims": [2, 3], "activations": [], "l": 5, "F": 10, "wb": 11}
LABELS = {"dims": [2, 2], "activations": [], "F": 11, "wb": 12, "weights": [1, 2, 3, 4]}
HUBER = {"loss": 3, "huber": 3}
EXPLICIT = {"k": 0, "kernel": Kernel(2, [1, 2, 3], [4, 4, 4])}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"loss": 4}, "loss"),
        ({"one_hot": 1}, "one_hot with one output"),
        ({"one_hot": 2, "dims": [2, 2, 2]}, "one_hot"),
        ({"loss": 0, "one_hot": 1, "dims": [2, 2, 2]}, "one_hot"),
        ({**HUBER, "one_hot": 1, "dims": [2, 2, 2]}, "one_hot"),
        ({**SOFTMAX, "one_hot": 0}, "one_hot"),
        ({**SOFTMAX, "dims": [2, 1]}, "one_hot with one output"),
        ({**SOFTMAX, "fd": 4}, "fd with softmax"),
        ({**SOFTMAX, "F": 8}, "F' with softmax"),
        ({**HUBER, "huber": 0}, "huber"),
        ({**HUBER, "huber": 8}, "huber"),
        ({"huber": 1}, "huber"),
        ({**LABELS, "loss": 0}, "weights of the loss"),
        ({**LABELS, **HUBER}, "weights of the loss"),
        ({**LABELS, "weights": [1, 2, 3]}, "number of weights"),
        ({**LABELS, "one_hot": 1}, "number of weights"),
        ({**LABELS, "weights": [1, 2, 3, 65536]}, "weights"),
        ({**LABELS, "F": 10}, "F' with weights"),
        ({**EXPLICIT, "k": 1}, "k with an explicit kernel"),
        ({**EXPLICIT, "T": 4}, "length of the kernel"),
        ({**EXPLICIT, "kernel": Kernel(33, [1, 2, 3], [4, 4, 4])}, "fc"),
        ({**EXPLICIT, "F": 48, "wb": 49, "kernel": Kernel(9, [1, 2, 3], [4, 4, 4])}, "fc"),
        ({**EXPLICIT, "kernel": Kernel(2, [1, 2, 3], [4, 4, -(1 << 56) - 1])}, "kernel"),
        ({"k": 0, "T": 257, "kernel": Kernel(2, [1] * 257, [4] * 257)}, "T of an explicit kernel"),
        ({"dims": [0, 2, 1]}, "dims"),
        ({"dims": [65537, 2, 1]}, "dims"),
        ({"activations": [7]}, "activations"),
        ({"activations": []}, "activations"),
        ({"T": 0}, "T"),
        ({"B": 3}, "B"),
        ({"T": 1, "B": 1}, "T B"),
        ({"nblocks": 3}, "nblocks"),
        ({"nblocks": 0}, "nblocks"),
        ({"l": 3}, "l"),
        ({"l": 17}, "l"),
        ({"lb": 3}, "lb"),
        ({"lb": 21}, "lb"),
        ({"F": 3}, "F"),
        ({"F": 49}, "F"),
        ({"fa": 0}, "fa"),
        ({"fa": 4}, "fa"),
        ({"fd": 1}, "fd"),
        ({"fd": 5}, "fd"),
        ({"k": 0}, "k"),
        ({"k": (1 << 40) + 1}, "k"),
        ({"wb": 5}, "wb"),
        ({"wb": 57}, "wb"),
        ({"F": 12, "wb": 12}, "bound of the initial model"),
        ({"p": 0}, "p"),
        ({"p": 17}, "p"),
        ({"group": 1}, "group"),
        ({"group": 13}, "group"),
        ({"n": 7}, "rows for the mask vector"),
        ({"n": 25}, "n"),
        ({"lb": 9, "n": 8}, "n"),
        ({"dims": [300, 2, 1]}, "n"),
        ({"l": 8, "F": 13, "wb": 14, "fa": 4, "fd": 6, "activations": [2, 3, 4, 5], "dims": [2] * 6}, "lanes"),
        ({"dims": [2, 1], "activations": [], "nblocks": 65536}, "number of vectors"),
        ({"k": 1 << 39, "T": 65536}, "bound of the weights"),
        ({"wb": 56}, "excess limbs"),
        ({"T": 65536, "B": 512, "l": 12, "lb": 16, "F": 24, "wb": 30}, "size of the trace"),
        ({"dims": [60000, 3], "activations": [], "B": 1024, "l": 12, "lb": 16, "F": 24, "wb": 30}, "size of the trace"),
        (
            {"l": 16, "F": 16, "wb": 56, "k": 1 << 40, "T": 65536, "B": 65536, "fa": 1, "fd": 16, "loss": 0},
            r"bound of 2\^100",
        ),
    ],
)
def test_illegal_programs(changes, reason):
    with pytest.raises(Reject, match=f"^{reason}$"):
        program(**changes).validate()


def test_legal_programs_beside_the_illegal_ones():
    for changes in (SOFTMAX, LABELS, HUBER, EXPLICIT, {"n": 24}, {"group": 12}, {"lb": 8}, {**LABELS, "k": 1}):
        program(**changes).validate()


def test_excess_limbs_hold_the_distances():
    """Of products, of smooth deltas, of weighted differences, of the Huber loss, and of softmax remainders."""
    assert excess_limbs(program(lb=4)) == 2
    assert excess_limbs(program(lb=8)) == 1
    p = program(**LABELS, lb=7)
    before = largest_quotient(p)
    p.weights = [0, 0, 0, 65535]
    assert largest_quotient(p) == (65535 << 4 >> 8) + 2 > before
    p = program(**SOFTMAX, lb=4)
    largest = 1 << (p.l + 2 + 2)
    assert largest_quotient(p) < largest <= 1 << (4 * excess_limbs(p)) and excess_limbs(p) == 3


def test_layout_is_aligned_and_disjoint():
    rng = random.Random(4)
    for _ in range(60):
        p = random_program(rng)
        layout = Layout(p)
        end = 0
        for g in layout.regions:
            assert g.offset == end and g.offset % (1 << g.nvars) == 0
            end += 1 << g.nvars
        assert end == layout.rows <= layout.V << layout.n < end + layout.N and layout.M + 8 <= layout.N
        assert layout.c == max(layout.n, (layout.rows - 1).bit_length())
        for s in layout.segments:
            assert s.offset % (1 << s.width) == 0 and s.offset + (1 << s.width) <= layout.N
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
