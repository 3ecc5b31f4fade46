# ruff: noqa: D101, D102, D103
"""The development setup with its trapdoor: a commitment is one multiplication, v(tau) G1."""

from . import curve
from .field import R, horner, keccak256
from .layout import Layout
from .statement import setup_digest

DEVELOPMENT_TAU = int.from_bytes(keccak256(b"fedproof/insecure development setup"), "big") >> 3


class Setup:
    def __init__(self, tau=DEVELOPMENT_TAU):
        self.tau = tau
        self.g1 = curve.point_bytes(curve.base_mul(tau))
        self.h = curve.g2_bytes(tau)
        self.digest = setup_digest(self.g1, self.h)

    def commit(self, coefficients):
        return curve.base_mul(horner(coefficients, self.tau))


def key_table(layout, name):
    """The cells of TA_p or TS_p."""
    out, lane = [0] * layout.N, int(name[2:])
    for segment in layout.segments:
        if segment.committed and segment.lane == lane:
            for idx in range(1 << segment.width):
                out[segment.offset + idx] = segment.entry(layout.program, idx)[name.startswith("TS")]
    return out


def table_points(program, setup):
    layout = Layout(program)
    return [setup.commit([v % R for v in key_table(layout, name)]) for name in layout.key_tables]
