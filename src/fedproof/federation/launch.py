"""Starts a run's processes, follows it, and leaves either a whole result folder or none."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fedproof.errors import BadInput, FedproofError
from fedproof.federation.canonical import Json, decode, encode
from fedproof.federation.children import Child, end_children
from fedproof.federation.config import ParticipantConfig, RunConfig
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.jobs import AggregatorJob, ParticipantJob, Place
from fedproof.federation.keys import keystore_address
from fedproof.federation.publish import publish_model
from fedproof.proof import Modes
from fedproof.task import Task, load_task

THREADS = os.cpu_count() or 1
Watch = Callable[[Json], None]
"""Called with every event as it is recorded (key `tell`: its kind), and with `progress` and `process`."""


@dataclass(frozen=True)
class RunResult:
    """finished: all rounds were closed. failure: why not."""

    folder: Path
    finished: bool
    failure: str = ""


def run_federation(config: RunConfig, passphrases: Mapping[str, str], *, watch: Watch | None = None) -> RunResult:
    """Runs a federation with one process per participant and one for the aggregator.

    passphrases: of the keystores, by participant's name. The result folder appears whole when the run has ended
    (also early: then the record says why); on an error or Ctrl-C there is none, and no process stays behind.
    Raises BadInput.
    """
    task = load_task(config.task)
    if config.out.exists():
        raise BadInput(f"{config.out}: exists already; choose another folder or remove it")
    check_size(task, len(config.participant))
    Modes(config.mode, task.rounds, config.prove_rounds)
    addresses = {keystore_address(ParticipantFolder(p.folder).keystore).hex(): p for p in config.participant}
    if len(addresses) < len(config.participant):
        raise BadInput("two participants have the same key")
    config.out.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{config.out.name}.", suffix=".part", dir=config.out.parent))
    meeting = Path(tempfile.mkdtemp(prefix="fedproof-"))
    children: list[Child] = []
    try:
        result = _run(config, task, addresses, passphrases, partial, meeting, children, watch or (lambda _: None))
        if result.finished:
            publish_model(partial)
        partial.chmod(0o755)
        partial.rename(config.out)
        return result
    finally:
        end_children(children)
        shutil.rmtree(meeting, ignore_errors=True)
        shutil.rmtree(partial, ignore_errors=True)


def check_size(task: Task, participants: int) -> None:
    """Raises BadInput if so many participants cannot close a round of the task, or might not be able to."""
    if participants < task.min_accepted:
        raise BadInput(
            f"the run has {participants} participants, the task asks for {task.min_accepted} updates in a sum "
            "(task.min_accepted)"
        )
    if participants * task.fields.largest_update >= 2**63:
        raise BadInput(
            f"the sum of {participants} updates might not fit 64 bits: fewer participants, or lower "
            "precision.weight_bound or training.learning_rate"
        )


def _run(
    config: RunConfig,
    task: Task,
    addresses: Mapping[str, ParticipantConfig],
    passphrases: Mapping[str, str],
    partial: Path,
    meeting: Path,
    children: list[Child],
    watch: Watch,
) -> RunResult:
    place = Place(str(meeting / "s"), secrets.token_hex(32))
    aggregator = Child(
        "fedproof.federation.aggregator",
        AggregatorJob(
            place=place,
            folder=str(partial.absolute()),
            task=task.to_toml(),
            ptau=_absolute(config.ptau),
            mode=config.mode,
            threads=THREADS,
            expected={address: participant.name for address, participant in addresses.items()},
            timeout=config.timeout,
            prove_rounds=config.prove_rounds,
        ),
        meeting / "aggregator.log",
        told=True,
    )
    children.append(aggregator)
    watch({"tell": "process", "name": "aggregator", "pid": aggregator.process.pid})
    failure, started = "", False
    for line in aggregator.process.stdout or ():
        event = decode(line.rstrip(b"\n"))
        if event["tell"] == "ready":
            if started:
                continue
            started = True
            for address, participant in addresses.items():
                job = _job(config, task, participant, place, passphrases[participant.name])
                child = Child("fedproof.federation.participant", job, meeting / f"{address}.log")
                children.append(child)
                watch({"tell": "process", "name": participant.name, "pid": child.process.pid})
                threading.Thread(target=_report_end, args=(child, address, aggregator), daemon=True).start()
            continue
        if event["tell"] == "failed":
            failure = event["reason"]
        watch(event)
    code = aggregator.process.wait()
    if code not in (0, 1) or (code == 1 and not failure):
        words = aggregator.last_words()
        raise BadInput(words) if code == 2 else FedproofError(f"the aggregator's process failed: {words}")
    return RunResult(config.out, code == 0, failure)


def _job(
    config: RunConfig, task: Task, participant: ParticipantConfig, place: Place, passphrase: str
) -> ParticipantJob:
    return ParticipantJob(
        place=place,
        folder=str(participant.folder.absolute()),
        name=participant.name,
        task=task.to_toml(),
        ptau=_absolute(config.ptau),
        mode=config.mode,
        threads=max(1, THREADS // len(config.participant)),
        passphrase=passphrase,
        data=_absolute(participant.data),
        cheat=participant.cheat,
        cheat_from=participant.cheat_from,
        prove_rounds=config.prove_rounds,
    )


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


def _report_end(child: Child, address: str, aggregator: Child) -> None:
    """Tells the aggregator when a participant's process has ended, so that it need not wait for its timeout."""
    child.process.wait()
    aggregator.write(encode({"gone": address, "reason": child.last_words()[:500]}) + b"\n")
