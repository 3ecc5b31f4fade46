"""Writes proofs for the gas of the hub: of two members of a task, of each network in contracts/snapshots.

    python contracts/script/hub_gas_vector.py DIRECTORY        (in the project's root; a minute)

The Rust core proves them with the keys of the golden gas vectors, for a hub, a token, a gate and a beacon at fixed
addresses, where contracts/test/hub/RealTask.sol puts them. Random data, development setup.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from hub_vector import BEACON, CHAIN, GATE, HUB, MEMBERS, SPONSOR, TOKEN, word  # noqa: E402

from benches.measure import random_records  # noqa: E402
from fedproof import _core  # noqa: E402
from vectors.reference.field import keccak256  # noqa: E402

NAMES = ("30-1", "30-16-2", "64-32-10", "784-128-10")
BONDED = "30-16-2"
MODES = {"eager": 0, "bonded": 1}
SECRET = bytes([4]) * 32


def task_id(key_id: bytes, start: bytes, mode: int) -> bytes:
    """keccak256(abi.encode(chain id, hub, task)) of the tasks in RealTask.sol."""
    windows = [100, 200, 300, 500 * mode, 600 * mode, 400]
    task = [SPONSOR, keccak256(b"task"), keccak256(b"file"), key_id, 1, start, mode, 2, 2, 3, TOKEN]
    task += [1000, 50, 10_000, 1000, 2000, 5000 * mode, 70 * mode, GATE, BEACON, 0, *windows, b"gas"]
    return keccak256(b"".join(word(field) for field in [CHAIN, HUB, *task]))


class Federation:
    """A task of one program and the proofs of its members."""

    def __init__(self, vector: dict[str, Any], mode: str) -> None:
        self.vector, self.mode = vector, mode
        self.program = _core.Program.decode(bytes.fromhex(vector["program"]))
        powers = self.program.describe()["setup_powers"]
        self.key = _core.Key(self.program, _core.Setup.development(powers))
        self.weights = self.program.init_weights(bytes(32))
        self.start = self.key.commit_weights(self.weights)
        self.task = task_id(keccak256(self.key.digest + self.key.setup_digest), keccak256(self.start), MODES[mode])
        beacon = keccak256(word(64) + word(0) + word(6) + word(b"beacon"))
        self.seed = keccak256(self.task + word(0) + keccak256(self.start) + beacon)

    def member(self, number: int) -> list[dict[str, Any]]:
        """Registration, training."""
        dataset = _core.Dataset(self.program, *random_records(self.program, seed=number))
        submitter = MEMBERS[number].to_bytes(20, "big")
        head: dict[str, Any] = {"chain_id": CHAIN, "hub": word(HUB), "submitter": submitter, "task": self.task}
        points = dataset.commit(self.key)
        registered = _core.RegistrationStatement(
            **head, nonce_commitment=word(b"tip"), dataset=points, count=dataset.count
        )
        proof = _core.prove_registration(self.key, registered, dataset, secret=SECRET)
        words = [word(CHAIN), word(HUB), word(MEMBERS[number]), self.task]
        digests = [self.key.digest, self.key.setup_digest]
        stated = b"".join([*words, *digests, word(b"tip"), points, word(dataset.count)])
        sizes = self.program.describe()
        pi, beta, _ = self.program.schedule(self.seed)
        statement = _core.TrainingStatement(
            **head,
            round=0,
            weights=self.start,
            dataset_id=registered.dataset_id(self.key),
            dataset=points,
            pi=pi,
            beta=beta,
            count=sizes["steps"] * sizes["batch"],
        )
        trace = _core.execute(self.program, self.weights, dataset, pi, beta)
        trained = _core.prove_training(self.key, statement, self.weights, dataset, trace, secret=SECRET).proof
        _core.verify_training(self.key, statement, trained)
        parts = [*words, word(0), *digests, self.start, registered.dataset_id(self.key), points, bytes(pi), word(beta)]
        encoded = b"".join([*parts, word(sizes["steps"] * sizes["batch"])])
        return [self.case("registration", number, stated, proof), self.case("training", number, encoded, trained)]

    def case(self, kind: str, number: int, statement: bytes, proof: bytes) -> dict[str, Any]:
        """In the form of all vectors."""
        kept = {name: self.vector[name] for name in ("program", "setup", "table")}
        name = f"{self.mode} {kind} of {MEMBERS[number]:#x}"
        return {"kind": kind, "name": name, **kept, "statement": statement.hex(), "proof": proof.hex(), "valid": True}


def write(path: Path, federation: Federation) -> None:
    """Registration and training of each member."""
    cases = [case for number in range(len(MEMBERS)) for case in federation.member(number)]
    with path.open("w") as file:
        json.dump(cases, file, indent=1)
        file.write("\n")


def main(directory: str) -> None:
    """One file a network: two members of an eager task; one file with those of a bonded task."""
    for name in NAMES:
        vector = json.loads((ROOT / "vectors" / f"gas-{name}.json").read_text())[0]
        write(Path(directory) / f"hub-gas-{name}.json", Federation(vector, "eager"))
        if name == BONDED:
            write(Path(directory) / f"hub-bonded-{name}.json", Federation(vector, "bonded"))


if __name__ == "__main__":
    main(sys.argv[1])
