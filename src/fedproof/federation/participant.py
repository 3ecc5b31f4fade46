"""A participant's process: registers, then follows the aggregator's orders. It checks the first model, all nonces and
the seed on its own; how later models came about is for the audit.

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
from fedproof.federation.canonical import Json, hex_field, int_field
from fedproof.federation.cheats import CHEATS
from fedproof.federation.enrol import Enrolment, enrol, is_unused, open_enrolment, stored_records
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.jobs import ParticipantJob, read_job, watch_launcher
from fedproof.federation.keys import Identity, open_identity
from fedproof.federation.messages import Message, signed
from fedproof.federation.rules import round_seed, schedule
from fedproof.federation.store import Store
from fedproof.federation.terms import Terms
from fedproof.federation.turn import Turn, honest
from fedproof.federation.wire import Link
from fedproof.proof.weights import IntArray, decode_weights
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
        self.folder = ParticipantFolder(Path(job.folder))
        self.members: dict[str, str] = {}
        self.history: list[list[IntArray]] = []
        self.run = Path()
        self.round = -1
        self._told = 0.0

    @classmethod
    def start(cls, job: ParticipantJob) -> Participant:
        """Unlocks the key and connects. Raises BadInput."""
        identity = open_identity(ParticipantFolder(Path(job.folder)).keystore, job.passphrase)
        terms = Terms.of(Task.parse(tomllib.loads(job.task)), job.ptau)
        return cls(job, terms, identity, Link(job.place.socket, bytes.fromhex(job.place.authkey)))

    def register(self) -> None:
        """Sends the registration: the one in the folder if no run has used it, else a new one."""
        if is_unused(self.folder, self.terms, self.job.mode) and self.job.data is None:
            self.enrolment: Enrolment = open_enrolment(self.folder, self.identity, self.terms)
        else:
            self.enrolment = enrol(
                self.folder,
                self.identity,
                self.job.name,
                self.terms,
                self._records(),
                mode=self.job.mode,
                progress=self._progress,
            )
        self.folder.remember(self.terms.task.digest, used=True)
        self.link.send(self.enrolment.message)

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
                self._set(order)
            elif kind == "reveal":
                self.link.send(self._reveal(order))
            elif kind == "train":
                self.link.send(self._train(order))

    def _set(self, order: Json) -> None:
        members = order.get("members")
        if not isinstance(members, dict) or self.enrolment.dataset_id.hex() not in members:
            raise Rejected("the registered set leaves this participant out")
        self.members = members
        self.run = Path(str(order.get("folder")))

    def _reveal(self, order: Json) -> Message:
        number = int_field(order, "round", self.round + 1, self.terms.task.rounds - 1)
        if not self.members:
            raise Rejected("asked for a nonce before the set of datasets was fixed")
        self.round = number
        body: Json = {
            "participant": self.identity.address.hex(),
            "task": self.terms.task.digest.hex(),
            "dataset_id": self.enrolment.dataset_id.hex(),
            "round": number,
            "nonce": nonces.nonce(self.enrolment.root, self.terms.task.rounds, number).hex(),
        }
        return signed(self.identity, "nonce", body)

    def _train(self, order: Json) -> Message:
        if order.get("round") != self.round:
            raise Rejected("asked to train for a round whose nonce was not asked for")
        weights = self._model(order)
        committed = self.terms.key.commit_weights(weights)
        revealed = self._nonces(order)
        seed = round_seed(self.terms.task.digest, self.round, committed, revealed)
        plan = schedule(self.terms.program, seed)
        self.history.append(weights)
        turn = Turn(
            self.terms,
            self.enrolment,
            self.terms.training(self.enrolment.fields, self.round, committed, plan.pi, plan.beta),
            plan,
            self.history,
            self.run,
            self.identity.secret,
            self.job.mode,
            self._progress,
        )
        start = perf_counter()
        cheating = self.job.cheat and self.round >= self.job.cheat_from
        update = CHEATS[self.job.cheat](turn) if cheating else honest(turn)
        body: Json = {
            "participant": self.identity.address.hex(),
            "task": self.terms.task.digest.hex(),
            "dataset_id": self.enrolment.dataset_id.hex(),
            "round": self.round,
            "seed": seed.hex(),
            "commitment": update.commitment.hex(),
            "proof": self.folder.store.put(update.proof),
            "prove_ms": round(1000 * (perf_counter() - start)),
        }
        opening = Opening(update.weights, update.blinds).encode()
        return signed(self.identity, "submission", body, proof=update.proof, opening=opening)

    def _model(self, order: Json) -> list[IntArray]:
        """The round's W_0: published under its hash; that of round 0 is recomputed."""
        name = hex_field(order, "weights", 32).hex()
        weights = decode_weights(Store(self.run / "store").get(name), self.terms.task.dims)
        if self.round == 0 and any(
            (mine != theirs).any() for mine, theirs in zip(self.terms.initial()[0], weights, strict=True)
        ):
            raise Rejected("the model of round 0 is not the one of the task's seed")
        return weights

    def _nonces(self, order: Json) -> dict[bytes, bytes]:
        """All revealed nonces by dataset id, each checked against its commitment, one's own among them."""
        given = order.get("nonces")
        if not isinstance(given, dict) or self.enrolment.dataset_id.hex() not in given:
            raise Rejected("the round's nonces leave this participant's out")
        revealed = {}
        for member in given:
            value = hex_field(given, member, 32)
            if not nonces.opens(hex_field(self.members, member, 32), value, self.round):
                raise Rejected(f"a nonce of round {self.round} is not the committed one")
            revealed[bytes.fromhex(member)] = value
        return revealed

    def _progress(self, phase: str, done: float) -> None:
        if monotonic() - self._told >= EVERY or done >= 1:
            self._told = monotonic()
            self.link.send(Message("progress", {"phase": phase, "done": int(1000 * done), "round": self.round}))


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
                participant.link.send(Message("failure", {"reason": str(error)[:500]}))
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
