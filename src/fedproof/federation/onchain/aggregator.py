"""The aggregator's process of a run on a chain: `python -m fedproof.federation.onchain.aggregator` with a CloserJob on
standard input. What happens goes to standard output as JSON lines.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from fedproof import _core
from fedproof.chain.rpc import Chain
from fedproof.chain.sender import Sender
from fedproof.errors import BadInput
from fedproof.federation.canonical import Json
from fedproof.federation.jobs import PREDECESSOR, read_job, tell, watch_launcher
from fedproof.federation.keys import open_identity
from fedproof.federation.onchain.closer import Closer
from fedproof.federation.onchain.follow import follow, guarded
from fedproof.federation.onchain.inbox import Inbox
from fedproof.federation.onchain.jobs import CLOSER_PARTS, CloserJob
from fedproof.federation.openings import Openings
from fedproof.federation.runfolder import RunFolder
from fedproof.federation.terms import Terms
from fedproof.federation.wire import Desk, message_limit
from fedproof.files import lock_file
from fedproof.task import Task


def lead(job: CloserJob, tell: Callable[[Json], None] = tell) -> None:
    """Follows the task to its end. tell: what happens. Raises FedproofError."""
    with ExitStack() as stack:
        folder = RunFolder(Path(job.folder))
        folder.private.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = lock_file(folder.aggregator_lock, PREDECESSOR)
        if lock is None:
            raise BadInput(f"{folder.path}: an aggregator is at work there")
        stack.callback(lock.close)
        identity = open_identity(Path(job.keystore), job.passphrase)
        terms = job.site.terms(Terms.of(Task.parse(tomllib.loads(job.task)), job.ptau))
        chain = Chain.connect(job.rpc, job.confirmations)
        hub = job.site.open(chain)
        sender = stack.enter_context(Sender(chain, identity.account(), Path(job.journal)))
        desk = Desk(job.place.socket, bytes.fromhex(job.place.authkey), message_limit(terms), job.site.id)
        stack.callback(desk.close)
        inbox = Inbox(terms, desk, Openings(folder.openings))
        closer = Closer(job, terms, identity, hub, sender, inbox, tell)
        tell({"tell": "ready"})
        follow(closer.step, tell, pause=job.pause, patience=job.patience, wait=inbox.wait)


def main() -> int:
    """Exit code 0; 1 if the aggregator refuses; 2 for bad input; CRASHED for anything else."""

    def work() -> None:
        job = CloserJob(**read_job(CloserJob, CLOSER_PARTS))
        watch_launcher()
        _core.set_threads(job.threads)
        lead(job)

    return guarded(work)


if __name__ == "__main__":
    sys.exit(main())
