"""What the launcher tells the processes of a run on a chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from fedproof.federation.jobs import Place
from fedproof.federation.onchain.conditions import Conditions
from fedproof.federation.onchain.site import Site
from fedproof.proof import Mode


@dataclass(frozen=True)
class MemberJob:
    """A participant's process. task: TOML text. pause: seconds between two looks at the chain.

    patience: seconds without a node, after which it gives up. wait: for the time when the stake can be withdrawn.
    """

    place: Place
    rpc: str = field(repr=False)
    site: Site
    conditions: Conditions
    folder: str
    run: str
    name: str
    task: str
    ptau: str | None
    threads: int
    passphrase: str = field(repr=False)
    confirmations: int = 1
    pause: float = 1.0
    patience: float = 600.0
    wait: bool = False
    data: str | None = None
    cheat: str = ""
    cheat_from: int = 0
    mode: ClassVar[Mode] = "prove"
    prove_rounds: ClassVar[int] = 0


@dataclass(frozen=True)
class CloserJob:
    """The aggregator's process. folder: the run's. keystore: file of its key. journal: folder of its transactions."""

    place: Place
    rpc: str = field(repr=False)
    site: Site
    folder: str
    keystore: str
    journal: str
    task: str
    ptau: str | None
    threads: int
    passphrase: str = field(repr=False)
    confirmations: int = 1
    pause: float = 1.0
    patience: float = 600.0


MEMBER_PARTS = {"place": Place, "site": Site, "conditions": Conditions}
CLOSER_PARTS = {"place": Place, "site": Site}
