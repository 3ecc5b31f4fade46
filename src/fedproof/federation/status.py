"""How far a run is, from its files alone, while it is at work, after a crash, or when it has ended."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from fedproof.errors import BadInput
from fedproof.federation.canonical import Json, hex_field, int_field, printable, text_field
from fedproof.federation.record import Event
from fedproof.federation.roster import ROUNDS
from fedproof.federation.runfolder import RunFolder, is_run
from fedproof.federation.store import ArtefactError, Store
from fedproof.files import lock_file
from fedproof.task import Task

State = Literal["running", "interrupted", "finished", "ended early"]
ANSWERS = {"registration": "registration", "nonces": "nonce", "training": "submission"}
"""Phases, and the events in which somebody has answered."""


@dataclass(frozen=True)
class Absence:
    """Somebody refused (check, code) or missing (check: "") in a round, None for the registration; and why."""

    round: int | None
    participant: str
    reason: str
    check: str = ""
    code: str = ""


@dataclass(frozen=True)
class RunStatus:
    """rounds: of the task. done: closed ones. phase: of the open round, "" if none is open.

    answered, waiting: who has and who has not answered in this phase.
    """

    folder: str
    state: State
    task: str = ""
    run: str = ""
    mode: str = ""
    rounds: int = 0
    done: int = 0
    phase: str = ""
    answered: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    refused: list[Absence] = field(default_factory=list)
    missing: list[Absence] = field(default_factory=list)
    failure: str = ""

    @property
    def next(self) -> str:
        """What to do."""
        if self.state == "running":
            return (
                f"wait, or end it (Ctrl-C) and go on later: waiting for {', '.join(self.waiting) or 'the aggregator'}"
            )
        if self.state == "interrupted":
            return "go on with it: fedproof run RUN.toml --resume"
        if self.state == "finished":
            return f"re-verify it: fedproof audit {self.folder}"
        return "see why, then start a new run in another folder"

    def to_json(self) -> Json:
        """All of it as JSON."""
        return {**asdict(self), "next": self.next}


def status(path: Path) -> RunStatus:
    """The status of the run in `path`. Raises BadInput if there is none, or its record is broken."""
    folder = RunFolder(path)
    if not is_run(path):
        raise BadInput(f"{path}: holds no run")
    events = folder.events()
    try:
        return _status(folder, events)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        raise BadInput(f"{path}: the record is not one of a run ({type(error).__name__})") from None


def _status(folder: RunFolder, events: list[Event]) -> RunStatus:
    state, failure = _state(folder, events)
    if not events:
        return RunStatus(str(folder.path), state, phase="registration")
    first, names = (
        events[0],
        {entry["participant"]: printable(entry["name"], 64) for entry in events[0]["expected"]},
    )
    left_out = [event for event in events if event.kind == "missing" or event.fields.get("accepted") is False]
    absences = [_absence(event) for event in left_out]
    phase, answered, waiting = _phase(events, names) if state in ("running", "interrupted") else ("", [], [])
    return RunStatus(
        folder=str(folder.path),
        state=state,
        task=_task_name(folder, first),
        run=hex_field(first.fields, "run", 32).hex(),
        mode=text_field(first.fields, "mode"),
        rounds=int_field(first.fields, "rounds", 1, ROUNDS),
        done=sum(event.kind == "close" for event in events),
        phase=phase,
        answered=answered,
        waiting=waiting,
        refused=[absence for absence in absences if absence.check],
        missing=[absence for absence in absences if not absence.check],
        failure=failure,
    )


def _state(folder: RunFolder, events: list[Event]) -> tuple[State, str]:
    last = events[-1] if events else None
    if last is not None and last.kind == "failed":
        return "ended early", last["reason"]
    if not folder.private.is_dir():
        if last is not None and last.kind == "end":
            return "finished", ""
        return "ended early", "its private files are missing, so that it cannot be resumed"
    lock = lock_file(folder.lock)
    if lock is None:
        return "running", ""
    lock.close()
    return "interrupted", ""


def _absence(event: Event) -> Absence:
    found = {name: event.fields.get(name, "") for name in ("reason", "check", "code")}
    return Absence(event.round, event["name"], **found)


def _phase(events: list[Event], names: dict[str, str]) -> tuple[str, list[str], list[str]]:
    """Phase of the open round, who has answered in it, and who is waited for."""
    since = events[_last(events, "run", "set", "close") :]
    if since[0].kind == "run":
        phase, begun, expected = "registration", since, set(names)
    else:
        registered = {e["participant"] for e in events if e.kind == "registration" and e["accepted"]}
        expected = registered - {e["participant"] for e in since if e.kind == "missing"}
        phase = "training" if any(e.kind == "schedule" for e in since) else "nonces"
        begun = since[_last(since, "set", "close", "draw", "schedule") :]
    answered = {e["participant"] for e in begun if e.kind == ANSWERS[phase]}
    gone = {e["participant"] for e in begun if e.kind == "missing"}
    return phase, _named(answered, names), _named(expected - answered - gone, names)


def _last(events: list[Event], *kinds: str) -> int:
    return max(index for index, event in enumerate(events) if event.kind in kinds)


def _named(addresses: set[str], names: dict[str, str]) -> list[str]:
    return sorted(names[address] for address in addresses)


def _task_name(folder: RunFolder, event: Event) -> str:
    try:
        return Task.parse(tomllib.loads(Store(folder.path / "store").get(event["task_file"]).decode())).name
    except ArtefactError:
        return ""
