"""fedproof data commit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fedproof.cli import show
from fedproof.cli.people import unlock
from fedproof.cli.setup import Ptau, agree
from fedproof.data import load_records
from fedproof.federation.enrol import enrol
from fedproof.federation.folder import ParticipantFolder
from fedproof.files import write_file
from fedproof.proof import statement_to_json
from fedproof.task import load_task

app = typer.Typer(help="Check a participant's records and commit to them.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Check a participant's records and commit to them."""


@app.command()
def commit(
    task: Annotated[Path, typer.Argument(help="Task file (TOML).")],
    folder: Annotated[
        Path, typer.Option("--participant", help="The participant's folder; created, with a key, if it is new.")
    ],
    records: Annotated[
        Path | None,
        typer.Argument(help="Records (.csv, .parquet, .npz, .npy); by default the one file in data/ of the folder."),
    ] = None,
    name: Annotated[
        str, typer.Option(help="The participant's name in the record of a run; by default the folder's name.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(help="Also write the registration proof to this file, and its statement beside it (.json)."),
    ] = None,
    ptau: Ptau = None,
    json: show.Json = False,
) -> None:
    """Commit to records and prove that they are well-formed. The next run takes part with them."""
    agreed = load_task(task)
    home = ParticipantFolder(folder)
    name = name or folder.absolute().name
    loaded = load_records(records or home.data_file(), agreed)
    identity = unlock(home, name)
    terms = agree(agreed, ptau)
    show.warn_setup(terms.setup)
    with show.progress("proving") as progress:
        done = enrol(home, identity, name, terms, loaded, progress=progress)
    proof = done.proof
    if out is not None:
        write_file(out, proof)
        write_file(out.with_name(out.name + ".json"), statement_to_json(done.fields).encode())
    result = {
        "dataset_id": done.dataset_id.hex(),
        "participant": "0x" + identity.address.hex(),
        "records": loaded.count,
        "slots": agreed.slots,
        "proof_bytes": len(proof),
        "proof": None if out is None else str(out),
    }
    if json:
        show.print_json(result)
        return
    lines = [
        ("dataset id", result["dataset_id"]),
        ("participant", result["participant"]),
        ("records", f"{loaded.count}, filled up to {agreed.slots}"),
        ("registration proof", f"{len(proof) / 1000:.1f} kB" + (f" in {out}" if out else "")),
    ]
    show.facts("Committed", [(what, str(value)) for what, value in lines])
