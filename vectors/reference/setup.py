# ruff: noqa: D101, D102, D103
"""The development setup with its trapdoor: a commitment is one multiplication, v(tau) G1."""

from . import curve
from .field import horner, keccak256
from .program import SIGMOID
from .verifier import (
    setup_digest,
)

DEVELOPMENT_TAU = int.from_bytes(keccak256(b"fedproof/insecure development setup"), "big") >> 3


class Setup:
    def __init__(self, tau=DEVELOPMENT_TAU):
        self.tau = tau
        self.g1 = curve.point_bytes(curve.base_mul(tau))
        self.h = curve.g2_bytes(tau)
        self.digest = setup_digest(self.g1, self.h)

    def commit(self, coefficients):
        return curve.base_mul(horner(coefficients, self.tau))


def table_points(program, setup):
    return [setup.commit(program.sigmoid_table())] if program.loss == SIGMOID else []
