"""The aggregator's way through a task on a chain: ends phases, reports who stayed away, adds up, proves, closes.

Anybody may do all of this where the task names no aggregator; whoever comes second is refused by the contract and goes
on. Only the openings are its own: without them nobody can make the next model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from fedproof._core import add_commitments
from fedproof.chain.errors import ContractRejected
from fedproof.chain.hub import Call, Hub
from fedproof.chain.hub_events import Submitted
from fedproof.chain.sender import Receipt, Sender
from fedproof.chain.task import ChainTask, Phase, Progress
from fedproof.federation.aggregation import open_sum
from fedproof.federation.canonical import Json
from fedproof.federation.keys import Identity
from fedproof.federation.onchain.history import History, RoundHistory
from fedproof.federation.onchain.inbox import Inbox
from fedproof.federation.onchain.jobs import CloserJob
from fedproof.federation.onchain.model import publish_final
from fedproof.federation.onchain.watcher import Watcher
from fedproof.federation.rules import next_model
from fedproof.federation.store import Store
from fedproof.federation.terms import Terms
from fedproof.proof import encode_weights, prove_close

BATCH = 90_000
"""Bytes of updates in one transaction."""


class Closer:
    """State of one task."""

    def __init__(
        self,
        job: CloserJob,
        terms: Terms,
        identity: Identity,
        hub: Hub,
        sender: Sender,
        inbox: Inbox,
        tell: Callable[[Json], None],
    ) -> None:
        self.job = job
        self.terms = terms
        self.identity = identity
        self.hub = hub
        self.sender = sender
        self.inbox = inbox
        self.id = job.site.id
        self.store = Store(job.site.store)
        self.task: ChainTask = hub.task(self.id)
        self._watcher = Watcher(terms, hub, sender, self.store, self.task, job.site, tell)
        self._tell = tell
        self._reported: set[tuple[int, bytes]] = set()
        self._said: Json = {}
        self._round = 0

    def step(self) -> bool:
        """Does what is next, if anything is; True when the task is over."""
        progress = self.hub.progress(self.id)
        self._round = progress.round
        if self.inbox.waiting:
            self.inbox.judge(self._history())
        if progress.phase.over:
            self._end(progress)
            return True
        if progress.phase is Phase.CLOSING:
            self._close(progress)
        elif self._watcher.watch(progress) or progress.phase is not Phase.CHALLENGING:
            if progress.phase is Phase.CHALLENGING:
                self._once({"tell": "watched", "round": progress.round})
            self._advance(progress)
        return False

    def _advance(self, progress: Progress) -> None:
        """Ends the phase if it can be ended."""
        call = self.hub.advance(self.id)
        try:
            self.hub.chain.call(call)
        except ContractRejected:
            return  # too early
        self._send(call, f"advance {progress.phase.name.lower()} {progress.round}")

    def _close(self, progress: Progress) -> None:
        history = self._history()
        if progress.round >= len(history.rounds):
            return
        current = history.rounds[progress.round]
        if len(current.submissions) < progress.submitted:
            return  # the node has not caught up with itself
        self._report(current)
        accepted = current.accepted
        missing = [entry.member for entry in accepted if not self.inbox.has(current.number, entry.member)]
        if missing:
            self._once({"tell": "lacking", "round": current.number, "members": [m.hex() for m in missing]})
            if self.hub.chain.block().time >= progress.deadline:
                self._advance(progress)
            return
        openings = [self.inbox.get(current.number, entry.member) for entry in accepted]
        total, summed = open_sum(self.terms.key, openings, [entry.update for entry in accepted])
        weights, clipped = next_model(total.weights, len(accepted), self.terms.task.fields)
        commitment = self.terms.key.commit_weights(weights)
        fields = self.terms.close(current.number, summed, commitment, len(accepted), self.identity.address)
        start = perf_counter()
        proof = prove_close(self.terms.key, fields, total.weights, total.blinds, secret=self.identity.secret)
        seconds = perf_counter() - start
        name, _ = self.store.put(encode_weights(weights)), self.store.put(proof)
        *before, last = _batches(current.submissions)
        if sum(map(len, _listed(last))) + len(proof) > BATCH:
            before, last = [*before, last], []
        partial = b""
        for number, batch in enumerate(before):
            purpose = f"accumulate {current.number} {number}"
            if self._send(self.hub.accumulate(self.id, partial, *_listed(batch)), purpose) is None:
                return
            counted = [entry.update for entry in batch if entry.index not in current.removed]
            # no sum at all would begin anew
            partial = add_commitments([partial or bytes(len(batch[0].update)), *counted])
        call = self.hub.close(self.id, partial, *_listed(last), commitment, bytes.fromhex(name), proof)
        receipt = self._send(call, f"close {current.number}")
        if receipt is not None:
            self.inbox.forget(current.number)
            cost = {"gas": receipt.gas_used, "fee": receipt.fee}
            made = {"prove_ms": round(1000 * seconds), "proof_bytes": len(proof), "clipped": clipped}
            self._tell({"tell": "closed", "name": "aggregator", "round": current.number, **made, **cost})

    def _report(self, current: RoundHistory) -> None:
        """Whoever entered the round and did not submit pays for it."""
        for member in sorted(current.entered):
            if current.of(member) is None and (current.number, member) not in self._reported:
                call = self.hub.report_absent(self.id, current.number, member)
                self._send(call, f"absent {current.number} {member.hex()}")
                self._reported.add((current.number, member))

    def _end(self, progress: Progress) -> None:
        """Publishes the model and takes what is due."""
        history = self._history()
        if history.rounds and history.rounds[-1].closed is None:
            self._report(history.rounds[-1])
        if progress.phase is Phase.FINISHED:
            publish_final(self.terms, self.job.site, history, self.store, Path(self.job.folder))
        me = self.identity.address
        if self.hub.due(self.id, me) > 0:
            self._send(self.hub.claim(self.id, me), "claim")
        if self.hub.vault.reports_of(self.task.token, me) > 0:
            self._send(self.hub.vault.withdraw_reports(self.task.token), "withdraw reports")

    def _send(self, call: Call, purpose: str) -> Receipt | None:
        """None if the contract refuses: somebody else was first, or it is too late."""
        try:
            receipt = self.sender.send(call, purpose)
        except ContractRejected as error:
            self._once({"tell": "note", "reason": f"{purpose}: {error}"})
            return None
        if not purpose.startswith("close"):
            cost = {"gas": receipt.gas_used, "fee": receipt.fee}
            self._tell({"tell": "sent", "name": "aggregator", "round": self._round, "what": purpose, **cost})
        return receipt

    def _once(self, event: Json) -> None:
        """Tells what may be the case again and again."""
        if event != self._said:
            self._said = event
            self._tell(event)

    def _history(self) -> History:
        return History.of(self.hub.events(self.id, self.job.site.block))


def _batches(submissions: Sequence[Submitted]) -> list[list[Submitted]]:
    """As many in each as fit into a transaction."""
    size = max(1, BATCH // (len(submissions[0].update) + 20))
    return [list(submissions[i : i + size]) for i in range(0, len(submissions), size)]


def _listed(batch: Sequence[Submitted]) -> tuple[bytes, bytes]:
    """Members and updates as the hub takes them."""
    return b"".join(entry.member for entry in batch), b"".join(entry.update for entry in batch)
