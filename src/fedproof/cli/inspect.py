"""fedproof inspect."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fedproof.cli import show
from fedproof.program import inspect_task
from fedproof.task import load_task


def inspect(task: Annotated[Path, typer.Argument(help="Task file (TOML).")], json: show.Json = False) -> None:
    """Show what a task comes down to: scales, learning rate, sizes, expected time, memory and proof size."""
    found = inspect_task(load_task(task))
    if json:
        show.print_json(found.to_dict())
        return
    for title, lines in found.sections().items():
        show.facts(title, lines)
        show.out.print()
