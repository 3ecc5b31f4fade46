"""The protocol's contracts as typed calls. What changes the chain is returned as a call for `Sender.send`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from fedproof._core import keccak256
from fedproof.chain.errors import RpcRefused
from fedproof.chain.hub_events import NAMES, BeaconBegun, Cut, Event, Revealed, Spot, TaskOpened, parse_event
from fedproof.chain.rpc import Chain, checksummed
from fedproof.chain.task import STRUCT, ChainTask, Progress, address_bytes
from fedproof.errors import BadInput

_OPENED = f"TaskOpened(bytes32,address,{STRUCT},bytes)"
MOST_HUBS = 16
"""Contracts that are looked at when a task's hub is searched: anybody can say anything in an event."""
Call = Any
"""A call of a contract, as web3 prepares it."""


class Hub:
    """FedHub at `address`, and the contracts it relies on. Readings raise ChainError."""

    def __init__(self, chain: Chain, address: bytes) -> None:
        self.chain = chain
        self.address = address
        self._contract = chain.contract("FedHub", address)

    @property
    def padded(self) -> bytes:
        """As statements name it: 32 bytes."""
        return bytes(12) + self.address

    @cached_property
    def vault(self) -> Vault:
        """Its stakes."""
        return Vault(self.chain, address_bytes(self._read("vault")))

    @cached_property
    def keys(self) -> Keys:
        """Its keys."""
        return Keys(self.chain, address_bytes(self._read("keys")))

    def task(self, id: bytes) -> ChainTask:
        """Terms of a task."""
        return ChainTask.of(self._read("task", id))

    def progress(self, id: bytes) -> Progress:
        """Where a task stands."""
        return Progress.of(self._read("progress", id))

    def entered(self, id: bytes, number: int, member: bytes) -> bool:
        """Has the member entered this round, which has begun or is the next?"""
        return bool(self._read("entered", id, number, checksummed(member)))

    def submitted_in(self, id: bytes, number: int, member: bytes) -> bool:
        """Has the member submitted in this round?"""
        return bool(self._read("submittedIn", id, number, checksummed(member)))

    def due(self, id: bytes, member: bytes) -> int:
        """What the member may claim."""
        return int(self._read("due", id, checksummed(member)))

    def events(self, id: bytes, first: int = 0) -> Iterator[Event]:
        """All events of a task from block `first` on, in the order of the chain."""
        for log in self.chain.logs(self._contract, NAMES, first=first, where={"id": id}):
            yield parse_event(log.name, log.values, Spot(log.block, log.index, log.transaction))

    def open(self, task: ChainTask, start: bytes) -> Call:
        """start: points of [W_0]."""
        return self._contract.functions.open(task.values(), start)

    def cancel(self, id: bytes) -> Call:
        """While nobody has joined."""
        return self._contract.functions.cancel(id)

    def refund(self, id: bytes) -> Call:
        """What is left, to the sponsor."""
        return self._contract.functions.refund(id)

    def join(self, id: bytes, nonce_commitment: bytes, dataset: bytes, proof: bytes, evidence: bytes = b"") -> Call:
        """Registers a dataset and locks the stake."""
        return self._contract.functions.join(id, nonce_commitment, dataset, proof, evidence)

    def enter(self, id: bytes) -> Call:
        """The next round again after an absence."""
        return self._contract.functions.enter(id)

    def submit(
        self, id: bytes, start: bytes, dataset_id: bytes, dataset: bytes, proof: bytes, *, leaving: bool = False
    ) -> Call:
        """Eager."""
        return self._contract.functions.submit(id, start, dataset_id, dataset, proof, leaving)

    def submit_claim(self, id: bytes, update: bytes, proof: bytes, *, leaving: bool = False) -> Call:
        """Bonded. proof: hash of the proof's file."""
        return self._contract.functions.submitClaim(id, update, proof, leaving)

    def claim(self, id: bytes, member: bytes) -> Call:
        """Pays the member what is due."""
        return self._contract.functions.claim(id, checksummed(member))

    def quit(self, id: bytes) -> Call:
        """Enters no further round."""
        return self._contract.functions.quit(id)

    def advance(self, id: bytes) -> Call:
        """Ends a phase that is over by count or by time."""
        return self._contract.functions.advance(id)

    def report_absent(self, id: bytes, number: int, member: bytes) -> Call:
        """Slashes whoever withheld a nonce or an update."""
        return self._contract.functions.reportAbsent(id, number, checksummed(member))

    def demand(self, id: bytes, index: int, member: bytes, update: bytes, proof: bytes) -> Call:
        """Demands the proof of a claim."""
        return self._contract.functions.demand(id, index, checksummed(member), update, proof)

    def settle(
        self,
        id: bytes,
        index: int,
        member: bytes,
        start: bytes,
        dataset_id: bytes,
        dataset: bytes,
        update: bytes,
        proof: bytes,
    ) -> Call:
        """Verifies the proof behind a claim. proof: its file."""
        who = checksummed(member)
        return self._contract.functions.settle(id, index, who, start, dataset_id, dataset, update, proof)

    def expire(self, id: bytes, index: int, member: bytes, update: bytes, proof: bytes) -> Call:
        """A demanded proof was not shown in time."""
        return self._contract.functions.expire(id, index, checksummed(member), update, proof)

    def accumulate(self, id: bytes, partial: bytes, members: bytes, updates: bytes) -> Call:
        """Adds up further submissions."""
        return self._contract.functions.accumulate(id, partial, members, updates)

    def close(
        self, id: bytes, partial: bytes, members: bytes, updates: bytes, next: bytes, weights: bytes, proof: bytes
    ) -> Call:
        """Adds up what is left and verifies the round-close proof."""
        return self._contract.functions.close(id, partial, members, updates, next, weights, proof)

    def _read(self, name: str, *arguments: Any) -> Any:
        return self.chain.call(self._contract.functions[name](*arguments))


class Vault:
    """StakeVault."""

    def __init__(self, chain: Chain, address: bytes) -> None:
        self.chain = chain
        self.address = address
        self._contract = chain.contract("StakeVault", address)

    def stake_of(self, id: bytes, member: bytes) -> int:
        """Stake of a member."""
        return int(self.chain.call(self._contract.functions.stakeOf(id, checksummed(member))))

    def withdrawable_at(self, id: bytes, member: bytes) -> int:
        """When it can be withdrawn, in seconds; 0 if no exit was started."""
        return int(self.chain.call(self._contract.functions.withdrawableAt(id, checksummed(member))))

    def reports_of(self, token: bytes, reporter: bytes) -> int:
        """What a reporter may withdraw."""
        return int(self.chain.call(self._contract.functions.reportsOf(checksummed(token), checksummed(reporter))))

    def cuts(self, id: bytes, first: int = 0) -> Iterator[Cut]:
        """What was taken from stakes, in the order of the chain."""
        for log in self.chain.logs(self._contract, ("Cut",), first=first, where={"id": id}):
            spot, values = Spot(log.block, log.index, log.transaction), log.values
            parts = (values["burned"], values["toReporter"], values["toHonest"])
            yield Cut(spot, id, address_bytes(values["member"]), *parts)

    def withdraw(self, id: bytes) -> Call:
        """The sender's stake."""
        return self._contract.functions.withdraw(id)

    def withdraw_reports(self, token: bytes) -> Call:
        """The sender's rewards for reports."""
        return self._contract.functions.withdrawReports(checksummed(token))


class Keys:
    """VerifyingKeys."""

    def __init__(self, chain: Chain, address: bytes) -> None:
        self.chain = chain
        self._contract = chain.contract("VerifyingKeys", address)

    def is_stored(self, key_id: bytes) -> bool:
        """Is the key there?"""
        return bool(self.chain.call(self._contract.functions.isStored(key_id)))

    def store(self, program: bytes, table_points: bytes, setup: bytes) -> Call:
        """Checks a key and keeps it."""
        return self._contract.functions.store(program, table_points, setup)


class Beacon:
    """CommitRevealBeacon."""

    def __init__(self, chain: Chain, address: bytes) -> None:
        self.chain = chain
        self.address = address
        self._contract = chain.contract("CommitRevealBeacon", address)

    def is_present(self, hub: bytes, id: bytes, number: int, member: bytes) -> bool:
        """Has the member revealed in this round?"""
        who = (checksummed(hub), id, number, checksummed(member))
        return bool(self.chain.call(self._contract.functions.isPresent(*who)))

    def randomness(self, block: int) -> bytes:
        """prevrandao of a block."""
        return bytes(self.chain.ask(lambda w: w.eth.get_block(block)["mixHash"]))

    def events(self, hub: bytes, id: bytes, first: int = 0) -> Iterator[BeaconBegun | Revealed]:
        """Rounds that began, with the chain's randomness, and nonces revealed, in the order of the chain."""
        where = {"hub": "0x" + hub.hex(), "id": id}
        for log in self.chain.logs(self._contract, ("Begun", "Revealed"), first=first, where=where):
            spot, values = Spot(log.block, log.index, log.transaction), log.values
            if log.name == "Begun":
                yield BeaconBegun(spot, id, values["round"], values["prevrandao"])
            else:
                member = address_bytes(values["member"])
                yield Revealed(spot, id, values["round"], member, values["nonce"], values["added"])

    def reveal(self, hub: bytes, id: bytes, nonce: bytes) -> Call:
        """The sender's nonce of the round under way."""
        return self._contract.functions.reveal(checksummed(hub), id, nonce)


class Token:
    """An ERC-20 token: all have these functions of DevToken."""

    def __init__(self, chain: Chain, address: bytes) -> None:
        self.chain = chain
        self.address = address
        self._contract = chain.contract("DevToken", address)

    def balance_of(self, who: bytes) -> int:
        """Units of an address."""
        return int(self.chain.call(self._contract.functions.balanceOf(checksummed(who))))

    def allowance(self, owner: bytes, spender: bytes) -> int:
        """Units that `spender` may take from `owner`."""
        who = (checksummed(owner), checksummed(spender))
        return int(self.chain.call(self._contract.functions.allowance(*who)))

    def approve(self, spender: bytes, amount: int) -> Call:
        """Lets `spender` take so much from the sender."""
        return self._contract.functions.approve(checksummed(spender), amount)


class DevToken(Token):
    """Play money, for demonstrations and tests."""

    def mint(self, to: bytes, amount: int) -> Call:
        """Anybody may."""
        return self._contract.functions.mint(checksummed(to), amount)


def bytes32(text: str, what: str) -> bytes:
    """32 bytes of 64 hex digits, with 0x or without. Raises BadInput."""
    try:
        raw = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise BadInput(f"{what}: must be 64 hex digits, got {text[:80]!r}")
    return raw


def find_hub(chain: Chain, id: bytes, first: int = 0) -> bytes:
    """Address of whoever says that it has opened a task, by whose terms the id follows from the address.

    Raises BadInput if nobody does, or if the node does not search so many blocks: then the hub must be named.
    """
    topics: Any = ["0x" + keccak256(_OPENED.encode()).hex(), "0x" + id.hex()]
    wanted: Any = {"topics": topics, "fromBlock": first, "toBlock": "latest"}
    try:
        found = chain.ask(lambda w: w.eth.get_logs(wanted))
    except RpcRefused as error:
        raise BadInput(f"{chain.shown} does not search for the task ({error}): name the hub") from None
    for log in found[:MOST_HUBS]:
        address = address_bytes(str(log["address"]))
        for event in Hub(chain, address).events(id, int(log["blockNumber"])):
            if isinstance(event, TaskOpened) and event.task.id(chain.chain_id, address) == id:
                return address
            break
    raise BadInput(f"{chain.shown}: nobody has opened task {id.hex()}")
