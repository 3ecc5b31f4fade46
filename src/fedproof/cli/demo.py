"""fedproof demo."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from fedproof.chain.node import find
from fedproof.cli import show
from fedproof.cli.watch_chain import watching
from fedproof.data.examples import EXAMPLES
from fedproof.errors import BadInput
from fedproof.federation.crew import Watch
from fedproof.federation.demo import DemoOptions, DemoResult, passed, resume_demo, run_demo
from fedproof.federation.furnish import MARK
from fedproof.federation.summary import CHECKED, NOT_PROVEN, RoundSummary, RunSummary
from fedproof.proof import INSECURE_NOTICE, MODES, Mode

MOST_CLASSES = 4
"""More classes have no columns of their own in the table; the page and the picture show them all."""


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the results; that of an earlier demo is replaced.")] = Path(
        "demo-out"
    ),
    dataset: Annotated[str, typer.Option(help=f"Real data: {', '.join(EXAMPLES)}.")] = "breast-cancer",
    participants: Annotated[
        int | None,
        typer.Option(
            min=1, max=64, help="Hospitals, each a process of its own; by default 4, for lung all large institutions."
        ),
    ] = None,
    rounds: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Federated rounds; by default 6, for fashion-mnist 10.")
    ] = None,
    cheat: Annotated[
        str | None,
        typer.Option(
            help="In a second run the last hospital cheats: scaled-update (default), label-flip, skipped-step, "
            "wrong-batch, stale-model, random-update, stolen-proof, or none (default where not all rounds are proven)."
        ),
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(
            help="Units of the hidden layers, such as 16 or 32,16; '' for none. By default what suits the data set."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Chooses which fifth of the patients is the test set.")] = 0,
    mode: Annotated[
        str,
        typer.Option(
            help="prove: every update is proven. check: trained twice and compared, taken on trust. off: taken on "
            "trust. By default prove, for fashion-mnist check."
        ),
    ] = "",
    prove_rounds: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="With --mode check or off: prove the last N rounds all the same. By default 1 for fashion-mnist.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder with the IDX files of fashion-mnist or the CSV file of lung, if they are not installed."
        ),
    ] = None,
    chain: Annotated[
        bool | None,
        typer.Option(
            "--chain/--no-chain",
            help="Rounds, stakes and rewards on a chain of its own (anvil). By default where everything is proven and "
            "anvil is installed.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with the demonstration in the folder, with its own options."),
    ] = False,
    json: show.Json = False,
) -> None:
    """Hospitals train on real patients' data, every update proven; then one of them cheats and is left out."""
    options = DemoOptions(
        out,
        dataset,
        participants,
        rounds,
        "" if cheat == "none" else cheat,
        _layers(hidden),
        seed,
        mode=_mode(mode),
        prove_rounds=prove_rounds,
        data=data,
        chain=_chain(chain),
    )
    show.warn(INSECURE_NOTICE)
    with ExitStack() as stack:
        screens = ExitStack()
        stack.push(screens)

        def stage(title: str) -> Watch:
            screens.close()
            show.err.print(f"\n[bold]{title[:1].upper() + title[1:]}[/]")
            return screens.enter_context(watching())

        try:
            result = resume_demo(out, stage) if resume else run_demo(options, stage)
        except (KeyboardInterrupt, SystemExit):
            if (out / MARK).is_file() and (out / MARK).stat().st_size:
                show.err.print(f"to go on: [bold]fedproof demo --out {escape(str(out))} --resume[/]", soft_wrap=True)
            raise
    if json:
        runs = [run.to_json() for run in result.runs]
        show.print_json({"ok": result.ok, "runs": runs, "audits": [a.to_json() for a in result.audits]})
    else:
        _print(result)
    if not result.ok:
        raise typer.Exit(1)


def _print(result: DemoResult) -> None:
    for run, report in zip(result.runs, result.audits, strict=True):
        show.out.print()
        show.out.print(_table(run))
        if run.accounts:
            show.out.print(_accounts(run))
        verdict = "[green]passed[/]" if passed(report) else "[red]failed[/]"
        source = "chain and artefacts" if run.accounts else "the files"
        show.out.print(f"audit {verdict}: {report.proofs} proofs re-verified from {source} in {report.seconds:.1f} s")
        for finding in report.findings:
            colour = "yellow" if finding.check == "mode" else "red"
            show.out.print(f"  [{colour}]{finding}[/]")
    first = result.runs[0]
    gap = 100 * (first.final.model.accuracy - first.final.float32.accuracy)
    show.out.print()
    for note in first.notes:
        show.out.print(f"[dim]· {escape(note)}[/]")
    if first.notice:
        show.out.print(f"[yellow]! {CHECKED}[/]")
    lines = [
        (
            "accuracy",
            f"{100 * first.final.model.accuracy:.1f} %, {gap:+.1f} points against float32 federated averaging",
        ),
        *_proofs(first),
        ("picture", str(result.out / "accuracy.png")),
        ("report", str(result.out / "index.html")),
        ("audit again", f"fedproof audit {result.out / 'honest'}"),
    ]
    show.facts("", lines)


def _proofs(run: RunSummary) -> list[tuple[str, str]]:
    if not run.mean("proof_bytes"):
        return [("proofs", "none: nothing was proven")]
    gas = sum(entry.gas for entry in run.rounds) / max(1, len(run.rounds))
    return [
        ("proving", f"{run.mean('prove_seconds'):.2f} s a round, {len(run.participants)} participants at once"),
        ("on the chain", f"{gas / 1e6:.2f} million gas a round")
        if run.accounts
        else ("verifying", f"{run.mean('verify_ms'):.1f} ms a proof"),
        (
            "proof size",
            f"{run.mean('proof_bytes') / 1000:.1f} kB, registration {run.registration_bytes / 1000:.1f} kB",
        ),
    ]


def _table(run: RunSummary) -> Table:
    classes = list(run.start.classes) if len(run.start.classes) <= MOST_CLASSES else []
    table = Table(
        title=run.title[:1].upper() + run.title[1:], title_justify="left", title_style="bold", box=SIMPLE_HEAD
    )
    money = ("M gas",) if run.accounts else ()
    for name in ("round", "test %", "float32", *classes, "prove s", *money):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("left out")
    for entry in run.rounds:
        table.add_row(*_row(entry, classes, bool(run.accounts)))
    return table


def _accounts(run: RunSummary) -> Table:
    table = Table(title="Money", title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    table.add_column("who")
    for name in ("staked", "lost", "earned", "M gas"):
        table.add_column(name, justify="right", no_wrap=True)
    for account in run.accounts:
        lost = f"[red]{account.lost}[/]" if account.lost else "0"
        table.add_row(account.name, str(account.staked), lost, str(account.earned), f"{account.gas / 1e6:.2f}")
    return table


def _row(entry: RoundSummary, classes: list[str], money: bool) -> list[str]:
    left_out = [
        f"[red]{r.participant}[/] ({r.check or 'missing'}{_loss(entry.lost.get(r.participant, 0))})"
        for r in entry.refused
    ]
    return [
        str(entry.number),
        f"{100 * entry.model.accuracy:.1f}",
        f"{100 * entry.float32.accuracy:.1f}",
        *(f"{100 * entry.model.classes[name]:.1f}" for name in classes),
        f"{max(entry.prove_seconds.values(), default=0.0):.2f}"
        if entry.mode == "prove"
        else f"[yellow]{NOT_PROVEN[entry.mode]}[/]",
        *((f"{entry.gas / 1e6:.2f}",) if money else ()),
        ", ".join(left_out) or "[dim]nobody[/]",
    ]


def _loss(amount: int) -> str:
    return f", lost {amount}" if amount else ""


def _chain(wanted: bool | None) -> bool | None:
    """None: as the mode allows. Without anvil there is no chain, unless it was asked for."""
    if wanted is None:
        try:
            find()
        except BadInput as error:
            show.warn(f"Without a chain: {error}")
            return False
    return wanted


def _mode(text: str) -> Mode | None:
    found = next((mode for mode in MODES if mode == text), None)
    if text and found is None:
        raise BadInput(f"--mode: must be {', '.join(MODES)}, got {text!r}")
    return found


def _layers(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise BadInput(f"--hidden: must be units separated by commas, got {text!r}") from None
