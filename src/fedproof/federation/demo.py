"""The demonstration: hospitals with real patients' records, an honest run, and one in which somebody cheats."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from fedproof.data import load_records
from fedproof.data.examples import Example, load_example
from fedproof.errors import BadInput, FedproofError
from fedproof.federation.audit import AuditReport, audit
from fedproof.federation.cheats import check_cheat
from fedproof.federation.config import ParticipantConfig, RunConfig
from fedproof.federation.crew import Watch
from fedproof.federation.files import read_file, write_file
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.keys import RANDOM, create_identity
from fedproof.federation.launch import run_federation
from fedproof.federation.page import page
from fedproof.federation.plots import draw
from fedproof.federation.summary import RunSummary, summarise
from fedproof.task import Task

MARK = ".fedproof-demo"
"""File that says: this folder was written by the demonstration and may be written anew. Once its participants are
there, also what is needed to go on with it: options, and the passphrases of keys that protect nothing.
"""


@dataclass(frozen=True)
class DemoOptions:
    """hidden: units of the hidden layers, None for those of the data set. cheat: "" for none.

    seed: of the split of records among participants.
    """

    out: Path
    dataset: str = "breast-cancer"
    participants: int = 4
    rounds: int = 6
    cheat: str = "scaled-update"
    hidden: tuple[int, ...] | None = None
    seed: int = 0
    timeout: float = 600.0


@dataclass(frozen=True)
class DemoResult:
    """Runs and their audits, in the same order."""

    out: Path
    runs: list[RunSummary]
    audits: list[AuditReport]

    @property
    def ok(self) -> bool:
        """Every audit passed."""
        return all(report.ok for report in self.audits)


def run_demo(options: DemoOptions, stage: Callable[[str], Watch]) -> DemoResult:
    """Runs the demonstration. stage: called with the title of each run, gives what watches it.

    Writes accuracy.png, index.html, summary.json, the participants' folders and the runs' folders under `options.out`.
    Raises BadInput for options that make no sense or a folder that is not the demonstration's.
    """
    example = _example(options)
    if options.cheat:
        if options.participants < 2:
            raise BadInput("--cheat: with one participant nobody honest would be left; add --cheat none")
        check_cheat(options.cheat, example.task, options.participants)
    _clear(options.out)
    passphrases = _hospitals(options.out, example)
    begun = {name: value for name, value in asdict(options).items() if name != "out"}
    mark = json.dumps({"options": begun, "passphrases": passphrases}).encode()
    write_file(options.out / MARK, mark, private=True)
    return _demo(options, example, passphrases, stage)


def resume_demo(out: Path, stage: Callable[[str], Watch]) -> DemoResult:
    """Goes on with a demonstration that was interrupted, with the options it was begun with. Raises BadInput."""
    content = read_file(out / MARK) if (out / MARK).is_file() else b""
    if not content:
        raise BadInput(f"{out}: holds no demonstration to go on with; run it without --resume")
    begun = json.loads(content)
    layers = begun["options"].pop("hidden")
    options = DemoOptions(out=out, hidden=None if layers is None else tuple(layers), **begun["options"])
    return _demo(options, _example(options), begun["passphrases"], stage, resume=True)


def _example(options: DemoOptions) -> Example:
    return load_example(
        options.dataset,
        participants=options.participants,
        rounds=options.rounds,
        **({} if options.hidden is None else {"hidden": options.hidden}),
        fold=options.seed % 5,
        min_accepted=max(1, min(3, options.participants - (1 if options.cheat else 0))),
    )


def _demo(
    options: DemoOptions,
    example: Example,
    passphrases: dict[str, str],
    stage: Callable[[str], Watch],
    *,
    resume: bool = False,
) -> DemoResult:
    out, names = options.out, list(passphrases)
    plans = [("honest", "everybody honest", "")]
    if options.cheat:
        plans.append(("cheating", f"{names[-1]} cheats: {options.cheat}", options.cheat))
    records = {name: load_records(out / name / "data" / "records.csv", example.task) for name in names}
    test = load_records(out / "test.csv", example.task, minimum=0)
    runs, audits = [], []
    for folder, title, cheat in plans:
        config = _config(options, out / folder, names, cheat)
        result = run_federation(config, passphrases, watch=stage(title), resume=resume)
        if not result.finished:
            raise FedproofError(f"{title}: {result.failure}")
        audits.append(audit(config.out))
        runs.append(summarise(config.out, title, test, records))
    write_file(out / "accuracy.png", draw(runs, "png"))
    write_file(out / "index.html", page(runs, audits, draw(runs, "svg")).encode())
    content = {"runs": [run.to_json() for run in runs], "audits": [report.to_json() for report in audits]}
    write_file(out / "summary.json", json.dumps(content, indent=1).encode())
    return DemoResult(out, runs, audits)


def _clear(out: Path) -> None:
    """An empty folder; an earlier demonstration in it is removed, anything else is not touched."""
    if out.exists() and not (out / MARK).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(f"{out}: exists and is not a demonstration; choose another folder with --out")
    shutil.rmtree(out, ignore_errors=True)
    write_file(out / MARK, b"")


def _hospitals(out: Path, example: Example) -> dict[str, str]:
    """One folder per participant with records and a key; returns the passphrases, which nobody ever sees."""
    task: Task = example.task
    write_file(out / "task.toml", task.to_toml().encode())
    example.test.write_csv(out / "test.csv", task)
    passphrases = {}
    for number, table in enumerate(example.participants, start=1):
        name = f"hospital-{number}"
        folder = ParticipantFolder(out / name)
        folder.prepare()
        (folder.path / "data").mkdir()
        table.write_csv(folder.path / "data" / "records.csv", task)
        passphrases[name] = secrets.token_hex(32)
        create_identity(folder.keystore, passphrases[name], cost=RANDOM)
    return passphrases


def _config(options: DemoOptions, out: Path, names: list[str], cheat: str) -> RunConfig:
    people = tuple(
        ParticipantConfig(name=name, folder=options.out / name, cheat=cheat if name == names[-1] else "")
        for name in names
    )
    return RunConfig(
        task=options.out / "task.toml",
        out=out,
        participant=people,
        timeout=options.timeout,
    )
