"""A finished run in numbers: accuracy beside float32, who was refused, times and sizes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fedproof.data import Records
from fedproof.federation.baseline import float_run
from fedproof.federation.canonical import Json
from fedproof.federation.index import Index
from fedproof.federation.store import Store
from fedproof.program import compile_task, float_model
from fedproof.program.float_model import Weights
from fedproof.proof import Mode, Modes
from fedproof.proof.weights import decode_weights
from fedproof.task import Task

NOT_PROVEN: dict[Mode, str] = {"check": "checked, not proven", "off": "not proven"}
"""How a round of these modes is marked wherever it is shown."""
CHECKED = "Not every round is proven: elsewhere participants checked their own witness, and nobody else can."


@dataclass(frozen=True)
class Score:
    """Share of the test records that are classified rightly, in all and per class (recall)."""

    accuracy: float
    classes: dict[str, float]


@dataclass(frozen=True)
class Refusal:
    """Somebody left out of a round. check: "" if the participant was missing."""

    participant: str
    check: str
    reason: str


@dataclass(frozen=True)
class RoundSummary:
    """One round. mode: whether it was proven. prove_seconds, verify_ms, proof_bytes: of its proofs, by participant.

    On a chain: gas of all its transactions, share of each accepted update, lost: from stakes, by participant.
    """

    number: int
    mode: Mode
    model: Score
    float32: Score
    accepted: list[str]
    refused: list[Refusal]
    prove_seconds: dict[str, float]
    verify_ms: dict[str, float]
    proof_bytes: dict[str, int]
    gas: int = 0
    share: int = 0
    lost: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Account:
    """Somebody's money at the end of a run on a chain. staked, lost (of it), earned: in units of the token."""

    name: str
    staked: int
    lost: int
    earned: int
    gas: int


@dataclass(frozen=True)
class RunSummary:
    """A run. start: scores before the first round. notice: what is not proven, empty if everything is.

    notes: what a reader of the results has to know of the data. accounts: of a run on a chain.
    """

    title: str
    task: str
    dims: tuple[int, ...]
    participants: list[str]
    test_records: int
    start: Score
    registration_bytes: int
    notice: str = ""
    notes: tuple[str, ...] = ()
    rounds: list[RoundSummary] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)

    @property
    def final(self) -> RoundSummary:
        """The last round."""
        return self.rounds[-1]

    def mean(self, what: str) -> float:
        """Mean over all proofs of the run of prove_seconds, verify_ms or proof_bytes; 0 without any."""
        values = [v for r in self.rounds if r.mode == "prove" for v in getattr(r, what).values()]
        return float(sum(values) / max(1, len(values)))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def summarise(
    folder: Path, title: str, test: Records, records: Mapping[str, Records], notes: tuple[str, ...] = ()
) -> RunSummary:
    """Summary of the run in `folder`. records: of every participant, by name (for the float32 comparison)."""
    index, store = Index(folder), Store(folder / "store")
    try:
        run = index.select("run")[0]
        closes, plans = index.select("close"), index.select("schedule")[: len(index.select("close"))]
        submissions, missing = index.select("submission"), index.select("missing")
        registrations = index.select("registration")
    finally:
        index.close()
    task = Task.parse(tomllib.loads(store.get(run["task_file"]).decode()))
    modes = Modes(run["mode"], task.rounds, run["prove_rounds"])
    names = {entry["participant"]: entry["name"] for entry in run["expected"]}
    accepted = [sorted(names[address] for address in close["accepted"]) for close in closes]
    seeds = [bytes.fromhex(plan["seed"]) for plan in plans]
    floats = float_run(task, compile_task(task), records, seeds, accepted)
    summary = RunSummary(
        title,
        task.name,
        task.dims,
        sorted(names.values()),
        test.count,
        score(task, floats[0], test),
        max((event["proof_bytes"] for event in registrations), default=0),
        modes.notice,
        notes,
    )
    for number, close in enumerate(closes):
        model = float_model.from_integers(task, decode_weights(store.get(close["weights"]), task.dims))
        mine = [event for event in submissions if event["round"] == number]
        lost = [event for event in missing if event["round"] == number]
        summary.rounds.append(
            RoundSummary(
                number,
                modes.of(number),
                score(task, model, test),
                score(task, floats[number + 1], test),
                accepted[number],
                [Refusal(e["name"], e["check"], e["reason"]) for e in mine if not e["accepted"]]
                + [Refusal(e["name"], "", e["reason"]) for e in lost],
                by_name(mine, lambda event: event["prove_ms"] / 1000),
                by_name(mine, lambda event: event["verify_ms"]),
                by_name(mine, lambda event: event["proof_bytes"]),
            )
        )
    return summary


def by_name(events: list[Json], value: Any) -> dict[str, Any]:
    """A value of each event, by participant."""
    return {event["name"]: value(event) for event in sorted(events, key=lambda e: str(e["name"]))}


def score(task: Task, weights: Weights, test: Records) -> Score:
    """Of a model on the test records."""
    return Score(float_model.accuracy(task, weights, test), float_model.class_accuracy(task, weights, test))
