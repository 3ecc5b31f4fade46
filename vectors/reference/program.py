# ruff: noqa: D101, D102, E741
"""The program (section 1) and its bytes (section 8)."""

from dataclasses import dataclass, field
from math import isqrt

from . import tables
from .field import keccak256, log, need

SQUARED, SIGMOID, SOFTMAX, HUBER = range(4)
MAGIC, VERSION = b"FPRG", 2
WEIGHT_SCALE = 8  # class and label weights stand at scale 2^8


@dataclass
class Kernel:
    """Explicit: kappa_1..kappa_T and c_1..c_T at scale 2^fc."""

    fc: int
    kappa: list
    c: list


@dataclass
class Program:
    loss: int
    dims: list
    activations: list
    T: int
    B: int
    nblocks: int
    l: int
    F: int
    fa: int
    fd: int
    k: int  # of the plain kernel; 0 with an explicit one
    wb: int
    p: int
    group: int
    lb: int = 0  # without lb and n a program can be executed, not proven
    n: int = 0
    one_hot: int = 0
    huber: int = 0
    weights: list | None = None
    kernel: Kernel | None = field(default=None)

    @property
    def L(self):  # noqa: N802
        return len(self.dims) - 1

    # --- bytes ------------------------------------------------------------------------------------------------------
    def encode(self):
        out = MAGIC + VERSION.to_bytes(2, "big") + bytes([self.loss, self.one_hot, self.L])
        for d in self.dims:
            out += d.to_bytes(4, "big")
        out += bytes(self.activations)
        for v in (self.T, self.B, self.nblocks):
            out += v.to_bytes(4, "big")
        out += bytes([self.l, self.lb, self.F, self.fa, self.fd, self.wb, self.p, self.group, self.n])
        out += self.huber.to_bytes(4, "big") + bytes([self.weights is not None])
        for w in self.weights or []:
            out += w.to_bytes(2, "big")
        out += bytes([self.kernel is not None])
        if self.kernel is None:
            return out + self.k.to_bytes(8, "big")
        out += bytes([self.kernel.fc])
        return out + b"".join(v.to_bytes(8, "big", signed=True) for v in self.kernel.kappa + self.kernel.c)

    @classmethod
    def decode(cls, data):
        position = 0

        def take(n):
            nonlocal position
            need(position + n <= len(data), "program too short")
            position += n
            return data[position - n : position]

        def number(n, signed=False):
            return int.from_bytes(take(n), "big", signed=signed)

        def flag():
            value = number(1)
            need(value <= 1, "flag")
            return value

        need(take(4) == MAGIC, "program magic")
        need(number(2) == VERSION, "program version")
        loss, one_hot, layers = number(1), flag(), number(1)
        need(1 <= layers <= 16, "number of layers")
        dims = [number(4) for _ in range(layers + 1)]
        need(all(1 <= d <= 65536 for d in dims), "dims")
        activations = [number(1) for _ in range(layers - 1)]
        T, B, nblocks = number(4), number(4), number(4)
        l, lb, F, fa, fd, wb, p, group, n = (number(1) for _ in range(9))
        huber, weights, kernel, k = number(4), None, None, 0
        if flag():
            weights = [number(2) for _ in range(number_of_weights(loss, one_hot, dims[-1]))]
        if flag():
            need(1 <= T <= 256, "T of an explicit kernel")
            fc = number(1)
            kernel = Kernel(fc, [number(8, True) for _ in range(T)], [number(8, True) for _ in range(T)])
        else:
            k = number(8)
        need(position == len(data), "bytes after the program")
        program = cls(
            loss,
            dims,
            activations,
            T,
            B,
            nblocks,
            l,
            F,
            fa,
            fd,
            k,
            wb,
            p,
            group,
            lb,
            n,
            one_hot,
            huber,
            weights,
            kernel,
        )
        program.validate()
        return program

    def digest(self):
        return keccak256(self.encode())

    def validate(self):
        """Raises Reject unless the program is legal."""
        from .limits import validate

        validate(self)

    # --- scales and the kernel ---------------------------------------------------------------------------------------
    @property
    def scale(self):
        """F': fractional bits of the weights of steps t > 0"""
        return self.F + (self.kernel.fc if self.kernel else 0)

    @property
    def fs(self):
        """Fractional bits of derivatives of smooth activations."""
        return self.l - 2

    def kappa(self, d):
        """kappa_d, d >= 1"""
        if self.kernel is None:
            return self.k
        return self.kernel.kappa[d - 1] if d <= self.T else 0

    def c(self, t):
        """c_t, t >= 0"""
        if self.kernel is None:
            return 1
        return self.kernel.c[min(t, self.T) - 1] if t else 1 << self.kernel.fc

    # --- functions --------------------------------------------------------------------------------------------------
    @property
    def cross_entropy(self):
        return self.loss in (SIGMOID, SOFTMAX)

    def smooth(self, i):
        """Whether hidden layer i has a table of derivatives at scale 2^fs, and so a region D_i."""
        return self.activations[i - 1] > tables.RELU

    def activation(self, i, q):
        """(a, s) of hidden layer i"""
        return tables.hidden(self.activations[i - 1], self.l, self.fa, q)

    def loss_table(self, idx):
        """Entry idx of the loss's table: sigmoid, exponential or clamp."""
        q = idx - (1 << (self.l - 1))
        if self.loss == SIGMOID:
            return tables.probability(self.fa, self.fd, q)
        if self.loss == SOFTMAX:
            return tables.exponential(self.l, self.fa, idx)
        return tables.clamp(q, self.huber)

    def sigmoid(self, q):
        return tables.probability(self.fa, self.fd, q)

    def softmax(self, q):
        """pred of the d_L outputs of a record"""
        e = [tables.exponential(self.l, self.fa, max(q) - v) for v in q]
        total = sum(e)
        return [((v << (self.fd + 1)) + total) // (2 * total) for v in e]

    def record_weights(self, targets, valid):
        """w of every output of a record, at scale 2^(fd+8)"""
        if self.one_hot:
            return [sum(w * y for w, y in zip(self.weights, targets, strict=True))] * len(targets)
        pairs = zip(self.weights[::2], self.weights[1::2], strict=True)
        return [(valid * w0 << self.fd) + (w1 - w0) * y for (w0, w1), y in zip(pairs, targets, strict=True)]

    def saturate(self, x):
        return tables.saturate(x, self.l)

    def round(self, x, bits=None):
        """floor((x + 2^(bits-1)) / 2^bits), bits = F' unless told"""
        bits = self.scale if bits is None else bits
        return (x + (1 << (bits - 1))) >> bits

    # --- initial model and schedule ----------------------------------------------------------------------------------
    def radius(self, i):
        return isqrt(6 * 4**self.F // (self.dims[i - 1] + self.dims[i]))

    def initial_weights(self, seed):
        """One (d_{i-1} + 1) x d_i matrix a layer, the bias row last."""
        layers = []
        for i in range(1, self.L + 1):
            rows, units = self.dims[i - 1], self.dims[i]
            radius = self.radius(i)
            matrix = []
            for a in range(rows):
                row = []
                for j in range(units):
                    head = b"fedproof/init/1" + seed + b"".join(v.to_bytes(4, "big") for v in (i, a, j))
                    row.append(int.from_bytes(keccak256(head)[:16], "big") % (2 * radius + 1) - radius)
                matrix.append(row)
            layers.append([*matrix, [0] * units])
        return layers

    def schedule(self, seed):
        """(pi, beta) from a 32-byte seed"""
        nb = log(self.nblocks)
        beta = int.from_bytes(seed, "big") % self.nblocks
        pi = list(range(nb))
        for i in range(nb - 1, 0, -1):
            j = int.from_bytes(keccak256(seed + i.to_bytes(32, "big")), "big") % (i + 1)
            pi[i], pi[j] = pi[j], pi[i]
        return pi, beta

    def block(self, pi, beta, t):
        """The block that step t reads."""
        s, out = t % self.nblocks, beta
        for k, position in enumerate(pi):
            out ^= ((s >> k) & 1) << position
        return out


def number_of_weights(loss, one_hot, outputs):
    """One for every class, or a pair for every label."""
    return outputs if one_hot or loss == SOFTMAX else 2 * outputs
