"""Child processes that never outlive the launcher."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any

from fedproof.federation.jobs import CRASHED, write_job
from fedproof.federation.keys import PASSPHRASE

GRACE = 5.0
"""Seconds between asking a process to end and ending it."""


class Child:
    """`python -m module` with a job on standard input. Ends itself when this process is gone (jobs.watch_launcher).

    log: what it says on standard error is added to it.
    """

    def __init__(self, module: str, job: Any, log: Path, *, told: bool = False) -> None:
        self.log = log
        environment = {name: value for name, value in os.environ.items() if name != PASSPHRASE}
        with log.open("ab") as stream:
            self._from = stream.tell()
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

    def died(self) -> bool:
        """Was it killed, or did it crash, so that it may do better when it is started again?"""
        code = self.process.returncode
        return code is not None and (code < 0 or code == CRASHED)

    def last_words(self) -> str:
        """Which signal ended it, or the last line it wrote to standard error."""
        code = self.process.returncode
        if code is not None and code < 0:
            return f"its process was ended by signal {-code}"
        try:
            with self.log.open("rb") as stream:
                stream.seek(self._from)
                lines = stream.read().decode(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else f"its process ended with exit code {code}"


def end_children(children: list[Child], patience: float = 0.0) -> None:
    """Ends all of them and waits until they are gone. patience: seconds in which they may end by themselves."""
    deadline = monotonic() + patience
    while any(child.process.poll() is None for child in children) and monotonic() < deadline:
        sleep(0.01)
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
