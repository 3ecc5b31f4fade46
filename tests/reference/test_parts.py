"""Functions, curve and transcript of the reference against their definitions."""

import random

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.support import program
from vectors.reference import curve
from vectors.reference import multilinear as ml
from vectors.reference.field import R, Reject, bits, keccak256
from vectors.reference.program import Layout, RegistrationLayout
from vectors.reference.relations import lanes_at, registration_publics_at, training_publics_at
from vectors.reference.transcript import TRAINING, Transcript
from vectors.reference.weights import Below, Eq, Fix, Meq, Powers, Schedule


def test_multilinear_helpers_against_their_definitions():
    rng = random.Random(1)
    for n in range(4):
        p, q = ([rng.randrange(R) for _ in range(n)] for _ in range(2))
        ep, eq = ml.eq_table(p), ml.eq_table(q)
        assert ep == [ml.eqbits(i, p) for i in range(1 << n)]
        for d in range((1 << n) + 2):
            assert ml.mlt(p, d) == sum(ep[:d]) % R
            assert ml.meq(p, q, d) == sum(a * b for a, b in zip(ep[:d], eq[:d], strict=False)) % R
        assert ml.lt(p, q) == sum(ep[i] * eq[j] for i in range(1 << n) for j in range(i + 1, 1 << n)) % R


def test_weight_blocks_at_a_point_against_their_tables():
    rng = random.Random(2)
    for T, nblocks in ((1, 4), (2, 1), (3, 4), (4, 4), (7, 4), (8, 2), (5, 8), (11, 4)):
        layout = Layout(program(dims=[2, 1], activations=[], T=T, nblocks=nblocks))
        pi, beta = layout.program.schedule(keccak256(bytes([T, nblocks])))
        point = [rng.randrange(R) for _ in range(layout.tb)]
        p3 = [rng.randrange(R) for _ in range(3)]
        blocks = [
            Schedule(layout, pi, beta, point),
            Schedule(layout, pi, beta, None),
            Fix(5, 3),
            Eq(p3),
            Meq(p3, 5),
            Meq(p3, 8),
            Below(6, 3),
            Powers(rng.randrange(R), 3),
        ]
        for block in blocks:
            at = [rng.randrange(R) for _ in range(block.n)]
            assert block.at(at) == ml.mle(block.table(), at)


def test_public_functions_of_s2_on_the_cube():
    for p in (program(dims=[2, 3, 3, 2], activations=[0, 1]), program(loss=0, l=5, F=12, wb=12)):
        layout = Layout(p)
        ch = {"gamma": 3, "tau": [0] * layout.c}
        sigmoid = p.sigmoid_table()
        for row in range(layout.N):
            point = bits(row, layout.c)
            vtab = sigmoid[row] if row < len(sigmoid) and p.loss else 0
            publics = training_publics_at(layout, ch, point, vtab)
            here = [g for g in layout.regions if g.offset <= row < g.offset + (1 << g.nvars)]
            assert publics[1] == len(here) <= 1 and publics[2] == sum(g.tag for g in here)
            sel, t = lanes_at(layout, 3, point, vtab)
            for segment in layout.segments:
                idx = row - segment.offset
                if 0 <= idx < 1 << segment.width:
                    half = 1 << (p.l - 1)
                    a, s = {
                        "range": (0, 0),
                        "sigmoid": (vtab, 0),
                        "hidden": (max(idx - half, 0), int(idx > half)) if segment.kind else (idx - half, 1),
                    }[segment.name]
                    assert sel[segment.lane] == 1
                    assert t[segment.lane] == (idx + 3 * segment.tag + 9 * a + 27 * s) % R
        registration = RegistrationLayout(layout)
        for row in range(layout.N):
            publics = registration_publics_at(registration, ch, bits(row, layout.c))
            slot, inside = row % layout.rec, row < 1 << layout.nd
            feature, target = slot < p.dims[0], layout.toff <= slot < layout.toff + p.dims[-1]
            expected = [feature, target] if p.loss else [feature or target, False]
            assert publics[1:4] == [int(inside and e) for e in [*expected, slot == layout.voff]]


def test_curve_against_py_ecc():
    from py_ecc.optimized_bn128 import G1, multiply, normalize

    rng = random.Random(3)
    scalars = [rng.randrange(R) for _ in range(3)] + [0, 1, R - 1]
    points = [curve.base_mul(s) for s in scalars]
    for s, point in zip(scalars, points, strict=False):
        x, y = normalize(multiply(G1, s)) if s else (0, 0)
        assert point == (int(x), int(y))
    factors = [rng.randrange(R) for _ in points]
    assert curve.msm(points, factors) == curve.base_mul(sum(a * b for a, b in zip(scalars, factors, strict=False)))
    assert curve.msm([*points[:2], curve.neg(curve.add(*points[:2]))], [1, 1, 1]) == curve.INFINITY
    with pytest.raises(Reject):
        curve.point_from(curve.point_bytes((1, 3)))
    with pytest.raises(Reject):
        curve.point_from((1 + curve.P).to_bytes(32, "big") + (2).to_bytes(32, "big"))


def test_keccak_and_transcript():
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    t = Transcript(TRAINING)
    state = keccak256(b"fedproof/training/1")
    assert t.draw(0x46, 258) == int.from_bytes(keccak256(state + b"\x01\x46\x01\x02"), "big") >> 3
    t.absorb(0x20, b"abc", 5)
    assert t.state == keccak256(state + b"\x00\x20\x00\x05\x00\x00\x00\x03abc")
