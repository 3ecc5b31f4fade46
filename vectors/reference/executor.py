"""The integer program on whole batches: docs/protocol.md, section 1, word by word.

Independent of the package and of the Rust core. NumPy only carries Python integers (dtype object): no overflow.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .program import IDENTITY, RELU, SIGMOID, SQUARED, Program

Matrix = Any
"""Array of Python integers."""

LOSSES = {"squared": SQUARED, "sigmoid": SIGMOID}
ACTIVATIONS = {"identity": IDENTITY, "relu": RELU}


@dataclass
class Execution:
    """What a round gives: one (d_in + 1, d_out) matrix of new weights per layer, and how many values were saturated."""

    update: list[Matrix]
    saturations: int = 0


def program(arguments: dict[str, Any]) -> Program:
    """The program that the core builds from the same arguments (`Program.build`)."""
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
        k=arguments["rate"],
        wb=arguments["bound_bits"],
        p=arguments["openings"],
        group=arguments["group"],
    )


def execute(pr: Program, weights: Any, features: Any, targets: Any, pi: list[int], beta: int) -> Execution:
    """One round on nblocks * B records, all of them valid."""
    execution = Execution([matrix(w) for w in weights])
    features, targets = matrix(features), matrix(targets)
    for t in range(pr.T):
        block = pr.block(pi, beta, t)
        records = slice(block * pr.B, (block + 1) * pr.B)
        _step(pr, execution, features[records], targets[records])
    return execution


def matrix(values: Any) -> Matrix:
    """An array whose entries are Python integers."""
    array = np.asarray(values)
    out = np.empty(array.shape, dtype=object)
    out[...] = [[int(entry) for entry in row] for row in array.tolist()]
    return out


def _step(pr: Program, execution: Execution, features: Matrix, targets: Matrix) -> None:
    weights = execution.update
    one = np.full((pr.B, 1), 1 << pr.fa, dtype=object)
    inputs, slopes = [np.hstack([features, one])], []
    for i in range(1, pr.L + 1):
        q = _rescale(pr, execution, inputs[-1].dot(weights[i - 1]))
        if i < pr.L:
            a, s = _each(lambda v, i=i: pr.activation(i, v)[0], q), _each(lambda v, i=i: pr.activation(i, v)[1], q)
            inputs.append(np.hstack([a, one]))
            slopes.append(s)
    predicted = _each(pr.sigmoid, q) if pr.loss == SIGMOID else q * (1 << (pr.fd - pr.fa))
    deltas = [predicted - targets]
    for i in range(pr.L - 1, 0, -1):
        back = _rescale(pr, execution, deltas[0].dot(weights[i][:-1].T))
        deltas.insert(0, back * slopes[i - 1])
    # all gradients were taken at the old weights
    execution.update = [w - pr.k * a.T.dot(d) for w, a, d in zip(weights, inputs, deltas, strict=True)]


def _rescale(pr: Program, execution: Execution, x: Matrix) -> Matrix:
    rounded = _each(pr.round, x)
    saturated = _each(pr.saturate, rounded)
    execution.saturations += int((saturated != rounded).sum())
    return saturated


def _each(function: Any, x: Matrix) -> Matrix:
    out = np.empty(x.shape, dtype=object)
    for index in np.ndindex(x.shape):
        out[index] = function(x[index])
    return out
