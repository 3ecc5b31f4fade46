"""Starts a run's processes, follows it to its end, and leaves a folder that is finished or can be resumed."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fedproof.errors import BadInput, FedproofError
from fedproof.federation.canonical import Json, decode
from fedproof.federation.children import Child
from fedproof.federation.config import ParticipantConfig, RunConfig
from fedproof.federation.crew import Crew, Watch
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.jobs import PREDECESSOR, AggregatorJob, ParticipantJob, Place
from fedproof.federation.keys import keystore_address
from fedproof.federation.publish import publish_model
from fedproof.federation.record import Event, Record
from fedproof.federation.runfolder import RunFolder, is_run
from fedproof.files import lock_file, read_file, write_file
from fedproof.proof import Modes
from fedproof.task import Task, load_task

THREADS = os.cpu_count() or 1
LOG = "participant.log"
"""In a participant's folder: what its process said, above all why an update was refused."""
MEETING = "fedproof-"


@dataclass(frozen=True)
class RunResult:
    """finished: all rounds were closed. failure: why not."""

    folder: Path
    finished: bool
    failure: str = ""


def run_federation(
    config: RunConfig, passphrases: Mapping[str, str], *, watch: Watch | None = None, resume: bool = False
) -> RunResult:
    """Runs a federation with one process per participant and one for the aggregator.

    passphrases: of the keystores, by participant's name. watch: called with every event as it is recorded (key `tell`:
    its kind), and with `resumed`, `progress`, `process`, `restart` and `exit`. resume: goes on with the run in the
    folder, if there is one.

    A process that crashes is started again, `config.restarts` times in a round. When the run has ended (also early:
    then the record says why) the folder holds its results. On an error or Ctrl-C no process stays behind, and the
    folder, if anything was recorded, can be resumed. Raises BadInput.
    """
    task = load_task(config.task)
    folder = RunFolder(config.out)
    if config.out.exists() and not (resume and is_run(config.out)):
        hint = "it can be resumed" if folder.private.is_dir() else "choose another folder or remove it"
        raise BadInput(f"{config.out}: exists already; {hint}")
    check_size(task, len(config.participant))
    Modes(config.mode, task.rounds, config.prove_rounds)
    addresses = {keystore_address(ParticipantFolder(p.folder).keystore).hex(): p for p in config.participant}
    if len(addresses) < len(config.participant):
        raise BadInput("two participants have the same key")
    if config.out.exists() and not folder.private.is_dir():
        folder.end()
        return _result(config.out, folder.events())
    expected = {address: addresses[address].name for address in sorted(addresses)}
    config.out.parent.mkdir(parents=True, exist_ok=True)
    begun = (task.digest.hex(), config.mode, config.prove_rounds, expected)
    if config.out.exists():
        plan = folder.resume(*begun)
    else:
        plan = folder.begin(*begun)
        for participant in config.participant:
            (participant.folder / LOG).unlink(missing_ok=True)
    with _alone(folder):
        if not folder.private.is_dir():  # ended meanwhile
            return _result(config.out, folder.events())
        launch = _Launch(config, task, addresses, passphrases, folder, plan, watch or (lambda _: None))
        try:
            return launch.run()
        finally:
            launch.end()


def check_size(task: Task, participants: int) -> None:
    """Raises BadInput if so many participants cannot close a round of the task, or might not be able to."""
    if participants < task.min_accepted:
        raise BadInput(
            f"the run has {participants} participants, the task asks for {task.min_accepted} updates in a sum "
            "(task.min_accepted)"
        )
    if participants * task.fields.largest_update >= 2**63:
        raise BadInput(
            f"the sum of {participants} updates might not fit 64 bits: fewer participants, or lower "
            "precision.weight_bound or training.learning_rate"
        )


class _Launch:
    """One launcher's part in a run."""

    def __init__(
        self,
        config: RunConfig,
        task: Task,
        addresses: Mapping[str, ParticipantConfig],
        passphrases: Mapping[str, str],
        folder: RunFolder,
        plan: Json,
        watch: Watch,
    ) -> None:
        self._config = config
        self._task = task
        self._addresses = addresses
        self._passphrases = passphrases
        self._folder = folder
        self._plan = plan
        self._meeting = _meet(folder)
        self._place = Place(str(self._meeting / "s"), secrets.token_hex(32))
        self._crew = Crew(config.restarts, watch)
        self._attended = False
        self._seen = 0

    def run(self) -> RunResult:
        """To the end, with as many processes as it takes."""
        events = self._folder.events()
        self._seen = len(events)
        if events:
            closed = sum(event.kind == "close" for event in events)
            self._crew.tell({"tell": "resumed", "events": len(events), "closed": closed})
        while not _ended(events):
            self._lead()
            events = self._folder.events()
        self._crew.end(finished=True)
        Record(self._folder.path, resume=True).close()  # the index too is whole, however the aggregator ended
        if events[-1].kind == "end":
            publish_model(self._folder.path)
        self._folder.end()
        return _result(self._folder.path, events)

    def end(self) -> None:
        """No process is left; a run of which nothing was recorded leaves nothing."""
        self._crew.end(finished=False)
        _part(self._meeting)
        if self._folder.private.is_dir() and not self._folder.events():
            shutil.rmtree(self._folder.path, ignore_errors=True)

    def _lead(self) -> None:
        """Follows one aggregator's process. Raises BadInput or FedproofError if no other one would do better."""
        child = self._crew.lead(self._aggregator)
        if child is None:
            return
        for line in child.process.stdout or ():
            if not line.endswith(b"\n"):
                break  # killed while it wrote
            self._hear(decode(line[:-1]))
        code = child.process.wait()
        if _ended(self._folder.events()) or (child.died() and self._crew.again("aggregator", child)):
            return
        words = child.last_words()
        raise BadInput(words) if code == 2 else FedproofError(f"the aggregator's process failed: {words}")

    def _hear(self, event: Json) -> None:
        """What a new aggregator repeats of the record is known already."""
        if event["tell"] == "ready":
            self._attend()
            return
        index = event.pop("index", None)
        if index is not None:
            if index < self._seen:
                return
            self._seen = index + 1
        if event["tell"] == "close":
            self._crew.progressed()
        self._crew.tell(event)

    def _attend(self) -> None:
        if self._attended:
            self._crew.tell_gone()
            return
        self._attended = True
        for address, participant in self._addresses.items():
            self._crew.attend(participant.name, address, partial(self._participant, participant))

    def _aggregator(self) -> Child:
        job = AggregatorJob(
            place=self._place,
            folder=str(self._folder.path.absolute()),
            run=self._plan["run"],
            task=self._task.to_toml(),
            ptau=_absolute(self._config.ptau),
            mode=self._config.mode,
            threads=THREADS,
            expected=self._plan["expected"],
            timeout=self._config.timeout,
            prove_rounds=self._config.prove_rounds,
        )
        return Child("fedproof.federation.aggregator", job, self._folder.log, told=True)

    def _participant(self, participant: ParticipantConfig) -> Child:
        job = ParticipantJob(
            place=self._place,
            folder=str(participant.folder.absolute()),
            name=participant.name,
            task=self._task.to_toml(),
            ptau=_absolute(self._config.ptau),
            mode=self._config.mode,
            threads=max(1, THREADS // len(self._config.participant)),
            passphrase=self._passphrases[participant.name],
            data=_absolute(participant.data),
            cheat=participant.cheat,
            cheat_from=participant.cheat_from,
            prove_rounds=self._config.prove_rounds,
            patience=self._config.timeout,
        )
        return Child("fedproof.federation.participant", job, participant.folder / LOG)


def _ended(events: list[Event]) -> bool:
    return bool(events) and events[-1].kind in ("end", "failed")


def _result(path: Path, events: list[Event]) -> RunResult:
    if not _ended(events):
        raise BadInput(f"{path}: the run there has not ended and cannot be resumed: its private files are missing")
    last = events[-1]
    return RunResult(path, last.kind == "end", "" if last.kind == "end" else last["reason"])


@contextmanager
def _alone(folder: RunFolder) -> Iterator[None]:
    """Nobody else works on the run, nor does an aggregator whose launcher was killed. Raises BadInput."""
    with ExitStack() as stack:
        lock = lock_file(folder.lock, PREDECESSOR)
        if lock is None:
            raise BadInput(f"{folder.path}: the run there is at work")
        stack.callback(lock.close)
        before = lock_file(folder.aggregator_lock, PREDECESSOR)
        if before is None:
            raise BadInput(f"{folder.path}: an aggregator is still at work there")
        before.close()
        yield


def _meet(folder: RunFolder) -> Path:
    """A new temporary folder for the socket, whose path has to be short; that of a killed launcher is removed."""
    if folder.meeting.exists():
        _part(Path(read_file(folder.meeting).decode()))
    meeting = Path(tempfile.mkdtemp(prefix=MEETING))
    write_file(folder.meeting, str(meeting).encode(), private=True)
    return meeting


def _part(meeting: Path) -> None:
    with suppress(OSError):
        (meeting / "s").unlink(missing_ok=True)
        meeting.rmdir()


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())
