"""fedproof audit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fedproof.cli import show
from fedproof.cli.setup import Ptau
from fedproof.federation import AuditReport
from fedproof.federation import audit as run_audit
from fedproof.proof import INSECURE_NOTICE


def audit(
    folder: Annotated[Path, typer.Argument(help="Folder of a run.")], ptau: Ptau = None, json: show.Json = False
) -> None:
    """Re-verify a whole run from its files. Exit code 1 if anything does not hold."""
    with show.progress("auditing") as progress:
        report = run_audit(folder, ptau, progress=lambda done: progress("", done))
    if json:
        show.print_json(report.to_json())
    else:
        print_report(report)
    if not report.ok:
        raise typer.Exit(1)


def print_report(report: AuditReport) -> None:
    """For people."""
    if report.insecure_setup:
        show.warn(INSECURE_NOTICE)
    for finding in report.findings:
        show.out.print("[red]✗[/]", str(finding), markup=True)
    for refusal in report.refused:
        where = "registration" if refusal.round is None else f"round {refusal.round}"
        show.out.print(f"[dim]·[/] {where}: {refusal.participant} was refused, check {refusal.check}, rightly so")
    for note in report.notes:
        show.out.print(f"[dim]·[/] {note}")
    state = "[bold green]audit passed[/]" if report.ok else "[bold red]audit failed[/]"
    show.out.print(
        f"{state}: {report.rounds} rounds, {report.participants} participants, {report.proofs} proofs re-verified "
        f"in {report.seconds:.1f} s"
    )
