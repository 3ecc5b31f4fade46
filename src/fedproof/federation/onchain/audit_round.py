"""The audit of one round on a chain."""

from __future__ import annotations

from fedproof._core import add_commitments, keccak256
from fedproof.chain.hub_events import Submitted
from fedproof.errors import BadInput, Rejected, core_errors
from fedproof.federation.onchain.audit_seed import Seeds
from fedproof.federation.onchain.history import RoundHistory
from fedproof.federation.onchain.inspection import Inspection
from fedproof.federation.onchain.statements import training_fields
from fedproof.federation.report import Finding
from fedproof.proof import verify_close, verify_training
from fedproof.proof.weights import decode_weights


def audit_round(walk: Inspection, current: RoundHistory, seeds: Seeds) -> None:
    """Checks round `current`; what follows from it is checked against it."""
    start = _start(walk, current)
    good = current.begun.entered == len(current.entered)
    walk.expect("events", good, f"{current.begun.entered} members entered, by their events {len(current.entered)}")
    walk.expect("initial", current.begun.start == keccak256(start), "does not start from the model before it")
    seeds.check(walk, current)
    for entry in current.submissions:
        here = entry.member in current.entered and entry.member in seeds.present(current.number)
        walk.expect("submission", here, "submitted without having entered the round and revealed", entry.member)
        _submission(walk, current, entry, start)
    _absent(walk, current, seeds)
    if current.closed is not None:
        _close(walk, current)


def _start(walk: Inspection, current: RoundHistory) -> bytes:
    if current.number == 0:
        return walk.terms.initial()[1]
    before = walk.history.rounds[current.number - 1].closed
    if before is None:
        walk.stop("events", f"round {current.number} began though the one before was never closed")
        return b""
    return before.next


def _submission(walk: Inspection, current: RoundHistory, entry: Submitted, start: bytes) -> None:
    removed = entry.index in current.removed
    walk.expect("submission", not (removed and entry.verified), "a verified update was removed", entry.member)
    problem = _problem(walk, current, entry, start)
    if not removed:
        walk.expect("submission", problem is None, problem or "", entry.member)
    elif problem is None:
        walk.find("claim", "was removed, but its proof holds and is in the store", entry.member)
    else:
        walk.report.refused.append(Finding("claim", problem, current.number, walk.name(entry.member)))


def _problem(walk: Inspection, current: RoundHistory, entry: Submitted, start: bytes) -> str | None:
    """What is wrong with the proof of a submission."""
    try:
        fields, _ = training_fields(walk.terms, walk.history, current.number, entry.member, start)
        proof = walk.store.get(entry.proof.hex())
        walk.report.proofs += 1
        if verify_training(walk.terms.key, fields, proof) != entry.update:
            return "the proof is of another update"
    except (Rejected, BadInput) as error:
        return str(error)
    return None


def _absent(walk: Inspection, current: RoundHistory, seeds: Seeds) -> None:
    """Punishments of this round."""
    task, present = walk.task, seeds.present(current.number)
    penalties = {"nonce": task.reveal_penalty, "update": task.absence_penalty, "claim": task.claim_bond}
    for entry in walk.history.slashed:
        if entry.round != current.number or entry.fault == "double":
            continue
        member, mine = entry.member, current.of(entry.member)
        rightly = {
            "nonce": member in current.entered and member not in present,
            "update": member in current.entered and member in present and mine is None,
            "claim": mine is not None and mine.index in current.removed,
        }.get(entry.fault, False)
        walk.expect("absence", rightly, f"was punished for a fault it did not commit ({entry.fault})", member)
        walk.expect("absence", entry.amount <= penalties.get(entry.fault, 0), "was punished too hard", member)
        if rightly and entry.fault != "claim":
            words = f"withheld its {entry.fault} and lost {entry.amount}"
            walk.report.refused.append(Finding("absence", words, current.number, walk.name(member)))


def _close(walk: Inspection, current: RoundHistory) -> None:
    closed, accepted = current.closed, [entry.update for entry in current.accepted]
    if closed is None or not accepted:
        walk.find("sum", "a round was closed without an update")
        return
    enough = closed.accepted == len(accepted) >= walk.task.min_accepted
    walk.expect("sum", enough, f"counts {closed.accepted} updates, accepted were {len(accepted)}")
    with core_errors("sum of commitments"):
        summed = add_commitments(accepted)
    walk.expect("sum", closed.summed == summed, "is not the sum of the accepted commitments")
    proof = walk.load(closed.proof)
    if proof is not None:
        walk.report.proofs += 1
        fields = walk.terms.close(current.number, summed, closed.next, len(accepted), closed.closer)
        try:
            verify_close(walk.terms.key, fields, proof)
        except (Rejected, BadInput) as error:
            walk.find("close", str(error))
    published = walk.load(closed.weights)
    if published is not None:
        try:
            same = walk.terms.key.commit_weights(decode_weights(published, walk.terms.task.dims)) == closed.next
        except BadInput as error:
            walk.find("weights", str(error))
            return
        walk.expect("weights", same, "are not those that the chain committed to")
