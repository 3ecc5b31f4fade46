"""fedproof join, fedproof claim: one member's part in a task on a chain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fedproof.chain.sender import Sender
from fedproof.cli import show
from fedproof.cli.chain import Rpc
from fedproof.cli.people import passphrase_of, unlock
from fedproof.cli.setup import Ptau, agree
from fedproof.cli.task import LOOK, SiteFile, at, said
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.onchain.conditions import Conditions
from fedproof.federation.onchain.jobs import MemberJob
from fedproof.federation.onchain.meeting import read_meeting
from fedproof.federation.onchain.participant import journal, take_part
from fedproof.federation.premises import THREADS
from fedproof.task import load_task

Participant = Annotated[Path, typer.Option("--participant", help="The participant's folder: data/, key/.")]


def join(
    folder: SiteFile,
    task: Annotated[Path, typer.Option(help="Task file (TOML): the chain's task must be this one.")],
    participant: Participant,
    meeting: Annotated[Path, typer.Option(help="File of `fedproof task lead`: where the aggregator is.")],
    most_stake: Annotated[int, typer.Option(min=0, help="Units of the token that may be staked, at most.")],
    rpc: Rpc,
    least_reward: Annotated[int, typer.Option(min=0, help="Units of the token a round must pay, at least.")] = 0,
    store: Annotated[str, typer.Option(help="URL or folder of the artefacts, instead of the site's.")] = "",
    records: Annotated[Path | None, typer.Option(help="Records, instead of the one file in data/.")] = None,
    ptau: Ptau = None,
) -> None:
    """Take part in a task to its end: join, train and prove every round, take the rewards. Called again, it goes on."""
    site, hub = at(folder, rpc)
    home = ParticipantFolder(participant)
    name = participant.absolute().name
    passphrase = passphrase_of(home, name)
    agreed = load_task(task)
    show.warn_setup(agree(agreed, ptau).setup)
    job = MemberJob(
        place=read_meeting(meeting),
        rpc=rpc,
        site=site if not store else site.with_store(store),
        conditions=Conditions(most_stake, least_reward),
        folder=str(participant.absolute()),
        run=str(folder.absolute()),
        name=name,
        task=agreed.to_toml(),
        ptau=None if ptau is None else str(ptau),
        threads=THREADS,
        passphrase=passphrase,
        pause=LOOK,
        data=None if records is None else str(records.absolute()),
    )
    take_part(job, said)
    show.out.print(f"[green]done[/]: the task is {hub.progress(site.id).phase.name.lower()}")
    show.out.print(f"next: [bold]fedproof claim {folder} --participant {participant}[/], when the stake is free")


def claim(folder: SiteFile, participant: Participant, rpc: Rpc, json: show.Json = False) -> None:
    """Take what is due, and the stake once the task is over and the vault's delay has passed."""
    site, hub = at(folder, rpc)
    home = ParticipantFolder(participant)
    identity = unlock(home, participant.absolute().name)
    me, vault = identity.address, hub.vault
    claimed = withdrawn = 0
    with Sender(hub.chain, identity.account(), journal(home.path, site)) as sender:
        block = hub.chain.block()
        due = hub.due(site.id, me)
        if due:
            sender.send(hub.claim(site.id, me), f"claim at {block.number}")
            claimed = due
        stake = vault.stake_of(site.id, me)
        if stake and hub.progress(site.id).phase.over:
            if not vault.withdrawable_at(site.id, me):
                sender.send(hub.quit(site.id), "quit")
            if vault.withdrawable_at(site.id, me) <= block.time:
                sender.send(vault.withdraw(site.id), "withdraw")
                withdrawn, stake = stake, 0
    free = vault.withdrawable_at(site.id, me)
    if json:
        show.print_json({"claimed": claimed, "withdrawn": withdrawn, "stake": stake, "withdrawable_at": free})
        return
    show.out.print(f"[green]claimed[/] {claimed}, [green]withdrawn[/] {withdrawn}, still staked {stake}")
    if stake and free:
        show.out.print(f"the stake can be withdrawn in {max(0, free - block.time)} seconds")
