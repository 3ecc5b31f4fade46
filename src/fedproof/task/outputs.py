"""Model, loss and target columns fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fedproof.errors import TaskError
from fedproof.task.check import distinct

if TYPE_CHECKING:
    from fedproof.task.task import Task

Kind = Literal["classes", "labels", "targets"]
"""What is predicted: one of several classes, each of several labels, numbers."""
FIELDS: dict[Kind, tuple[str, ...]] = {"classes": ("target", "classes"), "labels": ("labels",), "targets": ("targets",)}
GIVE: dict[Kind, str] = {"classes": "target and classes", "labels": "labels", "targets": "targets"}
KINDS: dict[str, tuple[Kind, ...]] = {
    "sigmoid-cross-entropy": ("classes", "labels"),
    "softmax-cross-entropy": ("classes",),
    "squared-error": ("targets",),
    "huber": ("targets",),
}
WEIGHT_BITS = 8
MOST_WEIGHT = (2**16 - 1) / 2**WEIGHT_BITS


def check_outputs(task: Task) -> None:
    """Raises TaskError naming the field that does not fit."""
    layers = task.model.layers
    if layers[-1].activation != "identity":
        raise TaskError(
            f"model.layers[{len(layers) - 1}].activation", "the last layer has no activation (the loss adds its own)"
        )
    kind = _kind(task)
    _check_units(task, kind)
    _check_weights(task, kind)
    if (task.model.huber_delta is None) == (task.model.loss == "huber"):
        problem = "missing (needed by huber)" if task.model.loss == "huber" else "belongs to huber"
        raise TaskError("model.huber_delta", problem)


def one_hot(task: Task) -> bool:
    """Has a record a one in exactly one output?"""
    return bool(task.classes) and task.model.layers[-1].units > 1


def _kind(task: Task) -> Kind:
    schema, loss = task.data, task.model.loss
    possible = KINDS[loss]
    kind: Kind = "labels" if "labels" in possible and schema.labels is not None else possible[0]
    for other, names in FIELDS.items():
        for name in names:
            if other != kind and getattr(schema, name) is not None:
                if other in possible:
                    raise TaskError(f"data.{name}", f"give either {GIVE[kind]} or {GIVE[other]}, not both")
                owners = " and ".join(sorted(owner for owner in KINDS if other in KINDS[owner]))
                raise TaskError(f"data.{name}", f"belongs to {owners}; give {GIVE[kind]}")
    for name in FIELDS[kind]:
        if getattr(schema, name) is None:
            raise TaskError(f"data.{name}", f"missing (needed by {loss})")
    return kind


def _check_units(task: Task, kind: Kind) -> None:
    schema, number = task.data, len(task.model.layers) - 1
    units, last = task.model.layers[-1].units, f"model.layers[{number}].units"
    if kind == "classes":
        classes = task.classes
        distinct("data.classes", classes)
        binary = len(classes) == 2 and task.model.loss == "sigmoid-cross-entropy"
        allowed = {len(classes)} | ({1} if binary else set())
        if units not in allowed:
            wanted = " or ".join(str(n) for n in sorted(allowed))
            raise TaskError(last, f"must be {wanted} for {len(classes)} classes, got {units}")
        return
    wanted_units = len(task.labels) if kind == "labels" else len(schema.targets or ())
    if units != wanted_units:
        raise TaskError(last, f"must be {wanted_units}, one per entry of data.{kind}, got {units}")


def _check_weights(task: Task, kind: Kind) -> None:
    for name, owner, wanted in (
        ("class_weights", "classes", len(task.classes)),
        ("positive_weights", "labels", len(task.labels)),
    ):
        values = getattr(task.model, name)
        if values is None:
            continue
        if kind != owner:
            raise TaskError(f"model.{name}", f"belongs to tasks with data.{owner}")
        if len(values) != wanted:
            raise TaskError(
                f"model.{name}", f"must have {wanted} entries, one per entry of data.{owner}, got {len(values)}"
            )
        for number, value in enumerate(values):
            if value > MOST_WEIGHT:
                raise TaskError(f"model.{name}[{number}]", f"must be at most {MOST_WEIGHT:g}, got {value:g}")
