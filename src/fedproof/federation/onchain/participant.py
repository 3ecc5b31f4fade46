"""A participant's process of a run on a chain: `python -m fedproof.federation.onchain.participant` with a MemberJob on
standard input. What happens goes to standard output as JSON lines.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

from fedproof import _core
from fedproof.chain.rpc import Chain
from fedproof.chain.sender import Sender
from fedproof.errors import BadInput
from fedproof.federation.canonical import Json
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.jobs import PREDECESSOR, read_job, tell, watch_launcher
from fedproof.federation.keys import open_identity
from fedproof.federation.onchain.follow import follow, guarded
from fedproof.federation.onchain.jobs import MEMBER_PARTS, MemberJob
from fedproof.federation.onchain.member import Member
from fedproof.federation.onchain.site import Site
from fedproof.federation.terms import Terms
from fedproof.files import lock_file, sweep
from fedproof.task import Task

EVERY = 0.1
"""Seconds between two reports of progress."""


def take_part(job: MemberJob, tell: Callable[[Json], None] = tell) -> None:
    """Follows the task to its end. tell: what happens. Raises FedproofError."""
    with ExitStack() as stack:
        folder = Path(job.folder)
        lock = lock_file(folder / ".lock", PREDECESSOR)
        if lock is None:
            raise BadInput(f"{folder}: another process is at work there")
        stack.callback(lock.close)
        sweep(folder)
        identity = open_identity(ParticipantFolder(folder).keystore, job.passphrase)
        terms = job.site.terms(Terms.of(Task.parse(tomllib.loads(job.task)), job.ptau))
        chain = Chain.connect(job.rpc, job.confirmations)
        hub = job.site.open(chain)
        sender = stack.enter_context(Sender(chain, identity.account(), journal(folder, job.site)))
        told = 0.0

        def progress(phase: str, done: float) -> None:
            nonlocal told
            if monotonic() - told >= EVERY or done >= 1:
                told = monotonic()
                shown = {"phase": phase, "done": int(1000 * done), "round": member.round}
                tell({"tell": "progress", "name": job.name, **shown})

        member = Member(job, terms, identity, hub, sender, tell, progress)
        follow(member.step, tell, pause=job.pause, patience=job.patience)


def journal(folder: Path, site: Site) -> Path:
    """Folder of the transactions that somebody sends for a task."""
    return folder / "transactions" / site.task


def main() -> int:
    """Exit code 0; 1 if the participant refuses; 2 for bad input; CRASHED for anything else."""

    def work() -> None:
        job = MemberJob(**read_job(MemberJob, MEMBER_PARTS))
        watch_launcher()
        _core.set_threads(job.threads)
        take_part(job)

    return guarded(work)


if __name__ == "__main__":
    sys.exit(main())
