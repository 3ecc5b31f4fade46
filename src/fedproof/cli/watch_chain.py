"""A run on a chain on the screen: phases, who did what, gas and money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from fedproof.cli import show
from fedproof.cli.watch import RunScreen

BEFORE = -2
"""Round of what is done before anybody joins."""
DONE = {
    "joined": "joined, dataset registered",
    "revealed": "nonce revealed",
    "submitted": "update verified on the chain",
    "claimed": "rewards taken",
    "withdrawn": "stake taken back",
}


class ChainScreen(RunScreen):
    """Called with every event of a run, on a chain or not."""

    def __init__(self, bars: Progress) -> None:
        super().__init__(bars)
        self._gas: Counter[int] = Counter()
        self._stake = 0
        self._bonded = False
        self._pending: dict[int, dict[str, Any]] = {}
        self._proofs: dict[int, float] = {}

    def __call__(self, event: dict[str, Any]) -> None:
        """Shows one event."""
        kind = event["tell"]
        if "gas" in event:
            self._gas[event.get("round", BEFORE)] += event["gas"]
        if kind in DONE:
            done = "update claimed" if self._bonded and kind == "submitted" else DONE[kind]
            self._bar(event["name"], done, 1.0)
        elif kind == "deployed":
            self._line("contracts", f"{event['contracts']} deployed", gas(event["gas"]))
        elif kind == "task":
            self._stake, self._bonded = event["stake"], event["mode"] == "bonded"
            self._line(
                "task",
                f"0x{event['id'][:12]}… on chain {event['chain_id']}, hub 0x{event['hub'][:12]}…, {event['mode']}: "
                f"{event['escrow']} in escrow, stake {event['stake']}, {event['reward']} a round",
            )
        elif kind == "begun" and event["round"] == 0:
            self._line(
                "joined", f"{event['entered']} members, {event['entered'] * self._stake} staked", gas(self._gas[-1])
            )
        elif kind == "refused":
            self._bar(event["name"], "[red]refused[/]", 1.0)
            check = f", {escape(event['check'])}" if event["check"] else ""
            who = f"[bold red]{escape(event['name'])} refused by the chain[/]"
            self._refused.append(f"{who} [red]({escape(event['code'])}{check})[/]")
        elif kind == "contested":
            self._refused.append(
                f"[red]a claim was contested and removed ({escape(event['code'])}, {event['check']})[/]"
            )
        elif kind == "out":
            self._refused.append(f"[yellow]{escape(event['name'])} is out: {escape(event['reason'])}[/]")
        elif kind == "slashed":
            self._refused.append(f"[red]{escape(event['name'])} lost {event['amount']} of its stake[/]")
        elif kind == "round":
            self._pending[event["round"]] = event
            self._closed(event["round"])
        elif kind == "closed":
            self._proofs[event["round"]] = event["prove_ms"] / 1000
            self._closed(event["round"])
        elif kind == "exit" and event["code"] not in (0, 1):
            self._line("ended", f"[red]{escape(event['name'])}: {escape(event['reason'])}[/]")
        else:
            super().__call__(event)

    def _closed(self, number: int) -> None:
        """The chain may be read before or after the aggregator tells of it."""
        if number not in self._pending or number not in self._proofs:
            return
        event = self._pending[number]
        what = "undisputed" if self._bonded else "verified on the chain"
        self._line(
            f"round {number}",
            f"{len(event['accepted'])} updates {what}, {event['share']} to each",
            f"close proven in {self._proofs[number]:.2f} s, {gas(self._gas[number])}",
        )


def gas(amount: int) -> str:
    """`1.23 million gas`."""
    return f"{amount / 1e6:.2f} million gas"


@contextmanager
def watching() -> Iterator[ChainScreen]:
    """The screen of one run; bars only on a terminal."""
    bars = Progress(
        TextColumn("  {task.description:<14}"), BarColumn(bar_width=28), TextColumn("{task.fields[text]}"),
        console=show.err, transient=True, disable=not show.err.is_terminal,
    )  # fmt: skip
    with bars:
        yield ChainScreen(bars)
