"""Starts a program and ends it when whoever started this one is gone: `python -I -S warden.py PROGRAM ARGUMENTS`.

A program that is killed cannot end what it started, but its end of our standard input closes. Standard library only, so
that it starts at once.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys

GRACE = 10.0
"""Seconds between asking the program to end and ending it: it writes its state meanwhile."""
LISTENING = b"Listening on "
"""How anvil says that it answers, and where."""
DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux."""


def _die_with_parent() -> None:
    """The program's side of it: ends with this warden, should somebody kill that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGTERM)


def main(command: list[str]) -> int:
    """Runs the program until it ends or standard input closes; its exit code.

    The first line with LISTENING that it says is passed on; everything else that it says is not, private keys for
    example.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=_die_with_parent)
    assert child.stdout is not None
    said = child.stdout.fileno()
    spoken: bytes | None = b""
    watched = [0, said]
    while watched == [0, said]:
        ready, _, _ = select.select(watched, [], [])
        if 0 in ready and not os.read(0, 1):
            watched.remove(0)
        if said in ready:
            words = os.read(said, 1 << 16)
            if not words:  # it has ended
                watched.remove(said)
            elif spoken is not None:
                spoken = _pass_on(spoken + words)
    if 0 not in watched:
        child.terminate()
        try:
            child.communicate(timeout=GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
    return child.wait()


def _pass_on(words: bytes) -> bytes | None:
    """Writes the line with LISTENING to standard output, if it is complete; else returns what may become it."""
    *lines, rest = words.split(b"\n")
    for line in lines:
        if LISTENING in line:
            os.write(1, line + b"\n")
            os.close(1)
            return None
    return rest


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) & 0xFF)
