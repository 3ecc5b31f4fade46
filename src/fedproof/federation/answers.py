"""What a participant signs in one run: for the same question the same bytes, also by another process after a crash."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from fedproof._core import keccak256
from fedproof.federation import nonces
from fedproof.federation.aggregation import Opening
from fedproof.federation.canonical import Json
from fedproof.federation.cheats import CHEATS
from fedproof.federation.draw import Draw
from fedproof.federation.enrol import Enrolment
from fedproof.federation.keys import Identity
from fedproof.federation.messages import Message, signed
from fedproof.federation.rules import schedule
from fedproof.federation.sent import Sent
from fedproof.federation.terms import Terms
from fedproof.federation.turn import Others, Turn, honest
from fedproof.proof import Mode, Modes
from fedproof.proof.weights import IntArray

if TYPE_CHECKING:
    from fedproof._core import Progress


class Position(Protocol):
    """Where a participant is in a run."""

    round: int
    """That is open."""
    commitment: bytes
    """[W_0] of the round."""
    history: list[list[IntArray]]
    """W_0 of the last rounds, that of the open one last."""


class Worker(Protocol):
    """What of a job says how to train."""

    @property
    def mode(self) -> Mode:
        """Of the run."""

    @property
    def prove_rounds(self) -> int:
        """The last rounds that are proven whatever the mode."""

    @property
    def cheat(self) -> str:
        """ "" or a name from cheats.py."""

    @property
    def cheat_from(self) -> int:
        """First round with the cheat."""


@dataclass(frozen=True)
class Answers:
    """run: its id. sent: the submissions made so far."""

    job: Worker
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

    def submission(self, position: Position, seed: bytes, folder: Path, others: Others | None = None) -> Message:
        """That of the open round: the stored one if there is one, else a new one, stored. folder: the run's.

        others: see Turn.
        """
        message = self.sent.get(position.round)
        if message is None:
            message = self._train(position, seed, folder, others)
            self.sent.keep(position.round, message)
        return message

    def _train(self, position: Position, seed: bytes, folder: Path, others: Others | None) -> Message:
        number = position.round
        plan = schedule(self.terms.program, seed)
        turn = Turn(
            self.terms,
            self.enrolment,
            self.terms.training(self.enrolment.fields, number, position.commitment, plan.pi, plan.beta),
            plan,
            position.history,
            folder,
            self.identity.secret,
            Modes(self.job.mode, self.terms.task.rounds, self.job.prove_rounds).of(number),
            self.progress,
            others,
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
