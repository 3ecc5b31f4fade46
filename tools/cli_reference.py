"""Writes docs/cli.md from the command line itself: `make docs`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from typer.main import get_command

from fedproof.chain.node import BINARY
from fedproof.cli.chain import RPC
from fedproof.cli.main import app
from fedproof.federation.keys import PASSPHRASE

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
INTRO = f"""\
# The command line

Made from the code by `make docs`; a test fails if this page is out of date.

Results go to standard output, everything else (warnings, progress, errors) to standard error. A bar appears when
something takes longer than two seconds and standard error is a terminal.

| exit code | means |
| --- | --- |
| 0 | good |
| 1 | a proof, an update or an audit was rejected, or a run ended early |
| 2 | wrong usage or bad input: one line says which field, or which row and column, of which file |
| 130 | interrupted with Ctrl-C (`fedproof run` says how to go on) |
| 143 | ended by a signal (SIGTERM) |

| variable | means |
| --- | --- |
| `{PASSPHRASE}` | passphrase of the participants' keys; without it a terminal is asked |
| `FEDPROOF_CACHE` | folder of setups, instead of `fedproof` in the user's cache folder |
| `{RPC}` | URL of a node of the chain, instead of `--rpc`: it may hold a secret |
| `{BINARY}` | the program anvil, instead of the one on the path or in `node_modules` |
"""


def reference() -> str:
    """The whole page."""
    parts = [INTRO]
    for words, command in _commands("fedproof", get_command(app)):
        parts += ["", f"## {words}", "", *_command(words, command)]
    return "\n".join(parts) + "\n"


def _commands(words: str, command: Any) -> list[tuple[str, Any]]:
    """The commands that do something, in the order of the help."""
    inner = getattr(command, "commands", None)
    if inner is None:
        return [(words, command)]
    return [found for name, child in inner.items() for found in _commands(f"{words} {name}", child)]


def _command(words: str, command: Any) -> list[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    usage = [words, *(p.name.upper() if p.required else f"[{p.name.upper()}]" for p in arguments)]
    usage += [f"{p.opts[0]} {_type(p)}" for p in options if p.required]
    lines = [" ".join(command.help.split()), "", "```", " ".join([*usage, "[OPTIONS]"]), "```"]
    for title, found in (("argument", arguments), ("option", options)):
        if found:
            lines += ["", f"| {title} | type | default | |", "| --- | --- | --- | --- |", *map(_row, found)]
    return lines


def _row(parameter: Any) -> str:
    argument = parameter.param_type_name == "argument"
    name = parameter.name.upper() if argument else "`, `".join([*parameter.opts, *parameter.secondary_opts])
    help_text = " ".join(parameter.help.split()).replace("|", "\\|")
    return f"| `{name}` | {_type(parameter)} | {_default(parameter)} | {help_text} |"


def _type(parameter: Any) -> str:
    if getattr(parameter, "is_flag", False):
        return "flag"
    low, high = parameter.min, parameter.max
    if low is None and high is None:
        limits = ""
    elif high is None:
        limits = f" >= {low}"
    else:
        limits = f" {low}..{high}"
    return str(parameter.type_descriptor.annotation.__name__).lower() + limits


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    given = parameter.default
    return "" if given is None or given is False or given == "" else f"`{given}`"


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
    print(f"wrote {PAGE}")
