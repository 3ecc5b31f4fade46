"""Cheating participants, for demonstrations and tests: the honest prover over a false witness.

Every one of them is rejected by the verifier. Nothing in a run uses this module unless a cheat is asked for by name.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from time import monotonic, sleep

import numpy as np

from fedproof import _core
from fedproof._core import Dataset, Program, Trace
from fedproof.errors import BadInput, core_errors
from fedproof.federation.record import RECORD, START, parse_line
from fedproof.federation.rules import schedule
from fedproof.federation.store import Store
from fedproof.federation.turn import Turn, honest
from fedproof.proof import Update, claim
from fedproof.proof.weights import IntArray
from fedproof.task import Task

SCALE = 10
"""Factor of scaled-update."""
PATIENCE = 60.0
"""Seconds stolen-proof waits for somebody else's proof."""


def scaled_update(turn: Turn) -> Update:
    """Trains honestly, but claims SCALE times the change, to dominate the average."""
    trace = _execute(turn)
    changed = [w0 + SCALE * (w - w0) for w0, w in zip(turn.weights, trace.update, strict=True)]
    return _claim(turn, trace.with_update(changed))


def label_flip(turn: Turn) -> Update:
    """Trains on flipped labels, though registered with the true ones."""
    return _on_dataset(turn, _flipped(turn))


def skipped_step(turn: Turn) -> Update:
    """Leaves the last step out, to save work."""
    fields = turn.terms.task.fields.arguments() | {"steps": turn.terms.task.steps - 1}
    if fields["steps"] < 1 or fields["steps"] * fields["batch"] < 2:
        return _claim(turn, _execute(turn).with_update(turn.weights))
    with core_errors("skipped-step"):
        shorter = Program.build(**fields)
        update = _core.execute(shorter, turn.weights, turn.dataset, list(turn.fields.pi), turn.fields.beta).update
    return _claim(turn, _execute(turn).with_update(update))


def wrong_batch(turn: Turn) -> Update:
    """Trains on batches of its own choice instead of the round's."""
    others = (schedule(turn.terms.program, i.to_bytes(32, "big")) for i in range(256))
    other = next((plan for plan in others if plan.blocks != turn.schedule.blocks), None)
    if other is None:
        raise BadInput("wrong-batch: this task has only one possible schedule")
    with core_errors("wrong-batch"):
        trace = _core.execute(turn.terms.program, turn.weights, turn.dataset, list(other.pi), other.beta)
    return _claim(turn, trace)


def stale_model(turn: Turn) -> Update:
    """Trains from the model of the round before (honest in round 0, which has none before)."""
    if len(turn.history) < 2:
        return honest(turn)
    old = turn.history[-2]
    with core_errors("stale-model"):
        trace = _core.execute(turn.terms.program, old, turn.dataset, list(turn.fields.pi), turn.fields.beta)
    return _claim(turn, trace, old)


def random_update(turn: Turn) -> Update:
    """Does not train at all and claims random weights of a plausible size."""
    generator = np.random.default_rng()
    scale = 1 << (turn.terms.task.fields.update_bits - 2)
    invented = [generator.integers(-scale, scale, layer.shape, dtype=np.int64) for layer in turn.weights]
    return _claim(turn, _execute(turn).with_update(invented))


def stolen_proof(turn: Turn) -> Update:
    """Submits the public proof and commitment of somebody else's update as its own."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        found = _published(turn) if turn.others is None else turn.others()
        if found is not None:
            commitment, proof = found
            return Update(turn.weights, os.urandom(32), commitment, proof, turn.mode, 0, {"prove": 0.0})
        sleep(0.05)
    raise BadInput("stolen-proof: nobody else has submitted a proof to steal")


CHEATS: dict[str, Callable[[Turn], Update]] = {
    "scaled-update": scaled_update,
    "label-flip": label_flip,
    "skipped-step": skipped_step,
    "wrong-batch": wrong_batch,
    "stale-model": stale_model,
    "random-update": random_update,
    "stolen-proof": stolen_proof,
}
"""By the name used on the command line."""


def check_cheat(kind: str, task: Task, participants: int) -> None:
    """Raises BadInput for a cheat that does not exist or that a run of this task could not show."""
    if kind not in CHEATS:
        raise BadInput(f"unknown cheat {kind!r} (known: {', '.join(CHEATS)})")
    if kind == "wrong-batch" and task.blocks < 2:
        raise BadInput("wrong-batch needs a task with at least 2 blocks of records")
    if kind == "stale-model" and task.rounds < 2:
        raise BadInput("stale-model needs at least 2 rounds")
    if kind == "stolen-proof" and participants < 2:
        raise BadInput("stolen-proof needs at least 2 participants")


def _execute(turn: Turn) -> Trace:
    with core_errors("training"):
        return _core.execute(turn.terms.program, turn.weights, turn.dataset, list(turn.fields.pi), turn.fields.beta)


def _claim(turn: Turn, trace: Trace, weights: list[IntArray] | None = None, dataset: Dataset | None = None) -> Update:
    return claim(
        turn.terms.program,
        turn.terms.key,
        turn.fields,
        turn.weights if weights is None else weights,
        turn.dataset if dataset is None else dataset,
        trace,
        secret=turn.secret,
        mode=turn.mode,
        progress=turn.progress,
    )


def _on_dataset(turn: Turn, dataset: Dataset) -> Update:
    with core_errors("training"):
        trace = _core.execute(turn.terms.program, turn.weights, dataset, list(turn.fields.pi), turn.fields.beta)
    return _claim(turn, trace, dataset=dataset)


def _flipped(turn: Turn) -> Dataset:
    """The registered dataset with every label changed: the other one, the next class, or the negated target."""
    targets, fields = turn.targets, turn.terms.task.fields
    if fields.loss in ("squared", "huber"):
        flipped = np.minimum(-targets, (1 << (fields.bits - 1)) - 1)
    elif not fields.one_hot:
        flipped = (1 << fields.delta_bits) - targets
    else:
        flipped = np.roll(targets, 1, axis=1)
    with core_errors("label-flip"):
        return Dataset(turn.terms.program, turn.enrolment.features, flipped, turn.dataset.blinds)


def _published(turn: Turn) -> tuple[bytes, bytes] | None:
    """Commitment and proof of somebody else's submission in this round, from the public record so far."""
    previous = START
    for index, line in enumerate((turn.folder / RECORD).read_bytes().split(b"\n")[:-1]):
        event = parse_line(line, index, previous)
        previous = event.digest
        other = event.fields.get("participant") != turn.fields.submitter.hex()
        if event.kind == "submission" and event.round == turn.fields.round and other:
            body = event["body"]
            return bytes.fromhex(body["commitment"]), Store(turn.folder / "store").get(body["proof"])
    return None
