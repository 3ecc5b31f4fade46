"""Writes vectors/gas-30-16-2.json: a registration and a training proof of a real task, whose gas the tests report.

    python contracts/script/gas_vector.py OUT        (in the project's root, with the package installed)

The inputs are the same each time; proofs carry fresh randomness. The setup is the development setup.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from fedproof import _core  # noqa: E402
from fedproof.data import encode, fill_blocks  # noqa: E402
from fedproof.data.examples import load_example  # noqa: E402
from fedproof.program import compile_task  # noqa: E402
from vectors.reference import curve  # noqa: E402
from vectors.reference.program import Program  # noqa: E402
from vectors.reference.setup import Setup, table_points  # noqa: E402


def word(value: int) -> bytes:
    """32 bytes, big-endian."""
    return value.to_bytes(32, "big")


def vectors() -> list[dict[str, Any]]:
    """The registration, then the training; both checked."""
    example = load_example("breast-cancer", hidden=(16,))
    task = example.task
    program = compile_task(task)
    setup = _core.Setup.development(program.describe()["setup_powers"])
    key = _core.Key(program, setup)
    records = fill_blocks(encode(example.participants[0], task), task.slots)
    dataset = _core.Dataset(program, records.features, records.targets)
    weights = program.init_weights(task.seed)
    pi, beta, _ = program.schedule(bytes(32))
    count = task.steps * task.batch
    start, data = key.commit_weights(weights), dataset.commit(key)

    common = {"chain_id": 0, "hub": task.digest, "submitter": bytes(20), "task": task.digest, "dataset": data}
    registration = _core.RegistrationStatement(**common, nonce_commitment=bytes(32), count=dataset.count)
    dataset_id = registration.dataset_id(key)
    training = _core.TrainingStatement(
        **common, round=0, weights=start, dataset_id=dataset_id, pi=pi, beta=beta, count=count
    )
    registered = _core.prove_registration(key, registration, dataset, secret=bytes(32))
    _core.verify_registration(key, registration, registered)
    trace = _core.execute(program, weights, dataset, pi, beta)
    proven = _core.prove_training(key, training, weights, dataset, trace, secret=bytes(32)).proof
    _core.verify_training(key, training, proven)

    reference = Setup()
    head = word(0) + task.digest + word(0) + task.digest
    digests = key.digest + key.setup_digest
    entry = {
        "program": program.encode().hex(),
        "setup": {"tau_g1": reference.g1.hex(), "tau_g2": reference.h.hex()},
        "table": [curve.point_bytes(p).hex() for p in table_points(Program.decode(program.encode()), reference)],
    }
    return [
        {
            "kind": "registration",
            "name": "30-16-2, registration",
            **entry,
            "statement": (head + digests + word(0) + data + word(dataset.count)).hex(),
            "proof": registered.hex(),
            "valid": True,
        },
        {
            "kind": "training",
            "name": "30-16-2, training",
            **entry,
            "statement": (
                head + word(0) + digests + start + dataset_id + data + bytes(pi) + word(beta) + word(count)
            ).hex(),
            "proof": proven.hex(),
            "valid": True,
        },
    ]


def main(out: str) -> None:
    """Writes the file."""
    Path(out).write_text(json.dumps(vectors(), indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
