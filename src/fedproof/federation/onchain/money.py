"""Where the money of a task went: every unit that came in is accounted for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from fedproof.chain.hub_events import Claimed, Cut, Event, Refunded, RoundClosed, TaskCancelled
from fedproof.chain.task import Mode
from fedproof.federation.onchain.history import History
from fedproof.federation.onchain.inspection import Inspection


@dataclass
class Money:
    """In units of the token. earned, claimed, lost (of stakes): by address; escrow: what the sponsor has left."""

    escrow: int = 0
    pot: int = 0
    earned: Counter[bytes] = field(default_factory=Counter)
    claimed: Counter[bytes] = field(default_factory=Counter)
    lost: Counter[bytes] = field(default_factory=Counter)
    refunded: int = 0
    shares: dict[int, int] = field(default_factory=dict)


def check_money(walk: Inspection, block: int) -> None:
    """Recomputes every share, and holds claims, refunds and what is due against it."""
    money = follow_money(walk.history, list(walk.hub.events(walk.id, block)), list(walk.hub.vault.cuts(walk.id, block)))
    for current in walk.history.rounds:
        if current.closed is not None:
            walk.round = current.number
            share = money.shares.get(current.number, 0)
            walk.expect("money", current.closed.share == share, f"paid {current.closed.share} each, {share} were right")
    walk.round = None
    slashed: Counter[bytes] = Counter()
    for entry in walk.history.slashed:
        slashed[entry.member] += entry.amount
    for member in set(slashed) | set(money.lost):
        same = slashed[member] == money.lost[member]
        walk.expect("money", same, "hub and vault do not agree on what was taken from the stake", member)
    walk.expect("money", money.escrow >= 0 and money.pot >= 0, "more was paid out than there is")
    if walk.task.mode is Mode.BONDED and any(current.settled for current in walk.history.rounds):
        walk.report.notes.append("deposits of demands are not followed to whoever answered them")
        return
    for address in set(money.earned) | set(money.claimed):
        due = walk.hub.due(walk.id, address)
        good = money.claimed[address] + due == money.earned[address]
        found = f"earned {money.earned[address]}, but {money.claimed[address]} were claimed and {due} are due"
        walk.expect("money", good, found, address)


def follow_money(history: History, events: list[Event], cuts: list[Cut]) -> Money:
    """From the events of hub and vault."""
    money = Money()
    if history.opened is None:
        return money
    task = history.opened.task
    money.escrow = task.escrow
    for event in sorted([*events, *cuts], key=lambda e: (e.spot.block, e.spot.index)):
        if isinstance(event, Cut):
            money.pot += event.honest
            money.lost[event.member] += event.burned + event.reporter + event.honest
        elif isinstance(event, RoundClosed):
            _close(money, history, event)
        elif isinstance(event, TaskCancelled):
            _cancel(money, history, event)
        elif isinstance(event, Claimed):
            money.claimed[event.member] += event.amount
        elif isinstance(event, Refunded):
            money.refunded += event.amount
            money.escrow -= event.amount
    return money


def _close(money: Money, history: History, closed: RoundClosed) -> None:
    if history.opened is None:
        return
    task, accepted = history.opened.task, history.rounds[closed.round].accepted
    if not accepted:
        return
    share, rest = divmod(task.reward + money.pot, len(accepted))
    money.shares[closed.round] = share
    money.escrow -= task.reward + task.closer_fee
    for entry in accepted:
        money.earned[entry.member] += share
    last = closed.round + 1 == task.rounds
    money.pot = 0 if last else rest
    money.earned[closed.closer] += task.closer_fee + (rest if last else 0)


def _cancel(money: Money, history: History, cancelled: TaskCancelled) -> None:
    """Updates that were verified, or that nobody contested in time, are paid also then."""
    if history.opened is None or cancelled.round >= len(history.rounds):
        return
    task, current = history.opened.task, history.rounds[cancelled.round]
    paid = current.accepted if task.mode is Mode.EAGER or cancelled.reason == "not closed" else []
    if paid and current.closed is None:
        share = task.reward // max(len(paid), task.min_accepted)
        money.escrow -= share * len(paid)
        for entry in paid:
            money.earned[entry.member] += share + money.pot // len(paid)
    money.pot = 0
