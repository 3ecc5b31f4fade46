# ruff: noqa: E741
"""The reference prover and verifier on tiny programs, what they must reject, and the golden vectors."""

import random
from pathlib import Path

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from vectors.reference import curve, prover, vector
from vectors.reference import multilinear as ml
from vectors.reference.field import R, Reject, bits, horner, keccak256
from vectors.reference.make import PROGRAMS
from vectors.reference.program import Layout, Program, RegistrationLayout
from vectors.reference.prover import Instance, train, weight_table
from vectors.reference.relations import lanes_at, registration_publics_at, training_publics_at
from vectors.reference.transcript import REGISTRATION, TRAINING, Transcript
from vectors.reference.verifier import valid, verify
from vectors.reference.weights import Below, Eq, Fix, Meq, Powers, Schedule

TAU = prover.DEVELOPMENT_TAU
GOLDEN = sorted((Path(__file__).parents[2] / "vectors").glob("*.json"))


def program(**changes):
    fields = {
        "loss": 1,
        "dims": [2, 2, 1],
        "activations": [1],
        "T": 3,
        "B": 2,
        "nblocks": 4,
        "l": 4,
        "F": 6,
        "fa": 2,
        "fd": 3,
        "k": 1,
        "wb": 7,
        "p": 1,
        "group": 4,
    }
    fields.update(changes)
    return Program(**fields)


def random_program(rng):
    while True:
        L, l, B = rng.choice([1, 1, 2, 2, 3, 4]), rng.choice([4, 4, 5, 6]), rng.choice([1, 2, 4])
        F, fa = rng.randrange(l, 14), rng.randrange(1, l)
        p = Program(
            rng.randrange(2),
            [rng.randrange(1, 10) for _ in range(L + 1)],
            [rng.randrange(2) for _ in range(L - 1)],
            rng.randrange(1 if B > 1 else 2, 8),
            B,
            rng.choice([1, 2, 4, 8, 16]),
            l,
            F,
            fa,
            rng.randrange(fa, l + 1),
            rng.randrange(1, 4),
            F + rng.randrange(3),
            rng.randrange(1, 4),
            rng.randrange(2, 7),
        )
        try:
            p.validate()
        except Reject:
            continue
        if Layout(p).c <= 8:
            return p


def check_both(instance, **options):
    proof = instance.prove_training()
    assert instance.trace.missing == 0
    assert (
        weight_table(instance.layout, train(instance.program, instance.matrices, instance.batches))
        == instance.trace.w_out
    )
    verify(*instance.arguments(TRAINING, proof), **options)
    registration = instance.prove_registration()
    verify(*instance.arguments(REGISTRATION, registration), **options)
    return proof, registration


# --- helpers ---------------------------------------------------------------------------------------


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


# --- programs --------------------------------------------------------------------------------------


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


# --- complete proofs -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROGRAMS)
def test_complete(name):
    check_both(Instance(PROGRAMS[name], seed=5), tau=TAU)


def test_complete_on_random_programs():
    rng = random.Random(6)
    for _ in range(12):
        check_both(Instance(random_program(rng), seed=rng.randrange(1000)), tau=TAU)


def test_complete_with_the_pairing():
    instance = Instance(PROGRAMS["relu"], seed=8)
    proof, _registration = check_both(instance)
    bad = bytearray(proof)
    bad[-129] ^= 1
    assert not valid(*instance.arguments(TRAINING, bytes(bad)))
    # a proof under one setup is nothing under another
    other = prover.Setup(TAU + 1)
    args = list(instance.arguments(TRAINING, proof))
    args[3], args[4] = other.g1, other.h
    assert not valid(*args)


def test_saturation_happens_and_is_proven():
    p = program(dims=[3, 3, 2], activations=[0], F=4, wb=9, k=3, T=4)
    rng = random.Random(9)
    matrices = [
        [[rng.randrange(-500, 500) for _ in range(p.dims[i + 1])] for _ in range(p.dims[i] + 1)] for i in range(2)
    ]
    instance = Instance(p, seed=9, matrices=matrices)
    check_both(instance, tau=TAU)
    signs, excess = instance.trace.columns["sg"], [abs(e) for e in instance.trace.columns["ex"]]
    assert {-1, 0, 1} <= set(signs) and max(excess) > 16


def test_contents_of_padding_in_the_dataset_do_not_matter():
    """Slots that are neither feature, target nor valid may hold anything."""
    p = program(dims=[5, 3], activations=[], B=2)
    instance = Instance(p, seed=10)
    lay = instance.layout
    used = set(range(5)) | set(range(lay.toff, lay.toff + 3)) | {lay.voff}
    data = [v if row % lay.rec in used else 7 + row for row, v in enumerate(instance.data)]
    instance.data = data
    points = [
        instance.setup.commit([*data[v * lay.N : (v + 1) * lay.N], b]) for v, b in enumerate(instance.data_blinds)
    ]
    instance.training.data = instance.registration.data = points
    check_both(instance, tau=TAU)


# --- changed proofs and statements -----------------------------------------------------------------


def fields(layout, kind):
    """(offset, length) of every scalar and point of a proof file"""
    points = [64] * ((len(layout.columns) + layout.nW if kind == TRAINING else 1) + 1 + len(layout.helpers))
    scalars = sum(sum(d) for d in layout.degrees.values()) + len(layout.values_s2)
    if kind == TRAINING:
        scalars += 1 + 2 * len(layout.terms_a) + 2 * len(layout.terms_b) + (layout.program.loss == 1)
    offset, out = 11, []
    for size in points + [32] * scalars + [64, 32, 64, 64]:
        out.append((offset, size))
        offset += size
    assert offset == 11 + layout.proof_body_length()
    return out


@pytest.fixture(scope="module")
def relu():
    instance = Instance(PROGRAMS["relu"], seed=11)
    return instance, instance.prove_training(), instance.prove_registration()


@pytest.mark.parametrize("kind", [TRAINING, REGISTRATION])
def test_every_field_of_a_proof_matters(relu, kind):
    instance, proof = relu[0], relu[kind]
    layout = instance.layout if kind == TRAINING else RegistrationLayout(instance.layout)
    assert len(proof) == 11 + layout.proof_body_length()
    for offset, size in fields(layout, kind):
        old = proof[offset : offset + size]
        if size == 32:
            number = int.from_bytes(old, "big")
            changed = [((number + 1) % R).to_bytes(32, "big")]
            if number + R < 1 << 256:
                changed.append((number + R).to_bytes(32, "big"))
        else:
            changed = [curve.point_bytes(curve.add(curve.point_from(old), curve.GENERATOR))]
            if offset % 3 == 0:
                changed += [bytes(64), curve.point_bytes(curve.neg(curve.point_from(old)))]
        for new in changed:
            assert not valid(*instance.arguments(kind, proof[:offset] + new + proof[offset + size :]), tau=TAU), offset


@pytest.mark.parametrize("kind", [TRAINING, REGISTRATION])
def test_encoding_of_a_proof_is_strict(relu, kind):
    instance, proof = relu[0], relu[kind]
    for bad in (
        b"",
        proof[:-1],
        proof + b"\0",
        proof[:10],
        b"FEDPROOG" + proof[8:],
        proof[:9] + b"\2" + proof[10:],
        proof[:10] + bytes([3 - kind]) + proof[11:],
        proof[:11] + curve.point_bytes((1, 3)) + proof[75:],
    ):
        assert not valid(*instance.arguments(kind, bad), tau=TAU)
    assert not valid(*instance.arguments(kind, relu[3 - kind]), tau=TAU)


@pytest.mark.parametrize("kind", [TRAINING, REGISTRATION])
def test_every_word_of_a_statement_matters(relu, kind):
    instance, proof = relu[0], relu[kind]
    statement = (instance.training if kind == TRAINING else instance.registration).encode()
    verify(*instance.arguments(kind, proof, statement), tau=TAU)
    for offset in [*list(range(0, len(statement), 32)), len(statement) - 1, len(statement) - 33]:
        bad = bytearray(statement)
        bad[min(offset + 31, len(bad) - 1)] ^= 1
        assert not valid(*instance.arguments(kind, proof, bytes(bad)), tau=TAU), offset
    for bad in (statement[:-1], statement + b"\0"):
        assert not valid(*instance.arguments(kind, proof, bad), tau=TAU)


def test_public_numbers_are_range_checked(monkeypatch):
    """count and beta enter only modulo something: larger numbers must not pass, not even with a proof made for them."""
    block = Program.block
    monkeypatch.setattr(Program, "block", lambda self, pi, beta, t: block(self, pi, beta % self.nblocks, t))

    def attempt(change):
        instance = Instance(program(nblocks=2), seed=12)
        change(instance)
        return valid(*instance.arguments(TRAINING, instance.prove_training(check=False)), tau=TAU)

    assert attempt(lambda instance: None)

    def count(instance):
        instance.training.count += R

    def beta(instance):
        instance.training.beta += 1 << 32

    assert not attempt(count)
    assert not attempt(beta)
    instance = Instance(program(nblocks=2), seed=12)
    instance.registration.count += R
    assert not valid(*instance.arguments(REGISTRATION, instance.prove_registration(check=False)), tau=TAU)


def test_schedule_must_be_a_permutation():
    instance = Instance(program(nblocks=4), seed=13)
    instance.training.pi = [0, 0]
    assert not valid(*instance.arguments(TRAINING, instance.prove_training(check=False)), tau=TAU)


def test_key_and_setup_are_bound(relu):
    instance, proof = relu[0], relu[TRAINING]
    args = list(instance.arguments(TRAINING, proof))
    assert valid(*args, tau=TAU)
    args[2] = [curve.add(args[2][0], curve.GENERATOR)]
    assert not valid(*args, tau=TAU)
    args[2] = []
    assert not valid(*args, tau=TAU)
    args = list(instance.arguments(TRAINING, proof))
    args[1] = Program(**{**instance.program.__dict__, "k": 2})
    assert not valid(*args, tau=TAU)


# --- cheating provers ------------------------------------------------------------------------------


def broken(engine):
    """Names of the relations that do not hold."""
    out = set()
    for relation in engine.relations:
        value = sum(k * engine.m[i] for i, k in relation.mask.items())
        for table, k, weight in relation.rows:
            value += k * sum(a * b for a, b in zip(weight.table(), engine.tables[table], strict=False))
        if (value - relation.y) % R:
            out.add(relation.name.split()[0])
    return out


def once(where, change, layer=1, step=1):
    """A fault that changes the first value of its kind."""
    done = []

    def fault(name, i, t, value):
        if name == where and i == layer and t == step and not done:
            done.append(1)
            return change(value)
        return value

    return fault


def change_matrix(value):
    return [[v + 1 for v in row] for row in value]


CHEATS = {
    "wrong product, forward": (once("xF", lambda x: x + 64), {"R-S1A"}),
    "wrong product, backward": (once("xB", lambda x: x + 1), {"R-S1A"}),
    "quotient one less, remainder too large": (once("splitF", lambda v: (v[0] - 1, v[1] + 64)), {"R-S2"}),
    "quotient one more, remainder negative": (once("splitB", lambda v: (v[0] + 1, v[1] - 64)), {"R-S2"}),
    "saturation at will": (once("satF", lambda v: (7, 1, v[0] + v[2] - 7)), {"R-S2"}),
    "excess without a sign": (once("satF", lambda v: (v[0] - 3, 0, v[2] + 3)), {"R-S2"}),
    "unsaturated value": (once("satF", lambda v: (v[0] + v[2] + 16, 0, -16)), {"R-S2"}),
    "activation not in the table": (once("act", lambda v: (v[0] + 1, v[1])), {"R-S2"}),
    "derivative not in the table": (once("act", lambda v: (v[0], 1 - v[1])), {"R-S2"}),
    "wrong loss": (once("delta", change_matrix, layer=2), {"R-S2"}),
    "training on a padded step": (once("delta", change_matrix, layer=2, step=3), {"R-S2"}),
    "derivative not copied": (once("copy", change_matrix), {"R-LINK"}),
    "wrong product with the derivative": (once("back", change_matrix), {"R-S2"}),
}


@pytest.mark.parametrize("name", CHEATS)
def test_cheating_prover(name):
    """Faults after which everything else is consistent break the intended relation only, and the verifier notices."""
    fault, expected = CHEATS[name]
    instance = Instance(program(), seed=14)
    proof = instance.prove_training(fault=fault, check=False)
    assert broken(instance.engine) == expected
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def tamper_w_out(cell):
    def tamper(trace, engine):
        trace.w_out[cell] += 1

    return tamper


def test_w_out_is_bound_in_every_cell():
    instance = Instance(program(), seed=15)
    lay = instance.layout
    for cell in (0, lay.weight_offset[2], 1 << lay.nw, lay.N - 1):  # two layers, outside of all layers
        proof = instance.prove_training(tamper=tamper_w_out(cell), check=False)
        assert broken(instance.engine) == {"R-S1B"}
        assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


@pytest.mark.parametrize("position", [0, 3, 9])
def test_degree_of_w_out_is_bound(position, monkeypatch):
    """Blinds other than those of the mask vector, or beyond them."""
    original = prover.Engine.table

    def table(self, name, cells, blinds):
        if name == "Wout":
            blinds = [list(b) + [0] * (position + 1 - len(b)) for b in blinds]
            blinds[0][position] += 1
        return original(self, name, cells, blinds)

    monkeypatch.setattr(prover.Engine, "table", table)
    instance = Instance(program(), seed=16)
    proof = instance.prove_training(check=False)
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def test_degrees_of_two_w_out_vectors_do_not_cancel(monkeypatch):
    """X^N in one vector against -X^(2N) in the next: omega keeps the vectors apart."""
    original = prover.Engine.table

    def table(self, name, cells, blinds):
        if name == "Wout":
            N = self.lay.N
            blinds = [list(b) for b in blinds]
            blinds[0] += [0] * (N - len(blinds[0])) + [1]  # X^(2N) in vector 0
            blinds[1] = [blinds[1][0] - 1]  # X^N in vector 1
        return original(self, name, cells, blinds)

    monkeypatch.setattr(prover.Engine, "table", table)
    instance = Instance(PROGRAMS["many-vectors"], seed=17)
    proof = instance.prove_training(check=False)
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def test_false_count_is_rejected():
    instance = Instance(program(), seed=18)
    instance.training.count -= 1
    proof = instance.prove_training(check=False)
    assert broken(instance.engine) == {"R-COUNT"}
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def test_another_schedule_is_rejected():
    """The trace follows a schedule that is not the one of the statement."""
    instance = Instance(program(nblocks=4), seed=19)
    wanted = instance.training.beta

    def tamper(trace, engine):
        instance.training.beta = wanted

    instance.training.beta ^= 1
    proof = instance.prove_training(tamper=tamper, check=False)
    assert broken(instance.engine) >= {"R-X", "R-AD"}
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def test_wrong_multiplicities_are_rejected():
    def tamper(trace, engine):
        trace.columns["mu0"][1] += 1

    instance = Instance(program(), seed=20)
    proof = instance.prove_training(tamper=tamper, check=False)
    assert broken(instance.engine) == {"R-S2"}
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def bad_record(instance, change):
    features, targets, flag = instance.blocks[0][0]
    instance.blocks[0][0] = change(list(features), list(targets), flag)
    return Instance(instance.program, seed=1, blocks=instance.blocks)


BAD_RECORDS = {
    "feature too large": (1, lambda x, y, v: ([8, *x[1:]], y, v), {"R-S2"}),
    "feature too small": (1, lambda x, y, v: ([*x[:-1], -9], y, v), {"R-S2"}),
    "target neither 0 nor 1": (1, lambda x, y, v: (x, [4, 4, 0], 1), {"R-S2"}),
    "two classes": (1, lambda x, y, v: (x, [8, 8, 0], 1), {"R-ONEHOT"}),
    "no class": (1, lambda x, y, v: (x, [0, 0, 0], 1), {"R-ONEHOT"}),
    "valid not boolean": (1, lambda x, y, v: (x, [8, 8, 0], 2), {"R-S2"}),
    "target too large": (0, lambda x, y, v: (x, [0, 8, 0], 1), {"R-S2"}),
    "valid not boolean, squared": (0, lambda x, y, v: (x, y, 2), {"R-S2"}),
}


@pytest.mark.parametrize("name", BAD_RECORDS)
@pytest.mark.parametrize("nblocks", [2, 16])
def test_bad_records_are_not_registered(name, nblocks):
    loss, change, expected = BAD_RECORDS[name]
    instance = Instance(program(loss=loss, dims=[5, 3], activations=[], nblocks=nblocks, B=2), seed=21)
    instance = bad_record(instance, change)
    proof = instance.prove_registration(check=False)
    assert broken(instance.registration_engine) == expected
    assert not valid(*instance.arguments(REGISTRATION, proof), tau=TAU)


def test_registration_count():
    instance = Instance(program(), seed=22)
    instance.registration.count -= 1
    proof = instance.prove_registration(check=False)
    assert broken(instance.registration_engine) == {"R-COUNT"}
    assert not valid(*instance.arguments(REGISTRATION, proof), tau=TAU)


# --- zero knowledge --------------------------------------------------------------------------------


def revealed_numbers(instance, kind, randomness):
    """All a proof reveals: exponents of its commitments (without the quotient and the opening, which follow from the
    others) and its scalars. `randomness` is extended as needed."""
    exponents, position = [], 0

    class Exponents(prover.Setup):
        def commit(self, coefficients):
            exponents.append(horner(coefficients, self.tau))
            return curve.GENERATOR

    class Source:
        @staticmethod
        def randrange(n):
            nonlocal position
            if position == len(randomness):
                randomness.append(int.from_bytes(keccak256(b"random %d" % position), "big") % R)
            position += 1
            return randomness[position - 1]

    setup = Exponents.__new__(Exponents)
    setup.__dict__.update(instance.setup.__dict__)
    if kind == TRAINING:
        proof, _, engine = prover.prove_training(
            instance.program,
            setup,
            instance.w0,
            instance.data,
            instance.data_blinds,
            instance.training,
            rng=Source,
            check=False,
        )
        layout = engine.lay
    else:
        proof, engine = prover.prove_registration(
            instance.program, setup, instance.data, instance.data_blinds, instance.registration, rng=Source, check=False
        )
        layout = engine.lay
    scalars = [int.from_bytes(proof[o : o + 32], "big") for o, size in fields(layout, kind) if size == 32]
    return exponents[:-2] + scalars


def rank(rows):
    rows, done = [list(r) for r in rows], 0
    for c in range(len(rows[0])):
        pivot = next((i for i in range(done, len(rows)) if rows[i][c]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        inverse = pow(rows[done][c], -1, R)
        for i in range(done + 1, len(rows)):
            if rows[i][c]:
                f = rows[i][c] * inverse % R
                rows[i] = [(a - f * b) % R for a, b in zip(rows[i], rows[done], strict=False)]
        done += 1
    return done


@pytest.mark.parametrize("kind", [REGISTRATION, TRAINING])
def test_masks_hide_everything_revealed(kind, monkeypatch):
    """For fixed challenges the map from fresh masks and blinds to all that is revealed has full rank, with the blinds
    of the dataset held fixed (they are used again in every proof)."""

    class Programmed(Transcript):
        def draw(self, label, index=0):
            return int.from_bytes(keccak256(b"fixed" + bytes([label]) + index.to_bytes(2, "big")), "big") >> 3

    monkeypatch.setattr(prover, "Transcript", Programmed)
    instance = Instance(
        program(loss=0, dims=[1, 1], activations=[], T=2, B=1, nblocks=1, F=4, wb=5, fa=1, fd=1), seed=23
    )
    randomness = []
    base = revealed_numbers(instance, kind, randomness)
    twelfth = pow(12, -1, R)
    jacobian = []

    def near(k, d):
        return revealed_numbers(instance, kind, [*randomness[:k], (randomness[k] + d) % R, *randomness[k + 1 :]])

    for k in range(len(randomness)):
        # exact for polynomials of degree up to 4 in one random number
        around = zip(near(k, 1), near(k, -1), near(k, 2), near(k, -2), strict=True)
        jacobian.append([(8 * (a - b) - (c - d)) * twelfth % R for a, b, c, d in around])
    constant = [c for c in range(len(base)) if not any(row[c] for row in jacobian)]
    assert len(constant) == (2 if kind == TRAINING else 1)  # [W_0] and [D] belong to the statement
    assert rank(jacobian) == len(base) - len(constant)


# --- golden vectors --------------------------------------------------------------------------------


def test_vector_files_round_trip(relu, tmp_path):
    instance, proof = relu[0], relu[TRAINING]
    good = vector.make("good", instance, TRAINING, proof)
    assert vector.check(good, pairing=False) is None
    assert vector.check({**good, "proof": "0x" + good["proof"], "table": "".join(good["table"])}, pairing=False) is None
    bad = {**good, "proof": good["proof"][:-2] + "00", "valid": False}
    assert vector.check(bad, pairing=False)
    with pytest.raises(AssertionError):
        vector.check({**good, "valid": False}, pairing=False)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_golden_vectors(path):
    for content in vector.load(path):
        if "proof" in content:
            vector.check(content, pairing=not content.get("tau"))
