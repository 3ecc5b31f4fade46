# ruff: noqa: D101, D102, D103
"""The verifier: strict decoding, transcript, relations, S3, opening, pairing."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field

from . import curve
from . import transcript as tr
from .field import R, horner, inv, keccak256, need, powers, scalar_bytes, scalar_from
from .program import SIGMOID, Layout, RegistrationLayout
from .relations import Batch, registration_relations, training_relations
from .transcript import REGISTRATION, TRAINING, Transcript

PROOF_HEADER = b"FEDPROOF" + (1).to_bytes(2, "big")


# --- key, setup, statements ------------------------------------------------------------------------


def key_digest(program, table_points):
    data = b"fedproof/key/1" + program.digest() + bytes([len(table_points)])
    return keccak256(data + b"".join(curve.point_bytes(p) for p in table_points))


def setup_digest(tau_g1, tau_h):
    """Both as bytes."""
    assert len(tau_g1) == 64 and len(tau_h) == 128
    return keccak256(b"fedproof/setup/1" + tau_g1 + tau_h)


def dataset_id(registration_statement):
    return keccak256(b"fedproof/dataset/1" + registration_statement)


class Reader:
    def __init__(self, data):
        self.data, self.position = bytes(data), 0

    def take(self, n):
        need(self.position + n <= len(self.data), "too short")
        self.position += n
        return self.data[self.position - n : self.position]

    def scalar(self):
        return scalar_from(self.take(32))

    def scalars(self, n):
        return [self.scalar() for _ in range(n)]

    def points(self, n):
        return [curve.point_from(self.take(64)) for _ in range(n)]

    def end(self):
        need(self.position == len(self.data), "trailing bytes")


@dataclass
class TrainingStatement:
    chain: bytes
    hub: bytes
    submitter: bytes
    task: bytes
    round: bytes
    key: bytes
    setup: bytes
    w0: list
    dataset: bytes
    data: list
    pi: list
    beta: int
    count: int

    def encode(self):
        out = self.chain + self.hub + self.submitter + self.task + self.round + self.key + self.setup
        out += b"".join(curve.point_bytes(p) for p in self.w0) + self.dataset
        out += b"".join(curve.point_bytes(p) for p in self.data) + bytes(self.pi)
        return out + self.beta.to_bytes(32, "big") + self.count.to_bytes(32, "big")

    @classmethod
    def decode(cls, data, layout):
        r, pr = Reader(data), layout.program
        head = [r.take(32) for _ in range(7)]
        w0 = r.points(layout.nW)
        dataset = r.take(32)
        points = r.points(layout.nD)
        pi, beta, count = list(r.take(layout.nb)), int.from_bytes(r.take(32), "big"), int.from_bytes(r.take(32), "big")
        r.end()
        need(sorted(pi) == list(range(layout.nb)), "pi is not a permutation")
        need(beta < pr.nblocks, "beta out of range")
        need(count <= pr.T * pr.B, "count out of range")
        return cls(*head, w0, dataset, points, pi, beta, count)


@dataclass
class RegistrationStatement:
    chain: bytes
    hub: bytes
    submitter: bytes
    task: bytes
    key: bytes
    setup: bytes
    nonce: bytes
    data: list
    count: int

    def encode(self):
        out = self.chain + self.hub + self.submitter + self.task + self.key + self.setup + self.nonce
        return out + b"".join(curve.point_bytes(p) for p in self.data) + self.count.to_bytes(32, "big")

    @classmethod
    def decode(cls, data, layout):
        r, pr = Reader(data), layout.program
        head = [r.take(32) for _ in range(7)]
        points = r.points(layout.nD)
        count = int.from_bytes(r.take(32), "big")
        r.end()
        need(count <= pr.nblocks * pr.B, "count out of range")
        return cls(*head, points, count)


# --- proofs ----------------------------------------------------------------------------------------


@dataclass
class Proof:
    kind: int
    columns: list
    w_out: list
    mask: tuple
    helpers: list
    v_zeta: int = None
    folds: dict = dataclass_field(default_factory=dict)  # "a", "b", "2", "3": a list of scalars for every variable
    values_a: list = None  # X, W for every term
    values_b: list = None  # A, D for every term
    values_2: list = None
    vtab: int = None
    s_prime: tuple = None
    e1: int = None
    quotient: tuple = None
    opening: tuple = None


def point_data(points):
    return b"".join(curve.point_bytes(p) for p in points)


def scalar_data(scalars):
    return b"".join(scalar_bytes(s) for s in scalars)


def decode_proof(data, kind, layout):
    r = Reader(data)
    need(r.take(10) == PROOF_HEADER, "proof header")
    need(r.take(1) == bytes([kind]), "kind of proof")
    if kind == TRAINING:
        columns, w_out = r.points(len(layout.columns)), r.points(layout.nW)
    else:
        columns, w_out = r.points(1), []
    mask = r.points(1)[0]
    proof = Proof(kind, columns, w_out, mask, r.points(len(layout.helpers)))

    def folds(name):
        proof.folds[name] = [r.scalars(d) for d in layout.degrees[name]]

    if kind == TRAINING:
        proof.v_zeta = r.scalar()
        folds("a")
        proof.values_a = r.scalars(2 * len(layout.terms_a))
        folds("b")
        proof.values_b = r.scalars(2 * len(layout.terms_b))
    folds("2")
    proof.values_2 = r.scalars(len(layout.values_s2))
    if kind == TRAINING and layout.program.loss == SIGMOID:
        proof.vtab = r.scalar()
    folds("3")
    proof.s_prime = r.points(1)[0]
    proof.e1 = r.scalar()
    proof.quotient, proof.opening = r.points(2)
    r.end()
    assert len(data) == 11 + layout.proof_body_length()
    return proof


def encode_proof(proof):
    out = PROOF_HEADER + bytes([proof.kind])
    out += point_data(proof.columns + proof.w_out + [proof.mask] + proof.helpers)

    def folds(name):
        return b"".join(scalar_data(f) for f in proof.folds[name])

    if proof.kind == TRAINING:
        out += (
            scalar_data([proof.v_zeta])
            + folds("a")
            + scalar_data(proof.values_a)
            + folds("b")
            + scalar_data(proof.values_b)
        )
    out += folds("2") + scalar_data(proof.values_2)
    if proof.vtab is not None:
        out += scalar_data([proof.vtab])
    return (
        out
        + folds("3")
        + point_data([proof.s_prime])
        + scalar_data([proof.e1])
        + point_data([proof.quotient, proof.opening])
    )


# --- steps shared by verifier and prover: what is absorbed and drawn -------------------------------


def step_1(t, layout, proof):
    t.absorb(tr.COLUMNS, point_data(proof.columns))
    if proof.kind == TRAINING:
        t.absorb(tr.W_OUT, point_data(proof.w_out))
    t.absorb(tr.MASK, point_data([proof.mask]))
    ch = {"alpha": t.draw(tr.ALPHA), "gamma": t.draw(tr.GAMMA)}
    if proof.kind == TRAINING:
        ch["zeta"], ch["omega"] = t.draw(tr.ZETA), t.draw(tr.OMEGA)
    return ch


def step_2(t, layout, proof, ch):
    t.absorb(tr.HELPERS, point_data(proof.helpers))
    if proof.kind == TRAINING:
        t.absorb(tr.V_ZETA, scalar_data([proof.v_zeta]))
        ch["rho_t"] = t.draw_point(tr.RHO_T, layout.tb)
        ch["rho_b"] = t.draw_point(tr.RHO_B, layout.bb)
        ch["rho_j"] = {i: t.draw_point(tr.RHO_J, n, 256 * i) for i, n in layout.J.items()}
        ch["u"] = t.draw_point(tr.U, layout.wv + layout.c)
        ch["eta"] = t.draw(tr.ETA)
    else:
        ch["rho_rec"] = t.draw_point(tr.RHO_REC, layout.nb + layout.bb)
    ch["tau"] = t.draw_point(tr.TAU, layout.c)
    ch["chi"] = t.draw(tr.CHI)


def step_values(t, proof, name, ch):
    if name == "a":
        t.absorb(tr.S1A_VALUES, scalar_data(proof.values_a))
        ch["kappa"] = t.draw(tr.KAPPA)
    elif name == "b":
        t.absorb(tr.S1B_VALUES, scalar_data(proof.values_b))
    else:
        t.absorb(tr.S2_VALUES, scalar_data(proof.values_2))
        if proof.vtab is not None:
            t.absorb(tr.VTAB, scalar_data([proof.vtab]))
        ch["xi"] = t.draw(tr.XI)


FOLD_LABELS = {
    "a": (tr.S1A_FOLD, tr.S1A_POINT),
    "b": (tr.S1B_FOLD, tr.S1B_POINT),
    "2": (tr.S2_FOLD, tr.S2_POINT),
    "3": (tr.S3_FOLD, tr.S3_POINT),
}


def fold_challenge(t, name, i, fold):
    absorb, draw = FOLD_LABELS[name]
    t.absorb(absorb, scalar_data(fold), i)
    return t.draw(draw, i)


def revealed(layout, proof):
    """The revealed values by key."""
    out = {("2", name): v for name, v in zip(layout.values_s2, proof.values_2, strict=False)}
    if proof.kind == TRAINING:
        for n, t in enumerate(layout.terms_a):
            out["X", t], out["W", t] = proof.values_a[2 * n : 2 * n + 2]
        for n, t in enumerate(layout.terms_b):
            out["A", t], out["D", t] = proof.values_b[2 * n : 2 * n + 2]
        out["v_zeta"] = proof.v_zeta
        if proof.vtab is not None:
            out["vtab"] = proof.vtab
    return out


def b_at(layout, r3, x):
    """b(X) = 2^c prod_i (1 - r_i + r_i X^(2^i))"""
    acc, power = pow(2, layout.c, R), x
    for r in reversed(r3):
        acc = acc * (1 - r + r * power) % R
        power = power * power % R
    return acc


def check_points(z, x, zeta):
    need(z not in (0, 1, R - 1), "z")
    zi = inv(z)
    if zeta is not None:
        need(z != zeta and zi != zeta, "z = zeta")
    if x is not None:
        need(x not in (z, zi, zeta), "x")
    return zi


# --- verification ----------------------------------------------------------------------------------


def fold_sumcheck(t, name, folds, claim):
    point = []
    for i, fold in enumerate(folds):
        c0, rest = fold[0], fold[1:]
        c1 = (claim - 2 * c0 - sum(rest)) % R  # p(0) + p(1) = claim
        r = fold_challenge(t, name, i, fold)
        claim = horner([c0, c1, *rest], r)
        point.append(r)
    return claim, point


def verify(kind, program, table_points, tau_g1, tau_h, statement, proof, tau=None):
    """Raises Reject unless the proof is valid; returns the decoded statement and the commitments [W_out].

    program: a Program; statement, proof, tau_g1, tau_h: bytes. With `tau` (development setup) the pairing check is
    replaced by the equation in G1 that it stands for, which is faster."""
    program.validate()
    need(len(table_points) == (program.loss == SIGMOID), "number of table points")
    layout = Layout(program)
    if kind == REGISTRATION:
        layout = RegistrationLayout(layout)
    statement_bytes = bytes(statement)
    statement = (TrainingStatement if kind == TRAINING else RegistrationStatement).decode(statement_bytes, layout)
    need(statement.key == key_digest(program, table_points), "key digest")
    curve.point_from(tau_g1)
    need(statement.setup == setup_digest(tau_g1, tau_h), "setup digest")
    proof = decode_proof(proof, kind, layout)

    t = Transcript(kind)
    t.absorb(tr.STATEMENT, statement_bytes)
    ch = step_1(t, layout, proof)
    step_2(t, layout, proof, ch)
    last = {}
    for name in "ab2" if kind == TRAINING else "2":
        last[name], ch["r" + name] = fold_sumcheck(t, name, proof.folds[name], 0)
        step_values(t, proof, name, ch)
    build = training_relations if kind == TRAINING else registration_relations
    batch = Batch(build(layout, statement, ch, revealed(layout, proof), last), ch["xi"])
    s3, r3 = fold_sumcheck(t, "3", proof.folds["3"], batch.y)

    t.absorb(tr.S_PRIME, point_data([proof.s_prime]))
    z = t.draw(tr.Z)
    zeta = ch.get("zeta")
    zi = check_points(z, None, zeta)
    t.absorb(tr.E1, scalar_data([proof.e1]))
    nu = t.draw(tr.NU)
    t.absorb(tr.QUOTIENT, point_data([proof.quotient]))
    x = t.draw(tr.X)
    check_points(z, x, zeta)
    t.absorb(tr.OPENING, point_data([proof.opening]))

    # every commitment with its coefficient in a(X)
    commitments = dict(
        zip([n for n in layout.columns if kind == TRAINING or n == "mu0"], ([p] for p in proof.columns), strict=False)
    )
    commitments.update(zip(layout.helper_names, ([p] for p in proof.helpers), strict=False))
    commitments["D"] = statement.data
    if kind == TRAINING:
        commitments["W0"], commitments["Wout"], commitments["T"] = statement.w0, proof.w_out, table_points
    final_mask = batch.final_mask(layout, r3)
    mask_z = sum(c * pow(z, i, R) for i, c in final_mask.items()) % R
    mask_zi = sum(c * pow(zi, i, R) for i, c in final_mask.items()) % R
    b_z, b_zi = b_at(layout, r3, z), b_at(layout, r3, zi)
    y = pow(2, layout.c, R) * s3 % R
    e2 = (2 * y - proof.e1) % R
    c1, c2 = inv(x - z), nu * inv(x - zi) % R
    points, scalars = [], []

    def add(point, scalar):
        points.append(point)
        scalars.append(scalar % R)

    for table in batch.rows:
        for v, point in enumerate(commitments[table]):
            add(point, (c1 * b_zi + c2 * b_z) * batch.weight_at(table, v, r3))
    add(proof.mask, c1 * mask_zi + c2 * mask_z)
    add(proof.s_prime, -(c1 * z + c2 * zi))
    constant = c1 * proof.e1 + c2 * e2
    if kind == TRAINING:
        c3 = nu * nu * inv(x - zeta) % R
        for point, power in zip(proof.w_out, powers(ch["omega"], layout.nW), strict=False):
            add(point, c3 * power)
        constant += c3 * proof.v_zeta
    add(curve.GENERATOR, -constant)
    add(proof.quotient, -1)
    add(proof.opening, x)
    left = curve.msm(points, scalars)
    if tau is not None:
        need(left == curve.msm([proof.opening], [tau]), "opening")
    else:
        need(curve.pairing_equal(left, proof.opening, curve.g2_from(tau_h)), "opening")
    return statement, proof.w_out


def valid(*args, **kwargs):
    from .field import Reject

    try:
        verify(*args, **kwargs)
        return True
    except Reject:
        return False
