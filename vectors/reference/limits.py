# ruff: noqa: D103
"""Which programs are legal, and the bounds that make saturation well defined (section 1)."""

from .field import log, need
from .program import HUBER, SIGMOID, SOFTMAX, SQUARED, WEIGHT_SCALE, number_of_weights
from .tables import SILU


def validate(pr):
    """Raises Reject unless the program is legal."""
    from .layout import Layout

    fields(pr)
    loss(pr)
    kernel(pr)
    for i in range(1, pr.L + 1):
        for bound in (max_a(pr), max_d(pr, i), max_w(pr, i), max_z(pr, i)):
            need(bound < 1 << 100, "bound of 2^100")
        need(max_w(pr, i) < 1 << 62, "bound of the weights")
        if i < pr.L:
            need(max_e(pr, i) < 1 << 100, "bound of 2^100")
    need(largest_quotient(pr) < 1 << 62, "bound of the quotients")
    need(excess_limbs(pr) <= 4, "excess limbs")
    need(log(pr.T) + log(pr.B) + log(max(pr.dims) + 1) + 2 <= 26, "size of the trace")
    Layout(pr)


def fields(pr):
    def power_of_two(n):
        return n >= 1 and n & (n - 1) == 0

    need(1 <= pr.L <= 16, "number of layers")
    need(all(1 <= d <= 65536 for d in pr.dims), "dims")
    need(len(pr.activations) == pr.L - 1 and all(0 <= a <= SILU for a in pr.activations), "activations")
    need(1 <= pr.T <= 65536, "T")
    need(power_of_two(pr.B) and pr.B <= 65536, "B")
    need(pr.T * pr.B >= 2, "T B")
    need(power_of_two(pr.nblocks) and pr.nblocks <= 65536, "nblocks")
    need(4 <= pr.l <= 16, "l")
    need(4 <= pr.lb <= 20, "lb")
    need(pr.l <= pr.F <= 48, "F")
    need(1 <= pr.fa <= pr.l - 1, "fa")
    need(pr.fa <= pr.fd <= pr.l, "fd")
    need(pr.F <= pr.wb <= 56, "wb")
    need(all(pr.radius(i) < 1 << pr.wb for i in range(1, pr.L + 1)), "bound of the initial model")
    need(1 <= pr.p <= 16, "p")
    need(2 <= pr.group <= 12, "group")


def loss(pr):
    outputs = pr.dims[-1]
    need(pr.loss in (SQUARED, SIGMOID, SOFTMAX, HUBER), "loss")
    need(pr.one_hot in {SIGMOID: (0, 1), SOFTMAX: (1,)}.get(pr.loss, (0,)), "one_hot")
    need(not pr.one_hot or outputs >= 2, "one_hot with one output")
    if pr.loss == SOFTMAX:
        need(pr.fd <= pr.l - 2, "fd with softmax")
        need(pr.l + 2 + log(outputs) <= pr.scale, "F' with softmax")
    need(1 <= pr.huber < 1 << (pr.l - 1) if pr.loss == HUBER else pr.huber == 0, "huber")
    if pr.weights is not None:
        need(pr.cross_entropy, "weights of the loss")
        need(len(pr.weights) == number_of_weights(pr.loss, pr.one_hot, outputs), "number of weights")
        need(all(0 <= w <= 65535 for w in pr.weights), "weights")
        need(pr.fd + WEIGHT_SCALE <= pr.scale, "F' with weights")


def kernel(pr):
    if pr.kernel is None:
        need(1 <= pr.k <= 1 << 40, "k")
        return
    need(pr.k == 0, "k with an explicit kernel")
    need(pr.T <= 256, "T of an explicit kernel")
    need(0 <= pr.kernel.fc <= 32 and pr.scale <= 56, "fc")
    need(len(pr.kernel.kappa) == len(pr.kernel.c) == pr.T, "length of the kernel")
    need(all(abs(v) <= 1 << 56 for v in pr.kernel.kappa + pr.kernel.c), "kernel")


# --- bounds ---------------------------------------------------------------------------------------------------------


def max_a(pr):
    return 1 << (pr.l - 1)


def max_d(pr, i):
    if i < pr.L or pr.weights is not None:
        return 1 << (pr.l - 1)
    if pr.loss == HUBER:
        return pr.huber
    return 1 << pr.fd if pr.cross_entropy else max_difference(pr)


def max_difference(pr):
    """Of 2^(fd-fa) q_L and a target of l bits."""
    return (1 << (pr.l - 1 + pr.fd - pr.fa)) + (1 << (pr.l - 1))


def max_w(pr, i):
    total, largest = pr.T * pr.k, 1
    if pr.kernel is not None:
        total = sum(abs(v) for v in pr.kernel.kappa)
        largest = max([1 << pr.kernel.fc] + [abs(v) for v in pr.kernel.c])
    return (largest << pr.wb) + total * pr.B * max_a(pr) * max_d(pr, i)


def max_z(pr, i):
    return (pr.dims[i - 1] * max_a(pr) + (1 << pr.fa)) * max_w(pr, i)


def max_e(pr, i):
    """E_i, i < L"""
    return pr.dims[i + 1] * max_d(pr, i + 1) * max_w(pr, i + 1)


def largest_quotient(pr):
    """X"""
    products = [max_z(pr, i) for i in range(1, pr.L + 1)] + [max_e(pr, i) for i in range(1, pr.L)]
    out = [(b >> pr.scale) + 2 for b in products]
    if any(pr.smooth(i) for i in range(1, pr.L)):
        out.append((1 << (pr.l + 1)) + 2)
    if pr.weights is not None:
        w = pr.weights
        largest = max(w) if pr.one_hot else max(a + b for a, b in zip(w[::2], w[1::2], strict=True))
        out.append(((largest << (pr.fd + 1)) >> WEIGHT_SCALE) + 2)
    if pr.loss == HUBER:
        out.append(max_difference(pr) + 2)
    return max(out)


def excess_limbs(pr):
    """ng"""
    largest = largest_quotient(pr)
    if pr.loss == SOFTMAX:
        largest = max(largest, (1 << (pr.l + 2 + log(pr.dims[-1]))) - 1)
    n = 1
    while 1 << (pr.lb * n) <= largest:
        n += 1
    return n


def limb_widths(pr):
    """Widths of the remainder limbs, least significant first."""
    nr = -(-pr.scale // pr.lb)
    return [pr.lb] * (nr - 1) + [pr.scale - pr.lb * (nr - 1)]
