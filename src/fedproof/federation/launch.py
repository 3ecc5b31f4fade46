"""Starts a run's processes, follows it to its end, and leaves a folder that is finished or can be resumed."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from fedproof.errors import BadInput, FedproofError
from fedproof.federation.canonical import Json, decode
from fedproof.federation.children import Child
from fedproof.federation.config import ParticipantConfig, RunConfig
from fedproof.federation.crew import Crew, Watch
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.jobs import AggregatorJob, ParticipantJob, Place
from fedproof.federation.keys import keystore_address
from fedproof.federation.onchain.launch import ChainLaunch, chain_result
from fedproof.federation.premises import LOG, THREADS, RunResult, absolute, alone, check_size, meet, part
from fedproof.federation.publish import publish_model
from fedproof.federation.record import Event, Record
from fedproof.federation.runfolder import RunFolder, is_run
from fedproof.proof import Modes
from fedproof.task import Task, load_task


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
        return _finished(config)
    expected = {address: addresses[address].name for address in sorted(addresses)}
    config.out.parent.mkdir(parents=True, exist_ok=True)
    begun = (task.digest.hex(), config.mode, config.prove_rounds, expected)
    if config.out.exists():
        plan = folder.resume(*begun)
    else:
        plan = folder.begin(*begun)
        for participant in config.participant:
            (participant.folder / LOG).unlink(missing_ok=True)
    with alone(folder):
        if not folder.private.is_dir():  # ended meanwhile
            return _finished(config)
        kind = _Launch if config.chain is None else ChainLaunch
        launch = kind(config, task, addresses, passphrases, folder, plan, watch or (lambda _: None))
        try:
            return launch.run()
        finally:
            launch.end()


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
        self._meeting = meet(folder)
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
        part(self._meeting)
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
            ptau=absolute(self._config.ptau),
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
            ptau=absolute(self._config.ptau),
            mode=self._config.mode,
            threads=max(1, THREADS // len(self._config.participant)),
            passphrase=self._passphrases[participant.name],
            data=absolute(participant.data),
            cheat=participant.cheat,
            cheat_from=participant.cheat_from,
            prove_rounds=self._config.prove_rounds,
            patience=self._config.timeout,
        )
        return Child("fedproof.federation.participant", job, participant.folder / LOG)


def _finished(config: RunConfig) -> RunResult:
    return chain_result(config.out) if config.chain is not None else _result(config.out, RunFolder(config.out).events())


def _ended(events: list[Event]) -> bool:
    return bool(events) and events[-1].kind in ("end", "failed")


def _result(path: Path, events: list[Event]) -> RunResult:
    if not _ended(events):
        raise BadInput(f"{path}: the run there has not ended and cannot be resumed: its private files are missing")
    last = events[-1]
    return RunResult(path, last.kind == "end", "" if last.kind == "end" else last["reason"])
