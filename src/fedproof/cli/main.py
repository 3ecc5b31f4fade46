"""`fedproof`: exit codes 0 good, 1 a proof or an audit was rejected, 2 usage or bad input, 130 interrupted."""

from __future__ import annotations

import signal
import sys
from typing import Annotated, Any

import typer

from fedproof import __version__
from fedproof.cli import (
    audit,
    chain,
    cost,
    data,
    demo,
    init,
    inspect,
    member,
    predict,
    prove,
    run,
    setup,
    status,
    task,
    verify,
)
from fedproof.errors import FedproofError
from fedproof.federation.canonical import printable

INTERRUPTED = 130
TERMINATED = 143
LINE = 1000
"""Most characters of an error: it may quote a file."""


class App(typer.Typer):
    """Errors of users end as one line on standard error."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the command line and exits."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))  # so that what has been started is ended
        try:
            return super().__call__(*args, **{"prog_name": "fedproof", **kwargs})
        except FedproofError as error:
            typer.secho(f"error: {printable(error, LINE)}", err=True, fg="red")
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            typer.secho("interrupted", err=True, fg="yellow")
            sys.exit(INTERRUPTED)


app = App(
    name="fedproof",
    help="Federated learning in which every update is proven in zero knowledge.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options of all commands."""


app.command("demo")(demo.demo)
app.command("init")(init.init)
app.command("inspect")(inspect.inspect)
app.command("setup")(setup.setup)
app.add_typer(data.app, name="data")
app.command("run")(run.run)
app.command("status")(status.status)
app.command("audit")(audit.audit)
app.command("predict")(predict.predict)
app.command("prove")(prove.prove)
app.command("verify")(verify.verify)
app.add_typer(chain.app, name="chain")
app.command("cost")(cost.cost)
app.add_typer(task.app, name="task")
app.command("join")(member.join)
app.command("claim")(member.claim)

if __name__ == "__main__":
    app()
