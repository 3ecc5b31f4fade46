"""A task on a chain with all its roles in this process, stepped one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fedproof._core import keccak256
from fedproof.chain.hub import Hub
from fedproof.chain.node import Anvil
from fedproof.chain.rpc import Chain
from fedproof.chain.sender import Sender
from fedproof.chain.task import Phase, address_bytes
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.jobs import Place
from fedproof.federation.keys import Identity, open_identity
from fedproof.federation.onchain.closer import Closer
from fedproof.federation.onchain.history import History
from fedproof.federation.onchain.inbox import Inbox
from fedproof.federation.onchain.jobs import CloserJob, MemberJob
from fedproof.federation.onchain.member import Member
from fedproof.federation.onchain.offer import ChainConfig
from fedproof.federation.onchain.site import Site
from fedproof.federation.onchain.sponsor import DEPLOYMENT, Sponsor
from fedproof.federation.openings import Openings
from fedproof.federation.terms import Terms
from fedproof.task import Task
from tests.federation.helpers import make_run, make_task

NOWHERE = Place("", "")
PURSE = 10**20


class Handover:
    """In place of the wire: what a member delivers is with the aggregator at once."""

    def __init__(self, openings: Openings, dims: tuple[int, ...]) -> None:
        self.openings = openings
        self.dims = dims

    def deliver(self, message: Any) -> bool:
        from fedproof.federation.aggregation import Opening

        opening = Opening.decode(message.attachments["opening"], self.dims)
        self.openings.keep(message.body["round"], message.body["participant"], opening)
        return True


class Town:
    """A chain, a task, people. told: all that anybody told, as (name, event)."""

    def __init__(
        self, base: Path, node: Anvil, names: list[str], task: Task | None = None, *, anybody: bool = False,
        **offer: Any,
    ) -> None:  # fmt: skip
        self.base, self.node, self.names = base, node, names
        self.task = task or make_task()
        self.run, self.passphrases = make_run(base, self.task, names)
        self.config = ChainConfig(**offer)
        self.told: list[tuple[str, dict[str, Any]]] = []
        self._senders: list[Sender] = []
        self.chain = Chain.connect(node.url)
        self.sponsor, self.leader = Identity(os.urandom(32)), Identity(os.urandom(32))
        self.people = {n: open_identity(ParticipantFolder(base / n).keystore, self.passphrases[n]) for n in names}
        for who in (self.sponsor, self.leader, *self.people.values()):
            node.fund(who.address, PURSE)
        self.plain = Terms.of(self.task)
        with Sender(self.chain, self.sponsor.account(), base / "sponsor") as sender:
            opener = Sponsor(self.chain, sender, self.config, lambda event: self.told.append(("sponsor", event)))
            contracts = opener.contracts(base / DEPLOYMENT)
            amounts = dict.fromkeys(
                [self.sponsor.address, self.leader.address, *(p.address for p in self.people.values())], 10**6
            )
            self.token = opener.play_money(amounts)
            self.hub = Hub(self.chain, address_bytes(contracts["FedHub"]))
            opener.store_key(self.hub, self.plain)
            _, start = self.plain.initial()
            self.offer = self.config.task(
                self.plain, len(names), sponsor=self.sponsor.address, token=self.token.address,
                gate=address_bytes(contracts["OpenGate"]), beacon=address_bytes(contracts["CommitRevealBeacon"]),
                aggregator=bytes(20) if anybody else self.leader.address,
                task_file=keccak256(self.task.to_toml().encode()), start=keccak256(start), salt=os.urandom(32),
            )  # fmt: skip
            self.site: Site = opener.open(self.hub, self.plain, self.offer, str(base / "store"))
        self.terms = self.site.terms(self.plain)
        self.openings = Openings(base / "openings")

    @property
    def id(self) -> bytes:
        return self.site.id

    def sender(self, who: Identity, journal: Path, chain: Chain | None = None) -> Sender:
        """Closed with the town."""
        self._senders.append(Sender(chain or self.chain, who.account(), journal))
        return self._senders[-1]

    def close(self) -> None:
        for sender in self._senders:
            sender.close()

    def member(self, name: str, cheat: str = "", **changes: Any) -> Member:
        """A new process's worth of state, on the same folder."""
        chain = Chain.connect(self.node.url)
        job = MemberJob(
            place=NOWHERE, rpc=self.node.url, site=self.site, conditions=self.config.conditions(),
            folder=str(self.base / name), run=str(self.base), name=name, task="", ptau=None, threads=1, passphrase="",
            cheat=cheat,
        )  # fmt: skip
        sender = self.sender(self.people[name], self.base / name / "transactions", chain)
        made = Member(
            job, self.terms, self.people[name], changes.pop("hub", None) or Hub(chain, self.hub.address), sender,
            lambda event: self.told.append((name, event)),
        )  # fmt: skip
        made._courier = Handover(self.openings, self.task.dims)  # type: ignore[assignment]
        return made

    def closer(self, name: str = "aggregator", identity: Identity | None = None) -> Closer:
        """An aggregator."""
        who = identity or self.leader
        chain = Chain.connect(self.node.url)
        job = CloserJob(
            place=NOWHERE, rpc=self.node.url, site=self.site, folder=str(self.base / "run"), keystore="", journal="",
            task="", ptau=None, threads=1, passphrase="",
        )  # fmt: skip
        sender = self.sender(who, self.base / f"{name}-transactions", chain)
        inbox = Inbox(self.terms, None, self.openings)  # type: ignore[arg-type]
        return Closer(
            job, self.terms, who, Hub(chain, self.hub.address), sender, inbox,
            lambda event: self.told.append((name, event)),
        )  # fmt: skip

    def history(self) -> History:
        return History.of(self.hub.events(self.id, self.site.block))

    def phase(self) -> Phase:
        return self.hub.progress(self.id).phase

    def play(self, roles: list[Any], until: Callable[[], bool] | None = None, most: int = 400) -> None:
        """Steps everybody in turn until the task is over and all are done, or `until` holds."""
        done: set[int] = set()
        for _ in range(most):
            for number, role in enumerate(roles):
                if until is not None and until():
                    return
                if number not in done and role.step():
                    done.add(number)
            if len(done) == len(roles):
                return
        raise AssertionError(f"nothing goes on in {self.hub.progress(self.id)}: {self.told[-3:]}")

    def pass_time(self) -> None:
        """The phase is over."""
        left = self.hub.progress(self.id).deadline - self.chain.block().time
        self.node.ask("evm_increaseTime", max(1, left + 1))
        self.node.ask("evm_mine")

    def of(self, kind: str, name: str = "") -> list[dict[str, Any]]:
        """What was told of a kind."""
        return [event for who, event in self.told if event["tell"] == kind and name in ("", who)]
