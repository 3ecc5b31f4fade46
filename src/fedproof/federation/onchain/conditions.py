"""What a member requires of a task on the chain before it gives it data or stake."""

from __future__ import annotations

from dataclasses import dataclass

from fedproof._core import keccak256
from fedproof.chain.task import ChainTask, Mode
from fedproof.errors import Rejected
from fedproof.federation.terms import Terms

DAY = 24 * 3600
LONGEST = 30 * DAY
"""Seconds of any window: stake is bound as long."""


CLOSING = 90_000
"""Bytes of a round-close proof: what is longer costs more gas than a transaction may use."""


@dataclass(frozen=True)
class Conditions:
    """stake: at most, and reward of a round: at least, in units of the token. token: hex digits, "" for any.
    window: seconds that a member needs to reveal, to submit and to answer a demand, at least.
    """

    stake: int
    reward: int = 0
    token: str = ""
    window: int = 1


def key_id(terms: Terms) -> bytes:
    """Under which the chain keeps program, tables and setup."""
    return keccak256(terms.key.digest + terms.setup.digest)


def check_closing(terms: Terms) -> None:
    """Raises Rejected unless a transaction can close a round of this program."""
    length = terms.costs["close_bytes"]
    if length is None or length > CLOSING:
        why = "there is no proof" if length is None else f"their proofs have {length} bytes, more than {CLOSING}"
        raise _refused(f"its rounds cannot be closed: {why}")


def check_task(task: ChainTask, terms: Terms, conditions: Conditions) -> None:
    """Raises Rejected unless the chain's task is the one of the task file, on terms that the member accepts."""
    _, start = terms.initial()
    facts = (
        ("task digest", task.task_digest, terms.task.digest),
        ("task file", task.task_file, keccak256(terms.task.to_toml().encode())),
        ("key", task.key_id, key_id(terms)),
        ("first model", task.start, keccak256(start)),
        ("number of rounds", task.rounds, terms.task.rounds),
        ("min_accepted", task.min_accepted, terms.task.min_accepted),
    )
    for what, found, wanted in facts:
        if found != wanted:
            raise _refused(f"its {what} is {_shown(found)}, that of the task file {_shown(wanted)}")
    check_closing(terms)
    if task.max_members * terms.task.fields.largest_update >= 2**63:
        raise _refused(f"the sum of {task.max_members} updates might not fit 64 bits")
    if task.stake > conditions.stake:
        raise _refused(f"it asks for a stake of {task.stake}, more than the {conditions.stake} allowed")
    if task.reward < conditions.reward:
        raise _refused(f"it pays {task.reward} a round, less than the {conditions.reward} asked for")
    if conditions.token and task.token.hex() != conditions.token:
        raise _refused(f"it pays in token 0x{task.token.hex()}, not in 0x{conditions.token}")
    needed = {"reveal": task.reveal_window, "submit": task.submit_window}
    if task.mode is Mode.BONDED:
        # an answer that comes too late costs the stake like one that does not hold
        needed |= {"challenge": task.challenge_window, "answer": task.answer_window}
    for what, seconds in needed.items():
        if seconds < conditions.window:
            raise _refused(f"its {what} window of {seconds} s is shorter than the {conditions.window} s needed")
    windows = (task.join_window, task.reveal_window, task.submit_window, task.challenge_window, task.answer_window)
    longest = max(*windows, task.close_window)
    if longest > LONGEST:
        raise _refused(f"a window of {longest} s binds the stake too long")


def _refused(why: str) -> Rejected:
    return Rejected(f"the task on the chain is refused: {why}", code="WrongTask", check="task")


def _shown(value: object) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)
