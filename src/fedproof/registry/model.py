"""A published model as files: float32 weights by layer and where they come from.

Tensors as PyTorch's `Linear` has them: `layers.0.weight` (d_out, d_in), `layers.0.bias` (d_out,), and so on. Metadata
(strings; in the .npz one JSON text under `metadata`): format, task (TOML), task_digest, program_digest, weights ([W] in
hex), rounds, record (digest of the round record's last line in hex).
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from fedproof.data.npy import read_npz
from fedproof.errors import BadInput, TaskError
from fedproof.reading import BULK, open_file
from fedproof.task import Task
from fedproof.task.toml import read_toml

FORMAT = "fedproof/model/1"
KEYS = ("task", "task_digest", "program_digest", "weights", "rounds", "record")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
FloatArray = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Model:
    """weights: float32 (d_in + 1, d_out) per layer, last row the bias. metadata: see the module's doc."""

    task: Task
    weights: list[FloatArray] = field(repr=False)
    metadata: dict[str, str] = field(repr=False)

    @property
    def rounds(self) -> int:
        """Rounds it was trained for."""
        return int(self.metadata["rounds"])

    @property
    def commitment(self) -> str:
        """[W], hex."""
        return self.metadata["weights"]


def export_model(task: Task, integers: Sequence[NDArray[np.int64]], provenance: dict[str, str]) -> dict[str, bytes]:
    """Files by name, model.safetensors and model.npz. integers: weights at scale 2^F.

    provenance: the metadata except format and task. Deterministic: the same model gives the same tensors and metadata.
    """
    metadata = {"format": FORMAT, "task": task.to_toml(), **provenance}
    tensors = {}
    for number, layer in enumerate(integers):
        weights = (layer / 2.0**task.fields.weight_bits).astype(np.float32)
        tensors[f"layers.{number}.weight"] = np.ascontiguousarray(weights[:-1].T)
        tensors[f"layers.{number}.bias"] = np.ascontiguousarray(weights[-1])
    arrays = io.BytesIO()
    everything: dict[str, Any] = {**tensors, "metadata": np.array(json.dumps(metadata, sort_keys=True))}
    np.savez(arrays, **everything)
    return {"model.safetensors": save(tensors, metadata), "model.npz": arrays.getvalue()}


def load_model(path: str | os.PathLike[str]) -> Model:
    """A model file (.safetensors or .npz), or the one in a run's folder. Raises BadInput naming the file."""
    file = Path(path)
    if file.is_dir():
        inside = (file / "model.safetensors", file / "model" / "model.safetensors")
        if not any(f.is_file() for f in inside):
            raise BadInput(f"{file}: holds no model (model/model.safetensors is missing)")
        file = next(f for f in inside if f.is_file())
    tensors, metadata = _read_npz(file) if file.suffix == ".npz" else _read_safetensors(file)
    known = metadata.get("format") == FORMAT and all(key in metadata for key in KEYS)
    if not known or not re.fullmatch("[0-9]{1,9}", metadata["rounds"]):
        raise BadInput(f"{file}: is not a model of fedproof")
    try:
        task = Task.parse(read_toml(metadata["task"].encode(errors="replace")), "task")
    except (ValueError, TaskError) as error:
        raise BadInput(f"{file}: {error}") from None
    weights = []
    for number, (inputs, units) in enumerate(zip(task.dims, task.dims[1:], strict=False)):
        parts = (tensors.get(f"layers.{number}.weight"), tensors.get(f"layers.{number}.bias"))
        weight, bias = parts
        if weight is None or bias is None or weight.shape != (units, inputs) or bias.shape != (units,):
            raise BadInput(f"{file}: layer {number} is missing or has another shape than the task says")
        weights.append(np.vstack([weight.T, bias]).astype(np.float32))
    return Model(task, weights, metadata)


def _read_safetensors(file: Path) -> tuple[dict[str, FloatArray], dict[str, str]]:
    try:
        open_file(file, BULK).close()
        with safe_open(file, framework="np") as content:
            return {name: content.get_tensor(name) for name in content.keys()}, content.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise BadInput(f"{file}: cannot be read as a model: {error}") from None


def _read_npz(file: Path) -> tuple[dict[str, FloatArray], dict[str, str]]:
    try:
        with open_file(file, BULK) as stream:
            tensors = read_npz(stream)
        metadata = _flat(str(tensors.pop("metadata"))) if "metadata" in tensors else {}
    except (OSError, ValueError) as error:
        raise BadInput(f"{file}: cannot be read as a model: {error}") from None
    return tensors, metadata


def _flat(text: str) -> dict[str, str]:
    """An object of texts. Raises ValueError. Nothing nested is parsed: it could exhaust the stack of the parser."""
    outside = STRING.sub("", text)
    if outside.count("{") != 1 or "[" in outside:
        raise ValueError("metadata are not texts by name")
    found = json.loads(text)
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError("metadata are not texts by name")
    return found
