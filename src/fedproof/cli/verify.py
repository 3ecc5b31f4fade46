"""fedproof verify."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer
from rich.markup import escape

from fedproof._core import keccak256
from fedproof.cli import show
from fedproof.cli.setup import Ptau, agree
from fedproof.errors import BadInput, Rejected
from fedproof.federation.terms import Terms
from fedproof.files import read_file
from fedproof.proof import (
    CloseFields,
    RegistrationFields,
    TrainingFields,
    statement_from_json,
    verify_close,
    verify_registration,
    verify_training,
)
from fedproof.reading import TEXT
from fedproof.task import load_task

LEFT = {
    "registration": (
        "that the submitter is who you think, and signed this registration for the run",
        "that it was made before the randomness of any round it is used in",
        "that the records are true: well-formed data can be made up",
    ),
    "training": (
        "that [W_0] commits to the round's published model, within the program's bound and zero outside its layers",
        "that the dataset id is of a registration verified before the round's randomness was known",
        "that the schedule (pi, beta) is the one of the round's randomness",
        "that the round and the submitter are the ones you mean",
    ),
    "close": (
        "that [S] is the sum of the updates accepted in the round, and the count their number",
        "that the round's own model was within the program's bound",
        "that the published model is the one that the commitment is of",
        "that the round and the submitter are the ones you mean",
    ),
}
"""What a caller still has to discharge (docs/protocol.md, section 5). An audit of a run does it, but for the truth of
the records and who is behind a key."""


KINDS = {RegistrationFields: "registration", TrainingFields: "training", CloseFields: "close"}


def verify(
    task: Annotated[Path, typer.Argument(help="Task file (TOML).")],
    proof: Annotated[
        Path, typer.Argument(help="Proof file, of `fedproof prove`, `fedproof data commit --out` or a run's store.")
    ],
    statement: Annotated[
        Path | None,
        typer.Option(help="What the proof is about; by default the file beside it with .json added to its name."),
    ] = None,
    ptau: Ptau = None,
    json: show.Json = False,
) -> None:
    """Verify one training, registration or round-close proof. Exit code 1 if it does not hold."""
    terms = agree(load_task(task), ptau)
    file = statement or proof.with_name(proof.name + ".json")
    fields = statement_from_json(_text(file), str(file))
    content = read_file(proof)
    show.warn_setup(terms.setup)
    kind = KINDS[type(fields)]
    result: dict[str, Any] = {"accepted": True, "kind": kind, "code": "", "check": "", "reason": "", "commitment": ""}
    result |= {"statement": {}, "left_to_you": []}
    start = perf_counter()
    try:
        if fields.task != terms.task.digest:
            raise Rejected("the statement is about another task", code="WrongTask", check="task")
        if isinstance(fields, RegistrationFields):
            verify_registration(terms.key, fields, content)
        elif isinstance(fields, CloseFields):
            verify_close(terms.key, fields, content)
            result["commitment"] = fields.weights.hex()
        else:
            result["commitment"] = verify_training(terms.key, fields, content).hex()
        result |= {"statement": _said(terms, fields), "left_to_you": list(LEFT[kind])}
    except Rejected as error:
        result |= {"accepted": False, "code": error.code, "check": error.check, "reason": str(error)}
    took = 1000 * (perf_counter() - start)
    if json:
        show.print_json({**result, "verify_ms": round(took, 2)})
    elif result["accepted"]:
        show.out.print(f"[green]accepted[/]: {kind} proof, {len(content) / 1000:.1f} kB, verified in {took:.1f} ms")
        for name, value in _said(terms, fields).items():
            show.out.print(f"  [dim]{name.replace('_', ' '):<11}[/] {escape(str(value))}")
        show.out.print("The proof does not say, and you have to see to it:")
        for duty in LEFT[kind]:
            show.out.print(f"  [dim]·[/] {duty}")
    else:
        where = f" (check {result['check']})" if result["check"] else ""
        show.out.print(f"[red]rejected[/]{where}: {escape(str(result['reason']))}")
    if not result["accepted"]:
        raise typer.Exit(1)


def _text(file: Path) -> str:
    try:
        return read_file(file, TEXT).decode()
    except UnicodeDecodeError:
        raise BadInput(f"{file}: is not a statement file") from None


def _said(terms: Terms, fields: RegistrationFields | TrainingFields | CloseFields) -> dict[str, object]:
    """What the accepted proof is about."""
    common: dict[str, object] = {
        "task": f"{terms.task.digest.hex()} {terms.task.name}",
        "program": terms.program.digest.hex(),
        "submitter": "0x" + fields.submitter.hex(),
    }
    if isinstance(fields, RegistrationFields):
        return {**common, "dataset_id": fields.dataset_id(terms.key).hex(), "records": fields.count}
    if isinstance(fields, CloseFields):
        return {
            **common,
            "round": fields.round,
            "updates": fields.count,
            "sum": "keccak256 " + keccak256(fields.summed).hex(),
            "next_model": "keccak256 " + keccak256(fields.weights).hex(),
        }
    return {
        **common,
        "round": fields.round,
        "dataset_id": fields.dataset_id.hex(),
        "records": fields.count,
        "schedule": f"pi {list(fields.pi)}, beta {fields.beta}",
        "W_0": "keccak256 " + keccak256(fields.weights).hex(),
    }
