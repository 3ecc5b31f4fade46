"""fedproof init."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fedproof.cli import show
from fedproof.cli.template import RUN, TASK
from fedproof.errors import BadInput
from fedproof.files import write_file


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to write them into; created if it is not there.")] = Path(),
) -> None:
    """Write a task.toml and a run.toml to start from, with every key explained."""
    files = {folder / "task.toml": TASK, folder / "run.toml": RUN}
    for file in files:
        if file.exists():
            raise BadInput(f"{file}: exists already; choose another folder or remove it")
    for file, text in files.items():
        write_file(file, text.encode())
    show.out.print(f"wrote {folder / 'task.toml'} and {folder / 'run.toml'}")
    show.out.print(f"next: edit them, then [bold]fedproof inspect {folder / 'task.toml'}[/]")
