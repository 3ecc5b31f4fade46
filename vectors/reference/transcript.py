# ruff: noqa: D101, D102
"""The transcript (section 7): absorbing changes the state, drawing does not."""

from .field import keccak256

# labels absorbed
STATEMENT = 0x01
COLUMNS, W_OUT, MASK = 0x10, 0x11, 0x12
HELPERS, V_ZETA = 0x13, 0x14
S1A_FOLD, S1A_VALUES = 0x20, 0x21
S1B_FOLD, S1B_VALUES = 0x22, 0x23
S2_FOLD, S2_VALUES, VTAB = 0x24, 0x25, 0x26
S3_FOLD = 0x27
S_PRIME, E1, QUOTIENT, OPENING = 0x30, 0x31, 0x32, 0x33

# labels drawn
ALPHA, GAMMA, ZETA, OMEGA = 0x40, 0x41, 0x42, 0x43
RHO_T, RHO_B, RHO_J = 0x44, 0x45, 0x46
U, ETA, TAU, CHI = 0x47, 0x48, 0x49, 0x4A
KAPPA, XI = 0x4B, 0x4C
S1A_POINT, S1B_POINT, S2_POINT, S3_POINT = 0x50, 0x51, 0x52, 0x53
Z, NU, X = 0x54, 0x55, 0x56
RHO_REC = 0x57

TRAINING, REGISTRATION, CLOSE = 1, 2, 3
DOMAINS = {
    TRAINING: b"fedproof/training/2",
    REGISTRATION: b"fedproof/registration/2",
    CLOSE: b"fedproof/close/2",
}


class Transcript:
    def __init__(self, kind):
        self.state = keccak256(DOMAINS[kind])

    def absorb(self, label, data, index=0):
        head = bytes([0, label]) + index.to_bytes(2, "big") + len(data).to_bytes(4, "big")
        self.state = keccak256(self.state + head + data)

    def draw(self, label, index=0):
        digest = keccak256(self.state + bytes([1, label]) + index.to_bytes(2, "big"))
        return int.from_bytes(digest, "big") >> 3

    def draw_point(self, label, n, first_index=0):
        return [self.draw(label, first_index + i) for i in range(n)]
