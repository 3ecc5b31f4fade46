"""fedproof verify."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from fedproof.cli import show
from fedproof.cli.setup import Ptau
from fedproof.errors import BadInput, Rejected
from fedproof.federation.files import read_file
from fedproof.federation.terms import Terms
from fedproof.proof import RegistrationFields, statement_from_json, verify_registration, verify_training
from fedproof.task import load_task


def verify(
    task: Annotated[Path, typer.Argument(help="Task file.")],
    proof: Annotated[Path, typer.Argument(help="Proof file.")],
    statement: Annotated[
        Path | None, typer.Option(help="Statement file; by default the proof's name with .json.")
    ] = None,
    ptau: Ptau = None,
    json: show.Json = False,
) -> None:
    """Verify a training or registration proof. Exit code 1 if it does not hold."""
    terms = Terms.of(load_task(task), ptau)
    file = statement or proof.with_name(proof.name + ".json")
    fields = statement_from_json(_text(file), str(file))
    content = read_file(proof)
    show.warn_setup(terms.setup)
    kind = "registration" if isinstance(fields, RegistrationFields) else "training"
    result = {"accepted": True, "kind": kind, "code": "", "check": "", "reason": "", "commitment": ""}
    start = perf_counter()
    try:
        if fields.task != terms.task.digest:
            raise Rejected("the statement is about another task", code="WrongTask", check="task")
        if isinstance(fields, RegistrationFields):
            verify_registration(terms.key, fields, content)
        else:
            result["commitment"] = verify_training(terms.key, fields, content).hex()
    except Rejected as error:
        result |= {"accepted": False, "code": error.code, "check": error.check, "reason": str(error)}
    took = 1000 * (perf_counter() - start)
    if json:
        show.print_json({**result, "verify_ms": round(took, 2)})
    elif result["accepted"]:
        show.out.print(f"[green]accepted[/]: {kind} proof, {len(content) / 1000:.1f} kB, verified in {took:.1f} ms")
    else:
        where = f" (check {result['check']})" if result["check"] else ""
        show.out.print(f"[red]rejected[/]{where}: {result['reason']}")
    if not result["accepted"]:
        raise typer.Exit(1)


def _text(file: Path) -> str:
    try:
        return read_file(file).decode()
    except UnicodeDecodeError:
        raise BadInput(f"{file}: is not a statement file") from None
