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
DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux."""


def _die_with_parent() -> None:
    """The program's side of it: ends with this warden, should somebody kill that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGTERM)


def main(command: list[str]) -> int:
    """Runs the program until it ends or standard input closes; its exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    woken, wake = os.pipe()
    signal.signal(signal.SIGCHLD, lambda *_: os.write(wake, b"."))
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent)
    while child.poll() is None:
        ready, _, _ = select.select([0, woken], [], [], 1.0)
        if 0 in ready and not os.read(0, 1):
            break
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) & 0xFF)
