"""What a transaction offers for its gas (EIP-1559), and how a stuck one is outbid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fedproof.chain.errors import ChainError, TooDear

if TYPE_CHECKING:
    from fedproof.chain.rpc import Chain

GWEI = 10**9
MOST = 500 * GWEI
"""Most that is offered for a unit of gas by default: a node that lies about fees cannot empty an account."""
BUMP = 1125
"""Thousandths of its fees that a transaction must offer to replace another one: nodes ask for 10 % more, some for 12.5
%.
"""


@dataclass(frozen=True)
class Fees:
    """Wei per unit of gas: for the block's producer, and at most altogether."""

    tip: int
    fee: int


def market(chain: Chain, most: int) -> Fees:
    """What gets into one of the next blocks, twice the base fee of the newest. Raises TooDear."""
    base = chain.block().base_fee
    if not base:
        raise ChainError(f"{chain.shown}: the chain has no base fee (EIP-1559)")
    tip = chain.ask(lambda w: int(w.eth.max_priority_fee))
    if base + tip > most:
        raise TooDear(f"gas costs {(base + tip) / GWEI:.1f} gwei now, at most {most / GWEI:.1f} are allowed")
    return Fees(tip, min(2 * base + tip, most))


def outbid(old: Fees, now: Fees, most: int) -> Fees | None:
    """Fees that replace `old`, no lower than `now`; None if they would be more than allowed."""
    tip, fee = (max(-(-was * BUMP // 1000), new) for was, new in ((old.tip, now.tip), (old.fee, now.fee)))
    return Fees(max(tip, old.tip + 1), max(fee, old.fee + 1, tip)) if max(fee, old.fee + 1, tip) <= most else None
