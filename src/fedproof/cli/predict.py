"""fedproof predict."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fedproof.cli import show
from fedproof.federation.files import write_file
from fedproof.registry import load_model
from fedproof.registry import predict as run_model


def predict(
    model: Annotated[Path, typer.Argument(help="Model (.safetensors, .npz) or the folder of a run.")],
    records: Annotated[
        Path, typer.Argument(help="Records (.csv, .parquet, .npz, .npy); target columns are not needed.")
    ],
    out: Annotated[Path | None, typer.Option(help="Write a CSV file instead of standard output.")] = None,
    json: show.Json = False,
) -> None:
    """Predict with a trained model."""
    found = run_model(load_model(model), records)
    if json:
        show.print_json(found.rows())
    elif out is not None:
        write_file(out, found.to_csv().encode())
        show.out.print(f"wrote {len(found.values)} predictions to {out}")
    else:
        typer.echo(found.to_csv(), nl=False)
