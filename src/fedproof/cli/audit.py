"""fedproof audit."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from fedproof.chain.hub import bytes32, find_hub
from fedproof.chain.rpc import Chain
from fedproof.chain.task import address_bytes
from fedproof.cli import show
from fedproof.cli.chain import RPC
from fedproof.cli.setup import Ptau
from fedproof.errors import BadInput
from fedproof.federation import AuditReport
from fedproof.federation import audit as run_audit
from fedproof.federation.canonical import printable
from fedproof.federation.onchain.audit import audit_chain, find_task
from fedproof.federation.onchain.place import open_place
from fedproof.federation.onchain.site import Site, is_site
from fedproof.proof import INSECURE_NOTICE


def audit(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder of a finished run, or of one that ended early, on a chain or not."),
    ] = None,
    task_digest: Annotated[
        str,
        typer.Option(
            help="The run must have followed the task with this digest, 64 hex digits (`fedproof inspect` prints it). "
            "Without it any task is accepted: compare the digest that is printed."
        ),
    ] = "",
    ptau: Ptau = None,
    rpc: Annotated[
        str, typer.Option("--rpc", envvar=RPC, help="URL of a node: audit a task on its chain, without any folder.")
    ] = "",
    task: Annotated[str, typer.Option(help="With --rpc: id of the task, 64 hex digits.")] = "",
    hub: Annotated[
        str, typer.Option(help="With --rpc: address of the hub; without it the node is asked who opened the task.")
    ] = "",
    store: Annotated[str, typer.Option(help="URL or folder of the artefacts, instead of the run's.")] = "",
    from_block: Annotated[int, typer.Option(min=0, help="With --rpc: block before which the task has no events.")] = 0,
    json: show.Json = False,
) -> None:
    """Re-verify a whole run from its files, or from a chain and its artefacts, trusting nobody.

    Exit code 1 if anything does not hold.
    """
    wanted = _digest(task_digest) if task_digest else None
    with show.progress("auditing") as progress, ExitStack() as stack:

        def told(done: float) -> None:
            progress("", done)

        if folder is None:
            chain, site = _elsewhere(rpc, task, hub, store, from_block)
            report = audit_chain(chain, site, ptau, task_digest=wanted, progress=told)
        elif is_site(folder):
            chain, site = stack.enter_context(open_place(folder, rpc))
            site = replace(site, store=store or site.store)
            report = audit_chain(chain, site, ptau, task_digest=wanted, folder=folder, progress=told)
        else:
            report = run_audit(folder, ptau, task_digest=wanted, progress=told)
    if json:
        show.print_json(report.to_json())
    else:
        print_report(report)
    if not report.ok:
        raise typer.Exit(1)


def _elsewhere(rpc: str, task: str, hub: str, store: str, block: int) -> tuple[Chain, Site]:
    if not rpc or not task or not store:
        raise BadInput("give the folder of a run, or --rpc, --task and --store")
    chain, wanted = Chain.connect(rpc), bytes32(task, "--task")
    address = address_bytes(hub) if hub else find_hub(chain, wanted, block)
    return chain, find_task(chain, wanted, address, block, store)


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
