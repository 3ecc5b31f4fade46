"""Functions, curve and transcript of the reference against their definitions."""

import random

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.support import program
from vectors.reference import curve, kernel, tables
from vectors.reference import multilinear as ml
from vectors.reference.field import R, Reject, bits, keccak256
from vectors.reference.layout import PUBLICS, Layout, RegistrationLayout
from vectors.reference.program import Kernel
from vectors.reference.programs import PROGRAMS
from vectors.reference.publics import lanes_at, registration_publics_at, training_publics_at
from vectors.reference.setup import key_table
from vectors.reference.transcript import TRAINING, Transcript
from vectors.reference.weights import Below, Coefficients, Eq, Fix, Meq, Powers, Schedule


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
            Coefficients([5, -1, 7], 3),
            Powers(rng.randrange(R), 3),
        ]
        for block in blocks:
            at = [rng.randrange(R) for _ in range(block.n)]
            assert block.at(at) == ml.mle(block.table(), at)


def test_kernels_at_a_point_against_their_tables():
    rng = random.Random(4)
    for T in (1, 2, 3, 5, 8):
        explicit = Kernel(2, *([rng.randrange(-9, 10) for _ in range(T)] for _ in range(2)))
        for p in (program(T=T), program(T=T, k=0, kernel=explicit)):
            tb = Layout(p).tb
            t, u = ([rng.randrange(R) for _ in range(tb)] for _ in range(2))
            size = range(1 << tb)
            e_t, e_u = ml.eq_table(t), ml.eq_table(u)
            kappa = [0, *explicit.kappa, *[0] * (1 << tb)] if p.kernel else [0] + [p.k] * (1 << tb)
            c = [4, *explicit.c, *[explicit.c[-1]] * (1 << tb)] if p.kernel else [1] * (T + 1 + (1 << tb))
            steps = sum(e_t[a] * e_u[b] * kappa[a - b] for a in size for b in range(a)) % R
            assert kernel.of_steps(p, u, t) == steps == ml.mle(kernel.steps_table(p, t), u)
            after = [kappa[T - b] if b < T else 0 for b in size] if p.kernel else [p.k for _ in size]
            assert kernel.update_table(p, tb) == after and kernel.of_update(p, u) == ml.mle(after, u)
            assert kernel.of_initial(p, t) == sum(e_t[a] * c[a] for a in size) % R
            assert p.c(T) == c[T]


def test_differences_take_linearly_many_steps():
    point = [3] * 8
    assert sorted(kernel.differences(point, point)) == list(range(256))


SELECTORS = {  # of every kind of region, by what stands in its rows
    "F": {"selA", "selH"},
    "B": set(),
    "D": {"selD", "selX"},
    "P": {"selA", "selP"},
    "Q": {"selQ"},
    "H": {"selA"},
}


@pytest.mark.parametrize(
    "p",
    [
        program(dims=[2, 3, 3, 2], activations=[0, 1]),
        program(loss=0, l=5, F=12, wb=12, lb=5, activations=[2]),
        PROGRAMS["lanes"],
        PROGRAMS["folded"],
        PROGRAMS["softmax-gelu"],
        PROGRAMS["multi-label"],
        PROGRAMS["weighted-softmax"],
        PROGRAMS["huber-momentum"],
    ],
)
def test_public_functions_of_s2_on_the_cube(p):
    layout, half = Layout(p), 1 << (p.l - 1)
    ch = {"gamma": 3, "tau": [0] * layout.c}
    zero = [0] * layout.N
    keys = {name: key_table(layout, name) for name in layout.key_tables}
    for row in range(1 << layout.c):
        point, cell = bits(row, layout.c), row % layout.N
        vtab = {q: 9 * keys[f"TA{q}"][cell] + 27 * keys.get(f"TS{q}", zero)[cell] for q in layout.key_lanes}
        publics = dict(zip(PUBLICS, training_publics_at(layout, ch, point, vtab)[1:], strict=False))
        here = [g for g in layout.regions if g.offset <= row < g.offset + (1 << g.nvars)]
        assert publics.pop("selR") == len(here) <= 1
        tag, factor = publics.pop("tag"), publics.pop("selX")
        expected = set()
        if here:
            kind, i = here[0].kind, here[0].layer
            expected = set(SELECTORS[kind])
            tags = {"F": 32 + p.activations[i - 1] if i < p.L else p.l, "P": 50, "H": 51}
            if (kind, i) == ("F", p.L):
                tags["F"], expected = (48, {"selA"}) if p.loss == 1 else (p.l, set())
                expected |= set() if p.weights and p.one_hot else {"selO"}
            if kind == "B" and p.activations[i - 1] < 2:
                expected.add("selB")
            assert tag == tags.get(kind, p.l)
            rounded = p.l - 2 if i < p.L else p.fd + 8
            assert factor == ((1 << p.F + (p.kernel.fc if p.kernel else 0)) >> rounded if kind == "D" else 0)
        assert {name for name, value in publics.items() if value} == expected - {"selX"}
        sel, t = lanes_at(layout, 3, point, vtab)
        for segment in layout.segments:
            idx = row - segment.offset
            if 0 <= idx < 1 << segment.width:
                a, s = {
                    "range": lambda idx: (0, 0),
                    "loss": lambda idx: (p.loss_table(idx), 0),
                    "hidden": lambda idx, kind=segment.kind: tables.hidden(kind, p.l, p.fa, idx - half),
                }[segment.name](idx)
                assert sel[segment.lane] == 1
                assert t[segment.lane] == (idx + 3 * segment.tag + 9 * a + 27 * s) % R
        if row >= layout.N:
            assert sel == t == [0] * layout.P
    registration = RegistrationLayout(layout)
    for row in range(layout.N):
        publics = registration_publics_at(registration, {**ch, "tau": [0] * layout.n}, bits(row, layout.n))
        slot, inside = row % layout.rec, row < 1 << layout.nd
        feature, target = slot < p.dims[0], layout.toff <= slot < layout.toff + p.dims[-1]
        expected = [feature, target] if p.loss in (1, 2) else [feature or target, False]
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
    state = keccak256(b"fedproof/training/2")
    assert t.draw(0x46, 258) == int.from_bytes(keccak256(state + b"\x01\x46\x01\x02"), "big") >> 3
    t.absorb(0x20, b"abc", 5)
    assert t.state == keccak256(state + b"\x00\x20\x00\x05\x00\x00\x00\x03abc")
