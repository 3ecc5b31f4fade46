"""fedproof demo."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from fedproof.cli import show
from fedproof.cli.watch import watching
from fedproof.errors import BadInput
from fedproof.federation.crew import Watch
from fedproof.federation.demo import MARK, DemoOptions, DemoResult, resume_demo, run_demo
from fedproof.federation.summary import RoundSummary, RunSummary
from fedproof.proof import INSECURE_NOTICE

MOST_CLASSES = 4
"""More classes have no columns of their own in the table; the page and the picture show them all."""


def demo(
    out: Annotated[Path, typer.Option(help="Folder of the results; that of an earlier demo is replaced.")] = Path(
        "demo-out"
    ),
    dataset: Annotated[str, typer.Option(help="Real data: breast-cancer or digits.")] = "breast-cancer",
    participants: Annotated[int, typer.Option(min=1, max=64, help="Hospitals, each a process of its own.")] = 4,
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="Federated rounds.")] = 6,
    cheat: Annotated[
        str,
        typer.Option(
            help="In a second run the last hospital cheats: scaled-update, label-flip, skipped-step, wrong-batch, "
            "stale-model, random-update, stolen-proof, or none."
        ),
    ] = "scaled-update",
    hidden: Annotated[
        str | None,
        typer.Option(help="Units of hidden layers, as in 16 or 32,16; empty: logistic. By default the data set's own."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Chooses which fifth of the patients is the test set.")] = 0,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with the demonstration in the folder, with its own options."),
    ] = False,
    json: show.Json = False,
) -> None:
    """Hospitals train on real patients' data, every update proven; then one of them cheats and is left out."""
    options = DemoOptions(out, dataset, participants, rounds, "" if cheat == "none" else cheat, _layers(hidden), seed)
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
        verdict = "[green]passed[/]" if report.ok else "[red]failed[/]"
        show.out.print(f"audit {verdict}: {report.proofs} proofs re-verified from the files in {report.seconds:.1f} s")
        for finding in report.findings:
            show.out.print(f"  [red]{finding}[/]")
    first = result.runs[0]
    gap = 100 * (first.final.model.accuracy - first.final.float32.accuracy)
    show.out.print()
    lines = [
        (
            "accuracy",
            f"{100 * first.final.model.accuracy:.1f} %, {gap:+.1f} points against float32 federated averaging",
        ),
        ("proving", f"{first.mean('prove_seconds'):.2f} s a round, {len(first.participants)} participants at once"),
        ("verifying", f"{first.mean('verify_ms'):.1f} ms a proof"),
        (
            "proof size",
            f"{first.mean('proof_bytes') / 1000:.1f} kB, registration {first.registration_bytes / 1000:.1f} kB",
        ),
        ("picture", str(result.out / "accuracy.png")),
        ("report", str(result.out / "index.html")),
        ("audit again", f"fedproof audit {result.out / 'honest'}"),
    ]
    show.facts("", lines)


def _table(run: RunSummary) -> Table:
    classes = list(run.start.classes) if len(run.start.classes) <= MOST_CLASSES else []
    table = Table(
        title=run.title[:1].upper() + run.title[1:], title_justify="left", title_style="bold", box=SIMPLE_HEAD
    )
    for name in ("round", "test %", "float32", *classes, "prove s"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("left out")
    for entry in run.rounds:
        table.add_row(*_row(entry, classes))
    return table


def _row(entry: RoundSummary, classes: list[str]) -> list[str]:
    left_out = [f"[red]{r.participant}[/] ({r.check or 'missing'})" for r in entry.refused]
    return [
        str(entry.number),
        f"{100 * entry.model.accuracy:.1f}",
        f"{100 * entry.float32.accuracy:.1f}",
        *(f"{100 * entry.model.classes[name]:.1f}" for name in classes),
        f"{max(entry.prove_seconds.values(), default=0.0):.2f}",
        ", ".join(left_out) or "[dim]nobody[/]",
    ]


def _layers(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise BadInput(f"--hidden: must be units separated by commas, got {text!r}") from None
