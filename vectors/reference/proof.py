# ruff: noqa: D101, D103
"""Proofs and their bytes (section 8)."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field

from . import curve
from .field import need, scalar_bytes
from .statement import Reader
from .transcript import CLOSE, TRAINING

PROOF_HEADER = b"FEDPROOF" + (2).to_bytes(2, "big")


@dataclass
class Proof:
    kind: int
    columns: list  # points, the vectors of each column together
    w_out: list
    mask: tuple
    helpers: list
    v_zeta: int = None
    folds: dict = dataclass_field(default_factory=dict)  # "a", "b", "2", "3": a list of scalars for every variable
    values_a: list = None  # X, W for every term
    values_b: list = None  # A, D for every term
    values_2: list = None
    vtab: list = None  # one value for every lane with key tables
    s_prime: tuple = None
    e1: int = None
    quotient: tuple = None
    opening: tuple = None


def point_data(points):
    return b"".join(curve.point_bytes(p) for p in points)


def scalar_data(scalars):
    return b"".join(scalar_bytes(s) for s in scalars)


def committed(layout, kind):
    """Tables whose commitments a proof brings first."""
    if kind == CLOSE:
        return layout.own
    return layout.columns if kind == TRAINING else ["mu0"]


# the table whose vectors' degrees a proof bounds (R-DEG)
BOUNDED = {TRAINING: "Wout", CLOSE: "Wnext"}


def decode_proof(data, kind, layout):
    r = Reader(data)
    need(r.take(10) == PROOF_HEADER, "proof header")
    need(r.take(1) == bytes([kind]), "kind of proof")
    columns = r.points(sum(layout.vectors[n] for n in committed(layout, kind)))
    w_out = r.points(layout.nW) if kind == TRAINING else []
    mask = r.points(1)[0]
    proof = Proof(kind, columns, w_out, mask, r.points(sum(layout.vectors[n] for n in layout.helper_names)))

    def folds(name):
        proof.folds[name] = [r.scalars(d) for d in layout.degrees[name]]

    if kind in BOUNDED:
        proof.v_zeta = r.scalar()
    if kind == TRAINING:
        folds("a")
        proof.values_a = r.scalars(2 * len(layout.terms_a))
        folds("b")
        proof.values_b = r.scalars(2 * len(layout.terms_b))
    folds("2")
    proof.values_2 = r.scalars(len(layout.values_s2))
    if kind == TRAINING:
        proof.vtab = r.scalars(len(layout.key_lanes))
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

    if proof.kind in BOUNDED:
        out += scalar_data([proof.v_zeta])
    if proof.kind == TRAINING:
        out += folds("a") + scalar_data(proof.values_a) + folds("b") + scalar_data(proof.values_b)
    out += folds("2") + scalar_data(proof.values_2)
    if proof.kind == TRAINING:
        out += scalar_data(proof.vtab)
    return (
        out
        + folds("3")
        + point_data([proof.s_prime])
        + scalar_data([proof.e1])
        + point_data([proof.quotient, proof.opening])
    )


def revealed(layout, proof):
    """The revealed values by key."""
    out = {("2", name): v for name, v in zip(layout.values_s2, proof.values_2, strict=False)}
    if proof.kind == TRAINING:
        for n, t in enumerate(layout.terms_a):
            out["X", t], out["W", t] = proof.values_a[2 * n : 2 * n + 2]
        for n, t in enumerate(layout.terms_b):
            out["A", t], out["D", t] = proof.values_b[2 * n : 2 * n + 2]
        out |= {("vtab", p): value for p, value in zip(layout.key_lanes, proof.vtab, strict=True)}
    if proof.kind in BOUNDED:
        out["v_zeta"] = proof.v_zeta
    return out
