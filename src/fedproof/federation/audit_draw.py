"""The audit of a round's randomness."""

from __future__ import annotations

from fedproof.errors import BadInput, Rejected
from fedproof.federation.draw import Draw, set_digest
from fedproof.federation.judge import judge_nonce
from fedproof.federation.nonces import ATTEMPTS
from fedproof.federation.record import Event
from fedproof.federation.replay import Replay


def audit_draws(walk: Replay) -> tuple[Draw | None, dict[str, bytes]]:
    """The draw that gives the round's seed and its nonces by address; no draw if the run ended here.

    Everybody of the set is in the first attempt but those recorded as missing before it, and in every later one all
    that revealed in the one before.
    """
    present = set(walk.members)
    for attempt in range(ATTEMPTS):
        present -= _missing(walk)
        if walk.peek() == "failed":
            return None, {}
        draw = _draw(walk, attempt, present)
        revealed, lost = _nonces(walk, draw)
        if set(revealed) == present or walk.peek() == "schedule":
            return draw, revealed
        walk.expect("draw", set(revealed) | lost == present, "somebody neither revealed nor was recorded as missing")
        present = set(revealed) - lost
    if walk.peek() != "failed":
        walk.stop("draw", f"more than {ATTEMPTS} attempts")
    return None, {}


def note_missing(walk: Replay, event: Event) -> None:
    """Somebody did not answer."""
    name = walk.names.get(event["participant"], event["participant"])
    walk.report.notes.append(f"round {walk.round}: {name} was missing ({event['phase']}): {event['reason']}")


def _missing(walk: Replay) -> set[str]:
    found = set()
    while walk.peek() == "missing":
        event = walk.take("missing")
        note_missing(walk, event)
        found.add(event["participant"])
    return found


def _draw(walk: Replay, attempt: int, present: set[str]) -> Draw:
    event = walk.take("draw")
    ids = {walk.members[address].dataset_id(walk.terms.key) for address in present}
    draw = Draw(walk.run, set_digest(walk.tips), walk.round or 0, attempt, {i: walk.tips[i] for i in ids})
    recorded = (event["attempt"], event["members"], event["digest"])
    good = recorded == (attempt, draw.ids, draw.digest.hex())
    walk.expect("draw", good, "attempt or members are not those that follow from who was there")
    return draw


def _nonces(walk: Replay, draw: Draw) -> tuple[dict[str, bytes], set[str]]:
    """Nonces by address, and who is recorded as missing."""
    revealed: dict[str, bytes] = {}
    lost: set[str] = set()
    while walk.peek() in ("nonce", "missing"):
        if walk.peek() == "missing":
            lost |= _missing(walk)
            continue
        event = walk.take("nonce")
        address = event["participant"]
        fields = walk.members.get(address)
        if fields is None or address in revealed:
            walk.find("nonce", "revealed twice, or without being registered", address)
            continue
        try:
            revealed[address] = judge_nonce(walk.terms, draw, fields, walk.message(event, "nonce")[0])
        except (Rejected, BadInput) as error:
            walk.find("nonce", str(error), address)
    return revealed, lost
