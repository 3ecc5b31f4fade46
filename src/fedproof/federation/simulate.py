"""A whole federation on this machine in one call: the quick start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fedproof.federation.audit import AuditReport
from fedproof.federation.demo import DemoOptions, run_demo
from fedproof.federation.summary import RunSummary
from fedproof.proof import Mode


@dataclass(frozen=True)
class Simulation:
    """A finished run and its audit. The run's own files are under `folder`."""

    folder: Path
    summary: RunSummary
    audit: AuditReport

    @property
    def accuracy(self) -> float:
        """Of the final model on records nobody trained on, 0..1."""
        return self.summary.final.model.accuracy

    @property
    def float32(self) -> float:
        """The same for float32 federated averaging with the same batches."""
        return self.summary.final.float32.accuracy

    @property
    def refused(self) -> list[tuple[int, str, str]]:
        """(round, participant, failed check) of every update that was left out."""
        return [(r.number, who.participant, who.check) for r in self.summary.rounds for who in r.refused]


def simulate(
    dataset: str = "breast-cancer",
    *,
    out: str | Path,
    participants: int | None = None,
    rounds: int = 3,
    cheat: str = "",
    seed: int = 0,
    mode: Mode | None = None,
    prove_rounds: int | None = None,
    data: str | Path | None = None,
) -> Simulation:
    """Trains on a real data set, one process per participant, every update proven and verified, then audits the files.

    participants: by default 4 (for `lung` its institutions). cheat: what the last participant tries ("" for nothing);
    see `fedproof demo --help` for the names. mode: "prove" (default), "check" or "off"; of the latter two the last
    `prove_rounds` rounds are proven all the same; fashion-mnist is shown with mode check and one of them. data: folder
    of the data set's files. `out` is replaced if an earlier simulation made it. Uses the INSECURE development setup.
    Raises BadInput.
    """
    options = DemoOptions(
        out=Path(out),
        dataset=dataset,
        participants=participants,
        rounds=rounds,
        cheat=cheat,
        seed=seed,
        mode=mode,
        prove_rounds=prove_rounds,
        data=None if data is None else Path(data),
        chain=False,
    )
    result = run_demo(options, lambda title: lambda event: None)
    return Simulation(result.out, result.runs[-1], result.audits[-1])
