"""One verb, three costs."""

from __future__ import annotations

from typing import Literal, get_args

Mode = Literal["prove", "check", "off"]
"""prove: execute and prove. check: execute and compare with a second execution, no proof. off: execute only."""

MODES: tuple[Mode, ...] = get_args(Mode)


def mode_notice(mode: Mode) -> str:
    """One line to show wherever results of `mode` appear; empty for prove."""
    return "" if mode == "prove" else f"mode {mode!r}: nothing is proven, updates are taken on trust"
