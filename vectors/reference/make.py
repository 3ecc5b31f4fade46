# ruff: noqa: D103
"""python -m vectors.reference.make DIRECTORY: writes small golden vectors made by the reference prover."""

import json
import sys
from pathlib import Path

from .closes import CLOSES, LONG, close_vectors
from .instance import Instance
from .programs import PROGRAMS
from .transcript import REGISTRATION, TRAINING
from .vector import make


def write(directory, name, vectors):
    with (Path(directory) / f"{name}.json").open("w") as file:
        json.dump(vectors, file, indent=1)
        file.write("\n")


def main(directory):
    Path(directory).mkdir(parents=True, exist_ok=True)
    for name, vectors in close_vectors(CLOSES):
        write(directory, f"reference-close-{name}", vectors)
    for name, vectors in close_vectors(LONG):
        write(directory, f"{name}-close", vectors)
    for name, program in PROGRAMS.items():
        instance = Instance(program, seed=7)
        vectors = []
        for kind, prove, label in (
            (REGISTRATION, instance.prove_registration, "registration"),
            (TRAINING, instance.prove_training, "training"),
        ):
            proof = prove()
            vectors.append(make(f"{name}, {label}", instance, kind, proof))
            bad = bytearray(proof)
            bad[-129] ^= 1  # the last byte of e1
            vectors.append(make(f"{name}, {label}, e1 changed", instance, kind, bytes(bad), valid=False))
        write(directory, f"reference-{name}", vectors)


if __name__ == "__main__":
    main(sys.argv[1])
