"""fedproof inspect."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from fedproof.cli import show
from fedproof.errors import BadInput
from fedproof.program import Inspection, inspect_task, prefer
from fedproof.task import load_task
from fedproof.task.precision import PREFERENCES


def inspect(
    task: Annotated[Path, typer.Argument(help="Task file (TOML).")],
    preference: Annotated[
        str,
        typer.Option("--prefer", help="As if the task preferred time, gas or size in its section [proof]."),
    ] = "",
    json: show.Json = False,
) -> None:
    """Show what a task comes down to: scales, learning rate, sizes, expected time, memory, proof size and gas."""
    if preference and preference not in PREFERENCES:
        raise BadInput(f"--prefer: must be {', '.join(PREFERENCES[:-1])} or {PREFERENCES[-1]}, got {preference!r}")
    loaded = load_task(task)
    found = inspect_task(prefer(loaded, preference) if preference else loaded)
    if json:
        show.print_json(found.to_dict())
        return
    for title, lines in found.sections().items():
        show.facts(title, lines)
        show.out.print()
    show.out.print(_shapes(found))


def _shapes(found: Inspection) -> Table:
    table = Table(title="Shapes of the proof", title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for name in ("prefer", "limbs", "group", "vectors of a column", "proving", "proof", "gas"):
        table.add_column(name, justify="left" if name == "prefer" else "right", no_wrap=True)
    for shape in found.shapes:
        table.add_row(
            f"{shape.prefer} (this task)" if shape.chosen else shape.prefer,
            str(shape.limb_bits),
            str(shape.group),
            f"{shape.vectors} of 2^{shape.vector_bits}",
            f"{shape.core_seconds / found.cores:.2g} s",
            f"{shape.proof_bytes / 1000:.1f} kB",
            f"{shape.gas:,}",
            style="" if shape.chosen else "dim",
        )
    return table
