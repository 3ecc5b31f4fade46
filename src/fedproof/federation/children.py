"""Child processes that never outlive the launcher."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import IO

from fedproof.federation.jobs import AggregatorJob, ParticipantJob, write_job
from fedproof.federation.keys import PASSPHRASE

GRACE = 5.0
"""Seconds between asking a process to end and ending it."""


class Child:
    """`python -m module` with a job on standard input. Ends itself when this process is gone (jobs.watch_launcher)."""

    def __init__(self, module: str, job: AggregatorJob | ParticipantJob, log: Path, *, told: bool = False) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if name != PASSPHRASE}
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if told else stream,
                stderr=stream,
                env=environment,
                start_new_session=True,  # Ctrl-C is the launcher's to handle
            )
        self.write(write_job(job))

    def write(self, line: bytes) -> None:
        """To its standard input; nothing happens if it has ended."""
        try:
            stream = self._stdin()
            stream.write(line)
            stream.flush()
        except (BrokenPipeError, ValueError):
            pass

    def _stdin(self) -> IO[bytes]:
        if self.process.stdin is None:
            raise ValueError("no standard input")
        return self.process.stdin

    def last_words(self) -> str:
        """The last line it wrote to standard error."""
        try:
            lines = self.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else f"its process ended with exit code {self.process.returncode}"


def end_children(children: list[Child]) -> None:
    """Ends all of them and waits until they are gone."""
    for child in children:
        if child.process.poll() is None:
            child.process.terminate()
    deadline = monotonic() + GRACE
    for child in children:
        while child.process.poll() is None and monotonic() < deadline:
            sleep(0.01)
        if child.process.poll() is None:
            child.process.kill()
        child.process.wait()
        for stream in (child.process.stdin, child.process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
