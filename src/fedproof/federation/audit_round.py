"""The audit of one round."""

from __future__ import annotations

from fedproof._core import add_commitments
from fedproof.errors import Rejected, core_errors
from fedproof.federation.aggregation import Opening, check_opening
from fedproof.federation.audit_draw import audit_draws, note_missing
from fedproof.federation.canonical import hex_field
from fedproof.federation.draw import Draw
from fedproof.federation.judge import judge_submission
from fedproof.federation.record import Event
from fedproof.federation.replay import Replay
from fedproof.federation.report import Finding
from fedproof.federation.rules import Schedule, next_model, schedule
from fedproof.proof import encode_weights, verify_close

PRIVATE = "the update sent did not open its commitment; updates are private, so this rests on the aggregator's word"


def audit_round(walk: Replay) -> bool:
    """Checks the events of round `walk.round`; was it closed?"""
    draw, revealed = audit_draws(walk)
    if draw is None:
        return False
    plan = _schedule(walk, draw, revealed)
    accepted = _submissions(walk, revealed, plan)
    if walk.peek() == "failed":
        return False
    _close(walk, walk.take("close"), accepted)
    return True


def _schedule(walk: Replay, draw: Draw, revealed: dict[str, bytes]) -> Schedule:
    """The schedule as it has to be; what follows is checked against it, not against the record."""
    event = walk.take("schedule")
    by_id = {walk.members[address].dataset_id(walk.terms.key): nonce for address, nonce in revealed.items()}
    if set(by_id) != set(draw.members):
        walk.stop("draw", "the seed leaves out the nonces of members of the draw")
    seed = draw.seed(walk.terms.task.digest, walk.commitment, by_id)
    plan = schedule(walk.terms.program, seed)
    recorded = (event["attempt"], event["seed"], event["pi"], event["beta"])
    wanted = (draw.attempt, seed.hex(), list(plan.pi), plan.beta)
    walk.expect("schedule", recorded == wanted, "seed or schedule do not follow from model, datasets and nonces")
    start = (event["weights"], event["commitment"])
    walk.expect("schedule", start == (walk.artefact, walk.commitment.hex()), "does not start from the round's model")
    return plan


def _submissions(walk: Replay, revealed: dict[str, bytes], plan: Schedule) -> dict[str, bytes]:
    """Commitments of the accepted updates by address, whether they should have been accepted or not."""
    accepted: dict[str, bytes] = {}
    mode = walk.modes.of(walk.round or 0)
    seen = set()
    while walk.peek() in ("submission", "missing"):
        event = walk.take("submission", "missing")
        address = event["participant"]
        if event.kind == "missing":
            note_missing(walk, event)
            continue
        if address in seen or address not in revealed:
            walk.find("submission", "submitted twice, or without a nonce", address)
            continue
        seen.add(address)
        message, proof = walk.message(event, "submission")
        fields = walk.terms.training(walk.members[address], walk.round or 0, walk.commitment, plan.pi, plan.beta)
        verdict = judge_submission(walk.terms, walk.run, fields, plan, message, proof, mode)
        if mode == "prove":
            walk.report.proofs += 1
        if event["accepted"]:
            walk.expect("submission", verdict.accepted, f"{verdict.check}: {verdict.reason}", address)
            accepted[address] = bytes.fromhex(message.body["commitment"])
            continue
        walk.report.refused.append(
            Finding(event["check"], event["reason"], walk.round, walk.names.get(address, address))
        )
        if event["check"] == "opening" and verdict.accepted:
            name = walk.names.get(address, address)
            walk.report.notes.append(f"round {walk.round}: {name} was refused: {PRIVATE}")
            continue
        found = (verdict.accepted, verdict.check, verdict.code)
        walk.expect(
            "refusal", found == (False, event["check"], event["code"]), "was refused, but does not fail so", address
        )
    return accepted


def _close(walk: Replay, event: Event, accepted: dict[str, bytes]) -> None:
    least = walk.terms.task.min_accepted
    good = sorted(event["accepted"]) == sorted(accepted) and len(accepted) >= least
    walk.expect("accepted", good, f"counts {len(event['accepted'])} updates, accepted were {len(accepted)}")
    dims = walk.terms.task.dims
    total = Opening.decode(walk.load(event["sum"]), dims)
    with core_errors("sum of commitments"):
        commitment = add_commitments(list(accepted.values()))
    walk.expect("sum", event["sum_commitment"] == commitment.hex(), "is not the sum of the accepted commitments")
    try:
        check_opening(walk.terms.key, total, commitment)
    except Rejected:
        walk.find("sum", "the opened sum does not open the sum of the accepted commitments")
    weights, clipped = next_model(total.weights, max(1, len(accepted)), walk.terms.task.fields)
    published = walk.load(event["weights"])
    walk.expect("rounding", published == encode_weights(weights), "the new model is not the rounded, clipped mean")
    walk.expect("bound", event["clipped"] == clipped, f"{clipped} weights had to be clipped to the bound")
    if clipped:
        walk.report.notes.append(f"round {walk.round}: {clipped} weights of the mean were clipped to the bound")
    recommitted = walk.terms.key.commit_weights(weights)
    walk.expect("commitment", event["commitment"] == recommitted.hex(), "is not that of the new model")
    if walk.modes.of(walk.round or 0) == "prove":
        _proven(walk, event, commitment, max(1, len(accepted)))
    walk.commitment, walk.artefact = bytes.fromhex(event["commitment"]), event["weights"]


def _proven(walk: Replay, event: Event, summed: bytes, count: int) -> None:
    """The close's own proof, of the sum as it has to be and the model that is recorded."""
    weights = hex_field(event.fields, "commitment", len(summed))
    proof = walk.load(event["proof"])
    walk.report.proofs += 1
    try:
        verify_close(walk.terms.key, walk.terms.close(walk.round or 0, summed, weights, count), proof)
    except Rejected as error:
        walk.find("close", str(error))
