"""fedproof predict."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fedproof.cli import show
from fedproof.files import write_file
from fedproof.registry import load_model
from fedproof.registry import predict as run_model


def predict(
    model: Annotated[Path, typer.Argument(help="Model file (.safetensors, .npz) or the folder of a finished run.")],
    records: Annotated[
        Path, typer.Argument(help="Records (.csv, .parquet, .npz, .npy); columns to be predicted are not needed.")
    ],
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of standard output.")] = None,
    json: show.Json = False,
) -> None:
    """Predict with a trained model: a CSV table of classes, labels or numbers, one row per record."""
    found = run_model(load_model(model), records)
    text = show.as_json(found.rows()) if json else found.to_csv()
    if out is not None:
        write_file(out, text.encode())
        show.err.print(f"wrote {len(found.values)} predictions to {out}")
    else:
        typer.echo(text, nl=False)
