"""What no section can check alone. Each failure is one TaskError that names the field to change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fedproof.errors import TaskError

if TYPE_CHECKING:
    from fedproof.task.task import Task


def check_names(task: Task) -> None:
    """No column is named twice."""
    names = [feature.name for feature in task.data.features]
    distinct("data.features", names)
    targets = [t.name for t in task.data.targets or ()] + ([task.data.target] if task.data.target is not None else [])
    field = "data.targets" if task.data.targets else "data.labels" if task.data.labels else "data.target"
    targets += task.labels
    distinct(field, targets)
    for target in targets:
        if target in names:
            raise TaskError(field, f"{target!r} is a feature too")


def check_sizes(task: Task) -> None:
    """Batches, blocks and records fit together."""
    training = task.training
    if training.steps * training.batch < 2:
        raise TaskError("training.steps", "steps * batch must be at least 2")
    slots = task.blocks * training.batch
    if task.min_records > slots:
        raise TaskError("task.min_records", f"must be at most blocks * batch = {slots}, got {task.min_records}")


def distinct(field: str, names: Sequence[str]) -> None:
    """Raises TaskError if a name stands there twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise TaskError(field, f"{name!r} stands there twice")
        seen.add(name)
