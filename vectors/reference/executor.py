"""The integer program on whole batches: docs/protocol.md, section 1, word by word.

Independent of the package and of the Rust core. NumPy only carries Python integers (dtype object): no overflow.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import tables
from .program import HUBER, SIGMOID, SOFTMAX, SQUARED, WEIGHT_SCALE, Kernel, Program

Matrix = Any
"""Array of Python integers."""

LOSSES = {"squared": SQUARED, "sigmoid": SIGMOID, "softmax": SOFTMAX, "huber": HUBER}
ACTIVATIONS = {
    "identity": tables.IDENTITY,
    "relu": tables.RELU,
    "leaky-relu": tables.LEAKY,
    "sigmoid": tables.SIGMOID,
    "tanh": tables.TANH,
    "gelu": tables.GELU,
    "silu": tables.SILU,
}


@dataclass
class Execution:
    """What a round gives: one (d_in + 1, d_out) matrix of new weights per layer, and how many values were saturated."""

    update: list[Matrix]
    saturations: int = 0


def program(arguments: dict[str, Any]) -> Program:
    """The program that the core builds from the same arguments (`Program.build`).

    `kernel` is k, or (fc, [kappa_1, ..], [c_1, ..]).
    """
    kernel = arguments["kernel"]
    plain = isinstance(kernel, int)
    return Program(
        loss=LOSSES[arguments["loss"]],
        dims=list(arguments["dims"]),
        activations=[ACTIVATIONS[name] for name in arguments["activations"]],
        T=arguments["steps"],
        B=arguments["batch"],
        nblocks=arguments["blocks"],
        l=arguments["bits"],
        F=arguments["weight_bits"],
        fa=arguments["activation_bits"],
        fd=arguments["delta_bits"],
        k=kernel if plain else 0,
        wb=arguments["bound_bits"],
        p=arguments["openings"],
        group=arguments["group"],
        lb=arguments.get("limb_bits", 0),
        n=arguments.get("vector_bits", 0),
        one_hot=int(arguments.get("one_hot", False)),
        huber=arguments.get("huber", 0),
        weights=list(arguments.get("weights", ())) or None,
        kernel=None if plain else Kernel(kernel[0], list(kernel[1]), list(kernel[2])),
    )


def execute(
    pr: Program, weights: Any, features: Any, targets: Any, pi: list[int], beta: int, valid: Any = None
) -> Execution:
    """One round on nblocks * B records; valid: one 0 or 1 for each of them, by default all 1."""
    execution = Execution([matrix(w) for w in weights])
    features, targets = matrix(features), matrix(targets)
    flags = matrix(np.ones((len(features), 1), int) if valid is None else np.reshape(valid, (-1, 1)))
    initial, gradients = execution.update, []
    current = _weights(pr, initial, gradients)
    for t in range(pr.T):
        block = pr.block(pi, beta, t)
        records = slice(block * pr.B, (block + 1) * pr.B)
        gradients.append(_gradients(pr, execution, current, features[records], targets[records], flags[records]))
        if pr.kernel is None:  # the same without the sum over all earlier steps
            current = [w - pr.k * g for w, g in zip(current, gradients[-1], strict=True)]
        else:
            current = _weights(pr, initial, gradients)
    execution.update = current
    return execution


def matrix(values: Any) -> Matrix:
    """An array whose entries are Python integers."""
    array = np.asarray(values)
    out = np.empty(array.shape, dtype=object)
    out[...] = [[int(entry) for entry in row] for row in array.tolist()]
    return out


def _weights(pr: Program, initial: list[Matrix], gradients: list[list[Matrix]]) -> list[Matrix]:
    """W_t = c_t W_0 - sum_{u<t} kappa_{t-u} gradient_u of every layer, t = the number of gradients"""
    out, t = [], len(gradients)
    for i, w in enumerate(initial):
        total = w * pr.c(t)
        for u, gradient in enumerate(gradients):
            total = total - pr.kappa(t - u) * gradient[i]
        out.append(total)
    return out


def _gradients(
    pr: Program, execution: Execution, weights: list[Matrix], features: Matrix, targets: Matrix, valid: Matrix
) -> list[Matrix]:
    """A'^T delta of every layer on one batch."""
    one = np.full((pr.B, 1), 1 << pr.fa, dtype=object)
    inputs, slopes = [np.hstack([features, one])], []
    for i in range(1, pr.L + 1):
        q = _rescale(pr, execution, inputs[-1].dot(weights[i - 1]))
        if i < pr.L:
            a, s = _each(lambda v, i=i: pr.activation(i, v)[0], q), _each(lambda v, i=i: pr.activation(i, v)[1], q)
            inputs.append(np.hstack([a, one]))
            slopes.append(s)
    deltas = [_output_deltas(pr, execution, q, targets, valid)]
    for i in range(pr.L - 1, 0, -1):
        back = _rescale(pr, execution, deltas[0].dot(weights[i][:-1].T)) * slopes[i - 1]
        deltas.insert(0, _rescale(pr, execution, back, pr.fs) if pr.smooth(i) else back)
    return [a.T.dot(d) for a, d in zip(inputs, deltas, strict=True)]


def _output_deltas(pr: Program, execution: Execution, q: Matrix, targets: Matrix, valid: Matrix) -> Matrix:
    scaled = q * (1 << (pr.fd - pr.fa))
    if pr.loss == HUBER:
        difference = _saturate(pr, execution, scaled - targets)
        return _each(lambda v: tables.clamp(v, pr.huber), difference) * valid
    predicted = scaled
    if pr.loss == SIGMOID:
        predicted = _each(pr.sigmoid, q)
    elif pr.loss == SOFTMAX:
        predicted = matrix([pr.softmax(list(row)) for row in q])
    if pr.weights is None:
        return (predicted - targets) * valid
    w = matrix([pr.record_weights(list(y), flag) for y, (flag,) in zip(targets, valid, strict=True)])
    return _rescale(pr, execution, (predicted - targets) * w, pr.fd + WEIGHT_SCALE)


def _rescale(pr: Program, execution: Execution, x: Matrix, bits: int | None = None) -> Matrix:
    """Rounding by so many bits (F' unless told), then saturation."""
    return _saturate(pr, execution, _each(lambda v: pr.round(v, bits), x))


def _saturate(pr: Program, execution: Execution, x: Matrix) -> Matrix:
    saturated = _each(pr.saturate, x)
    execution.saturations += int((saturated != x).sum())
    return saturated


def _each(function: Any, x: Matrix) -> Matrix:
    out = np.empty(x.shape, dtype=object)
    for index in np.ndindex(x.shape):
        out[index] = function(x[index])
    return out
