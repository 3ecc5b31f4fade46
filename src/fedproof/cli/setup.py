"""fedproof setup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fedproof.cli import show
from fedproof.federation.terms import Terms
from fedproof.program import compile_task
from fedproof.proof import cache_folder, setup_for
from fedproof.task import Task, load_task

Ptau = Annotated[
    Path | None,
    typer.Option(
        "--ptau", help="Powers of tau of a ceremony (.ptau file). Without it: the INSECURE development setup."
    ),
]


def agree(task: Task, ptau: Path | None) -> Terms:
    """Program, setup and key of the task. A large setup takes a while the first time: a terminal shows that."""
    with show.err.status("setup and key"):
        return Terms.of(task, ptau)


def setup(
    task: Annotated[Path, typer.Argument(help="Task file (TOML); the setup must be large enough for it.")],
    ptau: Ptau = None,
    json: show.Json = False,
) -> None:
    """Check a ceremony's file, or make the development setup, for a task, and keep the result in the cache folder."""
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
