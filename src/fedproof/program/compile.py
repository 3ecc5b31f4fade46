"""Task to integer program."""

from __future__ import annotations

from fedproof import _core
from fedproof.errors import TaskError
from fedproof.task import Task

# what the core calls a field, and the key of the task that decides it
KEYS = {
    "loss": "model.loss",
    "dims": "model.layers",
    "activations": "model.layers",
    "steps": "training.steps",
    "batch": "training.batch",
    "blocks": "training.blocks",
    "bits": "precision.bits",
    "weight_bits": "precision.weight_bits",
    "activation_bits": "precision.activation_bits",
    "delta_bits": "precision.delta_bits",
    "kernel": "training.learning_rate",
    "rate": "training.learning_rate",
    "bound_bits": "precision.weight_bound",
    "one_hot": "model.loss",
    "huber": "model.huber_delta",
    "weights": "model.class_weights",
    "limb_bits": "proof.limb_bits",
    "vector_bits": "proof.vector_bits",
    "group": "proof.group",
}


def compile_task(task: Task) -> _core.Program:
    """The program of a task; equal tasks give programs with equal digests.

    Raises TaskError, naming the field, for a task whose integers could leave their bounds.
    """
    try:
        return _core.Program.build(**task.fields.arguments())
    except _core.BadInput as error:
        # "rate: a weight can reach ...": the core begins with its own name of the field
        field, colon, problem = str(error).partition(": ")
        if colon and field in KEYS:
            raise TaskError(KEYS[field], problem) from error
        raise TaskError("", str(error)) from error
