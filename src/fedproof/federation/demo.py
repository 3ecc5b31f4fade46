"""The demonstration: hospitals with real patients' records, an honest run, and one in which somebody cheats."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fedproof.data import load_records
from fedproof.data.examples import Example, load_example
from fedproof.errors import BadInput, FedproofError
from fedproof.federation.audit import AuditReport, audit
from fedproof.federation.cheats import check_cheat
from fedproof.federation.config import ParticipantConfig, RunConfig
from fedproof.federation.crew import Watch
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.furnish import MARK, clear, furnish, records_file, write_records
from fedproof.federation.keys import keystore_address
from fedproof.federation.launch import run_federation
from fedproof.federation.onchain.audit import audit_chain
from fedproof.federation.onchain.offer import ChainConfig
from fedproof.federation.onchain.place import open_place
from fedproof.federation.onchain.summary import summarise_chain
from fedproof.federation.page import page
from fedproof.federation.plots import draw
from fedproof.federation.summary import RunSummary, summarise
from fedproof.files import read_file, write_file
from fedproof.proof import Mode, Modes
from fedproof.task import Task


@dataclass(frozen=True)
class DemoOptions:
    """participants, rounds, hidden, mode, prove_rounds, cheat: None for what the data set's show takes (SHOWS).

    hidden: units of the hidden layers. prove_rounds: of the modes check and off, the last rounds that are proven all
    the same. cheat: "" for none. seed: chooses the fold of records that is the test set. data: folder of the data set's
    files. chain: rounds, stakes and rewards on a chain of its own, by default where everything is proven.
    """

    out: Path
    dataset: str = "breast-cancer"
    participants: int | None = None
    rounds: int | None = None
    cheat: str | None = None
    hidden: tuple[int, ...] | None = None
    seed: int = 0
    timeout: float = 600.0
    mode: Mode | None = None
    prove_rounds: int | None = None
    data: Path | None = None
    chain: bool | None = None


@dataclass(frozen=True)
class Show:
    """What a data set is shown with by default."""

    rounds: int = 6
    mode: Mode = "prove"
    prove_rounds: int = 0


SHOWS = {"fashion-mnist": Show(rounds=10, mode="check", prove_rounds=1)}
"""Data sets with a show of their own: proving every round of a large model would take many minutes."""
CHEAT = "scaled-update"


@dataclass(frozen=True)
class DemoResult:
    """Runs and their audits, in the same order."""

    out: Path
    runs: list[RunSummary]
    audits: list[AuditReport]

    @property
    def ok(self) -> bool:
        """Every audit passed, but for what the mode asked for leaves unproven."""
        return all(passed(report) for report in self.audits)


def passed(report: AuditReport) -> bool:
    """Nothing but the mode was found, of which everything shown says what it leaves unproven."""
    return all(finding.check == "mode" for finding in report.findings)


def run_demo(options: DemoOptions, stage: Callable[[str], Watch]) -> DemoResult:
    """Runs the demonstration. stage: called with the title of each run, gives what watches it.

    Writes accuracy.png, index.html, summary.json, the participants' folders and the runs' folders under `options.out`.
    Raises BadInput for options that make no sense or a folder that is not the demonstration's.
    """
    options = _resolve(options)
    example = _example(options)
    if options.cheat:
        if len(example.names) < 2:
            raise BadInput("--cheat: with one participant nobody honest would be left; add --cheat none")
        check_cheat(options.cheat, example.task, len(example.names))
    clear(options.out)
    write_records(example.test, options.out / "test", example.task)
    passphrases = furnish(options.out, dict(zip(example.names, example.participants, strict=True)), example.task)
    begun = {name: value for name, value in asdict(options).items() if name != "out"}
    begun["data"] = None if options.data is None else str(options.data.absolute())
    mark = json.dumps({"options": begun, "passphrases": passphrases}).encode()
    write_file(options.out / MARK, mark, private=True)
    return _demo(options, example, passphrases, stage)


def resume_demo(out: Path, stage: Callable[[str], Watch]) -> DemoResult:
    """Goes on with a demonstration that was interrupted, with the options it was begun with. Raises BadInput."""
    content = read_file(out / MARK) if (out / MARK).is_file() else b""
    if not content:
        raise BadInput(f"{out}: holds no demonstration to go on with; run it without --resume")
    begun = json.loads(content)
    chosen = begun["options"]
    layers, data = chosen.pop("hidden"), chosen.pop("data")
    options = DemoOptions(
        out=out, hidden=None if layers is None else tuple(layers), data=None if data is None else Path(data), **chosen
    )
    return _demo(options, _example(options), begun["passphrases"], stage, resume=True)


def _example(options: DemoOptions) -> Example:
    least = 3 if options.participants is None else options.participants - (1 if options.cheat else 0)
    example = load_example(
        options.dataset,
        folder=options.data,
        participants=options.participants,
        rounds=options.rounds,
        **({} if options.hidden is None else {"hidden": options.hidden}),
        fold=options.seed % 5,
        min_accepted=max(1, min(3, least)),
    )
    return replace(example, task=_for_contracts(example.task)) if options.chain else example


def _for_contracts(task: Task) -> Task:
    """The same task, its proofs shaped so that verifying them on a chain costs least."""
    content = tomllib.loads(task.to_toml())
    return Task.parse({**content, "proof": {**content.get("proof", {}), "prefer": "gas"}})


def _resolve(options: DemoOptions) -> DemoOptions:
    """The options with the data set's defaults. Raises BadInput."""
    show = SHOWS.get(options.dataset, Show())
    rounds = show.rounds if options.rounds is None else options.rounds
    mode = options.mode or show.mode
    proven = options.prove_rounds
    if proven is None:
        proven = show.prove_rounds if mode == show.mode and rounds > show.prove_rounds else 0
    Modes(mode, rounds, proven)
    cheat = options.cheat
    if cheat is None:
        cheat = CHEAT if mode == "prove" else ""
    if cheat and mode != "prove" and not proven:
        raise BadInput(f"--cheat: in mode {mode!r} nothing would catch it; prove some rounds or add --cheat none")
    chain = options.chain
    if chain is None:
        chain = mode == "prove"
    elif chain and mode != "prove":
        raise BadInput(f"--chain: on a chain everything is proven, but the mode is {mode!r}")
    return replace(options, rounds=rounds, mode=mode, prove_rounds=proven, cheat=cheat, chain=chain)


def _demo(
    options: DemoOptions,
    example: Example,
    passphrases: dict[str, str],
    stage: Callable[[str], Watch],
    *,
    resume: bool = False,
) -> DemoResult:
    out, names, task = options.out, list(passphrases), example.task
    plans = [("honest", "everybody honest", "")]
    if options.cheat:
        plans.append(("cheating", f"{names[-1]} cheats: {options.cheat}", options.cheat))
    records = {name: load_records(records_file(out / name / "data" / "records", task), task) for name in names}
    test = load_records(records_file(out / "test", task), task, minimum=0)
    runs, audits = [], []
    for folder, title, cheat in plans:
        config = _config(options, out / folder, names, cheat)
        result = run_federation(config, passphrases, watch=stage(title), resume=resume)
        if not result.finished:
            raise FedproofError(f"{title}: {result.failure}")
        if config.chain is None:
            audits.append(audit(config.out))
            runs.append(summarise(config.out, title, test, records, example.notes))
        else:
            people = {keystore_address(ParticipantFolder(out / name).keystore): name for name in names}
            with open_place(config.out) as (chain, site):
                audits.append(audit_chain(chain, site, names=people, folder=config.out))
                runs.append(summarise_chain(chain, site, config.out, task, people, title, test, records, example.notes))
    write_file(out / "accuracy.png", draw(runs, "png"))
    write_file(out / "index.html", page(runs, audits, draw(runs, "svg")).encode())
    content = {"runs": [run.to_json() for run in runs], "audits": [report.to_json() for report in audits]}
    write_file(out / "summary.json", json.dumps(content, indent=1).encode())
    return DemoResult(out, runs, audits)


def _config(options: DemoOptions, out: Path, names: list[str], cheat: str) -> RunConfig:
    mode, proven = options.mode or "prove", options.prove_rounds or 0
    # where only the last rounds are proven, the cheat begins with them: earlier, nothing would catch it
    begin = 0 if mode == "prove" else (options.rounds or 0) - proven
    people = tuple(
        ParticipantConfig(
            name=name,
            folder=options.out / name,
            cheat=cheat if name == names[-1] else "",
            cheat_from=begin,
        )
        for name in names
    )
    return RunConfig(
        task=options.out / "task.toml",
        out=out,
        participant=people,
        timeout=options.timeout,
        mode=mode,
        prove_rounds=proven,
        chain=ChainConfig() if options.chain else None,
    )
