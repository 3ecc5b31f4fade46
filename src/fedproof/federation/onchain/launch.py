"""Starts the processes of a run on a chain and follows the task to its end; with a chain of its own, that too."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from fedproof.chain.hub import Beacon, Hub
from fedproof.chain.node import Anvil
from fedproof.chain.rpc import Chain
from fedproof.chain.sender import Sender
from fedproof.chain.task import Phase
from fedproof.errors import BadInput, FedproofError
from fedproof.federation.canonical import Json, decode, encode
from fedproof.federation.children import Child
from fedproof.federation.crew import Crew, Watch
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.jobs import Place
from fedproof.federation.keys import RANDOM, create_identity, keystore_address, open_identity
from fedproof.federation.onchain.clock import Clock
from fedproof.federation.onchain.history import History
from fedproof.federation.onchain.jobs import CloserJob, MemberJob
from fedproof.federation.onchain.news import News
from fedproof.federation.onchain.offer import ChainConfig
from fedproof.federation.onchain.place import STATE
from fedproof.federation.onchain.site import Site
from fedproof.federation.onchain.sponsor import Sponsor, open_task
from fedproof.federation.onchain.told import Told
from fedproof.federation.premises import LOG, THREADS, RunResult, absolute, meet, part
from fedproof.federation.runfolder import SITE, RunFolder
from fedproof.federation.terms import Terms
from fedproof.files import read_file, write_file
from fedproof.task import Task

if TYPE_CHECKING:
    from fedproof.federation.config import ParticipantConfig, RunConfig

OUTCOME = "outcome.json"
ETHER = 10**18
"""Wei."""
PURSE = 10 * ETHER
"""What everybody has for gas on a chain of its own."""


class ChainLaunch:
    """One launcher's part in a run."""

    def __init__(
        self,
        config: RunConfig,
        task: Task,
        addresses: Mapping[str, ParticipantConfig],
        passphrases: Mapping[str, str],
        folder: RunFolder,
        plan: Json,
        watch: Watch,
    ) -> None:
        if config.chain is None:
            raise BadInput("the run file has no section [chain]")
        self._config = config
        self._chain: ChainConfig = config.chain
        self._task = task
        self._terms = Terms.of(task, config.ptau)
        self._addresses = addresses
        self._passphrases = passphrases
        self._folder = folder
        self._plan = plan
        self._meeting = meet(folder)
        self._place = Place(str(self._meeting / "s"), secrets.token_hex(32))
        self._crew = Crew(config.restarts, watch)
        self._told = Told(folder.path)
        self._clock: Clock | None = None
        self._rpc = ""

    def run(self) -> RunResult:
        """To the end, with as many processes as it takes."""
        out = self._folder.path
        with ExitStack() as stack:
            node = None
            if self._chain.embedded:
                node = stack.enter_context(Anvil(state=out / STATE))
            chain = Chain.connect(node.url if node else self._chain.rpc, self._chain.confirmations)
            self._rpc = chain.url
            site = self._site(chain, node)
            hub = site.open(chain)
            self._start(site, hub, node)
            result = self._follow(site, hub, node)
            self._crew.end(finished=True)
        write_file(out / OUTCOME, encode({"finished": result.finished, "failure": result.failure}))
        self._folder.end()
        return result

    def end(self) -> None:
        """No process is left; a run of which nothing is on a chain leaves nothing."""
        self._crew.end(finished=False)
        part(self._meeting)
        out = self._folder.path
        if self._folder.private.is_dir() and not (out / SITE).is_file() and self._chain.embedded:
            shutil.rmtree(out, ignore_errors=True)

    # --- the task --------------------------------------------------------------------------------------------------

    def _site(self, chain: Chain, node: Anvil | None) -> Site:
        """Where the task is: opened now, unless it was before."""
        out = self._folder.path
        if (out / SITE).is_file():
            self._crew.tell({"tell": "resumed", "closed": self._told.closed})
            return Site.read(out)
        payer, leader = self._operator("sponsor"), self._operator("aggregator")
        identity = open_identity(payer.keystore, self._passphrase("sponsor"))
        people = [identity.address, keystore_address(leader.keystore), *map(bytes.fromhex, self._addresses)]
        if node is not None:
            for address in people:
                node.fund(address, PURSE)
        paying, leading, *members = people
        deposits = self._chain.demand_deposit * len(members) if self._chain.mode == "bonded" else 0
        escrow = self._task.rounds * (self._chain.reward + self._chain.closer_fee)
        play = {paying: escrow, leading: deposits, **dict.fromkeys(members, self._chain.stake)}
        with Sender(chain, identity.account(), payer.path / "transactions" / self._plan["run"]) as sender:
            sponsor = Sponsor(chain, sender, self._chain, self._hear)
            salt = bytes.fromhex(self._plan["run"])
            return open_task(sponsor, self._terms, out, seats=len(members), leader=leading, salt=salt, play=play)

    def _operator(self, name: str) -> ParticipantFolder:
        """Folder of the sponsor's or the aggregator's key; on a chain of its own made for this run."""
        given = self._chain.sponsor if name == "sponsor" else self._chain.aggregator
        folder = ParticipantFolder(given if given is not None else self._folder.private / name)
        if given is None and not folder.keystore.exists():
            secret = secrets.token_hex(32)
            write_file(folder.path / "passphrase", secret.encode(), private=True)
            create_identity(folder.keystore, secret, cost=RANDOM)
        return folder

    def _passphrase(self, name: str) -> str:
        if self._chain.embedded:
            return read_file(self._folder.private / name / "passphrase").decode()
        return self._passphrases[name]

    # --- processes -------------------------------------------------------------------------------------------------

    def _start(self, site: Site, hub: Hub, node: Anvil | None) -> None:
        names = {bytes.fromhex(address): p.name for address, p in self._addresses.items()}
        self._news = News(site, hub, names, self._told)
        if node is not None:
            beacon = Beacon(hub.chain, hub.task(site.id).beacon)
            self._clock = Clock(node, hub, beacon, site.id, names)
        self._crew.attend("aggregator", "", partial(self._aggregator, site), self._hear)
        for address, participant in self._addresses.items():
            self._crew.attend(participant.name, address, partial(self._participant, site, participant), self._hear)

    def _follow(self, site: Site, hub: Hub, node: Anvil | None) -> RunResult:
        """Until the task is over and everybody has left."""
        while True:
            if node is not None and not node.running:
                raise FedproofError("the chain of this run has ended; the run can be resumed")
            progress = hub.progress(site.id)  # before the events: they then know at least as much
            history = History.of(hub.events(site.id, site.block))
            for event in self._news.of(history):
                self._say(event)
            if self._clock is not None:
                for name in self._crew.gone:
                    self._clock.gone(name)
                self._clock.turn(progress, history)
            if not self._crew.busy and progress.phase.over:
                break
            if "aggregator" in self._crew.gone and not progress.phase.over:
                raise FedproofError(f"the aggregator's process failed: {self._crew.gone['aggregator']}")
            sleep(self._chain.look)
        failure = "" if history.cancelled is None else history.cancelled.reason
        if failure:
            self._say({"tell": "failed", "round": progress.round, "reason": failure})
        return RunResult(self._folder.path, progress.phase is Phase.FINISHED, failure)

    def _hear(self, event: Json) -> None:
        """What a process tells."""
        if self._clock is not None:
            self._clock.hear(event)
        self._say(event)

    def _say(self, event: Json) -> None:
        if event["tell"] == "round":
            self._crew.progressed()
        if self._told.keep(event):
            self._crew.tell(event)

    def _aggregator(self, site: Site) -> Child:
        folder = self._operator("aggregator")
        job = CloserJob(
            place=self._place,
            rpc=self._rpc,
            site=site,
            folder=str(self._folder.path.absolute()),
            keystore=str(folder.keystore.absolute()),
            journal=str((folder.path / "transactions" / site.task).absolute()),
            task=self._task.to_toml(),
            ptau=absolute(self._config.ptau),
            threads=THREADS,
            passphrase=self._passphrase("aggregator"),
            confirmations=self._chain.confirmations,
            pause=self._chain.look,
            patience=self._config.timeout,
        )
        return Child("fedproof.federation.onchain.aggregator", job, self._folder.log, told=True)

    def _participant(self, site: Site, participant: ParticipantConfig) -> Child:
        job = MemberJob(
            place=self._place,
            rpc=self._rpc,
            site=site,
            conditions=self._chain.conditions(),
            folder=str(participant.folder.absolute()),
            run=str(self._folder.path.absolute()),
            name=participant.name,
            task=self._task.to_toml(),
            ptau=absolute(self._config.ptau),
            threads=max(1, THREADS // len(self._config.participant)),
            passphrase=self._passphrases[participant.name],
            confirmations=self._chain.confirmations,
            pause=self._chain.look,
            patience=self._config.timeout,
            wait=self._chain.embedded,
            data=absolute(participant.data),
            cheat=participant.cheat,
            cheat_from=participant.cheat_from,
        )
        return Child("fedproof.federation.onchain.participant", job, participant.folder / LOG, told=True)


def chain_result(path: Path) -> RunResult:
    """How a run on a chain in this folder ended. Raises BadInput if it has not."""
    file = path / OUTCOME
    if not file.is_file():
        raise BadInput(f"{path}: the run there has not ended and cannot be resumed: its private files are missing")
    content = decode(read_file(file))
    return RunResult(path, content.get("finished") is True, str(content.get("failure", "")))
