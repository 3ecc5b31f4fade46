"""fedproof status."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from fedproof.cli import show
from fedproof.errors import BadInput
from fedproof.federation.canonical import printable
from fedproof.federation.onchain.site import is_site
from fedproof.federation.status import Absence, RunStatus
from fedproof.federation.status import status as run_status

COLOURS = {"running": "green", "finished": "green", "interrupted": "yellow", "ended early": "red"}


def status(
    folder: Annotated[Path, typer.Argument(help="Folder of a run: at work, interrupted or ended.")],
    json: show.Json = False,
) -> None:
    """Show how far a run is: rounds, who answered, who was refused or missing and why, what to do next."""
    if is_site(folder):
        raise BadInput(f"{folder}: is a run on a chain: see `fedproof task show {folder}`")
    found = run_status(folder)
    if json:
        show.print_json(found.to_json())
    else:
        _print(found)


def _print(found: RunStatus) -> None:
    colour = COLOURS[found.state]
    lines = [
        ("state", f"[{colour}]{found.state}[/]" + (f": {escape(printable(found.failure))}" if found.failure else "")),
        ("rounds", f"{found.done} of {found.rounds} done"),
    ]
    if found.phase:
        where = found.phase if found.phase == "registration" else f"round {found.done}: {found.phase}"
        lines += [
            ("phase", where),
            ("answered", escape(", ".join(found.answered)) or "nobody yet"),
            ("waiting for", escape(", ".join(found.waiting)) or "nobody"),
        ]
    lines += [("refused", _absence(absence)) for absence in found.refused]
    lines += [("missing", _absence(absence)) for absence in found.missing]
    lines.append(("next", escape(found.next)))
    show.facts(f"run {found.run[:16]} of task {escape(found.task)}, mode {found.mode}" if found.run else "", lines)


def _absence(absence: Absence) -> str:
    where = "registration" if absence.round is None else f"round {absence.round}"
    why = f" (check {absence.check}, {absence.code})" if absence.check else ""
    return escape(printable(f"{where}: {absence.participant}{why}: {absence.reason}"))
