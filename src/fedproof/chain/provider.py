"""web3's way to our Transport. What a node refuses becomes a typed error here, before web3 sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from eth_abi.exceptions import DecodingError
from eth_utils.exceptions import ValidationError
from web3.exceptions import BlockNotFound, TransactionIndexingInProgress, TransactionNotFound, Web3Exception
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from fedproof.chain.errors import BadAnswer, ChainError, NotEnoughFunds, NotThere, RpcRefused
from fedproof.chain.reverts import rejection
from fedproof.chain.transport import Transport

REASON = 300
"""Most characters of a node's words that are repeated."""


class BoundedProvider(JSONBaseProvider):
    """Asks one node."""

    # a contract may ask its caller to fetch a URL (EIP-3668): ours never do, and no other shall
    global_ccip_read_enabled = False

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self._transport = transport

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Raises ContractRejected, NotEnoughFunds, RpcRefused and what Transport raises."""
        answer = self._transport.ask(method, self.encode_rpc_request(method, params))
        error = answer.get("error")
        if error is not None:
            raise _refusal(self._transport.shown, error)
        return answer  # type: ignore[return-value]  # web3 judges the rest


def _refusal(node: str, error: Any) -> ChainError:
    if not isinstance(error, dict):
        return BadAnswer(f"{node} answers with something that is not JSON-RPC")
    reason, data, code = str(error.get("message", ""))[:REASON], error.get("data"), error.get("code")
    if isinstance(data, dict):  # some nodes wrap it once more
        data = data.get("data")
    if "revert" in reason.lower() or code == 3:
        return rejection(_bytes(data), reason)
    if "insufficient funds" in reason.lower():
        return NotEnoughFunds(f"{node}: {reason}")
    return RpcRefused(node, code if isinstance(code, int) else 0, reason)


def _bytes(data: object) -> bytes:
    text = data.removeprefix("Reverted ").removeprefix("0x") if isinstance(data, str) else ""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


@contextmanager
def answers(node: str) -> Iterator[None]:
    """What web3 cannot make sense of is a bad answer of the node. Raises BadAnswer; ChainErrors pass."""
    try:
        yield
    except (TransactionNotFound, TransactionIndexingInProgress, BlockNotFound):
        raise NotThere(f"{node} does not have the block or transaction that was asked for") from None
    except (Web3Exception, DecodingError, ValidationError) as error:
        raise BadAnswer(f"{node}: {str(error)[:REASON]}") from error
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, AssertionError) as error:
        raise BadAnswer(f"{node} answers with something that has no meaning: {type(error).__name__}") from error
