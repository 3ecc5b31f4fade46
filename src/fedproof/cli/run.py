"""fedproof run."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.markup import escape

from fedproof.cli import show
from fedproof.cli.people import passphrase_of
from fedproof.cli.setup import agree
from fedproof.cli.watch_chain import watching
from fedproof.errors import BadInput, FedproofError
from fedproof.federation import RunConfig, RunResult, load_run, run_federation
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.index import Index
from fedproof.federation.onchain.site import Site
from fedproof.federation.onchain.told import told
from fedproof.federation.runfolder import RunFolder
from fedproof.proof import MODES, Modes
from fedproof.task import load_task


def run(
    config: Annotated[Path, typer.Argument(help="Run file (TOML); `fedproof init` writes one.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results, instead of the one in the run file.")
    ] = None,
    mode: Annotated[
        str, typer.Option(help="Instead of the run file's: prove (every update is proven), check or off (nothing is).")
    ] = "",
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on with the run in the folder, however it was interrupted; start it if there is none."
        ),
    ] = False,
    rpc: Annotated[
        str, typer.Option("--rpc", help="With a section [chain]: URL of the node, instead of the run file's.")
    ] = "",
    no_chain: Annotated[bool, typer.Option("--no-chain", help="As if the run file had no section [chain].")] = False,
    json: show.Json = False,
) -> None:
    """Run a federation on this machine: one process for each participant and one for the aggregator.

    With a section [chain] in the run file, rounds, stakes and rewards are on a chain.
    """
    plan = _on_chain(_override(load_run(config), out, mode), rpc, no_chain)
    task = load_task(plan.task)
    modes = Modes(plan.mode, task.rounds, plan.prove_rounds)
    terms = agree(task, plan.ptau)
    for participant in plan.participant:
        if not participant.folder.is_dir():
            problem = (
                f"participant {participant.name}'s folder is not there; create it, with one file of records in data/"
            )
            raise BadInput(f"{participant.folder}: {problem}")
    passphrases = {p.name: passphrase_of(ParticipantFolder(p.folder), p.name) for p in plan.participant}
    if plan.chain is not None:
        payers = {"sponsor": plan.chain.sponsor, "aggregator": plan.chain.aggregator}
        for name, folder in payers.items():
            if folder is not None:
                passphrases[name] = passphrase_of(ParticipantFolder(folder), name)
    show.warn_setup(terms.setup)
    if resume:  # the screen says it of a run that begins
        show.warn_modes(modes)
    try:
        with watching() as screen:
            result = run_federation(plan, passphrases, watch=screen, resume=resume)
    except (FedproofError, KeyboardInterrupt, SystemExit):
        _say_how_to_go_on(config, out, mode, plan)
        raise
    if plan.chain is not None:
        _print_chain(result, json)
    elif json:
        index = Index(result.folder)
        closes = index.select("close")
        refused = [e for e in index.select("submission") + index.select("registration") if not e["accepted"]]
        index.close()
        values = {
            "finished": result.finished,
            "failure": result.failure,
            "folder": str(result.folder),
            "rounds": len(closes),
            "commitment": closes[-1]["commitment"] if closes else None,
            "refused": [{key: e.get(key) for key in ("round", "name", "check", "reason")} for e in refused],
        }
        show.print_json(values)
    elif result.finished:
        show.out.print(
            f"[green]done[/]: model in {result.folder / 'model'}, record in {result.folder / 'record.jsonl'}"
        )
        show.out.print(f"next: [bold]fedproof audit {result.folder}[/]")
    else:
        show.out.print(f"[red]ended early[/]: {result.failure} (record in {result.folder})")
    if not result.finished:
        raise typer.Exit(1)


def _say_how_to_go_on(config: Path, out: Path | None, mode: str, plan: RunConfig) -> None:
    """Unless nothing was recorded yet: then the run is started anew."""
    if RunFolder(plan.out).private.is_dir():
        options = [*(["--out", str(out)] if out else []), *(["--mode", mode] if mode else [])]
        command = shlex.join(["fedproof", "run", str(config), *options, "--resume"])
        show.err.print(f"to go on with this run: [bold]{escape(command)}[/]", soft_wrap=True)
        show.err.print(f"how far it is:          [bold]{escape(f'fedproof status {plan.out}')}[/]", soft_wrap=True)


def _override(plan: RunConfig, out: Path | None, mode: str) -> RunConfig:
    changes: dict[str, object] = {}
    if out is not None:
        changes["out"] = out
    if mode:
        if mode not in MODES:
            raise BadInput(f"--mode: must be {', '.join(MODES)}, got {mode!r}")
        changes["mode"] = mode
    return plan.model_copy(update=changes)


def _on_chain(plan: RunConfig, rpc: str, no_chain: bool) -> RunConfig:
    if no_chain:
        if rpc:
            raise BadInput("--rpc and --no-chain exclude each other")
        return plan.model_copy(update={"chain": None})
    if rpc and plan.chain is None:
        raise BadInput("--rpc: the run file has no section [chain]")
    if plan.chain is not None and plan.mode != "prove":
        raise BadInput("on a chain everything is proven, so the mode must be prove")
    if rpc and plan.chain is not None:
        values = {**plan.chain.model_dump(), "rpc": rpc}
        try:
            return plan.model_copy(update={"chain": type(plan.chain).model_validate(values)})
        except ValidationError as error:
            raise BadInput(f"--rpc: {error.errors(include_url=False)[0]['msg']}") from None
    return plan


def _print_chain(result: RunResult, json: bool) -> None:
    """site.json names the task for auditors; told.jsonl says who was refused and why."""
    site, said = Site.read(result.folder), told(result.folder)
    names = ("round", "name", "check", "code", "reason")
    refused = [{key: e.get(key) for key in names} for e in said if e["tell"] == "refused"]
    rounds = sum(event["tell"] == "round" for event in said)
    if json:
        values = {"finished": result.finished, "failure": result.failure, "folder": str(result.folder)}
        place = {"chain": site.chain_id, "hub": site.hub, "task": site.task}
        show.print_json({**values, **place, "rounds": rounds, "refused": refused})
    elif result.finished:
        show.out.print(
            f"[green]done[/]: model in {result.folder / 'model'}, task 0x{site.task} on chain {site.chain_id}"
        )
        show.out.print(f"next: [bold]fedproof audit {result.folder}[/]")
    else:
        show.out.print(f"[red]cancelled[/]: {escape(result.failure)} (task 0x{site.task} on chain {site.chain_id})")
        if not site.embedded:
            show.out.print(f"the sponsor's rest: [bold]fedproof task cancel {result.folder} --sponsor FOLDER[/]")
