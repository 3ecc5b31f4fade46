"""The auditor's walk through a record: events in order, with the checks' findings collected on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fedproof.errors import BadInput
from fedproof.federation.canonical import hex_field
from fedproof.federation.messages import Message
from fedproof.federation.record import Event
from fedproof.federation.report import AuditReport, Finding
from fedproof.federation.store import ArtefactError, Store
from fedproof.federation.terms import Terms
from fedproof.proof import Modes, RegistrationFields


class Stop(Exception):
    """Nothing after this can be checked; the finding is in the report."""


@dataclass
class Replay:
    """State of an audit. members: accepted registrations by address; names: by address."""

    folder: Path
    events: list[Event]
    report: AuditReport
    ptau: str | None
    progress: Callable[[float], None]
    members: dict[str, RegistrationFields] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    run: bytes = b""
    """Id of the run."""
    tips: dict[bytes, bytes] = field(default_factory=dict)
    """Of the fixed set, by dataset id."""
    commitment: bytes = b""
    """[W_0] of the current round."""
    artefact: str = ""
    """W_0 of the current round."""
    round: int | None = None
    modes: Modes = field(default_factory=lambda: Modes("prove", 1))
    _terms: Terms | None = None
    _next: int = 0

    @property
    def terms(self) -> Terms:
        """What was agreed. Available after the opening."""
        if self._terms is None:
            raise Stop
        return self._terms

    @terms.setter
    def terms(self, terms: Terms) -> None:
        self._terms = terms

    def peek(self) -> str:
        """Kind of the next event, "" at the end."""
        return self.events[self._next].kind if self._next < len(self.events) else ""

    def take(self, *kinds: str) -> Event:
        """The next event, which must be of one of `kinds` and of the current round."""
        if self.peek() not in kinds:
            found = self.peek() or "the end of the record"
            self.stop("record", f"line {self._next + 1}: {found} where {' or '.join(kinds)} should be")
        event = self.events[self._next]
        self._next += 1
        if event.kind not in ("run", "end", "failed") and event.round != self.round:
            self.stop("record", f"line {self._next}: {event.kind} of round {event.round}")
        self.progress(self._next / len(self.events))
        return event

    def find(self, check: str, problem: str, participant: str = "") -> None:
        """A check failed."""
        self.report.findings.append(Finding(check, problem, self.round, self.names.get(participant, participant)))

    def stop(self, check: str, problem: str) -> None:
        """A check failed, and what follows depends on it."""
        self.find(check, problem)
        raise Stop

    def expect(self, check: str, good: bool, problem: str, participant: str = "") -> bool:
        """Finds `problem` unless `good`."""
        if not good:
            self.find(check, problem, participant)
        return good

    def load(self, name: object) -> bytes:
        """An artefact; without it the audit stops."""
        try:
            return Store(self.folder / "store").get(str(name))
        except ArtefactError as error:
            self.stop("artefact", str(error))
            raise Stop from None

    def message(self, event: Event, kind: str) -> tuple[Message, bytes]:
        """The signed message an event holds, and the proof it names (b"" if it names none)."""
        body = event["body"]
        if not isinstance(body, dict) or not isinstance(event["participant"], str):
            raise BadInput(f"line {event.index + 1}: body must be an object, participant an address")
        message = Message(kind, body, hex_field(event.fields, "signature", 65))
        return message, self.load(body["proof"]) if "proof" in body else b""
