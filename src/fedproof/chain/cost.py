"""What a federation pays for its chain: gas and bytes as measured, times prices as given.

`federation` is all that a demonstration of 30-16-2 sends to the contracts; the other programs are proofs sent to the
verifiers alone. The contracts themselves are there for everybody, and not in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Literal

from fedproof.errors import BadInput

FILE = "gas.json"
"""Measured by `python -m tools.gas`."""
DATED = "2026-11"
"""When the presets were written down. They are assumptions, not quotations."""
Per = Literal["task", "member", "update", "round"]
GWEI_PER_ETH = 10**9


@dataclass(frozen=True)
class Operation:
    """One kind of transaction. gas: of the whole transaction, calldata included. size: bytes of calldata."""

    name: str
    per: Per
    gas: int
    size: int


@dataclass(frozen=True)
class Prices:
    """execution: gwei per gas of the chain itself. data: gwei per unit of gas of the chain that its data are published
    on.

    data_gas: such units per byte (blobs: 1; calldata of Ethereum: 16; nothing is published elsewhere: 0). eth: euros
    per ETH.
    """

    execution: float
    data: float = 0.0
    data_gas: float = 0.0
    eth: float = 3000.0

    def __post_init__(self) -> None:
        for name in ("execution", "data", "data_gas", "eth"):
            if not 0 <= getattr(self, name) < 10**9:  # and not nan
                raise BadInput(f"price {name}: must be between 0 and a thousand million")

    def cents(self, operation: Operation) -> float:
        """Euro cents of one transaction."""
        gwei = operation.gas * self.execution + operation.size * self.data_gas * self.data
        return gwei / GWEI_PER_ETH * self.eth * 100


PRESETS = {
    "blobs": Prices(execution=0.005, data=1.0, data_gas=1.0),
    "calldata": Prices(execution=0.01, data=5.0, data_gas=16.0),
    "sidechain": Prices(execution=0.1),
    "ethereum": Prices(execution=2.0),
}
"""Typical prices, assumed: a rollup that publishes its data in blobs, or as calldata; a chain of its own; Ethereum
itself.
"""


@dataclass(frozen=True)
class Cost:
    """Euro cents. lines: of one transaction of each operation. update: of one update. round: of a round of all members.
    member: of joining. task: of everything, all rounds included.
    """

    program: str
    prices: Prices
    members: int
    rounds: int
    lines: tuple[tuple[Operation, float], ...]
    update: float = field(init=False)
    round: float = field(init=False)
    member: float = field(init=False)
    task: float = field(init=False)

    def __post_init__(self) -> None:
        total = {per: sum(c for o, c in self.lines if o.per == per) for per in ("task", "member", "update", "round")}
        whole_round = self.members * total["update"] + total["round"]
        whole_task = total["task"] + self.members * total["member"] + self.rounds * whole_round
        for name, value in (
            ("update", total["update"]), ("member", total["member"]), ("round", whole_round), ("task", whole_task),
        ):  # fmt: skip
            object.__setattr__(self, name, value)


def load() -> dict[str, list[Operation]]:
    """Measured operations by program."""
    content = json.loads(files(__package__).joinpath(FILE).read_bytes())
    return {name: [Operation(**operation) for operation in operations] for name, operations in content.items()}


def cost(program: str, prices: Prices, members: int, rounds: int) -> Cost:
    """Raises BadInput for a program that was not measured."""
    known = load()
    if program not in known:
        raise BadInput(f"program {program}: was not measured; there are {', '.join(known)}")
    return Cost(program, prices, members, rounds, tuple((o, prices.cents(o)) for o in known[program]))


def priced(preset: str, **others: float | None) -> Prices:
    """A preset with other prices where they are given. Raises BadInput."""
    if preset not in PRESETS:
        raise BadInput(f"preset {preset}: there are {', '.join(PRESETS)}")
    return replace(PRESETS[preset], **{name: value for name, value in others.items() if value is not None})
