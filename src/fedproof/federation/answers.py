"""What a participant signs in one run: for the same question the same bytes, also by another process after a crash."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from fedproof._core import keccak256
from fedproof.federation import nonces
from fedproof.federation.aggregation import Opening
from fedproof.federation.canonical import Json
from fedproof.federation.cheats import CHEATS
from fedproof.federation.draw import Draw
from fedproof.federation.enrol import Enrolment
from fedproof.federation.guard import Guard
from fedproof.federation.jobs import ParticipantJob
from fedproof.federation.keys import Identity
from fedproof.federation.messages import Message, signed
from fedproof.federation.rules import schedule
from fedproof.federation.sent import Sent
from fedproof.federation.terms import Terms
from fedproof.federation.turn import Turn, honest
from fedproof.proof import Modes

if TYPE_CHECKING:
    from fedproof._core import Progress


@dataclass(frozen=True)
class Answers:
    """run: its id. sent: the submissions made so far."""

    job: ParticipantJob
    terms: Terms
    identity: Identity
    enrolment: Enrolment = field(repr=False)
    run: bytes
    sent: Sent
    progress: Progress | None = None

    def nonce(self, draw: Draw) -> Message:
        """The nonce of a draw: a link of the chain that is committed."""
        rounds = self.terms.task.rounds
        body: Json = {
            **self._said(),
            "set": draw.fixed.hex(),
            "round": draw.number,
            "attempt": draw.attempt,
            "members": draw.digest.hex(),
            "nonce": nonces.nonce(self.enrolment.root, rounds, draw.number, draw.attempt).hex(),
        }
        return signed(self.identity, "nonce", body)

    def submission(self, guard: Guard, seed: bytes, folder: Path) -> Message:
        """That of the open round: the stored one if there is one, else a new one, stored. folder: the run's."""
        message = self.sent.get(guard.round)
        if message is None:
            message = self._train(guard, seed, folder)
            self.sent.keep(guard.round, message)
        return message

    def _train(self, guard: Guard, seed: bytes, folder: Path) -> Message:
        number = guard.round
        plan = schedule(self.terms.program, seed)
        turn = Turn(
            self.terms,
            self.enrolment,
            self.terms.training(self.enrolment.fields, number, guard.commitment, plan.pi, plan.beta),
            plan,
            guard.history,
            folder,
            self.identity.secret,
            Modes(self.job.mode, self.terms.task.rounds, self.job.prove_rounds).of(number),
            self.progress,
        )
        start = perf_counter()
        cheating = self.job.cheat and number >= self.job.cheat_from
        update = CHEATS[self.job.cheat](turn) if cheating else honest(turn)
        body: Json = {
            **self._said(),
            "round": number,
            "seed": seed.hex(),
            "commitment": update.commitment.hex(),
            "proof": keccak256(update.proof).hex(),
            "prove_ms": round(1000 * (perf_counter() - start)),
        }
        opening = Opening(update.weights, update.blinds).encode()
        return signed(self.identity, "submission", body, proof=update.proof, opening=opening)

    def _said(self) -> Json:
        """In every signed body: who says it, in which run of which task, of which dataset."""
        return {
            "participant": self.identity.address.hex(),
            "run": self.run.hex(),
            "task": self.terms.task.digest.hex(),
            "dataset_id": self.enrolment.dataset_id.hex(),
        }
