"""The sponsor's part: contracts where there are none, the key, the task with its money in escrow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from fedproof._core import keccak256
from fedproof.chain.deploy import PLAN, PLAY, Deployment, deploy, verify
from fedproof.chain.hub import DevToken, Hub, Token
from fedproof.chain.rpc import Chain
from fedproof.chain.sender import Receipt, Sender
from fedproof.chain.task import ChainTask, address_bytes
from fedproof.errors import BadInput, Rejected
from fedproof.federation.canonical import Json
from fedproof.federation.onchain.conditions import check_closing, key_id
from fedproof.federation.onchain.offer import ChainConfig
from fedproof.federation.onchain.site import Site
from fedproof.federation.store import Store
from fedproof.federation.terms import Terms

DEPLOYMENT = "deployment.json"


class Sponsor:
    """Opens one task. Every step has a purpose of its own, so that all can be called again after a crash."""

    def __init__(self, chain: Chain, sender: Sender, config: ChainConfig, tell: Callable[[Json], None]) -> None:
        self.chain = chain
        self.sender = sender
        self.config = config
        self._tell = tell

    @property
    def address(self) -> bytes:
        """Who pays."""
        return address_bytes(self.sender.address)

    def contracts(self, file: Path) -> Deployment:
        """Those of `file` if it is there, else deployed. Raises ChainError if the chain has others there."""
        if file.is_file():
            deployment = Deployment.load(file)
            verify(self.chain, deployment)
            return deployment
        gas = 0

        def told(name: str, address: str, used: int) -> None:
            nonlocal gas
            gas += used

        deployment = deploy(self.chain, self.sender, PLAN, told)
        deployment.save(file)
        self._tell({"tell": "deployed", "contracts": len(PLAN), "gas": gas})
        return deployment

    def play_money(self, amounts: Mapping[bytes, int]) -> DevToken:
        """A token that is worth nothing, and some of it by address."""
        made = deploy(self.chain, self.sender, PLAY)
        token = DevToken(self.chain, address_bytes(made["DevToken"]))
        for person, amount in amounts.items():
            self.sender.send(token.mint(person, amount), f"mint {person.hex()}")
        return token

    def store_key(self, hub: Hub, terms: Terms) -> None:
        """The key is checked and kept by the chain, once for all tasks that have it."""
        stored = key_id(terms)
        if hub.keys.is_stored(stored):
            return
        call = hub.keys.store(terms.program.encode(), terms.key.table_points, terms.setup.verifier_points)
        self._said("stored", self.sender.send(call, f"store key {stored.hex()}"))

    def open(self, hub: Hub, terms: Terms, task: ChainTask, store: str) -> Site:
        """Publishes the task file, pays the escrow and opens the task."""
        Store(store).put(terms.task.to_toml().encode())
        check_closing(terms)
        _, start = terms.initial()
        identity = task.id(self.chain.chain_id, hub.address)
        purpose = f"open {identity.hex()}"
        token = Token(self.chain, task.token)
        if self.sender.find(purpose) is None and token.allowance(self.address, hub.address) < task.escrow:
            if token.balance_of(self.address) < task.escrow:
                raise BadInput(f"the sponsor 0x{self.address.hex()} has less than the task's {task.escrow}")
            self.sender.send(token.approve(hub.address, task.escrow), f"approve {identity.hex()}")
        receipt = self.sender.send(hub.open(task, start), purpose)
        if hub.task(identity) != task:
            raise Rejected("the chain has opened another task than it was asked to", check="task")
        self._said("opened", receipt, id=identity.hex(), escrow=task.escrow)
        return Site(
            embedded=self.config.embedded,
            chain_id=self.chain.chain_id,
            hub=hub.address.hex(),
            task=identity.hex(),
            block=receipt.block,
            store=store,
        )

    def _said(self, what: str, receipt: Receipt, **more: object) -> None:
        self._tell({"tell": what, "gas": receipt.gas_used, "fee": receipt.fee, **more})


def open_task(
    sponsor: Sponsor,
    terms: Terms,
    folder: Path,
    *,
    seats: int,
    leader: bytes,
    salt: bytes,
    play: Mapping[bytes, int] | None = None,
) -> Site:
    """Everything it takes to open a task, and its site, written into `folder`. Called again it goes on.

    leader: the aggregator's address. play: who gets how much play money, where the run file names no token.
    """
    chain, config = sponsor.chain, sponsor.config
    contracts = sponsor.contracts(config.deployment or folder / DEPLOYMENT)
    hub = Hub(chain, address_bytes(contracts["FedHub"]))
    token = sponsor.play_money(play or {}).address if config.token is None else address_bytes(config.token)
    sponsor.store_key(hub, terms)
    _, start = terms.initial()
    task = config.task(
        terms,
        seats,
        sponsor=sponsor.address,
        token=token,
        gate=address_bytes(contracts["OpenGate"]),
        beacon=address_bytes(contracts["CommitRevealBeacon"]),
        aggregator=leader,
        task_file=keccak256(terms.task.to_toml().encode()),
        start=keccak256(start),
        salt=salt,
    )
    site = sponsor.open(hub, terms, task, config.store or str((folder / "store").absolute()))
    site.write(folder)
    return site
