"""Writes the vectors whose gas the contract tests report: a registration, a training
and a round-close proof of each program below.

    python contracts/script/gas_vector.py DIRECTORY        (in the project's root; about a minute)

The independent reference proves them, on random data: gas depends on the program alone. Development setup.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from vectors.reference.close_instance import CloseInstance  # noqa: E402
from vectors.reference.instance import Instance  # noqa: E402
from vectors.reference.program import Program  # noqa: E402
from vectors.reference.transcript import CLOSE, REGISTRATION, TRAINING  # noqa: E402
from vectors.reference.vector import make  # noqa: E402

# the program of a task with the data set "breast-cancer" in the shape that costs least gas
COMMON: dict[str, Any] = {
    "loss": 1,
    "T": 4,
    "B": 32,
    "nblocks": 4,
    "l": 12,
    "lb": 12,
    "F": 36,
    "fa": 7,
    "fd": 10,
    "k": 8192,
    "wb": 40,
    "p": 4,
    "group": 3,
}
PROGRAMS = {
    "30-16-2": Program(dims=[30, 16, 2], activations=[1], one_hot=1, n=13, **COMMON),
    "30-1": Program(dims=[30, 1], activations=[], n=12, **COMMON),
}


def main(directory: str) -> None:
    """Writes one file a program: the registration, the training, the close."""
    for name, program in PROGRAMS.items():
        instance, closing = Instance(program), CloseInstance(program, count=32)
        vectors = [
            make(f"{name}, registration", instance, REGISTRATION, instance.prove_registration()),
            make(f"{name}, training", instance, TRAINING, instance.prove_training()),
            make(f"{name}, close", closing, CLOSE, closing.prove()),
        ]
        with (Path(directory) / f"gas-{name}.json").open("w") as file:
            json.dump(vectors, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
