"""Re-verifies a whole run from its files alone, trusting none of them."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

from fedproof.errors import BadInput, FedproofError
from fedproof.federation.audit_round import audit_round
from fedproof.federation.canonical import hex_field, int_field
from fedproof.federation.draw import set_digest
from fedproof.federation.judge import judge_registration
from fedproof.federation.publish import MODEL, final_weights, provenance
from fedproof.federation.record import read_record
from fedproof.federation.replay import Replay, Stop
from fedproof.federation.report import CHECKS, AuditReport, Finding
from fedproof.federation.terms import CHAIN_ID, Terms
from fedproof.proof import MODES, Modes, encode_weights
from fedproof.proof.weights import decode_weights
from fedproof.registry import export_model, load_model
from fedproof.task import Task

__all__ = ["CHECKS", "AuditReport", "Finding", "audit"]


def audit(
    folder: str | os.PathLike[str],
    ptau: str | os.PathLike[str] | None = None,
    *,
    task_digest: bytes | None = None,
    progress: Callable[[float], None] | None = None,
) -> AuditReport:
    """Audits the run in `folder`. ptau: the setup file of the run, if it did not use the development setup.
    task_digest: of the task the run must have followed; without it any task is fine, and the reader has to compare.

    Every failed check is a Finding that names round, participant and check id (CHECKS); whatever a hostile file holds
    ends as one. Raises BadInput only if there is no record in the folder at all.
    """
    start = perf_counter()
    path = Path(folder)
    report = AuditReport(str(path))
    if not (path / "record.jsonl").is_file():
        raise BadInput(f"{path}: holds no run (record.jsonl is missing)")
    try:
        events = read_record(path)
        report.record = events[-1].digest.hex()
        walk = Replay(path, events, report, None if ptau is None else os.fspath(ptau), progress or (lambda _: None))
        try:
            _walk(walk, task_digest)
        except Stop:
            pass
        except FedproofError as error:
            walk.find("record", f"malformed: {error}")
        except Exception as error:  # the files are hostile: whatever they make fail is a finding, never a traceback
            walk.find("record", f"malformed: {type(error).__name__}: {error}")
    except BadInput as error:
        report.findings.append(Finding("record", str(error)))
    report.seconds = perf_counter() - start
    return report


def _walk(walk: Replay, task_digest: bytes | None) -> None:
    _opening(walk, task_digest)
    _registrations(walk)
    if walk.peek() != "failed":
        _set(walk)
    rounds = walk.terms.task.rounds
    while walk.peek() not in ("end", "failed") and walk.report.rounds < rounds:
        walk.round = walk.report.rounds
        if audit_round(walk):
            walk.report.rounds += 1
    _end(walk)


def _opening(walk: Replay, task_digest: bytes | None) -> None:
    event = walk.take("run")
    report = walk.report
    report.mode = str(event["mode"])
    if report.mode not in MODES:
        walk.stop("mode", f"unknown mode {report.mode!r}")
    walk.run = hex_field(event.fields, "run", 32)
    report.run = walk.run.hex()
    try:
        task = Task.parse(tomllib.loads(walk.load(event["task_file"]).decode()))
    except (BadInput, ValueError, RecursionError) as error:
        walk.stop("task", f"the task file is not a task: {error}")
        return
    report.task, report.task_digest = task.name, task.digest.hex()
    wanted = task_digest is None or task_digest == task.digest
    walk.expect("task", wanted, "the run followed another task than the one asked for")
    if task.digest.hex() != event["task"]:
        walk.stop("task", "the task file has another digest than the record says")
    report.prove_rounds = int_field(event.fields, "prove_rounds", 0, task.rounds)
    walk.modes = Modes(event["mode"], task.rounds, report.prove_rounds)
    walk.expect("mode", not walk.modes.notice, walk.modes.notice)
    walk.expect("task", event["rounds"] == task.rounds, "the number of rounds is not the task's")
    walk.expect("task", event["chain_id"] == CHAIN_ID, "the chain id is not that of a run without a chain")
    walk.names = {entry["participant"]: entry["name"] for entry in event["expected"]}
    terms = Terms.of(task, walk.ptau)
    report.insecure_setup = terms.setup.insecure
    report.program_digest = terms.program.digest.hex()
    if terms.program.digest.hex() != event["program"] or walk.load(event["program_file"]) != terms.program.encode():
        walk.stop("program", "the task compiles to another program")
    setup = event["setup"]
    if terms.setup.digest.hex() != setup["digest"] or terms.setup.insecure != setup["insecure"]:
        hint = "" if setup["insecure"] else " (give the run's setup file: --ptau FILE)"
        walk.stop("setup", f"another setup than the one here{hint}")
    if terms.key.digest.hex() != event["key"]:
        walk.stop("key", "program and setup give another key")
    walk.terms = terms


def _registrations(walk: Replay) -> None:
    seen = set()
    while walk.peek() in ("registration", "missing"):
        event = walk.take("registration", "missing")
        address = event["participant"]
        if address in seen or address not in walk.names:
            walk.find("registration", "registered twice, or not expected in this run", address)
            continue
        seen.add(address)
        if event.kind == "missing":
            walk.report.notes.append(f"{walk.names[address]} did not register: {event['reason']}")
            continue
        message, proof = walk.message(event, "registration")
        fields, verdict = judge_registration(walk.terms, walk.run, message, proof, walk.modes.registration)
        if walk.modes.registration == "prove":
            walk.report.proofs += 1
        if event["accepted"]:
            if fields is None:
                walk.find("registration", f"{verdict.check}: {verdict.reason}", address)
            elif walk.expect("registration", fields.submitter.hex() == address, "is somebody else's", address):
                walk.members[address] = fields
            continue
        found = (verdict.accepted, verdict.check, verdict.code)
        walk.expect(
            "refusal", found == (False, event["check"], event["code"]), "was refused, but does not fail so", address
        )
        walk.report.refused.append(Finding(event["check"], event["reason"], None, walk.names[address]))


def _set(walk: Replay) -> None:
    event = walk.take("set")
    walk.report.participants = len(walk.members)
    walk.tips = {fields.dataset_id(walk.terms.key): fields.nonce_commitment for fields in walk.members.values()}
    found, ids = (event["members"], event["digest"]), [i.hex() for i in sorted(walk.tips)]
    good = found == (ids, set_digest(walk.tips).hex())
    walk.expect("set", good, "the set is not that of the accepted registrations")
    least = walk.terms.task.min_accepted
    walk.expect("set", len(ids) >= least, f"{len(ids)} datasets, the task needs {least}")
    weights, commitment = walk.terms.initial()
    good = walk.load(event["weights"]) == encode_weights(weights) and event["commitment"] == commitment.hex()
    walk.expect("initial", good, "the first model is not the one of the task's seed")
    walk.commitment, walk.artefact = bytes.fromhex(event["commitment"]), event["weights"]


def _end(walk: Replay) -> None:
    walk.round = None
    event = walk.take("end", "failed")
    if walk.peek():
        walk.stop("record", f"{walk.peek()} after the end")
    if event.kind == "failed":
        walk.report.notes.append(f"the run ended early: {event['reason']}")
        return
    walk.report.finished = True
    rounds = walk.terms.task.rounds
    walk.expect("end", walk.report.rounds == rounds, f"{walk.report.rounds} of {rounds} rounds were closed")
    last = (walk.artefact, walk.commitment.hex())
    walk.expect("end", (event["weights"], event["commitment"]) == last, "the model is not the last round's")
    decode_weights(walk.load(event["weights"]), walk.terms.task.dims)
    _model(walk)


def _model(walk: Replay) -> None:
    """Both exported files hold what would be exported of the record."""
    task, weights = final_weights(walk.folder, walk.events)
    for name in export_model(task, weights, provenance(walk.events)):
        try:
            model = load_model(walk.folder / MODEL / name)
        except BadInput as error:
            walk.find("model", str(error))
            continue
        scale = 2.0**task.fields.weight_bits
        same = all(
            np.array_equal(mine, (layer / scale).astype(np.float32))
            for mine, layer in zip(model.weights, weights, strict=True)
        )
        stated = {key: model.metadata[key] for key in provenance(walk.events)}
        good = same and model.task.digest == task.digest and stated == provenance(walk.events)
        walk.expect("model", good, f"{MODEL}/{name} is not the model the record ends with")
