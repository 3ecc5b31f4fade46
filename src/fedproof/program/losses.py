"""Losses in floating point: predictions, derivatives by the logits, and values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedproof.program.activations import sigmoid, softmax
from fedproof.task import Task

Array = NDArray[Any]


def predictions(task: Task, z: Array) -> Array:
    """(n, d_L): probabilities, or normalised targets (squared error, Huber)."""
    if task.model.loss == "sigmoid-cross-entropy":
        return sigmoid(z)
    return softmax(z) if task.model.loss == "softmax-cross-entropy" else z


def deltas(task: Task, z: Array, y: Array) -> Array:
    """Derivative of the loss by the logits z, (n, d_L). y: targets, of the same shape."""
    delta = predictions(task, z) - y
    if task.model.huber_delta is not None:
        delta = np.clip(delta, -task.model.huber_delta, task.model.huber_delta)
    return np.asarray(delta * target_weights(task, y), dtype=z.dtype)


def target_weights(task: Task, y: Array) -> Array:
    """How much each output of each record counts: (n, d_L), or (n, 1) where all outputs of a record count alike."""
    model = task.model
    if model.positive_weights is not None:
        return np.where(y > 0.5, np.array(model.positive_weights), 1.0)
    if model.class_weights is None:
        return np.ones((len(y), 1))
    weights = np.array(model.class_weights)
    return np.asarray(weights[(y > 0.5).astype(int)] if y.shape[1] == 1 else (y @ weights)[:, None])


def values(task: Task, z: Array, y: Array) -> Array:
    """Loss of every record (n,), summed over outputs: weighted cross-entropy in nats, half the squared error, Huber."""
    if task.model.loss == "sigmoid-cross-entropy":
        each = np.logaddexp(0, z) - y * z
    elif task.model.loss == "softmax-cross-entropy":
        shifted = z - z.max(axis=1, keepdims=True)
        each = -y * (shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
    else:
        off, limit = np.abs(z - y), task.model.huber_delta
        each = off**2 / 2 if limit is None else np.where(off <= limit, off**2 / 2, limit * (off - limit / 2))
    return np.asarray((each * target_weights(task, y)).sum(axis=1))
