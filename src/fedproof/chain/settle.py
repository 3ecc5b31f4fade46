"""Waits until a journalled transaction is settled: sends it again, outbids it, notices what became of it.

Every step can be repeated from any state of the chain: the journal is the only memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Literal

from fedproof.chain import fees as prices
from fedproof.chain.errors import (
    ChainError,
    ContractRejected,
    NonceTaken,
    NotThere,
    RpcRefused,
    RpcUnavailable,
    TooDear,
    Unsettled,
)
from fedproof.chain.fees import Fees
from fedproof.chain.journal import Attempt, Entry, Journal
from fedproof.chain.reverts import rejection
from fedproof.chain.rpc import Chain, checksummed

if TYPE_CHECKING:
    from eth_typing import ChecksumAddress

KNOWN = ("already known", "already imported", "known transaction", "nonce too low")
"""How nodes say that a transaction was sent before."""
CHEAP = ("underpriced", "fee too low", "less than block base fee", "below the")
"""How nodes say that a transaction offers too little."""
QUICK = 0.02
"""Seconds between the first two looks."""
SURE = 3
"""Times in a row that a nonce must be seen taken: a node behind a load balancer may lag."""


@dataclass(frozen=True)
class Patience:
    """Seconds: until an unconfirmed transaction is left alone, until it is outbid, until it is sent again;
    between looks.
    """

    total: float = 300.0
    outbid: float = 45.0
    again: float = 5.0
    look: float = 0.5


class Settler:
    """Of one account. sign: makes an attempt of an entry."""

    def __init__(
        self,
        chain: Chain,
        address: str,
        journal: Journal,
        sign: Callable[[Entry, Fees], Attempt],
        patience: Patience,
        most_fee: int,
    ) -> None:
        self._chain = chain
        self._address: ChecksumAddress = checksummed(address)
        self._journal = journal
        self._sign = sign
        self._patience = patience
        self._most = most_fee

    def settle(self, entry: Entry) -> tuple[Entry, Mapping[str, Any]]:
        """The entry and its receipt, once confirmed. Raises ContractRejected, Unsettled, NonceTaken, NotEnoughFunds,
        RpcRefused.
        """
        deadline = monotonic() + self._patience.total
        if self._mined(entry) is None:
            # a chain that went back, or a node that lost its memory, needs the earlier ones first
            for before in self._journal.between(self._count("latest"), entry.nonce):
                self._wait(before, deadline)
        entry, found = self._wait(entry, deadline)
        if found["status"] != 1:
            raise self._why(entry, found)
        return entry, found

    def found(self, entry: Entry) -> Mapping[str, Any] | None:
        """The receipt of the attempt that is in a confirmed block."""
        found = self._mined(entry)
        return found if found is not None and self._is_deep(found) else None

    def _wait(self, entry: Entry, deadline: float) -> tuple[Entry, Mapping[str, Any]]:
        pushing, taken, pause = _Pushing(self._patience), 0, QUICK
        while True:
            try:
                found = self._mined(entry)
                if found is not None:
                    taken = 0
                    if self._is_deep(found):
                        return self._kept(entry, found), found
                elif self._is_taken(entry):
                    taken += 1
                    if taken == SURE:
                        self._journal.change(entry, state="displaced")
                        raise NonceTaken(
                            f"{entry.purpose}: another transaction of {self._address} has nonce {entry.nonce}: "
                            "something else uses this account too"
                        )
                else:
                    taken = 0
                    entry = self._push(entry, pushing)
            except RpcUnavailable:
                if monotonic() > deadline:
                    raise
            if monotonic() > deadline:
                raise Unsettled(
                    f"{entry.purpose}: is not in a block yet, or not deep enough; ask again to go on waiting"
                )
            sleep(pause)
            pause = min(2 * pause, self._patience.look)

    def _push(self, entry: Entry, pushing: _Pushing) -> Entry:
        """Sends what the node may not have, and outbids what takes too long."""
        if pushing.is_slow:
            entry = self._outbid(entry, pushing)
        if not pushing.is_due:
            return entry
        pushing.sent()
        try:
            self._chain.ask(lambda w: w.eth.send_raw_transaction(entry.last.raw))
        except RpcRefused as error:
            reason = error.reason.lower()
            if any(words in reason for words in CHEAP):
                entry = self._outbid(entry, pushing)
            elif not any(words in reason for words in KNOWN):
                raise
        return entry

    def _outbid(self, entry: Entry, pushing: _Pushing) -> Entry:
        """Another attempt of the same nonce, which offers more, on the disk before it is sent; none if that is too
        much.
        """
        pushing.outbid()
        try:
            now = prices.market(self._chain, self._most)
        except TooDear:
            return entry
        offer = prices.outbid(Fees(entry.last.tip, entry.last.fee), now, self._most)
        if offer is None:
            return entry
        return self._journal.change(entry, attempts=(*entry.attempts, self._sign(entry, offer)))

    def _mined(self, entry: Entry) -> Mapping[str, Any] | None:
        """The receipt of any attempt."""
        from hexbytes import HexBytes

        for attempt in reversed(entry.attempts):
            with suppress(NotThere):
                return self._chain.ask(lambda w: w.eth.get_transaction_receipt(HexBytes(attempt.hash)))  # noqa: B023
        return None

    def _is_deep(self, found: Mapping[str, Any]) -> bool:
        # the receipt is of the newest block, or an older one
        return self._chain.confirmations == 1 or (
            self._chain.block().number - int(found["blockNumber"]) + 1 >= self._chain.confirmations
        )

    def _is_taken(self, entry: Entry) -> bool:
        """Is the nonce used, by a transaction as deep as one that is settled?"""
        depth = self._chain.confirmations - 1
        return self._count(max(0, self._chain.block().number - depth) if depth else "latest") > entry.nonce

    def _count(self, block: int | Literal["latest"]) -> int:
        return self._chain.ask(lambda w: int(w.eth.get_transaction_count(self._address, block)))

    def _kept(self, entry: Entry, found: Mapping[str, Any]) -> Entry:
        state = "settled" if found["status"] == 1 else "reverted"
        known = {"state": state, "block": int(found["blockNumber"]), "hash": bytes(found["transactionHash"])}
        if all(getattr(entry, name) == value for name, value in known.items()):
            return entry
        return self._journal.change(entry, **known)

    def _why(self, entry: Entry, found: Mapping[str, Any]) -> ContractRejected:
        """The error of a mined transaction, by the same call on the state before its block."""
        transaction = bytes(found["transactionHash"])
        if int(found["gasUsed"]) >= entry.gas:
            return ContractRejected("OutOfGas", {"gas": entry.gas}, "the transaction's gas was used up", transaction)
        call: dict[str, Any] = {"from": self._address, "value": entry.value, "data": entry.data, "gas": entry.gas}
        if entry.to:
            call["to"] = checksummed(entry.to)
        try:
            self._chain.ask(lambda w: w.eth.call(call, int(found["blockNumber"]) - 1))  # type: ignore[arg-type]
        except ContractRejected as error:
            return ContractRejected(error.name, error.arguments, error.words, transaction)
        except ChainError:
            pass  # nodes forget old states
        return rejection(b"", "the transaction was reverted", transaction)


class _Pushing:
    """When to send again, and when to outbid."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._again = 0.0
        self._slow = monotonic() + patience.outbid

    @property
    def is_due(self) -> bool:
        return monotonic() >= self._again

    @property
    def is_slow(self) -> bool:
        return monotonic() >= self._slow

    def sent(self) -> None:
        self._again = monotonic() + self._patience.again

    def outbid(self) -> None:
        self._again = 0.0
        self._slow = monotonic() + self._patience.outbid
