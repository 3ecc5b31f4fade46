"""Writes gas vectors of networks that the reference is too slow for: the Rust core proves, the reference commits.

    python contracts/script/gas_vector_core.py DIRECTORY        (in the project's root; half a minute)

Shapes are those that the core chooses for least gas. Random data, development setup.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benches.measure import described, random_records  # noqa: E402
from fedproof import _core  # noqa: E402
from vectors.reference import curve, statement  # noqa: E402
from vectors.reference.program import Program  # noqa: E402
from vectors.reference.setup import Setup, table_points  # noqa: E402

PROGRAMS: dict[str, dict[str, Any]] = {
    "64-32-10": described([64, 32, 10], steps=8, prefer="gas"),
    "784-128-10": described([784, 128, 10], steps=16, batch=64, prefer="gas"),
}
HEAD: dict[str, Any] = {"chain_id": 1, "hub": bytes([1]) * 32, "submitter": bytes([2]) * 20, "task": bytes([3]) * 32}
SECRET = bytes([4]) * 32


def word(value: bytes | int) -> bytes:
    """32 bytes, leading zeros."""
    return value.to_bytes(32, "big") if isinstance(value, int) else value.rjust(32, b"\0")


class Prover:
    """Random records of one participant, registered and trained on."""

    def __init__(self, arguments: dict[str, Any]) -> None:
        self.program = _core.Program.build(**arguments)
        self.key = _core.Key(self.program, _core.Setup.development(self.program.describe()["setup_powers"]))
        self.dataset = _core.Dataset(self.program, *random_records(self.program))
        self.commitment = self.dataset.commit(self.key)
        self.reference = Program.decode(self.program.encode())
        self.setup = Setup()
        self.table = table_points(self.reference, self.setup)
        if statement.key_digest(self.reference, self.table) != self.key.digest:
            raise SystemExit("the core commits other tables")
        self.words = [word(value) for value in HEAD.values()]
        self.digests = [self.key.digest, self.key.setup_digest]

    def vector(self, name: str, kind: str, encoded: bytes, proof: bytes) -> dict[str, Any]:
        """In the form of all vectors."""
        return {
            "kind": kind,
            "name": f"{name}, {kind}",
            "program": self.program.encode().hex(),
            "setup": {"tau_g1": self.setup.g1.hex(), "tau_g2": self.setup.h.hex()},
            "table": [curve.point_bytes(point).hex() for point in self.table],
            "statement": encoded.hex(),
            "proof": proof.hex(),
            "valid": True,
        }

    def registration(self, name: str) -> dict[str, Any]:
        """Of all records."""
        count = self.dataset.count
        stated = _core.RegistrationStatement(**HEAD, nonce_commitment=bytes(32), dataset=self.commitment, count=count)
        proof = _core.prove_registration(self.key, stated, self.dataset, secret=SECRET)
        encoded = b"".join([*self.words, *self.digests, bytes(32), self.commitment, word(count)])
        self.dataset_id = statement.dataset_id(encoded)
        if self.dataset_id != stated.dataset_id(self.key):
            raise SystemExit("the core encodes another statement")
        return self.vector(name, "registration", encoded, proof)

    def training(self, name: str) -> dict[str, Any]:
        """One round from the initial model."""
        weights = self.program.init_weights(bytes(32))
        start = self.key.commit_weights(weights)
        pi, beta, _ = self.program.schedule(bytes(32))
        count = self.reference.T * self.reference.B
        stated = _core.TrainingStatement(
            **HEAD,
            round=0,
            weights=start,
            dataset_id=self.dataset_id,
            dataset=self.commitment,
            pi=pi,
            beta=beta,
            count=count,
        )
        trace = _core.execute(self.program, weights, self.dataset, pi, beta)
        proof = _core.prove_training(self.key, stated, weights, self.dataset, trace, secret=SECRET).proof
        _core.verify_training(self.key, stated, proof)
        parts = [
            *self.words,
            bytes(32),
            *self.digests,
            start,
            self.dataset_id,
            self.commitment,
            bytes(pi),
            word(beta),
            word(count),
        ]
        return self.vector(name, "training", b"".join(parts), proof)


def main(directory: str) -> None:
    """Writes one file a network: the registration, then the training."""
    for name, arguments in PROGRAMS.items():
        prover = Prover(arguments)
        vectors = [prover.registration(name), prover.training(name)]
        with (Path(directory) / f"gas-{name}.json").open("w") as file:
            json.dump(vectors, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
