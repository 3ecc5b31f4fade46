"""Re-verifies a whole task from the chain's events and the artefact store, with the verifier of this package.

A node can leave out or invent events. What it invents has to pass every check of a proof; what it leaves out breaks the
order, the sums or the money. That the chain itself is the one everybody means is up to the reader: compare its id.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter

import numpy as np

from fedproof._core import keccak256
from fedproof.chain.discover import verify_hub
from fedproof.chain.errors import ChainError
from fedproof.chain.hub import Hub
from fedproof.chain.rpc import Chain
from fedproof.chain.task import Phase
from fedproof.errors import BadInput, FedproofError, Rejected
from fedproof.federation.onchain.audit_round import audit_round
from fedproof.federation.onchain.audit_seed import Seeds
from fedproof.federation.onchain.conditions import key_id
from fedproof.federation.onchain.history import History
from fedproof.federation.onchain.inspection import Inspection
from fedproof.federation.onchain.model import provenance, start_of
from fedproof.federation.onchain.money import check_money
from fedproof.federation.onchain.site import Site
from fedproof.federation.onchain.statements import registration_fields
from fedproof.federation.publish import MODEL
from fedproof.federation.replay import Stop
from fedproof.federation.report import AuditReport, Finding
from fedproof.federation.store import Store
from fedproof.federation.terms import Terms
from fedproof.proof import verify_registration
from fedproof.registry import export_model, load_model
from fedproof.task import Task


def audit_chain(
    chain: Chain,
    site: Site,
    ptau: str | os.PathLike[str] | None = None,
    *,
    task_digest: bytes | None = None,
    names: Mapping[bytes, str] | None = None,
    folder: Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> AuditReport:
    """Audits a task. task_digest: of the task file it must have; without it any is fine, and the reader has to compare.
    names: of members, for the report. folder: of a run, whose exported model is checked too.

    Every failed check is a Finding (CHAIN_CHECKS). Raises BadInput if the chain knows no such task, and ChainError.
    """
    start = perf_counter()
    hub = site.open(chain)
    report = AuditReport(chain.shown, run=site.task, mode="prove")
    try:
        history = History.of(hub.events(site.id, site.block))
    except (Rejected, BadInput) as error:
        report.findings.append(Finding("events", str(error)))
        return report
    if history.opened is None:
        raise BadInput(f"{chain.shown}: the hub 0x{site.hub} has opened no task {site.task}")
    opened = history.opened
    told = progress or (lambda _: None)
    walk = Inspection(hub, site.id, opened.task, history, Store(site.store), report, told, dict(names or {}))
    try:
        _walk(walk, site, None if ptau is None else os.fspath(ptau), task_digest, folder)
    except Stop:
        pass
    except FedproofError as error:
        walk.find("events", f"malformed: {error}")
    report.seconds = perf_counter() - start
    return report


def _walk(walk: Inspection, site: Site, ptau: str | None, task_digest: bytes | None, folder: Path | None) -> None:
    _contracts(walk)
    _opening(walk, site, ptau, task_digest)
    _members(walk)
    seeds = Seeds.of(walk, site.block)
    rounds = walk.history.rounds
    for current in rounds:
        walk.round = current.number
        audit_round(walk, current, seeds)
        walk.progress((current.number + 1) / max(1, len(rounds)))
    walk.round = None
    check_money(walk, site.block)
    _end(walk, site, folder)


def _contracts(walk: Inspection) -> None:
    try:
        verify_hub(walk.hub.chain, walk.hub.address, walk.task.beacon, walk.task.gate)
    except ChainError as error:
        walk.find("contracts", str(error))


def _opening(walk: Inspection, site: Site, ptau: str | None, task_digest: bytes | None) -> None:
    task, opened, report = walk.task, walk.history.opened, walk.report
    if task.id(site.chain_id, walk.hub.address) != walk.id:
        walk.stop("task", "the id is not that of these terms on this chain and hub")
    walk.expect("task", walk.hub.task(walk.id) == task, "the hub has other terms than its event says")
    content = walk.load(task.task_file)
    if content is None:
        raise Stop
    try:
        agreed = Task.parse(tomllib.loads(content.decode()))
    except (BadInput, ValueError, RecursionError) as error:
        walk.stop("task", f"the task file is not a task: {error}")
        return
    report.task, report.task_digest = agreed.name, agreed.digest.hex()
    wanted = task_digest is None or task_digest == agreed.digest
    walk.expect("task", wanted, "the task has another file than the one asked for")
    if agreed.digest != task.task_digest:
        walk.stop("task", "the task file has another digest than the chain says")
    same = (task.rounds, task.min_accepted) == (agreed.rounds, agreed.min_accepted)
    walk.expect("task", same, "rounds or min_accepted on the chain are not the task file's")
    terms = site.terms(Terms.of(agreed, ptau))
    report.insecure_setup = terms.setup.insecure
    report.program_digest = terms.program.digest.hex()
    if key_id(terms) != task.key_id:
        hint = "" if ptau is not None else " (give the setup file of the task: --ptau FILE)"
        walk.stop("program", f"the key on the chain is not the one of this program and setup{hint}")
    _, start = terms.initial()
    points = opened.start if opened is not None else b""
    good = points == start and task.start == keccak256(start)
    walk.expect("initial", good, "the first model is not the one of the task's seed")
    walk.terms = terms


def _members(walk: Inspection) -> None:
    datasets: dict[bytes, bytes] = {}
    for entry in walk.history.joined:
        owner = datasets.setdefault(entry.dataset, entry.member)
        walk.expect("registration", owner == entry.member, "somebody else's dataset", entry.member)
        fields = registration_fields(walk.terms, entry)
        same = fields.dataset_id(walk.terms.key) == entry.dataset_id
        walk.expect("registration", same, "the dataset id is not that of the registration", entry.member)
        proof = walk.load(entry.proof, entry.member)
        if proof is None:
            continue
        walk.report.proofs += 1
        try:
            verify_registration(walk.terms.key, fields, proof)
        except (Rejected, BadInput) as error:
            walk.find("registration", str(error), entry.member)
    walk.report.participants = len(walk.history.members)


def _end(walk: Inspection, site: Site, folder: Path | None) -> None:
    history, report = walk.history, walk.report
    phase = walk.hub.progress(walk.id).phase
    report.rounds = sum(entry.closed is not None for entry in history.rounds)
    report.record = history.rounds[-1].roll.hex() if history.rounds else ""
    if history.cancelled is not None:
        report.notes.append(f"the task was cancelled: {history.cancelled.reason}")
        walk.expect("end", phase is Phase.CANCELLED, "an event says that the task was cancelled, the hub does not")
    elif phase is Phase.FINISHED:
        report.finished = True
        walk.expect(
            "end", report.rounds == walk.task.rounds, f"{report.rounds} of {walk.task.rounds} rounds were closed"
        )
        if folder is not None and (folder / MODEL).is_dir():
            _model(walk, site, folder)
    else:
        report.notes.append(f"the task is not over: {phase.name.lower()}")


def _model(walk: Inspection, site: Site, folder: Path) -> None:
    """Both exported files hold what would be exported of the chain."""
    history, terms = walk.history, walk.terms
    weights, _ = start_of(terms, history, len(history.rounds), walk.store)
    wanted = provenance(terms, site, history)
    scale = 2.0**terms.task.fields.weight_bits
    for name in export_model(terms.task, weights, wanted):
        try:
            model = load_model(folder / MODEL / name)
        except BadInput as error:
            walk.find("model", str(error))
            continue
        same = all(
            np.array_equal(mine, (layer / scale).astype(np.float32))
            for mine, layer in zip(model.weights, weights, strict=True)
        )
        stated = {key: model.metadata.get(key) for key in wanted}
        good = same and stated == wanted and model.task.digest == terms.task.digest
        walk.expect("model", good, f"{MODEL}/{name} is not the model the chain ends with")


def find_task(chain: Chain, id: bytes, hub: bytes, block: int, store: str) -> Site:
    """Where a task is, for `audit_chain`. Raises BadInput if the hub has opened no such task."""
    contract = Hub(chain, hub)
    if contract.progress(id).phase is Phase.NONE:
        raise BadInput(f"{chain.shown}: the hub 0x{hub.hex()} has opened no task {id.hex()}")
    return Site(False, chain.chain_id, hub.hex(), id.hex(), block, store)
