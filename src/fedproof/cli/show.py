"""What all commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from fedproof._core import Setup
from fedproof.proof import INSECURE_NOTICE, Modes

PATIENCE = 2.0
"""Seconds after which a bar appears."""

Json = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON on standard output; warnings stay on standard error.")
]

out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, stderr=True)


def print_json(value: Any) -> None:
    """One JSON text on standard output."""
    typer.echo(as_json(value), nl=False)


def as_json(value: Any) -> str:
    """One JSON text, its last line ended."""
    return json.dumps(value, indent=1, default=_plain) + "\n"


def warn_setup(setup: Setup) -> None:
    """Says that the setup is insecure, if it is."""
    if setup.insecure:
        warn(INSECURE_NOTICE)


def warn_modes(modes: Modes) -> None:
    """Says what is not proven, if anything is not."""
    if modes.notice:
        warn(modes.notice)


def warn(text: str) -> None:
    """A line nobody should miss."""
    err.print(f"[bold yellow]![/] [yellow]{text}[/]", soft_wrap=True)


def facts(title: str, lines: Sequence[tuple[str, str]]) -> None:
    """A title and lines of what and value."""
    table = Table(
        title=title or None, title_justify="left", title_style="bold", box=None, show_header=False, padding=(0, 2)
    )
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for what, value in lines:
        table.add_row(what, value)
    out.print(table)


@contextmanager
def progress(title: str) -> Iterator[Callable[[str, float], None]]:
    """Gives a function (phase, fraction done); a bar appears if the work takes longer than PATIENCE."""
    start = monotonic()
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(),
        console=err, transient=True,
    )  # fmt: skip
    task: list[TaskID] = []

    def update(phase: str, done: float) -> None:
        if not err.is_terminal or monotonic() - start < PATIENCE:
            return
        if not task:
            task.append(bar.add_task(title, total=1.0))
            bar.start()
        bar.update(task[0], completed=done, description=f"{title}: {phase}" if phase else title)

    try:
        yield update
    finally:
        if task:  # stopping a bar that never showed would print an empty line
            bar.stop()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
