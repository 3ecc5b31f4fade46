"""Activations and their derivatives, exact (the integer program has them as tables, docs/protocol.md, section 1)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
LEAK = 0.01
_erf = np.vectorize(math.erf, otypes=[np.float64])


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), in z's type."""
    # exp of a large positive argument would overflow; tanh does not
    return np.asarray(0.5 * (1 + np.tanh(0.5 * z)), dtype=z.dtype)


def softmax(z: Array) -> Array:
    """Over the last axis."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True), dtype=z.dtype)


def _normal(z: Array) -> Array:
    """Distribution function of the standard normal."""
    return np.asarray(0.5 * (1 + _erf(z / math.sqrt(2))), dtype=z.dtype)


def _gelu_slope(z: Array) -> Array:
    return np.asarray(_normal(z) + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi), dtype=z.dtype)


def _silu_slope(z: Array) -> Array:
    g = sigmoid(z)
    return np.asarray(g + z * g * (1 - g), dtype=z.dtype)


def _sigmoid_slope(z: Array) -> Array:
    g = sigmoid(z)
    return np.asarray(g * (1 - g), dtype=z.dtype)


def _leaky(z: Array) -> Array:
    return np.asarray(np.where(z > 0, 1, LEAK), dtype=z.dtype)


ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "identity": (lambda z: z, np.ones_like),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "leaky-relu": (lambda z: z * _leaky(z), _leaky),
    "sigmoid": (sigmoid, _sigmoid_slope),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "gelu": (lambda z: z * _normal(z), _gelu_slope),
    "silu": (lambda z: z * sigmoid(z), _silu_slope),
}
"""By the name in the task file: the function and its derivative, of the same shape and type as their argument."""
