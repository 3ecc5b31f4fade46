"""fedproof setup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fedproof.cli import show
from fedproof.program import compile_task
from fedproof.proof import cache_folder, setup_for
from fedproof.task import load_task

Ptau = Annotated[
    Path | None, typer.Option("--ptau", help="Powers of tau of a ceremony. Without it: the INSECURE development setup.")
]


def setup(
    task: Annotated[Path, typer.Argument(help="Task file the setup must be large enough for.")],
    ptau: Ptau = None,
    json: show.Json = False,
) -> None:
    """Make or check the setup of a task and keep it in the cache folder."""
    program = compile_task(load_task(task))
    with show.err.status("checking points and powers" if ptau else "making the development setup"):
        found = setup_for(program, ptau)
    show.warn_setup(found)
    if json:
        values = {"digest": found.digest, "powers": found.powers, "insecure": found.insecure, "cache": cache_folder()}
        show.print_json(values)
        return
    lines = [
        ("source", str(ptau) if ptau else "development (INSECURE)"),
        ("digest", found.digest.hex()),
        ("powers", f"{found.powers} (the task needs {program.describe()['setup_powers']})"),
        ("cached in", str(cache_folder())),
    ]
    show.facts("Setup", lines)
