# ruff: noqa: D103
"""The verifier: strict decoding, transcript, relations, S3, opening, pairing."""

from . import curve
from . import transcript as tr
from .close import close_relations
from .close_layout import CloseLayout
from .field import R, horner, inv, need, powers
from .layout import Layout, RegistrationLayout
from .proof import BOUNDED, committed, decode_proof, point_data, revealed, scalar_data
from .registration import registration_relations
from .relation import Batch
from .relations import training_relations
from .statement import CloseStatement, RegistrationStatement, TrainingStatement, key_digest, setup_digest
from .transcript import CLOSE, REGISTRATION, TRAINING, Transcript

# --- steps shared by verifier and prover: what is absorbed and drawn -------------------------------


def step_1(t, layout, proof):
    t.absorb(tr.COLUMNS, point_data(proof.columns))
    if proof.kind == TRAINING:
        t.absorb(tr.W_OUT, point_data(proof.w_out))
    t.absorb(tr.MASK, point_data([proof.mask]))
    ch = {"alpha": t.draw(tr.ALPHA), "gamma": t.draw(tr.GAMMA)}
    if proof.kind in BOUNDED:
        ch["zeta"], ch["omega"] = t.draw(tr.ZETA), t.draw(tr.OMEGA)
    return ch


def step_2(t, layout, proof, ch):
    t.absorb(tr.HELPERS, point_data(proof.helpers))
    if proof.kind in BOUNDED:
        t.absorb(tr.V_ZETA, scalar_data([proof.v_zeta]))
    if proof.kind == TRAINING:
        ch["rho_t"] = t.draw_point(tr.RHO_T, layout.tb)
        ch["rho_b"] = t.draw_point(tr.RHO_B, layout.bb)
        ch["rho_j"] = {i: t.draw_point(tr.RHO_J, n, 256 * i) for i, n in layout.J.items()}
        ch["u"] = t.draw_point(tr.U, layout.wv + layout.n)
        ch["eta"] = t.draw(tr.ETA)
    elif proof.kind == REGISTRATION:
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
        if proof.vtab:
            t.absorb(tr.VTAB, scalar_data(proof.vtab))
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


def b_at(layout, r3, x):
    """b(X) = 2^n prod_i (1 - r_i + r_i X^(2^i))"""
    acc, power = pow(2, layout.n, R), x
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


STATEMENTS = {TRAINING: TrainingStatement, REGISTRATION: RegistrationStatement, CLOSE: CloseStatement}


def relations_of(kind):
    """The function that builds the relations of a kind of proof."""
    return {TRAINING: training_relations, REGISTRATION: registration_relations, CLOSE: close_relations}[kind]


def verify(kind, program, table_points, tau_g1, tau_h, statement, proof, tau=None):
    """Raises Reject unless the proof is valid; returns the decoded statement and the commitments [W_out].

    program: a Program; statement, proof, tau_g1, tau_h: bytes. With `tau` (development setup) the pairing check is
    replaced by the equation in G1 that it stands for, which is faster."""
    program.validate()
    layout = Layout(program)
    need(len(table_points) == len(layout.key_tables), "number of table points")
    if kind != TRAINING:
        layout = {REGISTRATION: RegistrationLayout, CLOSE: CloseLayout}[kind](layout)
    statement_bytes = bytes(statement)
    statement = STATEMENTS[kind].decode(statement_bytes, layout)
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
    batch = Batch(relations_of(kind)(layout, statement, ch, revealed(layout, proof), last), ch["xi"])
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
    names = committed(layout, kind)
    commitments = by_table(layout, names, proof.columns) | by_table(layout, layout.helper_names, proof.helpers)
    if kind == CLOSE:
        commitments |= {"S": statement.total, "Wnext": statement.next}
    else:
        commitments["D"] = statement.data
    if kind == TRAINING:
        commitments["W0"], commitments["Wout"] = statement.w0, proof.w_out
        commitments |= by_table(layout, layout.key_tables, table_points)
    final_mask = batch.final_mask(layout, r3)
    mask_z = sum(c * pow(z, i, R) for i, c in final_mask.items()) % R
    mask_zi = sum(c * pow(zi, i, R) for i, c in final_mask.items()) % R
    b_z, b_zi = b_at(layout, r3, z), b_at(layout, r3, zi)
    y = pow(2, layout.n, R) * s3 % R
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
    if kind in BOUNDED:
        c3 = nu * nu * inv(x - zeta) % R
        for point, power in zip(commitments[BOUNDED[kind]], powers(ch["omega"], layout.nW), strict=True):
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


def by_table(layout, names, points):
    """{table: commitments of its vectors}"""
    out, position = {}, 0
    for name in names:
        out[name] = points[position : position + layout.vectors[name]]
        position += layout.vectors[name]
    assert position == len(points)
    return out


def valid(*args, **kwargs):
    from .field import Reject

    try:
        verify(*args, **kwargs)
        return True
    except Reject:
        return False
