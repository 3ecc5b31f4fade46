"""A chain, through one node of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from fedproof.chain import logs as chain_logs
from fedproof.chain.artefacts import artefact
from fedproof.chain.errors import WrongChain
from fedproof.chain.events import Event
from fedproof.chain.transport import PATIENCE, TIMEOUT, Transport
from fedproof.errors import BadInput

if TYPE_CHECKING:
    from eth_typing import ChecksumAddress
    from web3 import Web3
    from web3.contract import Contract
    from web3.contract.contract import ContractConstructor, ContractFunction
    from web3.types import BlockIdentifier

T = TypeVar("T")


@dataclass(frozen=True)
class Block:
    """time: seconds since 1970. base_fee: wei per unit of gas."""

    number: int
    hash: bytes
    time: int
    base_fee: int
    gas_limit: int


class Chain:
    """Reads in bounds and with patience; every error is a ChainError. `shown` names the node without secrets of its
    URL.

    confirmations: blocks that a transaction must be deep to count as settled; 1: it is in a block.
    """

    def __init__(self, url: str, confirmations: int, timeout: float, patience: float) -> None:
        from web3 import Web3
        from web3.middleware import ExtraDataToPOAMiddleware

        from fedproof.chain.provider import BoundedProvider

        transport = Transport(url, timeout, patience)
        self.url = url
        self.shown = transport.shown
        self.confirmations = confirmations
        self.web3: Web3 = Web3(BoundedProvider(transport))
        # chains with a fixed set of block producers put more into a header than web3 expects
        self.web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
        self.chain_id: int = self.ask(lambda w: int(w.eth.chain_id))

    @classmethod
    def connect(
        cls,
        url: str,
        confirmations: int = 1,
        *,
        chain_id: int | None = None,
        timeout: float = TIMEOUT,
        patience: float = PATIENCE,
    ) -> Chain:
        """The chain behind a URL.

        chain_id: of the chain it must be. timeout: seconds for one request. patience: seconds in which a read that
        failed is repeated. Raises BadInput for a URL that is none, RpcUnavailable, WrongChain, BadAnswer.
        """
        if confirmations < 1:
            raise BadInput("confirmations: must be at least 1")
        chain = cls(url, confirmations, timeout, patience)
        if chain_id is not None and chain.chain_id != chain_id:
            raise WrongChain(f"{chain.shown} is of chain {chain.chain_id}, not of chain {chain_id}")
        return chain

    def ask(self, question: Callable[[Web3], T]) -> T:
        """What `question` returns; what the node's answer makes of web3 is a BadAnswer."""
        from fedproof.chain.provider import answers

        with answers(self.shown):
            return question(self.web3)

    @cached_property
    def genesis(self) -> bytes:
        """Hash of block 0, which tells chains of the same id apart."""
        return self.ask(lambda w: bytes(w.eth.get_block(0)["hash"]))

    def contract(self, name: str, address: str | bytes) -> Contract:
        """One of our contracts at an address. Raises BadInput."""
        return self.web3.eth.contract(address=checksummed(address), abi=artefact(name).abi)

    def creation(self, name: str, *arguments: Any) -> ContractConstructor:
        """The transaction that creates one of our contracts, for Sender.send. Raises BadInput."""
        made = artefact(name)
        return self.web3.eth.contract(abi=made.abi, bytecode=made.bytecode).constructor(*arguments)

    def call(self, function: ContractFunction, block: BlockIdentifier = "latest", sender: str | None = None) -> Any:
        """What a function returns, without a transaction. Raises ContractRejected."""
        return self.ask(lambda _: function.call({"from": checksummed(sender)} if sender else {}, block))

    def block(self, which: BlockIdentifier = "latest") -> Block:
        """A block by number, hash or name."""
        found = self.ask(lambda w: w.eth.get_block(which))
        return self.ask(
            lambda _: Block(
                int(found["number"]), bytes(found["hash"]), int(found["timestamp"]),
                int(found.get("baseFeePerGas", 0)), int(found["gasLimit"]),
            )
        )  # fmt: skip

    def balance(self, address: str | bytes) -> int:
        """In wei."""
        account = checksummed(address)
        return self.ask(lambda w: int(w.eth.get_balance(account)))

    def code(self, address: str | bytes) -> bytes:
        """Of a contract; b"" if there is none."""
        account = checksummed(address)
        return self.ask(lambda w: bytes(w.eth.get_code(account)))

    def logs(
        self,
        contract: Contract,
        names: Sequence[str] = (),
        *,
        first: int,
        last: int | None = None,
        where: Mapping[str, Any] | None = None,
    ) -> Iterator[Event]:
        """Events of a contract in blocks `first` to `last` (inclusive; None: the newest), in their order.

        names: only these events. where: only events with these values in indexed fields. Asks for as many blocks at a
        time as the node can answer. Raises BadInput for names that the contract does not have.
        """
        return chain_logs.logs(self, contract, names, first, last, where or {})


def checksummed(address: str | bytes) -> ChecksumAddress:
    """An address as web3 wants it. Raises BadInput."""
    from eth_utils.address import is_address, to_checksum_address

    if not is_address(address):
        raise BadInput(f"address {address!r}: is none")
    return to_checksum_address(address)
