"""fedproof audit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from fedproof.cli import show
from fedproof.cli.setup import Ptau
from fedproof.errors import BadInput
from fedproof.federation import AuditReport
from fedproof.federation import audit as run_audit
from fedproof.federation.canonical import printable
from fedproof.proof import INSECURE_NOTICE


def audit(
    folder: Annotated[Path, typer.Argument(help="Folder of a finished run, or of one that ended early.")],
    task_digest: Annotated[
        str,
        typer.Option(
            help="The run must have followed the task with this digest, 64 hex digits (`fedproof inspect` prints it). "
            "Without it any task is accepted: compare the digest that is printed."
        ),
    ] = "",
    ptau: Ptau = None,
    json: show.Json = False,
) -> None:
    """Re-verify a whole run from its files, trusting nobody. Exit code 1 if anything does not hold."""
    wanted = _digest(task_digest) if task_digest else None
    with show.progress("auditing") as progress:
        report = run_audit(folder, ptau, task_digest=wanted, progress=lambda done: progress("", done))
    if json:
        show.print_json(report.to_json())
    else:
        print_report(report)
    if not report.ok:
        raise typer.Exit(1)


def print_report(report: AuditReport) -> None:
    """For people. What comes from the record was chosen by others: it is shown without control over the terminal."""
    if report.insecure_setup:
        show.warn(INSECURE_NOTICE)
    for finding in report.findings:
        show.out.print(f"[red]✗[/] {_shown(finding)}")
    for refusal in report.refused:
        where = "registration" if refusal.round is None else f"round {refusal.round}"
        who = f"{refusal.participant} was refused, check {refusal.check}"
        show.out.print(f"[dim]·[/] {where}: {_shown(who)}, rightly so")
    for note in report.notes:
        show.out.print(f"[dim]·[/] {_shown(note)}")
    if report.task_digest:
        show.out.print(f"[dim]task[/]    {report.task_digest}  {_shown(report.task)}")
        show.out.print(f"[dim]program[/] {report.program_digest}")
        show.out.print(f"[dim]run[/]     {report.run}")
    state = "[bold green]audit passed[/]" if report.ok else "[bold red]audit failed[/]"
    show.out.print(
        f"{state}: {report.rounds} rounds, {report.participants} participants, {report.proofs} proofs re-verified "
        f"in {report.seconds:.1f} s"
    )


def _shown(text: object) -> str:
    return escape(printable(text, 1000))


def _digest(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise BadInput(f"--task-digest: must be 64 hex digits, got {text!r}")
    return raw
