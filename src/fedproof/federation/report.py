"""What an audit finds."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from fedproof.federation.canonical import Json

CHECKS = {
    "record": "every line of the record follows from the one before, and the events come in the order of a run",
    "artefact": "every artefact is in the store and is what its name says",
    "task": "the task file has the recorded digest (and the one asked for), and the number of rounds is the task's",
    "program": "the program is the one the task compiles to",
    "setup": "the setup has the recorded digest",
    "key": "the key of program and setup has the recorded digest",
    "mode": "the run proved its updates",
    "initial": "the first model is the one of the task's seed, under its commitment",
    "registration": "every accepted registration is signed and its proof verifies",
    "set": "the set of datasets is exactly the accepted registrations, ascending",
    "draw": "the seed is of the first attempt in which all still in the round revealed, and nobody was dropped unnamed",
    "nonce": "every nonce is signed by its participant, for this run, set, round and attempt, and opens its commitment",
    "schedule": "seed and schedule follow from run, set, task, round, model and nonces",
    "submission": "every accepted update is signed and its proof verifies for exactly this round",
    "refusal": "everything refused does fail, with the recorded check",
    "accepted": "the round's new model counts exactly the accepted updates, and enough of them",
    "sum": "the opened sum opens the sum of the accepted commitments",
    "rounding": "the new model is the sum divided by the number of updates, rounded half up, clipped to the bound",
    "bound": "as many weights as recorded were clipped to the program's bound",
    "commitment": "the new model has the recorded commitment",
    "close": "the close of every proven round has a proof, and it verifies for the sum, the new model and their number",
    "end": "the record ends after the task's last round with the last round's model",
    "model": "the exported model is the one the record ends with",
}
"""Check ids of an audit."""


@dataclass(frozen=True)
class Finding:
    """A check that failed. participant: name (or address), "" if the finding is about nobody in particular."""

    check: str
    problem: str
    round: int | None = None
    participant: str = ""

    def __str__(self) -> str:
        where = [] if self.round is None else [f"round {self.round}"]
        where += [self.participant] if self.participant else []
        return f"{', '.join([*where, 'check ' + self.check])}: {self.problem}"


@dataclass
class AuditReport:
    """Result of an audit. notes: what is worth knowing and no failure; refused: who was refused, when and why."""

    folder: str
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
    task: str = ""
    task_digest: str = ""
    program_digest: str = ""
    run: str = ""
    mode: str = ""
    prove_rounds: int = 0
    insecure_setup: bool = False
    participants: int = 0
    rounds: int = 0
    proofs: int = 0
    finished: bool = False
    record: str = ""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """No check failed."""
        return not self.findings

    def to_json(self) -> Json:
        """For --json."""
        return {"ok": self.ok, **asdict(self)}
