"""Optimisers as kernels: what W_t is in terms of W_0 and the gradients, exactly, then rounded once.

All optimisers here are linear and time-invariant, so with g_s the mean gradient of step s, buffers zero at the start,

    W_t = c_t W_0 - sum_{s<t} response_{t-s} g_s

As torch.optim.SGD does (no dampening), with FedProx's pull towards W_0:

    d = g + weight_decay W + proximal (W - W_0);  buffer = momentum buffer + d
    W -= learning_rate * (d, or buffer, or d + momentum buffer)         (sgd, momentum, nesterov)
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Optimiser = Literal["sgd", "momentum", "nesterov"]


@dataclass(frozen=True)
class Rule:
    """Parameters of an optimiser, exact. momentum: 0 for sgd."""

    optimiser: Optimiser
    rate: Fraction
    momentum: Fraction = Fraction(0)
    weight_decay: Fraction = Fraction(0)
    proximal: Fraction = Fraction(0)

    @property
    def plain(self) -> bool:
        """Every step has the same weight and W_0 keeps its own: W_t = W_0 - rate * sum of gradients."""
        return self.optimiser == "sgd" and not self.weight_decay and not self.proximal


@dataclass(frozen=True)
class Response:
    """gradients: response_1..response_T. initial: c_1..c_T."""

    gradients: tuple[Fraction, ...]
    initial: tuple[Fraction, ...]


@dataclass(frozen=True)
class Kernel:
    """Integers of an explicit kernel, for weights with extra_bits more bits than W_0: kappas kappa_d, starts c_t."""

    extra_bits: int
    kappas: tuple[int, ...]
    starts: tuple[int, ...]


def exact(value: float) -> Fraction:
    """The decimal number that a task file says (0.1 is one tenth), not the binary one nearest to it."""
    return Fraction(repr(value))


def response(rule: Rule, steps: int) -> Response:
    """Both responses of `rule` over `steps` steps."""
    one, zero = Fraction(1), Fraction(0)
    return Response(
        # a gradient of 1 in the first step moves the weight down by the response
        tuple(-w for w in _run(rule, steps, start=zero, first_gradient=one)),
        tuple(_run(rule, steps, start=one, first_gradient=zero)),
    )


def round_kernel(found: Response, *, batch: int, extra_bits: int, weight_bits: int, gradient_bits: int) -> Kernel:
    """The integer kernel for gradients summed over `batch` records at scale 2^gradient_bits.

    kappa_d = round(response_d 2^(weight_bits + extra_bits - gradient_bits) / batch); ties to even.
    """
    unit = Fraction(2) ** (weight_bits + extra_bits - gradient_bits) / batch
    scale = 1 << extra_bits
    return Kernel(
        extra_bits,
        tuple(round(value * unit) for value in found.gradients),
        tuple(round(c * scale) for c in found.initial),
    )


def _run(rule: Rule, steps: int, *, start: Fraction, first_gradient: Fraction) -> list[Fraction]:
    """A single weight after 1..steps steps; the gradient is zero after the first."""
    weight, buffer, out = start, Fraction(0), []
    for step in range(steps):
        gradient = first_gradient if step == 0 else Fraction(0)
        d = gradient + rule.weight_decay * weight + rule.proximal * (weight - start)
        if rule.optimiser != "sgd":
            buffer = rule.momentum * buffer + d
            d = d + rule.momentum * buffer if rule.optimiser == "nesterov" else buffer
        weight = weight - rule.rate * d
        out.append(weight)
    return out
