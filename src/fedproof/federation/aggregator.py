"""The aggregator's process: fixes the set, leads the rounds, verifies everything, keeps the record.

Run by the launcher as `python -m fedproof.federation.aggregator` with an AggregatorJob on standard input; what it
records, and progress, goes to standard output as JSON lines.
"""

from __future__ import annotations

import sys
import threading
import tomllib
from pathlib import Path

from fedproof import __version__, _core
from fedproof.errors import FedproofError, Rejected
from fedproof.federation.aggregation import Opening, open_sum
from fedproof.federation.canonical import Json, encode
from fedproof.federation.collect import Collector
from fedproof.federation.jobs import AggregatorJob, read_job, watch_launcher
from fedproof.federation.record import Event, Record
from fedproof.federation.roster import Roster
from fedproof.federation.rules import Schedule, check_bound, close, round_seed, schedule
from fedproof.federation.store import Store
from fedproof.federation.terms import CHAIN_ID, Terms
from fedproof.federation.wire import Arrival, Desk, message_limit
from fedproof.proof.weights import encode_weights
from fedproof.task import Task

_print = threading.Lock()


def tell(value: Json) -> None:
    """One line for the launcher."""
    with _print:
        sys.stdout.buffer.write(encode(value) + b"\n")
        sys.stdout.buffer.flush()


class Aggregator:
    """State of one run."""

    def __init__(self, job: AggregatorJob) -> None:
        self.job = job
        self.task = Task.parse(tomllib.loads(job.task))
        self.terms = Terms.of(self.task, job.ptau)
        self.folder = Path(job.folder)
        self.store = Store(self.folder / "store")
        self.desk = Desk(job.place.socket, bytes.fromhex(job.place.authkey), message_limit(self.terms))
        self.roster = Roster(self.desk, job.expected, tell)
        self.record = Record(self.folder)
        self.collector = Collector(self.terms, job, self.store, self.roster, self.append)
        self.weights, self.commitment = self.terms.initial()

    def append(self, kind: str, **fields: object) -> Event:
        """Into the record, and told to the launcher."""
        event = self.record.append(kind, **fields)
        tell({"tell": kind, **fields})
        return event

    def run(self) -> bool:
        """The whole run. False if it ended early; the record says why."""
        number: int | None = None
        try:
            self._open()
            self.collector.register()
            self._fix_set()
            for number in range(self.task.rounds):
                self._round(number)
        except Rejected as error:
            self.append("failed", round=number, check=error.check, reason=str(error))
            return False
        finally:
            self.roster.order(list(self.roster.members), {"type": "end"})
        self.append("end", weights=self._publish(), commitment=self.commitment.hex())
        return True

    def _open(self) -> None:
        terms = self.terms
        self.append(
            "run",
            version=__version__,
            mode=self.job.mode,
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
            min_accepted=self.job.min_accepted,
            expected=[{"participant": a, "name": n} for a, n in self.job.expected.items()],
        )

    def _fix_set(self) -> None:
        members = self.collector.registered
        if len(members) < self.job.min_accepted:
            raise Rejected(
                f"datasets registered: {len(members)}, the run needs {self.job.min_accepted}",
                code="TooFew",
                check="registered",
            )
        ids = sorted(member.dataset_id for member in members)
        self.append("set", members=[i.hex() for i in ids], weights=self._publish(), commitment=self.commitment.hex())
        tips = {m.dataset_id.hex(): m.fields.nonce_commitment.hex() for m in members if m.fields is not None}
        self.roster.order(
            [m.address for m in members], {"type": "set", "members": tips, "folder": str(self.folder.absolute())}
        )

    def _round(self, number: int) -> None:
        revealed = self.collector.nonces(number)
        if len(revealed) < self.job.min_accepted:
            raise self._too_few(number, len(revealed), "nonces revealed")
        plan = self._schedule(number, revealed)
        accepted: list[tuple[str, bytes, Opening]] = []
        for member, body, opening in self.collector.submissions(number, list(revealed), self.commitment, plan):
            accepted.append((member.address, bytes.fromhex(body["commitment"]), opening))
        if len(accepted) < self.job.min_accepted:
            raise self._too_few(number, len(accepted), "updates accepted")
        total, commitment = open_sum(
            self.terms.key, [opening for _, _, opening in accepted], [point for _, point, _ in accepted]
        )
        weights = close(total.weights, len(accepted))
        check_bound(weights, self.task.fields.bound_bits)
        self.weights, self.commitment = weights, self.terms.key.commit_weights(weights)
        self.append(
            "close",
            round=number,
            accepted=[address for address, _, _ in accepted],
            sum=self.store.put(total.encode()),
            sum_commitment=commitment.hex(),
            weights=self._publish(),
            commitment=self.commitment.hex(),
        )

    def _schedule(self, number: int, revealed: dict[str, bytes]) -> Schedule:
        by_id = {self.roster.members[address].dataset_id: nonce for address, nonce in revealed.items()}
        plan = schedule(self.terms.program, round_seed(self.task.digest, number, self.commitment, by_id))
        name = self._publish()
        self.append(
            "schedule",
            round=number,
            members=[i.hex() for i in sorted(by_id)],
            seed=plan.seed.hex(),
            pi=list(plan.pi),
            beta=plan.beta,
            weights=name,
            commitment=self.commitment.hex(),
        )
        nonces = {i.hex(): nonce.hex() for i, nonce in by_id.items()}
        self.roster.order(list(revealed), {"type": "train", "round": number, "weights": name, "nonces": nonces})
        return plan

    def _publish(self) -> str:
        return self.store.put(encode_weights(self.weights))

    def _too_few(self, number: int, found: int, what: str) -> Rejected:
        return Rejected(
            f"round {number}: {what}: {found}, the run needs {self.job.min_accepted} (min_accepted)",
            code="TooFew",
            check="accepted",
        )


def main() -> int:
    """Exit code 0 for a finished run, 1 for one that ended early, 2 for bad input."""
    try:
        job = AggregatorJob(**read_job(AggregatorJob))
        _core.set_threads(job.threads)
        aggregator = Aggregator(job)
        watch_launcher(lambda said: aggregator.desk.post(Arrival(0, None, said["reason"], said["gone"])))
        tell({"tell": "ready"})
        finished = aggregator.run()
        aggregator.record.close()
        aggregator.desk.close()
    except FedproofError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0 if finished else 1


if __name__ == "__main__":
    sys.exit(main())
