"""What every launcher needs: a folder to itself, a place where its processes meet."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fedproof.errors import BadInput
from fedproof.federation.jobs import PREDECESSOR
from fedproof.federation.runfolder import RunFolder
from fedproof.files import lock_file, read_file, write_file
from fedproof.task import Task

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


@contextmanager
def alone(folder: RunFolder) -> Iterator[None]:
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


def meet(folder: RunFolder) -> Path:
    """A new temporary folder for the socket, whose path has to be short; that of a killed launcher is removed."""
    if folder.meeting.exists():
        part(Path(read_file(folder.meeting).decode()))
    meeting = Path(tempfile.mkdtemp(prefix=MEETING))
    write_file(folder.meeting, str(meeting).encode(), private=True)
    return meeting


def part(meeting: Path) -> None:
    """The inverse of `meet`."""
    with suppress(OSError):
        (meeting / "s").unlink(missing_ok=True)
        meeting.rmdir()


def absolute(path: Path | None) -> str | None:
    """For another process, which may work elsewhere."""
    return None if path is None else str(path.absolute())
