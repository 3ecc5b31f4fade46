"""A run on the screen: one bar per participant and a line per round."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.progress import Progress, TaskID

from fedproof.proof import Modes


class RunScreen:
    """Called with every event of a run."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._refused: list[str] = []
        self._verified: list[float] = []
        self._proven: list[float] = []
        self._modes = Modes("prove", 1)

    def __call__(self, event: dict[str, Any]) -> None:
        """Shows one event."""
        kind = event["tell"]
        if kind == "progress":
            where = "registration" if event["round"] < 0 else f"round {event['round']}"
            self._bar(event["name"], f"{where}: {event['phase']}", event["done"] / 1000)
        elif kind == "run":
            self._modes = Modes(event["mode"], event["rounds"], event["prove_rounds"])
            if self._modes.notice:
                self._bars.console.print(f"[bold yellow]![/] [yellow]{self._modes.notice}[/]", soft_wrap=True)
        elif kind in ("registration", "submission"):
            self._judged(event, kind)
        elif kind == "missing":
            self._refused.append(f"[red]{escape(event['name'])} missing: {escape(event['reason'])}[/]")
        elif kind == "set":
            how = " and proven well-formed" if self._modes.registration == "prove" else ", [yellow]not proven[/]"
            self._line("registration", f"{len(event['members'])} datasets committed{how}")
        elif kind == "close":
            proven = self._modes.of(event["round"]) == "prove"
            times = (
                f"slowest {max(self._proven):.2f} s, verified in {sum(self._verified):.0f} ms" if self._proven else ""
            )
            what = "proven and counted" if proven else "counted, [yellow]not proven[/]"
            self._line(f"round {event['round']}", f"{len(event['accepted'])} updates {what}", times)
        elif kind == "restart":
            self._line("restarted", f"{escape(event['name'])}: {escape(event['reason'])}")
        elif kind == "resumed":
            self._line("resumed", f"{event['closed']} rounds are closed already")
        elif kind == "failed":
            self._line("ended early", f"[red]{escape(event['reason'])}[/]")

    def _judged(self, event: dict[str, Any], kind: str) -> None:
        name = event["name"]
        if event["accepted"]:
            self._bar(name, "accepted", 1.0)
        else:
            self._bar(name, "[red]refused[/]", 1.0)
            self._refused.append(
                f"[bold red]{escape(name)} refused[/] [red](check {escape(event['check'])}, {event['code']})[/]"
            )
        self._verified.append(event["verify_ms"])
        if kind == "submission":
            self._proven.append(event["prove_ms"] / 1000)

    def _bar(self, name: str, text: str, done: float) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=1.0, text="")
        self._bars.update(self._tasks[name], completed=done, text=text)

    def _line(self, where: str, what: str, times: str = "") -> None:
        parts = [f"[bold]{where:<12}[/] {what}", *self._refused, *([f"[dim]{times}[/]"] if times else [])]
        self._bars.console.print(" · ".join(parts), soft_wrap=True)
        self._refused, self._verified, self._proven = [], [], []
