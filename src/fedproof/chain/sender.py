"""Transactions that settle once, whatever dies in between."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from fedproof.chain import fees as prices
from fedproof.chain.errors import NotEnoughFunds, TooDear
from fedproof.chain.events import Event, events
from fedproof.chain.fees import Fees
from fedproof.chain.journal import Attempt, Entry, Journal, purpose_of
from fedproof.chain.rpc import Chain, checksummed
from fedproof.chain.settle import Patience, Settler
from fedproof.errors import BadInput

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount
    from web3.contract.contract import ContractConstructor, ContractFunction

GAS = 16_777_216
"""Most gas of one transaction (EIP-7825)."""
SPARE = 1.2
"""Of the gas that was estimated: the state may be another one when it is executed."""
SIZE = 1 << 17
"""Most bytes of a transaction that nodes pass on."""


@dataclass(frozen=True)
class Receipt:
    """A settled transaction. fee: wei, all that it cost besides `value`. contract: address of what it created, or None.

    logs: those that are events of our contracts.
    """

    purpose: str
    hash: bytes
    block: int
    gas_used: int
    fee: int
    contract: str | None
    logs: tuple[Event, ...]


class Sender:
    """Sends for one account, each purpose once. Threads take turns; a second process is refused (BadInput).

    journal: folder of the account's transactions, to be kept as long as the account is used.
    most_fee: wei per gas that are never exceeded. patience: how long to wait for what.
    """

    def __init__(
        self,
        chain: Chain,
        account: LocalAccount,
        journal: Path,
        *,
        most_fee: int = prices.MOST,
        patience: Patience = Patience(),  # noqa: B008  # frozen
    ) -> None:
        self.chain = chain
        self.address: str = account.address
        self._account = account
        self._most = most_fee
        self._journal = Journal(journal, account.address, chain.chain_id, chain.genesis)
        self._settler = Settler(chain, account.address, self._journal, self._attempt, patience, most_fee)
        self._turn = threading.RLock()

    def send(
        self, function: ContractFunction | ContractConstructor, purpose: str, value: int = 0, gas: int | None = None
    ) -> Receipt:
        """Sends a contract's function, or creates a contract, and waits until it is settled.

        purpose: of the transaction; asked for again, now or after a crash, the stored transaction is sent again or its
        receipt returned, and never a second one made, even if `function` has other arguments then. Only what was
        reverted, or displaced by another transaction of the account, is made anew. value: wei. gas: limit; None:
        estimated.

        Raises ContractRejected (before sending if it is known to fail), NotEnoughFunds, TooDear, Unsettled, NonceTaken,
        RpcUnavailable, RpcRefused, BadInput if the purpose was used for another contract.
        """
        what = purpose_of(purpose)
        with self._turn:
            to, data = _content(function)
            entry = self._journal.latest(what)
            if entry is not None and entry.to != to:
                raise BadInput(f"purpose {what!r}: was used for another contract, 0x{entry.to.hex()}")
            if entry is None or entry.state in ("reverted", "displaced"):
                entry = self._new(what, to, data, value, gas)
            return self._receipt(*self._settler.settle(entry))

    def find(self, purpose: str) -> Receipt | None:
        """Of a purpose that has settled; None if it has not, or not yet. Sends nothing."""
        with self._turn:
            entry = self._journal.latest(purpose)
            found = self._settler.found(entry) if entry is not None else None
            return self._receipt(entry, found) if entry is not None and found and found["status"] == 1 else None

    def _new(self, purpose: str, to: bytes, data: bytes, value: int, gas: int | None) -> Entry:
        call: dict[str, Any] = {"from": self.address, "value": value, "data": "0x" + data.hex()}
        if to:
            call["to"] = checksummed(to)
        # estimated even if the gas is given: what fails must not be sent
        estimate = self.chain.ask(lambda w: int(w.eth.estimate_gas(call)))  # type: ignore[arg-type]
        limit = gas or min(int(estimate * SPARE), GAS)
        if max(estimate, limit) > GAS:
            raise TooDear(f"{purpose}: needs {max(estimate, limit)} gas, one transaction may use {GAS}")
        offer = prices.market(self.chain, self._most)
        self._afford(purpose, limit * offer.fee + value)
        used = self.chain.ask(lambda w: int(w.eth.get_transaction_count(checksummed(self.address), "pending")))
        nonce = max(used, self._journal.next)
        plain = Entry(purpose, nonce, to, value, data, limit, attempts=())
        attempt = self._attempt(plain, offer)
        if len(attempt.raw) > SIZE:
            raise TooDear(f"{purpose}: has {len(attempt.raw)} bytes, one transaction may have {SIZE}")
        entry = Entry(purpose, nonce, to, value, data, limit, (attempt,))
        self._journal.add(entry)
        return entry

    def _afford(self, purpose: str, cost: int) -> None:
        owned = self.chain.balance(self.address)
        if owned < cost:
            raise NotEnoughFunds(
                f"{purpose}: may cost {cost / 10**18:.6f} ETH, {self.address} has {owned / 10**18:.6f}"
            )

    def _attempt(self, entry: Entry, offer: Fees) -> Attempt:
        """Signs an entry with fees."""
        transaction: dict[str, Any] = {
            "type": 2,
            "chainId": self.chain.chain_id,
            "nonce": entry.nonce,
            "gas": entry.gas,
            "maxFeePerGas": offer.fee,
            "maxPriorityFeePerGas": offer.tip,
            "value": entry.value,
            "data": entry.data,
        }
        if entry.to:
            transaction["to"] = checksummed(entry.to)
        signed = self._account.sign_transaction(transaction)
        return Attempt(bytes(signed.raw_transaction), bytes(signed.hash), offer.tip, offer.fee)

    def _receipt(self, entry: Entry, found: Mapping[str, Any]) -> Receipt:
        def read() -> Receipt:
            # chains that settle on another one charge for that beside the gas
            elsewhere = int(str(found.get("l1Fee", 0)), 0)
            return Receipt(
                entry.purpose,
                bytes(found["transactionHash"]),
                int(found["blockNumber"]),
                int(found["gasUsed"]),
                int(found["gasUsed"]) * int(found["effectiveGasPrice"]) + elsewhere,
                str(found["contractAddress"]) if found.get("contractAddress") else None,
                events(found["logs"]),
            )

        return self.chain.ask(lambda _: read())

    def close(self) -> None:
        """Lets another process use the journal."""
        with self._turn:
            self._journal.close()

    def __enter__(self) -> Sender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _content(function: ContractFunction | ContractConstructor) -> tuple[bytes, bytes]:
    """Receiver (b"" for a creation) and calldata."""
    # all that web3 would otherwise ask the node for
    fixed: Any = {"gas": 0, "nonce": 0, "chainId": 0, "value": 0, "maxFeePerGas": 0, "maxPriorityFeePerGas": 0}
    built = function.build_transaction(fixed)
    to: Any = built.get("to") or ""
    return bytes.fromhex(str(to).removeprefix("0x")), bytes.fromhex(str(built["data"]).removeprefix("0x"))
