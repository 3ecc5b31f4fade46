"""fedproof cost."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from fedproof.chain import cost as model
from fedproof.cli import show


def cost(
    program: Annotated[
        str, typer.Option(help="What was measured: federation (a whole one), or proofs of 30-16-2 or 30-1 alone.")
    ] = "federation",
    members: Annotated[int, typer.Option(help="Members of the federation.", min=1, max=100_000)] = 4,
    rounds: Annotated[int, typer.Option(help="Rounds of the task.", min=1, max=100_000)] = 10,
    preset: Annotated[
        str, typer.Option(help=f"Prices to begin with: {', '.join(model.PRESETS)}; by default all are compared.")
    ] = "",
    execution: Annotated[float | None, typer.Option(help="Gwei per gas of the chain.")] = None,
    data: Annotated[
        float | None, typer.Option(help="Gwei per unit of gas of the chain where a rollup publishes its data.")
    ] = None,
    data_gas: Annotated[
        float | None, typer.Option(help="Such units per byte: 1 for blobs, 16 for calldata, 0 for none.")
    ] = None,
    eth: Annotated[float | None, typer.Option(help="Euros per ETH.")] = None,
    json: show.Json = False,
) -> None:
    """Show what updates and rounds cost on a chain, in euro cents: gas as measured, prices as given."""
    given = {"execution": execution, "data": data, "data_gas": data_gas, "eth": eth}
    names = [preset] if preset else list(model.PRESETS)
    found = {name: model.cost(program, model.priced(name, **given), members, rounds) for name in names}
    if json:
        show.print_json(
            {
                "program": program, "members": members, "rounds": rounds, "prices_assumed": model.DATED,
                "costs": {name: _json(cost) for name, cost in found.items()},
            }
        )  # fmt: skip
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("euro cents", no_wrap=True)
    for heading in ("gas", "bytes", *names):
        table.add_column(heading, justify="right", no_wrap=True)
    first = next(iter(found.values()))
    for i, (operation, _) in enumerate(first.lines):
        cents = [_shown(cost.lines[i][1]) for cost in found.values()]
        table.add_row(operation.name, f"{operation.gas:,}", f"{operation.size:,}", *cents)
    for what in ("update", "round", "task"):
        cents = [f"[bold]{_shown(getattr(cost, what))}[/]" for cost in found.values()]
        table.add_row(f"[bold]per {what}[/]", "", "", *cents)
    show.out.print(f"[bold]{program}, {members} members, {rounds} rounds[/]")
    show.out.print(table)
    for name, cost in found.items():
        p = cost.prices
        published = f", {p.data:g} gwei x {p.data_gas:g} per byte" if p.data_gas else ""
        show.err.print(f"[dim]{name}: {p.execution:g} gwei per gas{published}, {p.eth:g} EUR per ETH[/]")
    show.err.print(f"[dim]Prices that were not given are assumptions of {model.DATED}, not quotations.[/]")


def _shown(cents: float) -> str:
    return f"{cents:.4f}" if cents < 1 else f"{cents:,.2f}"


def _json(cost: model.Cost) -> dict[str, object]:
    lines = [{**vars(operation), "cents": cents} for operation, cents in cost.lines]
    totals = {f"cents_per_{what}": getattr(cost, what) for what in ("update", "member", "round", "task")}
    return {"prices": vars(cost.prices), "operations": lines, **totals}
