"""A run's folder: what is published, and, until the run has ended, what it takes to go on after a crash.

record.jsonl record.sqlite store/ model/     published; the model once the run has finished
private/                                     until then, for the owner only:
    run.json                                 the run's id, and what it was begun with
    openings/                                accepted updates of the open round
    launcher.lock aggregator.lock            held by whoever works here
    meeting                                  where the processes' socket is
    aggregator.log
"""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from fedproof.errors import BadInput
from fedproof.federation.canonical import Json, decode, encode
from fedproof.federation.record import RECORD, Event, parse_record
from fedproof.files import read_file, sweep, sync_folder, write_file

PRIVATE = "private"
SITE = "site.json"
"""Of a run on a chain: where it is."""
FORMAT = 1


@dataclass(frozen=True)
class RunFolder:
    """Paths and state of one run."""

    path: Path

    @property
    def private(self) -> Path:
        """There as long as the run has not ended."""
        return self.path / PRIVATE

    @property
    def openings(self) -> Path:
        """Accepted updates of the open round."""
        return self.private / "openings"

    @property
    def lock(self) -> Path:
        """Held by the launcher."""
        return self.private / "launcher.lock"

    @property
    def aggregator_lock(self) -> Path:
        """Held by the aggregator's process."""
        return self.private / "aggregator.lock"

    @property
    def meeting(self) -> Path:
        """Names the temporary folder with the socket."""
        return self.private / "meeting"

    @property
    def log(self) -> Path:
        """Of the aggregator's process."""
        return self.private / "aggregator.log"

    def begin(self, task: str, mode: str, prove_rounds: int, expected: dict[str, str]) -> Json:
        """Creates the folder of a new run, whole or not at all; returns what it is begun with. Raises BadInput.

        task: digest in hex. expected: names by address.
        """
        plan: Json = {
            "version": FORMAT,
            "run": secrets.token_hex(32),
            "task": task,
            "mode": mode,
            "prove_rounds": prove_rounds,
            "expected": expected,
        }
        partial = self.path.with_name(f".{self.path.name}.part")
        try:
            shutil.rmtree(partial, ignore_errors=True)
            (partial / PRIVATE).mkdir(parents=True)
            (partial / PRIVATE).chmod(0o700)
            write_file(partial / PRIVATE / "run.json", encode(plan), private=True)
            sync_folder(partial)
            partial.rename(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            raise BadInput(f"{self.path}: cannot be created: {error.strerror or error}") from None
        return plan

    def plan(self) -> Json:
        """What the run was begun with. Raises BadInput."""
        file = self.private / "run.json"
        plan = decode(read_file(file))
        if plan.get("version") != FORMAT:
            raise BadInput(f"{file}: version {plan.get('version')}, this program knows version {FORMAT}")
        return plan

    def resume(self, task: str, mode: str, prove_rounds: int, expected: dict[str, str]) -> Json:
        """As `begin` for a run that was begun before, which must have been with the same. Raises BadInput."""
        plan = self.plan()
        for name, value in (
            ("task", task),
            ("mode", mode),
            ("prove_rounds", prove_rounds),
            ("expected", expected),
        ):
            if plan[name] != value:
                words = "participants or keys" if name == "expected" else name
                raise BadInput(f"{self.path}: the run there was begun with another {words}: it cannot be resumed so")
        return plan

    def events(self) -> list[Event]:
        """The record so far, without a last line that is not whole. Raises BadInput."""
        file = self.path / RECORD
        content = read_file(file) if file.exists() else b""
        return parse_record(content[: content.rfind(b"\n") + 1]) if b"\n" in content else []

    def end(self) -> None:
        """The run has ended: nothing private is needed any more."""
        sweep(self.path)
        over = self.path / f".{PRIVATE}.part"
        if self.private.is_dir():
            self.private.rename(over)  # all of it at once
        shutil.rmtree(over, ignore_errors=True)
        sync_folder(self.path)


def is_run(path: str | os.PathLike[str]) -> bool:
    """Is there a run, ended or not?"""
    folder = RunFolder(Path(path))
    return folder.private.is_dir() or any((folder.path / name).is_file() for name in (RECORD, SITE))
