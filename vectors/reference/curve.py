# ruff: noqa: D103
"""BN254: G1 in Jacobian coordinates, byte encodings, and the pairing check of py_ecc."""

from .field import R, need

P = 21888242871839275222246405745257275088696311157297823662689037894645226208583  # coordinates
INFINITY = (0, 0)  # affine encoding of the identity
GENERATOR = (1, 2)


def on_curve(point):
    x, y = point
    return point == INFINITY or (y * y - x * x * x - 3) % P == 0


def _double(p):
    x, y, z = p
    if z == 0:
        return p
    a, b = x * x % P, y * y % P
    c = b * b % P
    d = 2 * ((x + b) * (x + b) - a - c) % P
    e = 3 * a % P
    f = (e * e - 2 * d) % P
    return f, (e * (d - f) - 8 * c) % P, 2 * y * z % P


def _add(p, q):
    if p[2] == 0:
        return q
    if q[2] == 0:
        return p
    x1, y1, z1 = p
    x2, y2, z2 = q
    a, b = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * b % P, x2 * a % P
    s1, s2 = y1 * z2 * b % P, y2 * z1 * a % P
    if u1 == u2:
        return _double(p) if s1 == s2 else (1, 1, 0)
    h, r = (u2 - u1) % P, (s2 - s1) % P
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, z1 * z2 * h % P


def _jacobian(point):
    return (1, 1, 0) if point == INFINITY else (point[0], point[1], 1)


def _affine(p):
    if p[2] == 0:
        return INFINITY
    i = pow(p[2], -1, P)
    return p[0] * i * i % P, p[1] * i * i * i % P


def msm(points, scalars):
    """sum_i scalars[i] points[i], by windows of 4 bits with shared doublings."""
    assert len(points) == len(scalars)
    tables, digits = [], []
    for point, s in zip(points, scalars, strict=False):
        s %= R
        if s == 0 or point == INFINITY:
            continue
        base = _jacobian(point)
        row = [None, base]
        for _ in range(14):
            row.append(_add(row[-1], base))
        tables.append(row)
        digits.append([(s >> (4 * k)) & 15 for k in range(64)])
    acc = (1, 1, 0)
    for k in reversed(range(64)):
        for _ in range(4):
            acc = _double(acc)
        for row, d in zip(tables, digits, strict=False):
            if d[k]:
                acc = _add(acc, row[d[k]])
    return _affine(acc)


def add(p, q):
    return _affine(_add(_jacobian(p), _jacobian(q)))


def neg(p):
    return p if p == INFINITY else (p[0], P - p[1])


_FIXED = []


def base_mul(s):
    """s times the generator of G1, from a table of d 16^k G1."""
    if not _FIXED:
        base = _jacobian(GENERATOR)
        for _ in range(64):
            row = [(1, 1, 0), base]
            for _ in range(14):
                row.append(_add(row[-1], base))
            _FIXED.append(row)
            base = _add(row[-1], base)
    s %= R
    acc = (1, 1, 0)
    for k in range(64):
        acc = _add(acc, _FIXED[k][(s >> (4 * k)) & 15])
    return _affine(acc)


def point_bytes(point):
    return point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def point_from(data):
    need(len(data) == 64, "point length")
    point = int.from_bytes(data[:32], "big"), int.from_bytes(data[32:], "big")
    need(point[0] < P and point[1] < P, "coordinate not canonical")
    need(on_curve(point), "point not on the curve")  # G1 has cofactor 1
    return point


# --- G2 and the pairing: py_ecc, coordinates as in EIP-197 (imaginary part first) ------------------


def g2_bytes(scalar):
    from py_ecc.optimized_bn128 import G2, multiply, normalize

    x, y = normalize(multiply(G2, scalar % R))
    return b"".join(int(c).to_bytes(32, "big") for c in (x.coeffs[1], x.coeffs[0], y.coeffs[1], y.coeffs[0]))


def g2_from(data):
    from py_ecc.optimized_bn128 import FQ2, b2, curve_order, is_inf, is_on_curve, multiply

    need(len(data) == 128, "G2 length")
    c = [int.from_bytes(data[i : i + 32], "big") for i in range(0, 128, 32)]
    need(all(v < P for v in c), "G2 coordinate not canonical")
    point = (FQ2([c[1], c[0]]), FQ2([c[3], c[2]]), FQ2.one())
    need(any(c) and is_on_curve(point, b2), "G2 point not on the twist")
    need(is_inf(multiply(point, curve_order)), "G2 point not in the subgroup")
    return point


def pairing_equal(p, q, tau_h):
    """e(p, H) == e(q, tau_h), H the generator of G2."""
    from py_ecc.optimized_bn128 import FQ, FQ12, G2, final_exponentiate, pairing

    def optimized(point):
        return (FQ(1), FQ(1), FQ(0)) if point == INFINITY else (FQ(point[0]), FQ(point[1]), FQ(1))

    left = pairing(G2, optimized(p), final_exponentiate=False)
    right = pairing(tau_h, optimized(neg(q)), final_exponentiate=False)
    return final_exponentiate(left * right) == FQ12.one()
