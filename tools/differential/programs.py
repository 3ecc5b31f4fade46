"""Random programs: small ones that are proven in a moment, and large ones near the limits of the format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from vectors.reference.field import Reject
from vectors.reference.layout import Layout
from vectors.reference.program import HUBER, SIGMOID, SOFTMAX, Kernel, Program, number_of_weights

SMALL = 10
"""Most variables of a small program's trace."""
LONGEST = 40_000
"""Most bytes of a large program's proof."""


def small(rng: Random) -> Any:
    """A legal program of any loss, activation, kernel and width."""
    return _legal(rng, _small, lambda layout: layout.c <= SMALL)


def large(rng: Random) -> Any:
    """A legal program of up to 16 layers, 65,536 steps, records and blocks, as long as its proof is not too long."""
    return _legal(rng, _large, lambda layout: layout.n <= 16 and layout.proof_body_length() < LONGEST)


def attempt(rng: Random) -> Any:
    """A program, legal or not: at random, or a legal one with a few fields at their limits or beyond."""
    if rng.random() < 0.3:
        return rng.choice([_small, _large])(rng, *_loss(rng))
    program = rng.choice([small, large])(rng)
    for name in rng.sample(list(LIMITS), rng.choice([1, 1, 2, 3])):
        program = replace(program, **{name: rng.choice(LIMITS[name](program))})
    if program.kernel and rng.random() < 0.3:
        numbers = rng.choice([program.kernel.kappa, program.kernel.c])
        numbers[rng.randrange(len(numbers))] = rng.choice([0, 1, -1]) * ((1 << rng.randrange(63)) - rng.randrange(2))
    if rng.random() < 0.3:
        program.dims[rng.randrange(len(program.dims))] = rng.choice([0, 1, 2, 65535, 65536, 65537, (1 << 32) - 1])
    return program


LIMITS: dict[str, Callable[[Any], list[Any]]] = {
    "loss": lambda _: [0, 1, 2, 3, 4],
    "one_hot": lambda _: [0, 1, 2],
    "T": lambda _: [0, 1, 2, 255, 256, 257, 65535, 65536, 65537],
    "B": lambda _: [0, 1, 2, 3, 6, 1 << 15, 1 << 16, 1 << 17],
    "nblocks": lambda _: [0, 1, 2, 3, 6, 1 << 15, 1 << 16, 1 << 17],
    "l": lambda _: [3, 4, 5, 15, 16, 17],
    "lb": lambda _: [3, 4, 5, 19, 20, 21],
    "F": lambda p: [p.l - 1, p.l, 47, 48, 49, p.wb, p.wb + 1],
    "fa": lambda p: [0, 1, p.l - 1, p.l, p.fd, p.fd + 1],
    "fd": lambda p: [max(0, p.fa - 1), p.fa, p.l - 2, p.l - 1, p.l, p.l + 1],
    "wb": lambda p: [p.F - 1, p.F, p.F + 1, 55, 56, 57],
    "p": lambda _: [0, 1, 16, 17],
    "group": lambda _: [1, 2, 11, 12, 13],
    "n": lambda p: [p.l - 1, p.l, p.lb - 1, p.lb, p.n - 1, p.n + 1, 23, 24, 25],
    "k": lambda _: [0, 1, 1 << 20, 1 << 30, 1 << 40, (1 << 40) + 1, (1 << 64) - 1],
    "huber": lambda p: [0, 1, (1 << (p.l - 1)) - 1, 1 << (p.l - 1), (1 << 32) - 1],
    "activations": lambda p: [[code] * (p.L - 1) for code in range(8)],
}
"""Values of a field around its limits."""


def _loss(rng: Random) -> tuple[int, bool]:
    loss = rng.randrange(4)
    return loss, loss in (SIGMOID, SOFTMAX) and rng.random() < 0.5


def _legal(rng: Random, make: Any, fits: Any) -> Any:
    """Programs of every loss are as frequent, whether many of its attempts are legal or few."""
    loss, weighted = _loss(rng)
    while True:
        program = make(rng, loss, weighted)
        try:
            program.validate()
        except Reject:
            continue
        if fits(Layout(program)):
            return program


def _power(rng: Random, most: int) -> int:
    """Up to 2^most; every number of bits is as frequent."""
    return rng.randrange(1, (2 << rng.randrange(most)) + 1)


def _small(rng: Random, loss: int, weighted: bool) -> Any:
    layers, bits, batch = rng.choice([1, 1, 2, 2, 3, 4, 5]), rng.choice([4, 4, 5, 6]), rng.choice([1, 2, 4, 8])
    weight_bits, fa = rng.randrange(bits, 18), rng.randrange(1, bits)
    return _program(
        rng,
        loss,
        weighted,
        dims=[rng.choice([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17]) for _ in range(layers + 1)],
        T=rng.choice([1, 2, 3, 4, 5, 6, 7, 8, 12, 17] if batch > 1 else [2, 3, 4, 7, 9]),
        B=batch,
        nblocks=1 << rng.randrange(6),
        l=bits,
        F=weight_bits,
        fa=fa,
        fd=rng.randrange(fa, bits + 1),
        wb=weight_bits + rng.randrange(4),
        lb=rng.choice([bits, rng.randrange(4, 10)]),
        n=rng.choice([6, 7, 8, 8, 9, 10]),
    )


def _large(rng: Random, loss: int, weighted: bool) -> Any:
    layers, bits = rng.choice([1, 2, 3, 5, 9, 16]), rng.choice([4, 6, 8, 10, 12, 13])
    weight_bits, fa = rng.randrange(bits, 49), rng.randrange(1, bits)
    return _program(
        rng,
        loss,
        weighted,
        dims=[_power(rng, rng.choice([3, 6, 10])) for _ in range(layers + 1)],
        T=_power(rng, rng.choice([4, 8, 16])),
        B=1 << rng.randrange(rng.choice([4, 17])),
        nblocks=1 << rng.randrange(rng.choice([4, 17])),
        l=bits,
        F=weight_bits,
        fa=fa,
        fd=rng.randrange(fa, bits + 1),
        wb=weight_bits + rng.randrange(9),
        lb=rng.randrange(4, 17),
        n=rng.randrange(max(7, bits), 19),
    )


def _program(rng: Random, loss: int, weighted: bool, **fields: Any) -> Any:
    """With what is drawn alike for all sizes."""
    outputs, steps = fields["dims"][-1], fields["T"]
    one_hot = {SIGMOID: int(outputs > 1 and rng.random() < 0.5), SOFTMAX: 1}.get(loss, 0)
    weights = None
    if weighted:
        weights = [rng.choice([rng.randrange(600), 0, 65535]) for _ in range(number_of_weights(loss, one_hot, outputs))]
    kernel = None
    if steps <= 256 and rng.random() < 0.5:
        most = rng.choice([9, 9, 1 << 20])
        taps, decay = ([rng.randrange(-most, most + 1) for _ in range(steps)] for _ in range(2))
        kernel = Kernel(rng.randrange(9), taps, decay)
    return Program(
        loss=loss,
        one_hot=one_hot,
        weights=weights,
        kernel=kernel,
        k=0 if kernel else rng.choice([1, 2, 3, 1000]),
        p=rng.randrange(1, 5),
        group=rng.randrange(2, 13),
        huber=rng.randrange(1, 1 << (fields["l"] - 1)) if loss == HUBER else 0,
        activations=[rng.randrange(7) for _ in range(len(fields["dims"]) - 2)],
        **fields,
    )
