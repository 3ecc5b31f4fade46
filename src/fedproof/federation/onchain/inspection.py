"""An audit of a task on a chain as it goes: what is known, what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fedproof.chain.hub import Hub
from fedproof.chain.task import ChainTask
from fedproof.federation.onchain.history import History
from fedproof.federation.replay import Stop
from fedproof.federation.report import AuditReport, Finding
from fedproof.federation.store import ArtefactError, Store
from fedproof.federation.terms import Terms

CHAIN_CHECKS = {
    "contracts": "hub, vault, verifiers and beacon have the code of this package, and are made of each other",
    "events": "the events come in the order in which a hub could say them",
    "artefact": "every artefact is in the store and is what its name says",
    "task": "the id is that of the terms; the task file has the digest on the chain, and its rounds",
    "program": "the key on the chain is the one of the program that the task compiles to, and of the setup",
    "initial": "the first model is the one of the task's seed, under its commitment",
    "registration": "every registration proof verifies for this chain, hub, task and member",
    "nonce": "every nonce is of its member's committed chain",
    "schedule": "the seed of every round follows from the model, the nonces and the chain's randomness",
    "submission": "every accepted update has a proof that verifies for exactly this round and member",
    "claim": "every claim that was removed does not hold, or was not shown when demanded",
    "sum": "the sum on the chain is that of the accepted commitments",
    "close": "the round-close proof verifies: the next model is the rounded, clipped mean",
    "weights": "the published weights are those that the chain committed to",
    "absence": "whoever was punished had entered the round and withheld a nonce or an update",
    "money": "shares, fees, slashes, claims and the rest of the escrow add up",
    "end": "the task ended after its last round, or was cancelled",
    "model": "the exported model is the one the chain ends with",
}
"""Check ids of an audit of a chain."""


@dataclass
class Inspection:
    """State of an audit. names: of addresses, where they are known."""

    hub: Hub
    id: bytes
    task: ChainTask
    history: History
    store: Store
    report: AuditReport
    progress: Callable[[float], None]
    names: dict[bytes, str] = field(default_factory=dict)
    round: int | None = None
    _terms: Terms | None = None

    @property
    def terms(self) -> Terms:
        """What was agreed, with statements of this chain. Available after the opening."""
        if self._terms is None:
            raise Stop
        return self._terms

    @terms.setter
    def terms(self, terms: Terms) -> None:
        self._terms = terms

    def name(self, address: bytes) -> str:
        """Of a member."""
        return self.names.get(address, f"0x{address.hex()}")

    def find(self, check: str, problem: str, member: bytes = b"") -> None:
        """A check failed."""
        self.report.findings.append(Finding(check, problem, self.round, self.name(member) if member else ""))

    def stop(self, check: str, problem: str) -> None:
        """A check failed, and what follows depends on it."""
        self.find(check, problem)
        raise Stop

    def expect(self, check: str, good: bool, problem: str, member: bytes = b"") -> bool:
        """Finds `problem` unless `good`."""
        if not good:
            self.find(check, problem, member)
        return good

    def load(self, name: bytes, member: bytes = b"") -> bytes | None:
        """An artefact; None, and a finding, if it is not there or not what its name says."""
        try:
            return self.store.get(name.hex())
        except ArtefactError as error:
            self.find("artefact", str(error), member)
            return None
