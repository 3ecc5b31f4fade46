# ruff: noqa: D103
"""python -m vectors.reference.make DIRECTORY: writes small golden vectors made by the reference prover."""

import json
import sys
from pathlib import Path

from .instance import Instance
from .program import Program
from .transcript import REGISTRATION, TRAINING
from .vector import make

PROGRAMS = {
    "logistic": Program(
        loss=1, dims=[2, 1], activations=[], T=2, B=2, nblocks=2, l=4, F=8, fa=2, fd=3, k=1, wb=9, p=1, group=4
    ),
    "relu": Program(
        loss=1, dims=[2, 2, 1], activations=[1], T=2, B=2, nblocks=2, l=4, F=8, fa=2, fd=3, k=1, wb=9, p=1, group=4
    ),
    "squared": Program(
        loss=0, dims=[2, 3, 2], activations=[1], T=3, B=2, nblocks=4, l=4, F=6, fa=2, fd=2, k=1, wb=7, p=1, group=4
    ),
    "three-layers": Program(
        loss=1,
        dims=[3, 2, 3, 2],
        activations=[1, 0],
        T=3,
        B=2,
        nblocks=4,
        l=4,
        F=6,
        fa=2,
        fd=4,
        k=1,
        wb=7,
        p=2,
        group=3,
    ),
    "one-step": Program(
        loss=1,
        dims=[2, 1, 1, 1],
        activations=[1, 0],
        T=1,
        B=2,
        nblocks=1,
        l=4,
        F=6,
        fa=2,
        fd=4,
        k=3,
        wb=7,
        p=2,
        group=6,
    ),
    "many-vectors": Program(
        loss=0, dims=[40, 16], activations=[], T=2, B=2, nblocks=16, l=4, F=8, fa=2, fd=3, k=1, wb=9, p=1, group=4
    ),
    "lanes": Program(
        loss=1,
        dims=[3, 3, 2, 2],
        activations=[1, 0],
        T=3,
        B=2,
        nblocks=2,
        l=8,
        F=13,
        fa=4,
        fd=6,
        k=2,
        wb=14,
        p=1,
        group=3,
    ),
    "epochs": Program(
        loss=1, dims=[5, 3], activations=[], T=11, B=1, nblocks=4, l=4, F=8, fa=1, fd=4, k=2, wb=8, p=1, group=2
    ),
}


def main(directory):
    Path(directory).mkdir(parents=True, exist_ok=True)
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
        with (Path(directory) / f"reference-{name}.json").open("w") as file:
            json.dump(vectors, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
