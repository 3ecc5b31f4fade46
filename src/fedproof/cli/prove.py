"""fedproof prove."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from fedproof.cli import show
from fedproof.cli.people import unlock
from fedproof.cli.setup import Ptau, agree
from fedproof.errors import BadInput, core_errors
from fedproof.federation import nonces
from fedproof.federation.aggregation import Opening
from fedproof.federation.draw import Draw, set_digest
from fedproof.federation.enrol import open_enrolment
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.rules import schedule
from fedproof.files import read_file, write_file
from fedproof.proof import decode_weights, statement_to_json, train
from fedproof.proof.weights import IntArray
from fedproof.task import load_task


def prove(
    task: Annotated[Path, typer.Argument(help="Task file (TOML).")],
    folder: Annotated[
        Path, typer.Option("--participant", help="The participant's folder, after `fedproof data commit`.")
    ],
    out: Annotated[Path, typer.Option(help="Proof file to write; its statement goes beside it (.json).")] = Path(
        "training.proof"
    ),
    number: Annotated[int, typer.Option("--round", min=0, help="Number of the round, from 0.")] = 0,
    weights: Annotated[
        Path | None,
        typer.Option(
            help="File of the weights the round starts from (in a run's store); by default the task's first model."
        ),
    ] = None,
    seed: Annotated[
        str, typer.Option(help="The round's seed, 64 hex digits; by default that of a run with this participant alone.")
    ] = "",
    ptau: Ptau = None,
    json: show.Json = False,
) -> None:
    """Train one round on committed data and prove it, without a run: to try a task, or to measure it."""
    agreed = load_task(task)
    if number >= agreed.rounds:
        raise BadInput(f"--round: the task has rounds 0 to {agreed.rounds - 1}, got {number}")
    home = ParticipantFolder(folder)
    identity = unlock(home, folder.absolute().name)
    terms = agree(agreed, ptau)
    show.warn_setup(terms.setup)
    enrolment = open_enrolment(home, identity, terms)
    start = terms.initial()[0] if weights is None else _weights(weights, agreed.dims)
    with core_errors(f"{weights or 'weights'}"):
        committed = terms.key.commit_weights(start)
    if seed:
        chosen = _seed(seed)
    else:
        alone = {enrolment.dataset_id: enrolment.fields.nonce_commitment}
        draw = Draw(bytes(32), set_digest(alone), number, 0, alone)
        own = {enrolment.dataset_id: nonces.nonce(enrolment.root, agreed.rounds, number)}
        chosen = draw.seed(agreed.digest, committed, own)
    plan = schedule(terms.program, chosen)
    fields = terms.training(enrolment.fields, number, committed, plan.pi, plan.beta)
    began = perf_counter()
    with show.progress("proving") as progress:
        update = train(
            terms.program, terms.key, fields, start, enrolment.dataset, secret=identity.secret, progress=progress
        )
    took = perf_counter() - began
    opening = home.store.put(Opening(update.weights, update.blinds).encode())
    write_file(out, update.proof)
    write_file(out.with_name(out.name + ".json"), statement_to_json(fields).encode())
    if json:
        result = {
            "proof": str(out),
            "proof_bytes": len(update.proof),
            "commitment": update.commitment,
            "seconds": update.seconds,
            "saturations": update.saturations,
            "update": opening,
        }
        show.print_json(result)
        return
    lines = [
        ("proof", f"{out}, {len(update.proof) / 1000:.1f} kB, statement beside it"),
        ("time", f"{took:.2f} s"),
        ("saturations", str(update.saturations)),
        ("update", f"{home.path / 'store' / opening} (private)"),
    ]
    show.facts("Proven", lines)


def _weights(file: Path, dims: Sequence[int]) -> list[IntArray]:
    content = read_file(file)
    try:
        return decode_weights(content, dims)
    except BadInput as error:
        raise BadInput(f"{file}: {error}") from None


def _seed(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise BadInput(f"--seed: must be 64 hex digits, got {text!r}")
    return raw
