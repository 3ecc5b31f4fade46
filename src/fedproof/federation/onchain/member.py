"""A member's way through a task on a chain: reads where the task stands and does what is its own to do.

The chain is the journal. What only the member knows is on its disk before anything that follows from it is sent: the
registration with its secrets, and the signed submission with proof, update and blinds, of which a round has only ever
one. Transactions are kept by their purpose (`Sender`), so whoever starts again sends the same bytes again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from fedproof._core import keccak256
from fedproof.chain.discover import verify_hub
from fedproof.chain.errors import ContractRejected
from fedproof.chain.hub import Beacon, Call, Hub, Token
from fedproof.chain.sender import Receipt, Sender
from fedproof.chain.task import ChainTask, Mode, Phase, Progress
from fedproof.data import Records, load_records
from fedproof.errors import BadInput, Rejected
from fedproof.federation import nonces
from fedproof.federation.answers import Answers
from fedproof.federation.canonical import Json
from fedproof.federation.enrol import Enrolment, enrol, open_enrolment, stored_records
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.keys import Identity
from fedproof.federation.messages import Message
from fedproof.federation.onchain.conditions import check_task
from fedproof.federation.onchain.courier import Courier
from fedproof.federation.onchain.history import History
from fedproof.federation.onchain.jobs import MemberJob
from fedproof.federation.onchain.model import check_start, start_of
from fedproof.federation.rules import schedule
from fedproof.federation.sent import Sent
from fedproof.federation.store import ArtefactError, Store
from fedproof.federation.terms import Terms
from fedproof.proof import verify_training
from fedproof.proof.weights import IntArray

if TYPE_CHECKING:
    from fedproof._core import Progress as Report

GLANCE = 0.1
"""Seconds between two looks for somebody else's proof."""


@dataclass
class Start:
    """Where a round starts from."""

    round: int
    commitment: bytes
    history: list[list[IntArray]]


class Member:
    """State of one task. terms: with the statements of the chain. tell: what happens, for the launcher."""

    def __init__(
        self,
        job: MemberJob,
        terms: Terms,
        identity: Identity,
        hub: Hub,
        sender: Sender,
        tell: Callable[[Json], None],
        progress: Report | None = None,
    ) -> None:
        self.job = job
        self.terms = terms
        self.identity = identity
        self.hub = hub
        self.sender = sender
        self.id = job.site.id
        self.folder = ParticipantFolder(Path(job.folder))
        self.store = Store(job.site.store)
        self.sent = Sent(self.folder.path / "sent" / self.id.hex())
        self.task: ChainTask = hub.task(self.id)
        check_task(self.task, terms, job.conditions)
        self.beacon = Beacon(hub.chain, self.task.beacon)
        self.round = -1
        """Round of what is being proven, -1 for the registration."""
        self._tell = tell
        self._progress = progress
        self._courier = Courier(job.place, self.id)
        self._enrolment: Enrolment | None = None
        self._out = -1
        self._delivered = -1
        self._left = False

    @property
    def me(self) -> bytes:
        """Address."""
        return self.identity.address

    def step(self) -> bool:
        """Does what is next, if anything is; True when nothing is left to do."""
        progress = self.hub.progress(self.id)
        if progress.phase.over:
            return self._leave()
        if self._enrolment is None:
            self._join(progress)
        elif progress.phase is not Phase.JOINING and progress.round > self._out:
            self._take_part(progress)
        return False

    def _join(self, progress: Progress) -> None:
        """Registers the dataset, once: what was made for this task before is used again.

        Not where hub, vault, verifiers, beacon or gate are others than this package's: they decide over the stake.
        """
        verify_hub(self.hub.chain, self.hub.address, self.task.beacon, self.task.gate)
        state = self.folder.state(self.id)
        if "registration" in state:
            self._enrolment = open_enrolment(self.folder, self.identity, self.terms)
        elif any(entry.member == self.me for entry in self._history().joined):
            raise BadInput(f"{self.folder.path}: its key has joined this task, but what it joined with is not here")
        else:
            self._enrolment = enrol(
                self.folder, self.identity, self.job.name, self.terms, self._records(), progress=self._progress
            )
        made = self._enrolment
        self.store.put(made.proof)
        vault = self.hub.vault.address
        if self.task.stake and self.sender.find("join") is None:
            token = Token(self.hub.chain, self.task.token)
            if token.allowance(self.me, vault) < self.task.stake:
                self.sender.send(token.approve(vault, self.task.stake), "approve stake")
        tip, dataset = made.fields.nonce_commitment, made.fields.dataset
        receipt = self.sender.send(self.hub.join(self.id, tip, dataset, made.proof), "join")
        self._said("joined", receipt)

    def _records(self) -> Records:
        if self.job.data is None and not self.folder.has_data():
            stored = stored_records(self.folder, self.terms)
            if stored is not None:
                return stored
        file = Path(self.job.data) if self.job.data is not None else self.folder.data_file()
        return load_records(file, self.terms.task)

    def _take_part(self, progress: Progress) -> None:
        number = progress.round
        if not self.hub.entered(self.id, number, self.me):
            self._enter(number)
        elif progress.phase is Phase.REVEALING:
            if not self.beacon.is_present(self.hub.address, self.id, number, self.me):
                self._reveal(number)
        elif progress.phase is Phase.SUBMITTING and not self.hub.submitted_in(self.id, number, self.me):
            if not self.beacon.is_present(self.hub.address, self.id, number, self.me):
                self._give_up(number, "its nonce came too late")
            else:
                self._submit(progress)
        elif self.hub.submitted_in(self.id, number, self.me):
            if self._delivered < number:
                self._deliver(number)
            # demands count from the claim on, and their answers are due whatever the phase
            if self.task.mode is Mode.BONDED and progress.phase in (Phase.SUBMITTING, Phase.CHALLENGING):
                self._answer(number)
        else:
            self._give_up(number, "its update came too late")

    def _enter(self, number: int) -> None:
        """Goes on after an absence, from the next round on, as long as the stake is whole."""
        following = number + 1
        self._out = number
        if following >= self.task.rounds or self.hub.entered(self.id, following, self.me):
            return
        if self.hub.vault.stake_of(self.id, self.me) >= self.task.stake:
            self._send(self.hub.enter(self.id), f"enter {following}", number)

    def _reveal(self, number: int) -> None:
        made = self._made
        value = nonces.nonce(made.root, self.task.rounds, number, attempts=self.terms.venue.attempts)
        receipt = self._send(self.beacon.reveal(self.hub.address, self.id, value), f"reveal {number}", number)
        if receipt is not None:
            self._said("revealed", receipt, number)

    def _submit(self, progress: Progress) -> None:
        number = progress.round
        self.round = number
        start = self._start(number)
        check_start(start.commitment, progress.start, number)
        answers = Answers(self.job, self.terms, self.identity, self._made, self.id, self.sent, self._progress)
        message = answers.submission(start, progress.seed, Path(self.job.run), lambda: self._others(number))
        if message.body["seed"] != progress.seed.hex():
            self._give_up(number, "its proof is of another seed: the chain has changed its past")
            return
        proof, made = message.attachments["proof"], self._made
        self.store.put(proof)
        trained = {"prove_ms": message.body["prove_ms"], "proof_bytes": len(proof)}
        self._tell({"tell": "trained", "name": self.job.name, "round": number, **trained})
        if self.task.mode is Mode.EAGER:
            call = self.hub.submit(self.id, start.commitment, made.dataset_id, made.fields.dataset, proof)
        else:
            update = bytes.fromhex(message.body["commitment"])
            call = self.hub.submit_claim(self.id, update, keccak256(proof))
        receipt = self._send(call, f"submit {number}", number)
        if receipt is not None:
            self._said("submitted", receipt, number)

    def _others(self, number: int) -> tuple[bytes, bytes] | None:
        """Commitment and proof of somebody else, as the chain and the store have them."""
        for entry in self._history().rounds[number].submissions:
            try:
                if entry.member != self.me:
                    return entry.update, self.store.get(entry.proof.hex())
            except ArtefactError:
                continue
        sleep(GLANCE)
        return None

    def _start(self, number: int) -> Start:
        history = self._history()
        models = [start_of(self.terms, history, i, self.store) for i in range(max(0, number - 1), number + 1)]
        return Start(number, models[-1][1], [weights for weights, _ in models])

    def _deliver(self, number: int) -> None:
        if self._courier.deliver(self._kept(number)):
            self._delivered = number

    def _answer(self, number: int) -> None:
        """Shows the proof of its own claim if somebody demands it."""
        current = self._history().rounds[number]
        mine = current.of(self.me)
        if mine is None or mine.index not in current.demanded:
            return
        message, start = self._kept(number), self._start(number)
        made = self._made
        call = self.hub.settle(
            self.id, mine.index, self.me, start.commitment, made.dataset_id, made.fields.dataset, mine.update,
            message.attachments["proof"],
        )  # fmt: skip
        receipt = self._send(call, f"answer {number}", number)
        if receipt is not None:
            self._said("answered", receipt, number)

    def _kept(self, number: int) -> Message:
        message = self.sent.get(number)
        if message is None:
            raise BadInput(f"{self.folder.path}: what was submitted in round {number} is not here")
        return message

    def _send(self, call: Call, purpose: str, number: int) -> Receipt | None:
        """None if the contract refuses: then the member does nothing more in this round, and says why."""
        try:
            return self.sender.send(call, purpose)
        except ContractRejected as error:
            progress = self.hub.progress(self.id)
            if progress.round != number or progress.phase.over:
                self._give_up(number, f"came too late ({error.name})")
            elif purpose.startswith("submit"):
                self._refused(number, error)
            else:
                self._give_up(number, str(error))
            return None

    def _refused(self, number: int, error: ContractRejected) -> None:
        """The chain does not take the update. What the verifier here says of the proof names the check."""
        check, message, start = "", self._kept(number), self._start(number)
        plan = schedule(self.terms.program, bytes.fromhex(message.body["seed"]))
        fields = self.terms.training(self._made.fields, number, start.commitment, plan.pi, plan.beta)
        try:
            verify_training(self.terms.key, fields, message.attachments["proof"])
        except Rejected as found:
            check = found.check
        self._out = number
        said = {"check": check, "code": error.name, "reason": str(error)}
        self._tell({"tell": "refused", "name": self.job.name, "round": number, **said})

    def _give_up(self, number: int, reason: str) -> None:
        self._out = number
        self._tell({"tell": "out", "name": self.job.name, "round": number, "reason": reason})

    def _leave(self) -> bool:
        """Takes what is due, and the stake as soon as it may; True when nothing is left."""
        if not self._left:
            if self.hub.due(self.id, self.me) > 0:
                self._said("claimed", self.sender.send(self.hub.claim(self.id, self.me), "claim"))
            if self.hub.vault.stake_of(self.id, self.me) > 0 and not self.hub.vault.withdrawable_at(self.id, self.me):
                self._said("quit", self.sender.send(self.hub.quit(self.id), "quit"))
            self._left = True
            self._tell({"tell": "left", "name": self.job.name})
        vault = self.hub.vault
        at = vault.withdrawable_at(self.id, self.me)
        if at and vault.stake_of(self.id, self.me) > 0:
            if self.hub.chain.block().time < at:
                return not self.job.wait
            self._said("withdrawn", self.sender.send(vault.withdraw(self.id), "withdraw"))
        return True

    @property
    def _made(self) -> Enrolment:
        if self._enrolment is None:
            raise BadInput("not registered")
        return self._enrolment

    def _history(self) -> History:
        return History.of(self.hub.events(self.id, self.job.site.block))

    def _said(self, what: str, receipt: Receipt, number: int = -1) -> None:
        cost = {"gas": receipt.gas_used, "fee": receipt.fee}
        self._tell({"tell": what, "name": self.job.name, "round": number, **cost})
