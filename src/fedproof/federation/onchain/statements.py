"""Statements of members, from what the chain says of them."""

from __future__ import annotations

from fedproof.chain.hub_events import Joined
from fedproof.errors import Rejected
from fedproof.federation.onchain.history import History
from fedproof.federation.rules import schedule
from fedproof.federation.terms import Terms
from fedproof.proof import RegistrationFields, TrainingFields


def registration_fields(terms: Terms, joined: Joined) -> RegistrationFields:
    """What a member's registration proof is about: every slot of the dataset holds a record."""
    return terms.registration(joined.member, joined.nonce_commitment, joined.dataset, terms.task.slots)


def training_fields(
    terms: Terms, history: History, number: int, member: bytes, start: bytes
) -> tuple[TrainingFields, RegistrationFields]:
    """What the member's training proof of round `number` is about, and its registration. start: [W_0] of the round.

    Raises Rejected if the chain has no registration or no seed.
    """
    joined, seeded = history.registration(member, number), history.rounds[number].seeded
    if joined is None or seeded is None:
        raise Rejected(f"round {number}: 0x{member.hex()} has no registration, or the round no seed", check="events")
    registered = registration_fields(terms, joined)
    plan = schedule(terms.program, seeded.seed)
    return terms.training(registered, number, start, plan.pi, plan.beta), registered
