"""The final model of a run as files in its folder."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fedproof.federation.record import Event, read_record
from fedproof.federation.store import Store
from fedproof.files import write_file
from fedproof.proof.weights import decode_weights
from fedproof.registry import export_model
from fedproof.task import Task

MODEL = "model"


def provenance(events: list[Event]) -> dict[str, str]:
    """Metadata of the model that a finished record ends with."""
    run, end = events[0], events[-1]
    return {
        "task_digest": run["task"],
        "program_digest": run["program"],
        "weights": end["commitment"],
        "rounds": str(sum(event.kind == "close" for event in events)),
        "record": end.digest.hex(),
    }


def final_weights(folder: Path, events: list[Event]) -> tuple[Task, list[NDArray[np.int64]]]:
    """Task and integer weights at the end of a finished record. Raises BadInput."""
    store = Store(folder / "store")
    task = Task.parse(tomllib.loads(store.get(events[0]["task_file"]).decode()))
    return task, decode_weights(store.get(events[-1]["weights"]), task.dims)


def publish_model(folder: Path) -> None:
    """Writes model/model.safetensors and model/model.npz."""
    events = read_record(folder)
    task, weights = final_weights(folder, events)
    for name, content in export_model(task, weights, provenance(events)).items():
        write_file(folder / MODEL / name, content)
