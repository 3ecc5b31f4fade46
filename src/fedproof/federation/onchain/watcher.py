"""Bonded tasks: verifies every claim off the chain while it can still be contested.

A claim whose proof does not hold is settled with that very proof: the contract verifies it, removes the claim and cuts
the claimant's stake. A proof that is not in the artefact store is demanded, and so is one that is too long for any
transaction; if it is not shown in time, the claim expires.
"""

from __future__ import annotations

from collections.abc import Callable

from fedproof.chain.errors import ContractRejected
from fedproof.chain.hub import Call, Hub, Token
from fedproof.chain.hub_events import Submitted
from fedproof.chain.sender import SIZE, Sender
from fedproof.chain.task import ChainTask, Mode, Phase, Progress
from fedproof.errors import BadInput, Rejected
from fedproof.federation.canonical import Json
from fedproof.federation.onchain.history import History, RoundHistory
from fedproof.federation.onchain.model import start_of
from fedproof.federation.onchain.site import Site
from fedproof.federation.onchain.statements import training_fields
from fedproof.federation.store import ArtefactError, Store
from fedproof.federation.terms import Terms
from fedproof.proof import verify_training


class Watcher:
    """State of one task."""

    def __init__(
        self,
        terms: Terms,
        hub: Hub,
        sender: Sender,
        store: Store,
        task: ChainTask,
        site: Site,
        tell: Callable[[Json], None],
    ) -> None:
        self._terms = terms
        self._hub = hub
        self._sender = sender
        self._store = store
        self._task = task
        self._site = site
        self._tell = tell
        self._good: set[tuple[bytes, ...]] = set()
        self._noted: set[str] = set()

    def watch(self, progress: Progress) -> bool:
        """Looks at what is new; is nothing open any more, so that the phase may end? True also for eager tasks."""
        if self._task.mode is Mode.EAGER or progress.phase not in (Phase.SUBMITTING, Phase.CHALLENGING):
            return True
        history = History.of(self._hub.events(self._site.id, self._site.block))
        if progress.round >= len(history.rounds):
            return False  # the node has not caught up with itself
        current = history.rounds[progress.round]
        for entry in current.submissions:
            if entry.index not in current.settled and _content(current, entry) not in self._good:
                self._judge(history, current, entry)
        return all(
            entry.index in current.settled or _content(current, entry) in self._good for entry in current.submissions
        )

    def _judge(self, history: History, current: RoundHistory, entry: Submitted) -> None:
        number = current.number
        try:
            proof = self._store.get(entry.proof.hex())
        except ArtefactError:
            self._demand(current, entry)
            return
        if len(proof) > SIZE:
            self._demand(current, entry)
            return
        _, start = start_of(self._terms, history, number, self._store)
        fields, registered = training_fields(self._terms, history, number, entry.member, start)
        try:
            if verify_training(self._terms.key, fields, proof) != entry.update:
                raise Rejected("proves another update than it claims", code="WrongCommitment", check="commitment")
            self._good.add(_content(current, entry))
        except (Rejected, BadInput) as error:
            call = self._hub.settle(
                self._site.id, entry.index, entry.member, start, fields.dataset_id, registered.dataset, entry.update,
                proof,
            )  # fmt: skip
            if self._send(call, f"settle {number} {entry.index}"):
                check = error.check if isinstance(error, Rejected) else "form"
                why = {"check": check, "code": getattr(error, "code", ""), "reason": str(error)}
                self._tell({"tell": "contested", "round": number, "member": entry.member.hex(), **why})

    def _demand(self, current: RoundHistory, entry: Submitted) -> None:
        """Asks for the proof once; ends the claim if it was not shown in time."""
        number, demanded = current.number, current.demanded.get(entry.index)
        claimed = (self._site.id, entry.index, entry.member, entry.update, entry.proof)
        if demanded is not None:
            if self._hub.chain.block().time >= demanded.deadline:
                self._send(self._hub.expire(*claimed), f"expire {number} {entry.index}")
            return
        deposit = self._task.demand_deposit
        if deposit:
            token = Token(self._hub.chain, self._task.token)
            self._send(token.approve(self._hub.address, deposit), f"approve demand {number} {entry.index}")
        self._send(self._hub.demand(*claimed), f"demand {number} {entry.index}")

    def _send(self, call: Call, purpose: str) -> bool:
        try:
            self._sender.send(call, purpose)
        except ContractRejected as error:
            if purpose not in self._noted:
                self._noted.add(purpose)
                self._tell({"tell": "note", "reason": f"{purpose}: {error}"})
            return False
        return True


def _content(current: RoundHistory, entry: Submitted) -> tuple[bytes, ...]:
    """What was judged: under the same number another claim may stand once a chain has gone back."""
    seed = b"" if current.seeded is None else current.seeded.seed
    return seed, entry.member, entry.update, entry.proof
