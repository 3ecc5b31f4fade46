"""Writes vectors/drand-bn254.json, which the tests of DrandBeacon read: beacons of bls-bn254-unchained-on-g1.

    python contracts/script/drand_vector.py FILE        (in the project's root; some seconds)

An implementation of its own: RFC 9380 by its definitions (expand_message_xmd of section 5.3.1 with Keccak-256,
hash_to_field of 5.2, the map of Shallue and van de Woestijne of 6.6.1 with inversions and tests for squares as they
stand there), pairings by py_ecc. The beacons are those of networks that drand runs (evmnet, and a test network); every
signature is checked before it is written. Further beacons are signed here, with a key of our own.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from vectors.reference.curve import P, add, g2_bytes, g2_from, msm, pairing_equal, point_bytes, point_from  # noqa: E402
from vectors.reference.field import keccak256  # noqa: E402

DST = b"BLS_SIG_BN254G1_XMD:KECCAK-256_SVDW_RO_NUL_"
BLOCK = 136  # of Keccak-256, in bytes
Z, B = 1, 3

EVMNET = (
    "07e1d1d335df83fa98462005690372c643340060d205306a9aa8106b6bd0b3820557ec32c2ad488e4d4f6008f89a346f18492092ccc0d594610de2732c8b808f"
    "0095685ae3a85ba243747b1b2f426049010f6b73a0cf1d389351d5aaaa1047f6297d3a4f9749b33eb2d904c9d9ebf17224150ddd7abd7567a9bec6c74480ee0b"
)
TESTNET = (
    "14018a8127d0cd185f0d0cd168bec330c584581d46f77f41e8ee33ad600588e104961f20efbcec8ce5e176aa182bf141f7059cfb467e3b508bc6f36f227d5cf3"
    "1c7baa2a010677e813ffca24b4ff5faf3348b2750201c85b126a480118b149f514d3e7aba46a99f40aac6507a2c6d6f3c7a6b38038786831e3e6b5b0adf5894b"
)
# as published: key, round, signature
PUBLISHED = [
    (
        EVMNET,
        10_000_000,
        "2c7b65b5acfe55256910ca71cf0a0fa71ac34c2a1167f86a22930a03e70ebec00f7a530796e7ee38600b06da0390634a9b154e3eebc3b323dde2111e1c8ebdf3",
    ),
    (
        EVMNET,
        10_000_013,
        "13d1b70855d04ea9af3efc4a03378f655459da97819ca4c63427104cf20bd7242c4116eba1899aefcc969a160faa09d164ef5c2dbcef91ad7455ad7c0457d37c",
    ),
    (
        TESTNET,
        1,
        "0d2cdded373210583d66d973f28b68adc4a5d52a39304a38343ee9d2e785f335098a1d16660304ceeabac9ddb80ec00916dcbe32ac8597b6295baac935f84648",
    ),
    (
        TESTNET,
        2,
        "2b481ec543a44225ba184d09c83068f7e74b4d78d076cca67a1647418391e3fd1e739096fed5d0315e81beeec64058d5d31161f3e2e9df14d4af86a7c2fa1e92",
    ),
    (
        TESTNET,
        3,
        "2b71c198edfb7271be885f02227930d86e88884fc6870219898904748d37f49f03f4e39b955198e6638cd55c785d1e0f6da236539f9d18b84ab95eb2e92f691a",
    ),
    (
        TESTNET,
        10,
        "0fd919ec1490bf01935f348837bd20f49f539c5adfd60ce29648fe16f8dbed8803bf3e8fb4c3cbce5dcb642333d81260a811cc432b2f7a687b9b7c2305ad01ee",
    ),
    (
        TESTNET,
        40,
        "23f7e78888e0bb376e9f70ded2d49546e300c913a401c1b59cc63626c5a6f3750cc5ef66ad1430b82a57aa94aa866dccd68213e66d5f35ff53b19c60dc008429",
    ),
]
OWN_KEY = 0x5EED


def expand(message: bytes, length: int) -> bytes:
    """expand_message_xmd."""
    dst = DST + bytes([len(DST)])
    first = keccak256(bytes(BLOCK) + message + length.to_bytes(2, "big") + b"\0" + dst)
    blocks = [keccak256(first + b"\1" + dst)]
    while 32 * len(blocks) < length:
        mixed = bytes(x ^ y for x, y in zip(first, blocks[-1], strict=True))
        blocks.append(keccak256(mixed + bytes([len(blocks) + 1]) + dst))
    return b"".join(blocks)[:length]


def g(x: int) -> int:
    """The curve: y^2 = g(x)."""
    return (x**3 + B) % P


def is_square(x: int) -> bool:
    """Of something modulo P."""
    return pow(x, (P - 1) // 2, P) in (0, 1)


def root(x: int) -> int:
    """A square root modulo P = 3 mod 4; fails if there is none."""
    y = pow(x, (P + 1) // 4, P)
    assert y * y % P == x % P
    return y


def inv0(x: int) -> int:
    """1 / x modulo P, and 0 for 0."""
    return pow(x, P - 2, P)


def to_curve(u: int) -> tuple[int, int]:
    """map_to_curve of section 6.6.1."""
    three = 3 * Z * Z % P
    c1, c2 = g(Z), -Z * inv0(2) % P
    c3 = root(-g(Z) * three % P)
    c3 = P - c3 if c3 % 2 else c3
    c4 = -4 * g(Z) * inv0(three) % P
    tv1 = u * u % P * c1 % P
    tv2, tv1 = (1 + tv1) % P, (1 - tv1) % P
    tv3 = inv0(tv1 * tv2 % P)
    tv4 = u * tv1 % P * tv3 % P * c3 % P
    x1, x2 = (c2 - tv4) % P, (c2 + tv4) % P
    x3 = (Z + c4 * pow(tv2 * tv2 % P * tv3 % P, 2, P)) % P
    x = x1 if is_square(g(x1)) else x2 if is_square(g(x2)) else x3
    y = root(g(x))
    return x, y if u % 2 == y % 2 else P - y


def hash_to_curve(message: bytes) -> tuple[int, int]:
    """The affine point that a signature of the message multiplies."""
    uniform = expand(message, 96)
    points = [to_curve(int.from_bytes(uniform[k : k + 48], "big") % P) for k in (0, 48)]
    return add(*points)  # the cofactor is 1


def beacon(key: str, number: int, signature: str) -> dict[str, Any]:
    """A beacon whose signature holds: e(signature, H) = e(hash, key)."""
    message = keccak256(number.to_bytes(8, "big"))
    point = hash_to_curve(message)
    assert pairing_equal(point_from(bytes.fromhex(signature)), point, g2_from(bytes.fromhex(key))), number
    return {
        "key": key,
        "round": number,
        "hash": point_bytes(point).hex(),
        "signature": signature,
        "randomness": hashlib.sha256(bytes.fromhex(signature)).hexdigest(),
    }


def own(number: int) -> dict[str, Any]:
    """A beacon signed with our own key."""
    signature = msm([hash_to_curve(keccak256(number.to_bytes(8, "big")))], [OWN_KEY])
    return beacon(g2_bytes(OWN_KEY).hex(), number, point_bytes(signature).hex())


def maps() -> list[dict[str, str]]:
    """The map alone, where it takes each of its branches and where it inverts zero."""
    special = [0, 1, P - 1, inv0(2), P - inv0(2)]
    return [{"u": f"{u:064x}", "point": point_bytes(to_curve(u)).hex()} for u in [*special, *range(2, 12)]]


def main(path: str) -> None:
    """Writes the file."""
    beacons = [beacon(*published) for published in PUBLISHED]
    beacons += [own(number) for number in (1, 1 << 32, (1 << 64) - 1)]
    with Path(path).open("w") as file:
        json.dump({"beacons": beacons, "maps": maps()}, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
