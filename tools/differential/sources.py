"""Cases to start from: what nobody proved, with a forged last point, and honest proofs of the Rust prover."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import numpy as np

from fedproof import _core
from tools.differential.case import KINDS, Case
from tools.differential.digest import named
from tools.differential.keys import setup
from tools.differential.programs import attempt, large, small
from tools.differential.shape import POINT, WORD, Part, Shape, shape
from tools.differential.values import IDENTITY, bytes32, random_point, random_scalar
from vectors.reference.field import Reject
from vectors.reference.instance import random_blocks
from vectors.reference.program import Program
from vectors.reference.setup import DEVELOPMENT_TAU, Setup, table_points

MAGIC = b"FEDPROOF" + (2).to_bytes(2, "big")


@cache
def _setup() -> Any:
    return Setup()


def _joined(points: Any) -> bytes:
    return b"".join(x.to_bytes(WORD, "big") + y.to_bytes(WORD, "big") for x, y in points)


# --- invented --------------------------------------------------------------------------------------------------------


def invented(rng: Random, kind: str) -> Case:
    """A random program, statement and proof. Whatever it says, its last point can be forged so that it is accepted."""
    program, form = _closable(rng, kind)
    encoded = program.encode()
    pool = [random_point(rng) for _ in range(8)]

    def values(part: Part) -> bytes:
        if part.size == POINT:
            return b"".join(rng.choice(pool) for _ in range(part.count))
        return b"".join(random_scalar(rng) for _ in range(part.count))

    def field(part: Part) -> bytes:
        if part.name == "pi":
            return bytes(rng.sample(range(part.count), part.count))
        if part.name == "beta":
            return bytes32(rng.randrange(program.nblocks))
        if part.name == "count":
            return bytes32(rng.choice(form.counts))
        return values(part) if part.size == POINT else rng.randbytes(part.size * part.count)

    case = Case(
        kind=kind,
        program=encoded,
        table=b"".join(rng.choice([*pool, IDENTITY]) for _ in range(form.table // POINT)),
        setup=setup(DEVELOPMENT_TAU),
        statement=b"".join(map(field, form.statement)),
        file=MAGIC + bytes([KINDS[kind]]) + b"".join(map(values, form.file)),
        story=f"invented {kind} of program {encoded.hex()}",
        tau=bytes32(DEVELOPMENT_TAU),
    )
    return named(case)


def _closable(rng: Random, kind: str) -> tuple[Any, Shape]:
    """A program that has proofs of the kind, and their shape: some have no round-close proof."""
    while True:
        program = rng.choice([small, large])(rng)
        try:
            return program, shape(kind, program.encode())
        except Reject:
            continue


def bare(rng: Random, kind: str) -> Case:
    """A program, legal or not, and hardly more: who refuses what?"""
    made = attempt(rng)
    program = made.encode()
    # Rust fills the tables that have points: not very long ones
    table = random_point(rng) * rng.randrange(3) if made.n <= 16 and rng.random() < 0.5 else b""
    file = MAGIC + bytes([KINDS[kind]]) + bytes(rng.choice([0, 64]))
    return Case(kind, program, table, setup(DEVELOPMENT_TAU), b"", file, f"only program {program.hex()}")


# --- honest ----------------------------------------------------------------------------------------------------------


def honest(rng: Random) -> list[Case]:
    """A registration and a training of a random program, proven by the core."""
    program = small(rng)
    encoded = program.encode()
    core = _core.Program.decode(encoded)
    key = _core.Key(core, _core.Setup.development(core.describe()["setup_powers"]))
    # validity is the core's to set: it takes valid records only
    records = [record for block in _valid_blocks(program, rng) for record in block]
    features, targets = (np.array([record[i] for record in records], dtype=np.int64) for i in (0, 1))
    data = _core.Dataset(core, features, targets)
    common: dict[str, Any] = {
        "chain_id": rng.randrange(1 << 64),
        "hub": rng.randbytes(20),
        "submitter": rng.randbytes(20),
    }
    common |= {"task": rng.randbytes(WORD), "dataset": data.commit(key)}
    nonces = rng.randbytes(WORD)
    registration = _core.RegistrationStatement(**common, nonce_commitment=nonces, count=data.count)
    weights = core.init_weights(rng.randbytes(WORD))
    pi, beta, _ = core.schedule(rng.randbytes(WORD))
    own: dict[str, Any] = {"round": rng.randrange(1 << 64), "weights": key.commit_weights(weights)}
    own |= {"dataset_id": registration.dataset_id(key), "pi": pi, "beta": beta, "count": program.T * program.B}
    training = _core.TrainingStatement(**common, **own)
    trace = _core.execute(core, weights, data, pi, beta)
    files = {
        "registration": _core.prove_registration(key, registration, data, secret=rng.randbytes(WORD)),
        "training": _core.prove_training(key, training, weights, data, trace, secret=rng.randbytes(WORD)).proof,
    }
    words = common["chain_id"].to_bytes(WORD, "big") + common["hub"].rjust(WORD, b"\0")
    words += common["submitter"].rjust(WORD, b"\0") + common["task"]
    digests = key.digest + key.setup_digest
    statements = {
        "registration": words + digests + nonces + common["dataset"] + bytes32(data.count),
        "training": words
        + bytes32(own["round"])
        + digests
        + own["weights"]
        + own["dataset_id"]
        + common["dataset"]
        + bytes(pi)
        + bytes32(beta)
        + bytes32(own["count"]),
    }
    table = _joined(table_points(program, _setup()))
    story = f"honest proof of program {encoded.hex()}"
    return [
        Case(kind, encoded, table, setup(DEVELOPMENT_TAU), statements[kind], file, story)
        for kind, file in files.items()
    ]


def _valid_blocks(program: Program, rng: Random) -> Any:
    blocks = random_blocks(program, rng)
    for block in blocks:
        for number, (features, targets, valid) in enumerate(block):
            if not valid and program.one_hot:
                targets[rng.randrange(len(targets))] = 1 << program.fd
            block[number] = (features, targets, 1)
    return blocks
