"""A participant's process: registers for one run, then follows the aggregator's orders as far as guard.py allows.

Run by the launcher as `python -m fedproof.federation.participant` with a ParticipantJob on standard input.
"""

from __future__ import annotations

import contextlib
import sys
import tomllib
from pathlib import Path
from time import monotonic, perf_counter

from fedproof import _core
from fedproof.data import Records, load_records
from fedproof.errors import BadInput, FedproofError, Rejected
from fedproof.federation import nonces
from fedproof.federation.aggregation import Opening
from fedproof.federation.canonical import Json, hex_field, printable
from fedproof.federation.cheats import CHEATS
from fedproof.federation.enrol import Enrolment, enrol, is_unused, open_enrolment, stored_records
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.guard import Guard
from fedproof.federation.jobs import ParticipantJob, read_job, watch_launcher
from fedproof.federation.keys import Identity, open_identity
from fedproof.federation.messages import Message, signed
from fedproof.federation.rules import schedule
from fedproof.federation.store import Store
from fedproof.federation.terms import Terms
from fedproof.federation.turn import Turn, honest
from fedproof.federation.wire import Link
from fedproof.proof import Modes
from fedproof.proof.weights import IntArray
from fedproof.task import Task

EVERY = 0.1
"""Seconds between two progress messages."""


class Participant:
    """State of one run."""

    def __init__(self, job: ParticipantJob, terms: Terms, identity: Identity, link: Link) -> None:
        self.job = job
        self.terms = terms
        self.identity = identity
        self.link = link
        self.modes = Modes(job.mode, terms.task.rounds, job.prove_rounds)
        self.folder = ParticipantFolder(Path(job.folder))
        self.history: list[list[IntArray]] = []
        self.id = b""
        self.run = Path()
        self._told = 0.0
        self._round = -1

    @classmethod
    def start(cls, job: ParticipantJob) -> Participant:
        """Unlocks the key and connects. Raises BadInput."""
        identity = open_identity(ParticipantFolder(Path(job.folder)).keystore, job.passphrase)
        terms = Terms.of(Task.parse(tomllib.loads(job.task)), job.ptau)
        return cls(job, terms, identity, Link(job.place.socket, bytes.fromhex(job.place.authkey)))

    def register(self) -> None:
        """Sends the registration for the run named on connecting: the one in the folder if no run has seen it, else a
        new one. Which run it is bound to is on disk before it is sent.
        """
        greeting = self.link.receive()
        if greeting.get("type") != "run":
            raise Rejected("the aggregator does not say which run this is")
        self.id = hex_field(greeting, "run", 32)
        if is_unused(self.folder, self.terms, self.modes.registration) and self.job.data is None:
            self.enrolment: Enrolment = open_enrolment(self.folder, self.identity, self.terms)
        else:
            self.enrolment = enrol(
                self.folder,
                self.identity,
                self.job.name,
                self.terms,
                self._records(),
                mode=self.modes.registration,
                progress=self._progress,
            )
        fields = self.enrolment.fields
        self.guard = Guard(self.terms, self.id, self.enrolment.dataset_id, fields.nonce_commitment)
        self.folder.remember(self.terms.task.digest, run=self.id.hex())
        self.link.send(self.enrolment.message(self.identity, self.id))

    def _records(self) -> Records:
        if self.job.data is None and not self.folder.has_data():
            stored = stored_records(self.folder, self.terms)
            if stored is not None:
                return stored
        file = Path(self.job.data) if self.job.data is not None else self.folder.data_file()
        return load_records(file, self.terms.task)

    def follow(self) -> None:
        """Answers orders until the end. Raises Rejected if the aggregator does not keep to the rules."""
        while True:
            order = self.link.receive()
            kind = order.get("type")
            if kind == "end":
                return
            if kind == "set":
                self.guard.fix_set(order)
                self.run = Path(str(order.get("folder")))
            elif kind == "reveal":
                self.link.send(self._reveal(order))
            elif kind == "train":
                self.link.send(self._train(order))
            elif kind == "verdict":
                self.guard.verdict(order)
            elif kind == "closed":
                self.guard.closed(order, Store(self.run / "store"))

    def _reveal(self, order: Json) -> Message:
        draw = self.guard.draw(order)
        self._once("draw", [draw.number, draw.attempt])
        self._round = draw.number
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

    def _train(self, order: Json) -> Message:
        seed = self.guard.seed(order)
        number, weights, committed = self.guard.round, self.guard.weights, self.guard.commitment
        self._once("trained", number)
        plan = schedule(self.terms.program, seed)
        self.history.append(weights)
        turn = Turn(
            self.terms,
            self.enrolment,
            self.terms.training(self.enrolment.fields, number, committed, plan.pi, plan.beta),
            plan,
            self.history,
            self.run,
            self.identity.secret,
            self.modes.of(number),
            self._progress,
        )
        start = perf_counter()
        cheating = self.job.cheat and number >= self.job.cheat_from
        update = CHEATS[self.job.cheat](turn) if cheating else honest(turn)
        self.guard.submitted(update.commitment)
        body: Json = {
            **self._said(),
            "round": number,
            "seed": seed.hex(),
            "commitment": update.commitment.hex(),
            "proof": self.folder.store.put(update.proof),
            "prove_ms": round(1000 * (perf_counter() - start)),
        }
        opening = Opening(update.weights, update.blinds).encode()
        return signed(self.identity, "submission", body, proof=update.proof, opening=opening)

    def _said(self) -> Json:
        """In every signed body: who says it, in which run of which task, of which dataset."""
        return {
            "participant": self.identity.address.hex(),
            "run": self.id.hex(),
            "task": self.terms.task.digest.hex(),
            "dataset_id": self.enrolment.dataset_id.hex(),
        }

    def _once(self, what: str, value: int | list[int]) -> None:
        """Onto the disk before anything is sent: also whoever starts again never does the same twice."""
        before = self.folder.state(self.terms.task.digest).get(what)
        if type(before) is not type(value) or not before < value:
            raise Rejected(f"{what} {value}: the folder says this was done before")
        self.folder.remember(self.terms.task.digest, **{what: value})

    def _progress(self, phase: str, done: float) -> None:
        if monotonic() - self._told >= EVERY or done >= 1:
            self._told = monotonic()
            self.link.send(Message("progress", {"phase": phase, "done": int(1000 * done), "round": self._round}))


def main() -> int:
    """Exit code 0, or 1 with one line on standard error."""
    participant = None
    try:
        job = ParticipantJob(**read_job(ParticipantJob))
        watch_launcher()
        _core.set_threads(job.threads)
        participant = Participant.start(job)
        participant.register()
        participant.follow()
    except FedproofError as error:
        if participant is not None:
            with contextlib.suppress(BadInput):
                participant.link.send(Message("failure", {"reason": printable(error)}))
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
