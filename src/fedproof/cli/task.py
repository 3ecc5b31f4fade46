"""fedproof task: open a task on a chain, look at it, lead its rounds, take it back."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Any

import typer

from fedproof.chain.hub import Hub
from fedproof.chain.rpc import Chain
from fedproof.chain.sender import Sender
from fedproof.chain.task import Phase
from fedproof.cli import show
from fedproof.cli.chain import Rpc
from fedproof.cli.people import passphrase_of, unlock
from fedproof.cli.setup import Ptau, agree
from fedproof.errors import BadInput
from fedproof.federation import load_run
from fedproof.federation.canonical import Json
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.keys import keystore_address
from fedproof.federation.onchain.aggregator import lead as follow_task
from fedproof.federation.onchain.history import History
from fedproof.federation.onchain.jobs import CloserJob
from fedproof.federation.onchain.meeting import offer_meeting
from fedproof.federation.onchain.participant import journal
from fedproof.federation.onchain.place import open_place
from fedproof.federation.onchain.site import Site
from fedproof.federation.onchain.sponsor import Sponsor, open_task
from fedproof.federation.onchain.told import PASSING
from fedproof.federation.premises import THREADS
from fedproof.task import load_task

app = typer.Typer(help="A task on a chain: open it, look at it, lead its rounds.", no_args_is_help=True)

SiteFile = Annotated[Path, typer.Argument(help="Folder with the task's site.json, as `fedproof task open` writes it.")]
LOOK = 2.0
"""Seconds between two looks at the chain."""


@app.callback()
def main() -> None:
    """A task on a chain: open it, look at it, lead its rounds."""


@app.command("open")
def open_(
    config: Annotated[Path, typer.Argument(help="Run file (TOML) with a section [chain].")],
    rpc: Rpc,
    out: Annotated[Path, typer.Option(help="Folder for site.json, which members and auditors need.")] = Path("task"),
    members: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Seats; by default as many as the run file has participants.")
    ] = None,
    json: show.Json = False,
) -> None:
    """Store the key, pay the escrow and open the task; deploy the contracts if the run file names none."""
    plan = load_run(config)
    if plan.chain is None or plan.chain.embedded:
        raise BadInput(f"{config}: chain.rpc: tasks are opened on a chain that others can reach")
    if plan.chain.sponsor is None or plan.chain.aggregator is None:
        raise BadInput(f"{config}: chain: sponsor and aggregator must be given")
    payer = ParticipantFolder(plan.chain.sponsor)
    identity = unlock(payer, "sponsor")
    terms = agree(load_task(plan.task), plan.ptau)
    show.warn_setup(terms.setup)
    chain = Chain.connect(rpc, plan.chain.confirmations)
    told: list[Json] = []
    with Sender(chain, identity.account(), payer.path / "transactions" / out.name) as sender:
        site = open_task(
            Sponsor(chain, sender, plan.chain, told.append),
            terms,
            out,
            seats=members or len(plan.participant),
            leader=keystore_address(ParticipantFolder(plan.chain.aggregator).keystore),
            salt=_salt(out),
        )
    gas = sum(event.get("gas", 0) for event in told)
    if json:
        show.print_json({"task": site.task, "hub": site.hub, "chain": site.chain_id, "block": site.block, "gas": gas})
    else:
        lines = [("task", f"0x{site.task}"), ("hub", f"0x{site.hub}"), ("gas", f"{gas:,}"), ("written to", str(out))]
        show.facts(f"task on chain {site.chain_id}", lines)


@app.command("show")
def show_(folder: SiteFile, rpc: Rpc = "", json: show.Json = False) -> None:
    """Terms of a task, where it stands, and its rounds. Without --rpc: of a run with a chain of its own."""
    with open_place(folder, rpc) as (chain, site):
        values = _standing(site, site.open(chain))
    if json:
        show.print_json(values)
        return
    lines = [(name.replace("_", " "), _words(value)) for name, value in values.items() if name != "slashed"]
    for entry in values["slashed"]:
        words = f"round {entry['round']}: 0x{entry['member'].hex()} lost {entry['amount']} ({entry['fault']})"
        lines.append(("slashed", words))
    show.facts("", lines)


def _standing(site: Site, hub: Hub) -> dict[str, Any]:
    task, progress = hub.task(site.id), hub.progress(site.id)
    history = History.of(hub.events(site.id, site.block))
    return {
        "task": site.task,
        "hub": site.hub,
        "chain": site.chain_id,
        "phase": progress.phase.name.lower(),
        "round": progress.round,
        "rounds": task.rounds,
        "deadline": progress.deadline,
        "members": progress.members,
        "entered": progress.entered,
        "submitted": progress.submitted,
        "mode": task.mode.name.lower(),
        "reward": task.reward,
        "stake": task.stake,
        "task_digest": task.task_digest,
        "closed": sum(current.closed is not None for current in history.rounds),
        "slashed": [
            {"member": e.member, "round": e.round, "amount": e.amount, "fault": e.fault} for e in history.slashed
        ],
    }


@app.command()
def cancel(
    folder: SiteFile,
    rpc: Rpc,
    sponsor: Annotated[Path, typer.Option(help="Folder with the sponsor's key.")],
    json: show.Json = False,
) -> None:
    """Cancel a task that nobody has joined, and take back what is left of the escrow; also of a task that is over."""
    site, hub = at(folder, rpc)
    home = ParticipantFolder(sponsor)
    identity = unlock(home, "sponsor")
    with Sender(hub.chain, identity.account(), journal(home.path, site)) as sender:
        if not hub.progress(site.id).phase.over:
            sender.send(hub.cancel(site.id), "cancel")
        receipt = sender.send(hub.refund(site.id), "refund")
    amount = sum(event["amount"] for event in receipt.logs if event.name == "Refunded")
    if json:
        show.print_json({"refunded": amount, "phase": hub.progress(site.id).phase.name.lower()})
    else:
        show.out.print(f"[green]refunded[/]: {amount} units of the token")


@app.command()
def lead(
    folder: SiteFile,
    task: Annotated[Path, typer.Option(help="Task file (TOML).")],
    aggregator: Annotated[Path, typer.Option(help="Folder with the aggregator's key.")],
    rpc: Rpc,
    meeting: Annotated[
        Path, typer.Option(help="File to write where members hand over their openings; private to whoever takes part.")
    ] = Path("meeting.json"),
    ptau: Ptau = None,
) -> None:
    """Lead a task's rounds to its end: end phases, report who stays away, close rounds, publish the model."""
    site, hub = at(folder, rpc)
    home = ParticipantFolder(aggregator)
    passphrase = passphrase_of(home, "aggregator")
    agree(load_task(task), ptau)
    with offer_meeting(meeting) as place:
        job = CloserJob(
            place=place,
            rpc=rpc,
            site=site,
            folder=str(folder.absolute()),
            keystore=str(home.keystore.absolute()),
            journal=str(journal(home.path, site).absolute()),
            task=load_task(task).to_toml(),
            ptau=None if ptau is None else str(ptau),
            threads=THREADS,
            passphrase=passphrase,
            pause=LOOK,
        )
        follow_task(job, said)
    if hub.progress(site.id).phase is not Phase.FINISHED:
        show.out.print("[red]cancelled[/]")
        raise typer.Exit(1)
    show.out.print(f"[green]done[/]: model in {folder / 'model'}")


def said(event: Json) -> None:
    """One line on standard error of what happens."""
    if event["tell"] in PASSING:
        return
    shown = {name: value for name, value in event.items() if name not in ("tell", "fee", "name")}
    words = ", ".join(f"{name} {value}" for name, value in shown.items())
    show.err.print(f"[bold]{event['tell']}[/] {words}", soft_wrap=True)


def at(folder: Path, rpc: str) -> tuple[Site, Hub]:
    """The task of a folder, on the chain behind a node."""
    site = Site.read(folder)
    return site, site.open(Chain.connect(rpc))


def _salt(out: Path) -> bytes:
    """Kept, so that whoever opens again after a crash opens the same task."""
    file = out / "salt"
    if file.is_file():
        return bytes.fromhex(file.read_text())
    out.mkdir(parents=True, exist_ok=True)
    salt = secrets.token_bytes(32)
    file.write_text(salt.hex())
    return salt


def _words(value: object) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)
