"""The aggregator's process: fixes the set, leads the rounds, verifies everything, keeps the record.

Run by the launcher as `python -m fedproof.federation.aggregator` with an AggregatorJob on standard input; what it
records, and progress, goes to standard output as JSON lines.

The record is also its journal: an event is on the disk before anything that follows from it is said or published.
Started again after a crash, it goes the same way once more; what was recorded is taken from the record instead of from
the participants, and must be what follows here too (record.py), until the record ends and the run goes on.
"""

from __future__ import annotations

import contextlib
import secrets
import sys
import tomllib
import traceback
from pathlib import Path

from fedproof import __version__, _core
from fedproof.errors import BadInput, FedproofError, Rejected
from fedproof.federation.aggregation import Opening, open_sum
from fedproof.federation.canonical import Json
from fedproof.federation.collect import Collector, verdict_order
from fedproof.federation.draw import Draw, set_digest
from fedproof.federation.jobs import CRASHED, PREDECESSOR, AggregatorJob, read_job, tell, watch_launcher
from fedproof.federation.nonces import ATTEMPTS
from fedproof.federation.openings import Openings
from fedproof.federation.record import RECORD, Event, Record
from fedproof.federation.roster import Member, Roster
from fedproof.federation.rules import Schedule, next_model, schedule
from fedproof.federation.runfolder import RunFolder
from fedproof.federation.store import Store
from fedproof.federation.terms import CHAIN_ID, Terms
from fedproof.federation.wire import Arrival, Desk, message_limit
from fedproof.files import lock_file, sweep
from fedproof.proof import Modes, prove_close
from fedproof.proof.weights import decode_weights, encode_weights
from fedproof.task import Task

FAREWELL = 1.0
"""Seconds to wait at the end for whoever is not connected, to be told how it ended."""
NOT_SHOWN = {"body", "signature"}
"""What participants chose freely stays in the record."""


class Aggregator:
    """State of one run."""

    def __init__(self, job: AggregatorJob) -> None:
        self.job = job
        self.task = Task.parse(tomllib.loads(job.task))
        self.terms = Terms.of(self.task, job.ptau)
        self.modes = Modes(job.mode, self.task.rounds, job.prove_rounds)
        self.terms.check_closes(self.modes)
        self.folder = RunFolder(Path(job.folder))
        self.store = Store(self.folder.path / "store")
        self.openings = Openings(self.folder.openings)
        self.id = bytes.fromhex(job.run)
        sweep(self.folder.path)
        self.record = Record(self.folder.path, resume=(self.folder.path / RECORD).exists())
        for event in self.record.past:
            self.show(event)
        self.desk = Desk(job.place.socket, bytes.fromhex(job.place.authkey), message_limit(self.terms), self.id)
        self.roster = Roster(self.desk, self.id, job.expected, tell)
        self.roster.missed = self.missed
        self.collector = Collector(
            self.terms, self.id, job, self.store, self.openings, self.roster, self.record, self.append
        )
        self.closed = 0
        self.tips: dict[bytes, bytes] = {}
        self.weights, self.commitment = self.terms.initial()

    def append(self, kind: str, **fields: object) -> Event:
        """Into the record, and told to the launcher; or what is there already, which is this very event."""
        known = bool(self.record.past)
        event = self.record.append(kind, **fields)
        if not known:
            self.show(event)
        return event

    def show(self, event: Event) -> None:
        """Tells the launcher of an event, which it may know: then it goes by the index."""
        shown = {name: value for name, value in event.fields.items() if name not in NOT_SHOWN}
        tell({**shown, "tell": event.kind, "index": event.index})

    def run(self) -> bool:
        """The whole run, or what is left of it. False if it ended early; the record says why."""
        number: int | None = None
        try:
            self._open()
            self.collector.register()
            self._fix_set()
            for number in range(self.task.rounds):
                if not self._closed_before(number):
                    self._round(number)
        except Rejected as error:
            self.append("failed", round=number, check=error.check, reason=str(error))
            finished = False
        else:
            self.append("end", weights=self._publish(), commitment=self.commitment.hex())
            finished = True
        everybody = list(self.roster.members)
        self.roster.gather(everybody, FAREWELL)
        self.roster.announce(everybody, {"type": "end"})
        return finished

    def missed(self, member: Member, number: int) -> list[Json]:
        """Orders for somebody who joins in round `number`: the set, and what came of the rounds closed since."""
        if not self.tips or not member.registered:
            return []
        orders = [self._set_order()]
        for settled in range(number, self.closed):
            for entry in self.record.select("submission", settled):
                if entry["participant"] == member.address:
                    orders.append(verdict_order(settled, entry))
            orders.append(self._closed_order(settled))
        return orders

    def _open(self) -> None:
        terms = self.terms
        self.append(
            "run",
            run=self.id.hex(),
            version=__version__,
            mode=self.job.mode,
            prove_rounds=self.job.prove_rounds,
            chain_id=CHAIN_ID,
            task=self.task.digest.hex(),
            task_file=self.store.put(self.task.to_toml().encode()),
            program=terms.program.digest.hex(),
            program_file=self.store.put(terms.program.encode()),
            setup={
                "digest": terms.setup.digest.hex(),
                "insecure": terms.setup.insecure,
                "powers": int(terms.costs["setup_powers"]),
            },
            key=terms.key.digest.hex(),
            rounds=self.task.rounds,
            expected=[{"participant": a, "name": n} for a, n in self.job.expected.items()],
        )

    def _fix_set(self) -> None:
        members = self.collector.registered
        if len(members) < self.task.min_accepted:
            raise Rejected(
                f"datasets registered: {len(members)}, the task needs {self.task.min_accepted}",
                code="TooFew",
                check="registered",
            )
        self.tips = {m.dataset_id: m.fields.nonce_commitment for m in members if m.fields is not None}
        self.append(
            "set",
            members=[i.hex() for i in sorted(self.tips)],
            digest=set_digest(self.tips).hex(),
            weights=self._publish(),
            commitment=self.commitment.hex(),
        )
        self.roster.announce([m.address for m in members], self._set_order())

    def _set_order(self) -> Json:
        tips = {i.hex(): tip.hex() for i, tip in self.tips.items()}
        return {"type": "set", "members": tips, "folder": str(self.folder.path.absolute())}

    def _closed_before(self, number: int) -> bool:
        """Goes past a round that the record has the close of."""
        close = self.record.skip(number)
        if close is None:
            return False
        self.weights = decode_weights(self.store.get(close["weights"]), self.task.dims)
        self.commitment = bytes.fromhex(close["commitment"])
        self._settle(number)
        return True

    def _settle(self, number: int) -> None:
        """Everything about a round is in its close."""
        self.closed = number + 1
        self.openings.forget(number)
        self.roster.settle()

    def _closed_order(self, number: int) -> Json:
        """How round `number` was closed, from the record: whose updates count, the opened sum, the new model."""
        close = self.record.select("close", number)[0]
        counted = {
            self.roster.members[entry["participant"]].dataset_id.hex(): entry["body"]["commitment"]
            for entry in self.record.select("submission", number)
            if entry["accepted"]
        }
        names = {name: close[name] for name in ("sum", "weights")}
        return {"type": "closed", "round": number, "accepted": counted, **names}

    def _round(self, number: int) -> None:
        draw, revealed = self._draw(number)
        plan = self._schedule(draw, revealed)
        accepted: dict[str, tuple[bytes, Opening]] = {}
        for member, body, opening in self.collector.submissions(number, list(revealed), self.commitment, plan):
            accepted[member.address] = bytes.fromhex(body["commitment"]), opening
        if len(accepted) < self.task.min_accepted:
            raise self._too_few(number, len(accepted), "updates accepted")
        points = {address: point for address, (point, _) in accepted.items()}
        total, summed = open_sum(self.terms.key, [opening for _, opening in accepted.values()], list(points.values()))
        self.weights, clipped = next_model(total.weights, len(accepted), self.task.fields)
        self.commitment = self.terms.key.commit_weights(self.weights)
        names = {"sum": self.store.put(total.encode()), "weights": self._publish()}
        if self.modes.of(number) == "prove":
            names["proof"] = self._proof(number, total, summed, len(accepted))
        self.append(
            "close",
            round=number,
            accepted=list(accepted),
            sum_commitment=summed.hex(),
            clipped=clipped,
            commitment=self.commitment.hex(),
            **names,
        )
        self._settle(number)
        everybody = [member.address for member in self.collector.registered]
        self.roster.announce(everybody, self._closed_order(number))

    def _proof(self, number: int, total: Opening, summed: bytes, count: int) -> str:
        """Artefact of the proof that the new model is the clipped mean of the sum.

        Made before the close is recorded, so a crash in between costs another proof: nothing was said of the first.
        """
        fields = self.terms.close(number, summed, self.commitment, count)
        secret = secrets.token_bytes(32)
        return self.store.put(prove_close(self.terms.key, fields, total.weights, total.blinds, secret=secret))

    def _draw(self, number: int) -> tuple[Draw, dict[str, bytes]]:
        """The round's first attempt in which everybody reveals, and the nonces by address."""
        members = self.collector.registered
        for attempt in range(ATTEMPTS):
            members = self.collector.present(number, members)
            if len(members) < self.task.min_accepted:
                raise self._too_few(number, len(members), "nonces revealed")
            tips = {member.dataset_id: self.tips[member.dataset_id] for member in members}
            draw = Draw(self.id, set_digest(self.tips), number, attempt, tips)
            self.append("draw", round=number, attempt=attempt, members=draw.ids, digest=draw.digest.hex())
            revealed = self.collector.nonces(draw, members)
            if len(revealed) == len(members):
                return draw, revealed
            members = [member for member in members if member.address in revealed]
        raise Rejected(
            f"round {number}: in each of {ATTEMPTS} attempts somebody withheld a nonce", code="NoDraw", check="draw"
        )

    def _schedule(self, draw: Draw, revealed: dict[str, bytes]) -> Schedule:
        by_id = {self.roster.members[address].dataset_id: nonce for address, nonce in revealed.items()}
        plan = schedule(self.terms.program, draw.seed(self.task.digest, self.commitment, by_id))
        name = self._publish()
        self.append(
            "schedule",
            round=draw.number,
            attempt=draw.attempt,
            seed=plan.seed.hex(),
            pi=list(plan.pi),
            beta=plan.beta,
            weights=name,
            commitment=self.commitment.hex(),
        )
        nonces = {i.hex(): nonce.hex() for i, nonce in by_id.items()}
        order: Json = {"type": "train", "round": draw.number, "attempt": draw.attempt, "weights": name}
        self.roster.order(list(revealed), {**order, "nonces": nonces})
        return plan

    def _publish(self) -> str:
        return self.store.put(encode_weights(self.weights))

    def _too_few(self, number: int, found: int, what: str) -> Rejected:
        return Rejected(
            f"round {number}: {what}: {found}, the task needs {self.task.min_accepted} (min_accepted)",
            code="TooFew",
            check="accepted",
        )


def main() -> int:
    """Exit code 0 for a finished run, 1 for one that ended early, 2 for bad input, CRASHED for anything else."""
    try:
        job = AggregatorJob(**read_job(AggregatorJob))
        working: list[Aggregator] = []

        def heard(said: Json) -> None:  # what comes too early is said again
            for aggregator in working:
                aggregator.desk.post(Arrival(0, None, said["reason"], said["gone"]))

        watch_launcher(heard)
        with contextlib.ExitStack() as stack:
            lock = lock_file(RunFolder(Path(job.folder)).aggregator_lock, PREDECESSOR)
            if lock is None:
                raise BadInput(f"{job.folder}: another aggregator is at work there")
            stack.callback(lock.close)
            _core.set_threads(job.threads)
            aggregator = Aggregator(job)
            working.append(aggregator)
            tell({"tell": "ready"})
            finished = aggregator.run()
            aggregator.record.close()
            aggregator.desk.close()
    except FedproofError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        traceback.print_exc()
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return CRASHED
    return 0 if finished else 1


if __name__ == "__main__":
    sys.exit(main())
