"""The same training in float32: what the integer program is compared with, never what is proven.

Weights are lists with one (d_in + 1, d_out) float32 array per layer, bias row last. Activations and losses are exact
and the optimiser has its nominal parameters: what a float user would run, not a model of the integers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fedproof.data import Records
from fedproof.program.activations import ACTIVATIONS
from fedproof.program.losses import deltas, predictions, values
from fedproof.task import Task

Float = NDArray[np.float32]
Weights = list[Float]
THRESHOLD = 0.5
"""A label counts as predicted above this probability."""


def from_integers(task: Task, weights: Sequence[NDArray[np.int64]]) -> Weights:
    """Integer weights at scale 2^F as float32."""
    return [(w / 2.0**task.fields.weight_bits).astype(np.float32) for w in weights]


def forward(task: Task, weights: Weights, x: Float) -> tuple[list[Float], list[Float]]:
    """Inputs of every layer with the bias input appended, and its sums z (n, d_i); the last sums are the logits."""
    one = np.ones((len(x), 1), dtype=x.dtype)
    inputs, sums = [np.hstack([x, one])], []
    for layer, w in zip(task.model.layers, weights, strict=True):
        sums.append(inputs[-1] @ w)
        if len(sums) < len(weights):
            inputs.append(np.hstack([ACTIVATIONS[layer.activation][0](sums[-1]), one]))
    return inputs, sums


def logits(task: Task, weights: Weights, x: Float) -> Float:
    """(n, d_L)."""
    return forward(task, weights, x)[1][-1]


def predict(task: Task, weights: Weights, x: Float) -> Float:
    """Probabilities (cross-entropy) or normalised targets (squared error, Huber), (n, d_L)."""
    return predictions(task, logits(task, weights, x))


def predict_classes(task: Task, weights: Weights, x: Float) -> NDArray[np.int64]:
    """Class index per record (n,); ties go to the lower index."""
    z = logits(task, weights, x)
    if z.shape[1] == 1:
        return (z[:, 0] > 0).astype(np.int64)
    return np.asarray(z.argmax(axis=1), dtype=np.int64)


def predict_labels(task: Task, weights: Weights, x: Float) -> NDArray[np.int8]:
    """0 or 1 per label, (n, d_L)."""
    return (predict(task, weights, x) > THRESHOLD).astype(np.int8)


def accuracy(task: Task, weights: Weights, records: Records) -> float:
    """Share of records whose class is predicted, or of all labels of all records, 0..1."""
    return float(_right(task, weights, records).mean())


def class_accuracy(task: Task, weights: Weights, records: Records) -> dict[str, float]:
    """Recall of every class that occurs, or the share of records in which a label is predicted rightly, by name."""
    right = _right(task, weights, records)
    if task.labels:
        return dict(zip(task.labels, right.mean(axis=0).tolist(), strict=True))
    present = {name: records.classes == number for number, name in enumerate(task.classes)}
    return {name: float(right[mask].mean()) for name, mask in present.items() if mask.any()}


def loss(task: Task, weights: Weights, records: Records) -> float:
    """Mean over records of the loss summed over outputs; see `losses.values`."""
    z = logits(task, weights, records.x).astype(np.float64)
    return float(values(task, z, records.y.astype(np.float64)).mean())


def gradients(task: Task, weights: Weights, x: Float, y: Float) -> Weights:
    """Of the mean loss over a batch, by layer."""
    inputs, sums = forward(task, weights, x)
    delta, out = deltas(task, sums[-1], y), []
    for i in range(len(weights) - 1, -1, -1):
        out.append(np.asarray(inputs[i].T @ delta / len(x), dtype=x.dtype))
        if i > 0:
            slope = ACTIVATIONS[task.model.layers[i - 1].activation][1](sums[i - 1])
            delta = (delta @ weights[i][:-1].T) * slope
    return out[::-1]


def float_round(task: Task, weights: Weights, records: Records, blocks: Sequence[int]) -> Weights:
    """One participant's round: one step of the optimiser per entry of `blocks`, on records block * batch + b.

    records: filled up to blocks * batch (`fill_blocks`). Uses nominal parameters, as a float user would; the buffer of
    momentum is zero at the start, as in torch.optim.SGD without dampening.
    """
    training = task.training
    momentum = training.momentum or 0.0
    current = [w.copy() for w in weights]
    buffers = [np.zeros_like(w) for w in weights]
    for block in blocks:
        at = slice(block * task.batch, (block + 1) * task.batch)
        for i, gradient in enumerate(gradients(task, current, records.x[at], records.y[at])):
            d = gradient + training.weight_decay * current[i] + training.proximal * (current[i] - weights[i])
            if momentum:
                buffers[i] = momentum * buffers[i] + d
                d = d + momentum * buffers[i] if training.optimiser == "nesterov" else buffers[i]
            current[i] = np.asarray(current[i] - training.learning_rate * d, dtype=weights[i].dtype)
    return current


def average(updates: Sequence[Weights]) -> Weights:
    """Federated averaging with equal weights."""
    return [np.mean(np.stack(layer), axis=0, dtype=np.float32) for layer in zip(*updates, strict=True)]


def _right(task: Task, weights: Weights, records: Records) -> NDArray[np.bool_]:
    """(n,) for classes, (n, d_L) for labels."""
    if task.labels:
        return np.asarray(predict_labels(task, weights, records.x) == (records.y > THRESHOLD))
    return np.asarray(predict_classes(task, weights, records.x) == records.classes)
