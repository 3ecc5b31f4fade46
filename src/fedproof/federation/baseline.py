"""Float32 federated averaging beside a run: same first model, same batches, same accepted participants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fedproof._core import Program
from fedproof.data import Records, fill_blocks
from fedproof.program import float_model
from fedproof.program.float_model import Weights
from fedproof.task import Task


def float_run(
    task: Task,
    program: Program,
    records: Mapping[str, Records],
    seeds: Sequence[bytes],
    accepted: Sequence[Sequence[str]],
) -> list[Weights]:
    """Models after 0, 1, .. rounds, float32.

    records: of every participant, by the names used in `accepted`. seeds, accepted: per round, as in the record.
    """
    filled = {name: fill_blocks(own, task.slots) for name, own in records.items()}
    models = [float_model.from_integers(task, program.init_weights(task.seed))]
    for seed, names in zip(seeds, accepted, strict=True):
        blocks = program.schedule(seed)[2]
        updates = [float_model.float_round(task, models[-1], filled[name], blocks) for name in names]
        models.append(float_model.average(updates))
    return models
