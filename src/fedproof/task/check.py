"""What no section can check alone. Each failure is one TaskError that names the field to change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fedproof.errors import TaskError
from fedproof.task.fields import ProgramFields
from fedproof.task.precision import GROUP, OPENINGS, PRESETS, Precision, Preset

if TYPE_CHECKING:
    from fedproof.task.task import Task

LOSSES = {"sigmoid-cross-entropy": "sigmoid", "squared-error": "squared"}
MAX_RATE = 2**40


def check_outputs(task: Task) -> None:
    """Model, loss and target columns fit together."""
    schema, layers = task.data, task.model.layers
    if layers[-1].activation != "identity":
        raise TaskError(
            f"model.layers[{len(layers) - 1}].activation", "the last layer has no activation (the loss adds its own)"
        )
    units = layers[-1].units
    last = f"model.layers[{len(layers) - 1}].units"
    if task.model.loss == "sigmoid-cross-entropy":
        if schema.targets is not None:
            raise TaskError("data.targets", "belongs to squared-error; give target and classes")
        for field in ("target", "classes"):
            if getattr(schema, field) is None:
                raise TaskError(f"data.{field}", "missing (needed by sigmoid-cross-entropy)")
        classes = schema.classes or ()
        _distinct("data.classes", classes)
        allowed = {len(classes)} | ({1} if len(classes) == 2 else set())
        if units not in allowed:
            wanted = " or ".join(str(n) for n in sorted(allowed))
            raise TaskError(last, f"must be {wanted} for {len(classes)} classes, got {units}")
    else:
        for field in ("target", "classes"):
            if getattr(schema, field) is not None:
                raise TaskError(f"data.{field}", "belongs to sigmoid-cross-entropy; give targets")
        if schema.targets is None:
            raise TaskError("data.targets", "missing (needed by squared-error)")
        if units != len(schema.targets):
            raise TaskError(last, f"must be {len(schema.targets)}, one per entry of data.targets, got {units}")


def check_names(task: Task) -> None:
    """No column is named twice."""
    names = [feature.name for feature in task.data.features]
    _distinct("data.features", names)
    targets = [t.name for t in task.data.targets or ()] + ([task.data.target] if task.data.target is not None else [])
    _distinct("data.targets", targets)
    for target in targets:
        if target in names:
            raise TaskError("data.targets" if task.data.targets else "data.target", f"{target!r} is a feature too")


def check_sizes(task: Task) -> None:
    """Batches, blocks and records fit together."""
    training = task.training
    if training.steps * training.batch < 2:
        raise TaskError("training.steps", "steps * batch must be at least 2")
    slots = task.blocks * training.batch
    if task.min_records > slots:
        raise TaskError("task.min_records", f"must be at most blocks * batch = {slots}, got {task.min_records}")


def resolve_precision(precision: Precision) -> Preset:
    """Fractional bits with the defaults filled in."""
    preset = PRESETS.get(precision.bits)
    chosen = []
    for field in Preset._fields:
        value = getattr(precision, field)
        if value is None:
            if preset is None:
                raise TaskError(f"precision.{field}", f"missing (there is no default for bits = {precision.bits})")
            value = getattr(preset, field)
        chosen.append(value)
    fa, fd, weight_bits = chosen
    if fa >= precision.bits:
        raise TaskError("precision.activation_bits", f"must be below bits = {precision.bits}, got {fa}")
    if not fa <= fd <= precision.bits:
        raise TaskError(
            "precision.delta_bits", f"must lie between activation_bits = {fa} and bits = {precision.bits}, got {fd}"
        )
    if weight_bits < precision.bits:
        raise TaskError("precision.weight_bits", f"must be at least bits = {precision.bits}, got {weight_bits}")
    return Preset(fa, fd, weight_bits)


def program_fields(task: Task) -> ProgramFields:
    """The integers of the program; raises TaskError when the learning rate or the weight bound has none."""
    fa, fd, weight_bits = resolve_precision(task.precision)
    training = task.training
    exact = training.learning_rate / training.batch * 2.0 ** (weight_bits - fa - fd)
    rate = round(exact)
    if not 1 <= rate <= MAX_RATE:
        low, high = (training.batch * 2.0 ** (fa + fd - weight_bits) * k for k in (0.5, MAX_RATE))
        raise TaskError(
            "training.learning_rate", f"must lie between {low:.3g} and {high:.3g} here, got {training.learning_rate}"
        )
    bound_bits = task.precision.bound_bits(weight_bits)
    if bound_bits > 56:
        raise TaskError(
            "precision.weight_bound", f"must be at most {2.0 ** (56 - weight_bits):g} with weight_bits = {weight_bits}"
        )
    layers = task.model.layers
    return ProgramFields(
        loss=LOSSES[task.model.loss],
        dims=(len(task.data.features), *(layer.units for layer in layers)),
        activations=tuple(layer.activation for layer in layers[:-1]),
        steps=training.steps,
        batch=training.batch,
        blocks=task.blocks,
        bits=task.precision.bits,
        weight_bits=weight_bits,
        activation_bits=fa,
        delta_bits=fd,
        rate=rate,
        bound_bits=bound_bits,
        openings=OPENINGS,
        group=GROUP,
    )


def _distinct(field: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise TaskError(field, f"{name!r} stands there twice")
        seen.add(name)
