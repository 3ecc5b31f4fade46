"""The same training in float32: what the integer program is compared with, never what is proven.

Weights are lists with one (d_in + 1, d_out) float32 array per layer, bias row last.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fedproof.data import Records
from fedproof.task import Task

Float = NDArray[np.float32]
Weights = list[Float]


def from_integers(task: Task, weights: Sequence[NDArray[np.int64]]) -> Weights:
    """Integer weights at scale 2^F as float32."""
    return [(w / 2.0**task.fields.weight_bits).astype(np.float32) for w in weights]


def forward(task: Task, weights: Weights, x: Float) -> list[Float]:
    """Inputs of every layer with the bias input appended, then the output logits (n, d_L)."""
    one = np.ones((len(x), 1), dtype=np.float32)
    values = [np.hstack([x, one])]
    for layer, w in zip(task.model.layers, weights, strict=True):
        z = values[-1] @ w
        if len(values) == len(weights):
            values.append(z)
        else:
            values.append(np.hstack([np.maximum(z, 0) if layer.activation == "relu" else z, one]))
    return values


def predict(task: Task, weights: Weights, x: Float) -> Float:
    """Probabilities (sigmoid loss) or normalised targets (squared error), (n, d_L)."""
    z = forward(task, weights, x)[-1]
    return _sigmoid(z) if task.model.loss == "sigmoid-cross-entropy" else z


def predict_classes(task: Task, weights: Weights, x: Float) -> NDArray[np.int64]:
    """Class index per record (n,); ties go to the lower index."""
    z = forward(task, weights, x)[-1]
    if z.shape[1] == 1:
        return (z[:, 0] > 0).astype(np.int64)
    return np.asarray(z.argmax(axis=1), dtype=np.int64)


def accuracy(task: Task, weights: Weights, records: Records) -> float:
    """Share of records whose class is predicted, 0..1."""
    return float((predict_classes(task, weights, records.x) == records.classes).mean())


def class_accuracy(task: Task, weights: Weights, records: Records) -> dict[str, float]:
    """Recall of every class that occurs, by name."""
    right = predict_classes(task, weights, records.x) == records.classes
    present = {name: records.classes == number for number, name in enumerate(task.classes)}
    return {name: float(right[mask].mean()) for name, mask in present.items() if mask.any()}


def loss(task: Task, weights: Weights, records: Records) -> float:
    """Mean over records of the loss summed over outputs: cross-entropy in nats, or half the squared error."""
    z = forward(task, weights, records.x)[-1].astype(np.float64)
    y = records.y.astype(np.float64)
    each = np.logaddexp(0, z) - y * z if task.model.loss == "sigmoid-cross-entropy" else (z - y) ** 2 / 2
    return float(each.sum(axis=1).mean())


def float_round(task: Task, weights: Weights, records: Records, blocks: Sequence[int]) -> Weights:
    """One participant's round: one SGD step per entry of `blocks`, on records block * batch + b.

    records: filled up to blocks * batch (`fill_blocks`). Uses the nominal learning rate, as a float user would.
    """
    current = [w.copy() for w in weights]
    rate = np.float32(task.nominal_rate / task.batch)
    for block in blocks:
        at = slice(block * task.batch, (block + 1) * task.batch)
        *inputs, z = forward(task, current, records.x[at])
        predicted = _sigmoid(z) if task.model.loss == "sigmoid-cross-entropy" else z
        delta = predicted - records.y[at]
        updated: Weights = []
        for i in range(len(current) - 1, -1, -1):
            updated.insert(0, np.asarray(current[i] - rate * (inputs[i].T @ delta), dtype=np.float32))
            if i > 0:
                delta = delta @ current[i][:-1].T
                if task.model.layers[i - 1].activation == "relu":
                    delta = delta * (inputs[i][:, :-1] > 0)
        current = updated
    return current


def average(updates: Sequence[Weights]) -> Weights:
    """Federated averaging with equal weights."""
    return [np.mean(np.stack(layer), axis=0, dtype=np.float32) for layer in zip(*updates, strict=True)]


def _sigmoid(z: Float) -> Float:
    # exp of a large positive argument would overflow; tanh does not
    return np.asarray(0.5 * (1 + np.tanh(0.5 * z)), dtype=np.float32)
