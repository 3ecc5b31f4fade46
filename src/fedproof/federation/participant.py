"""A participant's process: registers for one run, then follows the aggregator's orders as far as guard.py allows.

Run by the launcher as `python -m fedproof.federation.participant` with a ParticipantJob on standard input.

Whatever it commits itself to is on the disk before it is sent: the run of its registration, the members of a draw
before the nonce, the seed before the training, the signed submission with its proof, update and blinds before its first
byte. Started again, it says the same again. What crashed before it was stored was never sent, and is made anew.
"""

from __future__ import annotations

import contextlib
import sys
import tomllib
import traceback
from pathlib import Path
from time import monotonic

from fedproof import _core
from fedproof.data import Records, load_records
from fedproof.errors import BadInput, FedproofError, Rejected
from fedproof.federation.answers import Answers
from fedproof.federation.canonical import Json, hex_field, printable
from fedproof.federation.enrol import Enrolment, enrol, is_unused, open_enrolment, stored_records
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.guard import Guard
from fedproof.federation.jobs import CRASHED, PREDECESSOR, ParticipantJob, read_job, watch_launcher
from fedproof.federation.keys import Identity, open_identity
from fedproof.federation.messages import Message, signed
from fedproof.federation.sent import Sent
from fedproof.federation.store import Store
from fedproof.federation.terms import Terms
from fedproof.federation.wire import AggregatorGone, Link
from fedproof.files import lock_file, sweep
from fedproof.proof import Modes
from fedproof.proof.weights import decode_weights, encode_weights
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
        self.guard: Guard | None = None
        self.id = b""
        self.run = Path()
        self._joined = False
        self._told = 0.0
        self._round = -1

    @classmethod
    def start(cls, job: ParticipantJob) -> Participant:
        """Unlocks the key and connects. Raises BadInput."""
        identity = open_identity(ParticipantFolder(Path(job.folder)).keystore, job.passphrase)
        terms = Terms.of(Task.parse(tomllib.loads(job.task)), job.ptau)
        return cls(job, terms, identity, Link(job.place.socket, bytes.fromhex(job.place.authkey), job.patience))

    def join(self) -> None:
        """Says who this is, on a new connection, and registers unless the set is known. Raises Rejected."""
        greeting = self.link.receive()
        if greeting.get("type") != "run":
            raise Rejected("the aggregator does not say which run this is")
        run = hex_field(greeting, "run", 32)
        if self.guard is not None and run != self.id:
            raise Rejected("the aggregator has turned to another run")
        self.id = run
        state = self._state()
        number = state["guard"]["round"] if self._mine(state) else 0
        body: Json = {
            "participant": self.identity.address.hex(),
            "run": run.hex(),
            "challenge": hex_field(greeting, "challenge", 32).hex(),
            "round": number,
        }
        self.link.send(signed(self.identity, "join", body))
        if self.guard is None:
            self.guard = self._register()
        if not self.guard.fixed:
            self.link.send(self.enrolment.message(self.identity, self.id))
        self._joined = True

    def _register(self) -> Guard:
        """The registration of this run, if there is one; else the one in the folder if no run has seen it; else a new
        one. Which run it is bound to is on the disk before it is sent.
        """
        state = self._state()
        mine, unused = (
            self._mine(state),
            is_unused(self.folder, self.terms, self.modes.registration) and self.job.data is None,
        )
        if mine or unused:
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
        guard = Guard(self.terms, self.id, self.enrolment.dataset_id, self.enrolment.fields.nonce_commitment)
        self.sent = Sent(self.folder.path / "sent" / self.id.hex())
        self._answers = Answers(self.job, self.terms, self.identity, self.enrolment, self.id, self.sent, self._progress)
        if mine:
            self.sent.close(state["guard"]["round"] - 1)
            names = state["history"]
            models = [decode_weights(self.folder.store.get(name), self.terms.task.dims) for name in names]
            kept = self.sent.get(state["guard"]["round"])
            submitted = b"" if kept is None else bytes.fromhex(kept.body["commitment"])
            guard.restore(state["guard"], models or guard.history, submitted)
        else:
            self._remember(guard, run=self.id.hex(), history=[], refused=[])
        return guard

    def _records(self) -> Records:
        if self.job.data is None and not self.folder.has_data():
            stored = stored_records(self.folder, self.terms)
            if stored is not None:
                return stored
        file = Path(self.job.data) if self.job.data is not None else self.folder.data_file()
        return load_records(file, self.terms.task)

    def follow(self) -> bool:
        """Answers orders until the end, also over new connections. Was everything accepted?

        Raises Rejected if the aggregator does not keep to the rules.
        """
        while True:
            try:
                if not self._joined:
                    self.join()
                order = self.link.receive()
                if order.get("type") == "end":
                    return not self._state().get("refused")
                self._follow(order)
            except AggregatorGone:
                self._joined = False
                self.link.reconnect()

    def _follow(self, order: Json) -> None:
        guard, kind = self._guard, order.get("type")
        if kind == "set":
            guard.fix_set(order)
            self.run = Path(str(order.get("folder")))
            self._remember(guard)
        elif kind == "reveal":
            draw = guard.draw(order)
            self._remember(guard)
            self._round = draw.number
            self.link.send(self._answers.nonce(draw))
        elif kind == "train":
            seed = guard.seed(order)
            self._remember(guard)
            self._round = guard.round
            message = self._answers.submission(guard, seed, self.run)
            guard.submitted(bytes.fromhex(message.body["commitment"]))
            self.link.send(message)
        elif kind == "verdict":
            self._hear(order)
        elif kind == "closed" and guard.closed(order, Store(self.run / "store")):
            names = [self.folder.store.put(encode_weights(weights)) for weights in guard.history]
            old = set(self._state().get("history", [])) - set(names)
            self._remember(guard, history=names)
            self.sent.close(guard.round - 1)
            for name in old:
                self.folder.store.discard(name)

    def _hear(self, order: Json) -> None:
        """Whoever was refused is told why, and may go on in the next round."""
        number = order.get("round")
        news = self._guard.verdict(order) if number is not None else not self._guard.fixed
        if not news:
            return
        changes = {}
        if order.get("accepted") is not True:
            why = {name: printable(order.get(name, "")) for name in ("check", "code", "reason")}
            before = self._state().get("refused", [])
            if (entry := {"round": number, **why}) not in before:
                what = "the registration" if number is None else f"round {number}: the update"
                print(f"{what} was refused, check {why['check']} ({why['code']}): {why['reason']}", file=sys.stderr)
                changes["refused"] = [*before, entry]
        self._remember(self._guard, **changes)

    @property
    def _guard(self) -> Guard:
        if self.guard is None:
            raise Rejected("an order before the registration")
        return self.guard

    def _state(self) -> Json:
        return self.folder.state(self.terms.task.digest)

    def _mine(self, state: Json) -> bool:
        """Is what the folder remembers of this run?"""
        return state.get("run") == self.id.hex()

    def _remember(self, guard: Guard, **changes: object) -> None:
        self.folder.remember(self.terms.task.digest, guard=guard.state(), **changes)

    def _progress(self, phase: str, done: float) -> None:
        if monotonic() - self._told >= EVERY or done >= 1:
            self._told = monotonic()
            with contextlib.suppress(AggregatorGone):  # a proof is finished also while the aggregator starts again
                self.link.send(Message("progress", {"phase": phase, "done": int(1000 * done), "round": self._round}))


def main() -> int:
    """Exit code 0; 1 if something was refused, or by the participant; 2 for bad input; CRASHED for anything else."""
    participant = None
    try:
        job = ParticipantJob(**read_job(ParticipantJob))
        watch_launcher()
        with contextlib.ExitStack() as stack:
            lock = lock_file(Path(job.folder) / ".lock", PREDECESSOR)
            if lock is None:
                raise BadInput(f"{job.folder}: another process is at work there")
            stack.callback(lock.close)
            sweep(Path(job.folder))
            _core.set_threads(job.threads)
            participant = Participant.start(job)
            return 0 if participant.follow() else 1
    except FedproofError as error:
        if participant is not None:
            with contextlib.suppress(BadInput):
                participant.link.send(Message("failure", {"reason": printable(error)}))
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        traceback.print_exc()
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return CRASHED


if __name__ == "__main__":
    sys.exit(main())
