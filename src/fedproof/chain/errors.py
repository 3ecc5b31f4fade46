"""What goes wrong with a chain, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fedproof.errors import FedproofError


class ChainError(FedproofError):
    """Base of what a chain, its node or a contract refuses or does not do."""


class RpcUnavailable(ChainError):
    """The node cannot be reached, is too slow or too busy. The same may work later."""


class RpcRefused(ChainError):
    """The node answers that it will not: `code` and `reason` are its own."""

    def __init__(self, node: str, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{node} refuses: {reason}")


class BadAnswer(ChainError):
    """The node's answer is no answer to the question, or longer than anything that was asked for."""


class NotThere(BadAnswer):
    """The node knows no such block or transaction."""


class WrongChain(ChainError):
    """The node is of another chain than the one asked for."""


class NotEnoughFunds(ChainError):
    """The account cannot pay for the transaction."""


class TooDear(ChainError):
    """The transaction would cost more than the sender is allowed to pay, or than one transaction may use."""


class Unsettled(ChainError):
    """A transaction has been sent and is not confirmed yet. Asking for the same purpose again goes on waiting."""


class NonceTaken(ChainError):
    """Another transaction of the same account took the nonce: the account is used by something else too."""


class ContractRejected(ChainError):
    """A contract reverted. `name` is its typed error, `arguments` by their names, `words` what it means.

    transaction: hash of the mined transaction, b"" if nothing was sent.
    """

    def __init__(self, name: str, arguments: Mapping[str, Any], words: str, transaction: bytes = b"") -> None:
        self.name = name
        self.arguments = dict(arguments)
        self.words = words
        self.transaction = transaction
        shown = ", ".join(f"{what} {_shown(value)}" for what, value in self.arguments.items())
        super().__init__(f"the contract refuses: {name}{f' ({shown})' if shown else ''}: {words}")


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        text = value.rstrip(b"\0")
        if text and all(32 < c < 127 for c in text):  # a bytes32 that holds a word
            return text.decode()
        return f"0x{value.hex()}"
    return str(value)
