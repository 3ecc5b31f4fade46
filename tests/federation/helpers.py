"""A tiny task and people to take part in it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import numpy as np

from fedproof.data import Table, encode
from fedproof.federation import ParticipantConfig, RunConfig
from fedproof.federation.enrol import Enrolment, enrol
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.keys import RANDOM, Identity, create_identity
from fedproof.federation.terms import Terms
from fedproof.task import Task

RUN = b"R" * 32
"""Id of a run that tests play."""


def make_task(**changes: Any) -> Task:
    """Three features, two classes, one hidden layer: proven in some 50 ms."""
    training = {"learning_rate": 0.5, "steps": 2, "batch": 4, "blocks": 4} | changes.pop("training", {})
    precision = changes.pop("precision", {"bits": 8})
    model = {"loss": "sigmoid-cross-entropy"} | changes.pop("model", {})
    about = {"name": "tiny", "rounds": 2, "seed": 7, "min_records": 4, "min_accepted": 2} | changes
    return Task.parse(
        {
            "task": about,
            "model": {"layers": [{"units": 2, "activation": "relu"}, {"units": 2}]} | model,
            "training": training,
            "data": {
                "features": [{"name": name} for name in ("a", "b", "c")],
                "target": "kind",
                "classes": ["low", "high"],
            },
            "precision": precision,
        }
    )


def make_table(seed: int, count: int = 11) -> Table:
    """Records of two classes that a line separates."""
    values = np.random.RandomState(seed).uniform(-1, 1, (count, 3)).round(3)
    return Table(values, tuple("high" if row.sum() > 0 else "low" for row in values))


def make_run(
    base: Path, task: Task, names: list[str], cheats: dict[str, str] | None = None, **options: Any
) -> tuple[RunConfig, dict[str, str]]:
    """Folders, keys and data of `names` under `base`; the run and the passphrases."""
    base.mkdir(parents=True, exist_ok=True)
    (base / "task.toml").write_text(task.to_toml())
    passphrases, people = {}, []
    for number, name in enumerate(names):
        folder = ParticipantFolder(base / name)
        folder.prepare()
        (folder.path / "data").mkdir()
        make_table(number).write_csv(folder.path / "data" / "records.csv", task)
        passphrases[name] = secrets.token_hex(16)
        create_identity(folder.keystore, passphrases[name], cost=RANDOM)
        people.append(ParticipantConfig(name=name, folder=folder.path, cheat=(cheats or {}).get(name, "")))
    config = RunConfig(task=base / "task.toml", out=base / "run", participant=tuple(people), timeout=60, **options)
    return config, passphrases


def make_identity(number: int) -> Identity:
    return Identity(bytes([number + 1]) * 32)


def make_enrolment(base: Path, terms: Terms, number: int) -> Enrolment:
    """Somebody whose dataset is registered."""
    folder = ParticipantFolder(base / f"person-{number}")
    folder.prepare()
    records = encode(make_table(number), terms.task)
    return enrol(folder, make_identity(number), f"person-{number}", terms, records)
