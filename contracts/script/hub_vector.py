"""Writes the proofs of a whole round that the hub's test settles: two registrations, two trainings, one close.

    python contracts/script/hub_vector.py vectors/hub-round.json        (in the project's root; some seconds)

The reference proves them for a hub, a token, a gate and a beacon at fixed addresses, where
contracts/test/hub/Settlement.t.sol puts them. Development setup.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from vectors.reference import curve  # noqa: E402
from vectors.reference.close_instance import CloseInstance  # noqa: E402
from vectors.reference.field import keccak256  # noqa: E402
from vectors.reference.instance import Instance  # noqa: E402
from vectors.reference.program import Program  # noqa: E402
from vectors.reference.programs import PROGRAMS  # noqa: E402
from vectors.reference.statement import dataset_id  # noqa: E402
from vectors.reference.transcript import CLOSE, REGISTRATION, TRAINING  # noqa: E402
from vectors.reference.vector import make  # noqa: E402

CHAIN = 31337
HUB, TOKEN, GATE, BEACON, SPONSOR, CLOSER = 0xFED0, 0xFED1, 0xFED2, 0xFED3, 0x5905, 0xC105E
MEMBERS = [0xA1, 0xA2]


def word(value: int | bytes) -> bytes:
    """32 bytes; text is padded on the right, as Solidity does."""
    return value.to_bytes(32, "big") if isinstance(value, int) else value.ljust(32, b"\0")


def task_id(key_id: bytes, start: bytes) -> bytes:
    """keccak256(abi.encode(chain id, hub, task)) of the task in Settlement.t.sol."""
    windows = [100, 200, 300, 0, 0, 400]
    task = [SPONSOR, keccak256(b"task"), keccak256(b"file"), key_id, 1, start, 0, 1, 2, 2, TOKEN]
    task += [1000, 50, 10_000, 1000, 2000, 0, 0, GATE, BEACON, 0, *windows, b"round"]
    return keccak256(b"".join(word(field) for field in [CHAIN, HUB, *task]))


def blocks(program: Program, seed: int) -> list:
    """Random records, all of them valid."""
    rng, half = random.Random(seed), 1 << (program.l - 1)
    records = [
        ([rng.randrange(-half, half) for _ in range(program.dims[0])], [rng.choice([0, 1 << program.fd])], 1)
        for _ in range(program.nblocks * program.B)
    ]
    return [records[i : i + program.B] for i in range(0, len(records), program.B)]


def added(one: list, other: list) -> list:
    """Sums of numbers, or of lists of them."""
    return [added(a, b) if isinstance(a, list) else a + b for a, b in zip(one, other, strict=True)]


def main(path: str) -> None:
    """Writes the five vectors: registration and training of each member, then the close."""
    program = PROGRAMS["relu"]
    matrices = program.initial_weights(keccak256(b"model"))
    members = [Instance(program, seed, None, blocks(program, seed), matrices) for seed in (1, 2)]
    one = members[0]
    start = keccak256(b"".join(curve.point_bytes(p) for p in one.training.w0))
    identity = task_id(keccak256(one.key + one.setup.digest), start)
    beacon = keccak256(word(64) + word(0) + word(6) + word(b"beacon"))
    pi, beta = program.schedule(keccak256(identity + word(0) + start + beacon))
    head = {"chain": word(CHAIN), "hub": word(HUB), "task": identity}

    vectors, updates, blinds = [], [], []
    for instance, submitter in zip(members, MEMBERS, strict=True):
        for field, value in {**head, "submitter": word(submitter)}.items():
            setattr(instance.registration, field, value)
            setattr(instance.training, field, value)
        instance.registration.nonce, instance.registration.count = word(b"tip"), program.nblocks * program.B
        instance.training.round, instance.training.count = word(0), program.T * program.B
        instance.training.pi, instance.training.beta = pi, beta
        instance.training.dataset = dataset_id(instance.registration.encode())
        vectors.append(make(f"registration of {submitter:#x}", instance, REGISTRATION, instance.prove_registration()))
        vectors.append(make(f"training of {submitter:#x}", instance, TRAINING, instance.prove_training()))
        lay, index = instance.layout, instance.layout.m.index
        mask = instance.engine.m
        blinds.append([[mask[index["blind", v, j]] for j in range(lay.wout_blinds(v))] for v in range(lay.nW)])
        updates.append(instance.trace.w_out)

    closing = CloseInstance(program, len(members), total=added(*updates))
    closing.blinds = added(*blinds)
    for field, value in {**head, "submitter": word(CLOSER), "round": word(0)}.items():
        setattr(closing.statement, field, value)
    closing.statement.total = closing.commit_sum()
    vectors.append(make("close", closing, CLOSE, closing.prove()))
    with Path(path).open("w") as file:
        json.dump(vectors, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
