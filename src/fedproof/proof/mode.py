"""One verb, three costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from fedproof.errors import BadInput

Mode = Literal["prove", "check", "off"]
"""prove: execute and prove. check: execute and compare with a second execution, no proof. off: execute only."""

MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True)
class Modes:
    """How the rounds of a run are done: in `mode`, except that the last `prove_rounds` of them are proven.

    With such rounds the registrations are proven too. Raises BadInput unless some rounds are left for `mode`.
    """

    mode: Mode
    rounds: int
    prove_rounds: int = 0

    def __post_init__(self) -> None:
        if self.prove_rounds and self.mode == "prove":
            raise BadInput("prove_rounds: belongs to the modes check and off; mode prove proves all rounds")
        if self.prove_rounds and not 0 < self.prove_rounds < self.rounds:
            raise BadInput(
                f"prove_rounds: must be below the number of rounds, {self.rounds}, got {self.prove_rounds} "
                "(to prove all rounds take mode prove)"
            )

    @property
    def registration(self) -> Mode:
        """Mode of the registrations."""
        return "prove" if self.prove_rounds else self.mode

    def of(self, number: int) -> Mode:
        """Mode of round `number`."""
        return "prove" if number >= self.rounds - self.prove_rounds else self.mode

    @property
    def notice(self) -> str:
        """One line to show wherever results of such a run appear; empty if everything is proven."""
        if self.mode == "prove":
            return ""
        if not self.prove_rounds:
            return f"mode {self.mode!r}: nothing is proven, updates are taken on trust"
        first = self.rounds - self.prove_rounds
        trusted = "round 0 is" if first == 1 else f"rounds 0 to {first - 1} are"
        proven = f"round {first} is" if self.prove_rounds == 1 else f"rounds {first} to {self.rounds - 1} are"
        return f"mode {self.mode!r}: only {proven} proven, {trusted} taken on trust"
