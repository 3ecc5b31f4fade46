"""From the numbers of a task file to the integers of its program."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from fedproof.errors import TaskError
from fedproof.task.fields import ProgramFields
from fedproof.task.kernel import Kernel, Rule, exact, response, round_kernel
from fedproof.task.outputs import WEIGHT_BITS, one_hot
from fedproof.task.precision import DECAY_BITS, OPENINGS, PRESETS, Precision, Preset

if TYPE_CHECKING:
    from fedproof.task.task import Task

LOSSES = {
    "sigmoid-cross-entropy": "sigmoid",
    "softmax-cross-entropy": "softmax",
    "squared-error": "squared",
    "huber": "huber",
}
MAX_RATE = 2**40
MAX_EXPLICIT_STEPS = 256
MAX_BOUND_BITS = 56
EXTRA_BITS = (8, 32)
"""Fewest that an update is given with weight decay, and most that a program may have."""
LEAST_DECAY = 8
"""Units of the last of these bits that weight decay must take off in a step: less would be lost in rounding."""


@dataclass(frozen=True)
class Scales:
    """Fractional bits of activations, deltas, models, and those an update has beyond the model's."""

    activation_bits: int
    delta_bits: int
    weight_bits: int
    extra_bits: int


def program_fields(task: Task) -> ProgramFields:
    """The integers of the program. Raises TaskError naming the field that has none."""
    layout = task.proof
    scales = _scales(task, layout.limb_bits or task.precision.bits)
    bound_bits = task.precision.bound_bits(scales.weight_bits)
    if bound_bits > MAX_BOUND_BITS:
        raise TaskError(
            "precision.weight_bound",
            f"must be at most {2.0 ** (MAX_BOUND_BITS - scales.weight_bits):g} with weight_bits = {scales.weight_bits}",
        )
    layers = task.model.layers
    return ProgramFields(
        loss=LOSSES[task.model.loss],
        one_hot=one_hot(task),
        dims=(len(task.data.features), *(layer.units for layer in layers)),
        activations=tuple(layer.activation for layer in layers[:-1]),
        steps=task.training.steps,
        batch=task.training.batch,
        blocks=task.blocks,
        bits=task.precision.bits,
        limb_bits=layout.limb_bits or 0,
        weight_bits=scales.weight_bits,
        activation_bits=scales.activation_bits,
        delta_bits=scales.delta_bits,
        kernel=_kernel(task, scales),
        bound_bits=bound_bits,
        openings=OPENINGS,
        group=layout.group or 0,
        vector_bits=layout.vector_bits or 0,
        huber=_huber(task, scales.delta_bits),
        weights=_weights(task),
        prefer=layout.prefer,
    )


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


def optimiser_rule(task: Task) -> Rule:
    """The optimiser with exact parameters. Raises TaskError if momentum is missing or has no use."""
    training = task.training
    if (training.momentum is None) != (training.optimiser == "sgd"):
        problem = "belongs to momentum and nesterov" if training.optimiser == "sgd" else "missing"
        raise TaskError("training.momentum", f"{problem} (optimiser = {training.optimiser!r})")
    return Rule(
        training.optimiser,
        exact(training.learning_rate),
        exact(training.momentum or 0.0),
        exact(training.weight_decay),
        exact(training.proximal),
    )


def _scales(task: Task, limb_bits: int) -> Scales:
    fa, fd, weight_bits = resolve_precision(task.precision)
    if task.model.loss == "softmax-cross-entropy" and fd > task.precision.bits - 2:
        raise TaskError("precision.delta_bits", f"must be at most bits - 2 with {task.model.loss}, got {fd}")
    if not task.training.weight_decay:
        return Scales(fa, fd, weight_bits, 0)
    # c_t is no power of two: an update needs room behind the model's bits, and whole limbs in all
    whole = DECAY_BITS // limb_bits * limb_bits
    if task.precision.weight_bits is None:
        weight_bits = max(whole // 2, task.precision.bits)
    least, most = EXTRA_BITS
    if not least <= whole - weight_bits <= most:
        raise TaskError(
            "precision.weight_bits",
            f"must lie between {whole - most} and {whole - least} with weight decay, got {weight_bits}",
        )
    return Scales(fa, fd, weight_bits, whole - weight_bits)


def _kernel(task: Task, scales: Scales) -> int | Kernel:
    rule, batch, steps = optimiser_rule(task), task.training.batch, task.training.steps
    gradient_bits = scales.activation_bits + scales.delta_bits
    unit = Fraction(2) ** (scales.weight_bits + scales.extra_bits - gradient_bits) / batch
    first = round(rule.rate * (1 + rule.momentum if rule.optimiser == "nesterov" else 1) * unit)
    if not 1 <= first <= MAX_RATE:
        low, high = (float(k / unit) for k in (Fraction(1, 2), Fraction(MAX_RATE)))
        raise TaskError(
            "training.learning_rate",
            f"must lie between {low:.3g} and {high:.3g} here, got {task.training.learning_rate}",
        )
    if rule.plain:
        return first
    if steps > MAX_EXPLICIT_STEPS:
        raise TaskError(
            "training.steps",
            f"must be at most {MAX_EXPLICIT_STEPS} with momentum, weight decay or proximal, got {steps}",
        )
    if rule.rate * (rule.weight_decay + rule.proximal) > 1:
        name = "weight_decay" if rule.weight_decay else "proximal"
        raise TaskError(
            f"training.{name}",
            f"learning_rate * (weight_decay + proximal) must be at most 1, got {getattr(task.training, name)}",
        )
    found = response(rule, steps)
    _check_decay(task, rule, 1 - found.initial[0], scales.extra_bits)
    return round_kernel(
        found,
        batch=batch,
        extra_bits=scales.extra_bits,
        weight_bits=scales.weight_bits,
        gradient_bits=gradient_bits,
    )


def _check_decay(task: Task, rule: Rule, lost: Fraction, extra_bits: int) -> None:
    """Raises TaskError if rounding c_t to extra_bits would leave nothing of what a step takes from W_0."""
    least = Fraction(LEAST_DECAY, 1 << extra_bits)
    if rule.weight_decay and lost < least:
        low = float(least / lost * rule.weight_decay)
        raise TaskError("training.weight_decay", f"must be at least {low:.2g} here, got {task.training.weight_decay:g}")


def _huber(task: Task, delta_bits: int) -> int:
    if task.model.huber_delta is None:
        return 0
    threshold, most = round(exact(task.model.huber_delta) * (1 << delta_bits)), (1 << (task.precision.bits - 1)) - 1
    if not 1 <= threshold <= most:
        low, high = (value / (1 << delta_bits) for value in (0.5, most))
        raise TaskError(
            "model.huber_delta", f"must lie between {low:.3g} and {high:.6g} here, got {task.model.huber_delta}"
        )
    return threshold


def _weights(task: Task) -> tuple[int, ...]:
    """At scale 2^8. Classes of one output and labels have a pair per output: the weight of a 0, that of a 1."""
    one = 1 << WEIGHT_BITS
    given = task.model.class_weights or task.model.positive_weights or ()
    found = tuple(round(exact(value) * one) for value in given)
    if task.model.positive_weights is not None:
        return tuple(value for positive in found for value in (one, positive))
    return found
