"""What a participant requires of the aggregator: every order passes here before it is followed.

The set is fixed once. A draw is signed once, in order, and only for members of that set, enough of them. A round is
trained once, on the seed of exactly the draw that was signed, from the model that the close of the round before gives:
the participant adds up the accepted commitments, checks that the opened sum opens their sum and that its own update is
counted as it was judged, and computes the new model itself. Whether other participants' proofs hold is for the audit.
"""

from __future__ import annotations

from fedproof._core import add_commitments, keccak256
from fedproof.errors import Rejected, core_errors
from fedproof.federation.aggregation import Opening, check_opening
from fedproof.federation.canonical import Json, hex_field, int_field
from fedproof.federation.draw import Draw, set_digest, tips_field
from fedproof.federation.nonces import ATTEMPTS
from fedproof.federation.rules import next_model
from fedproof.federation.store import Store
from fedproof.federation.terms import Terms
from fedproof.proof.weights import encode_weights


class Guard:
    """State of one run. own, tip: the participant's dataset id and the commitment of its nonces."""

    def __init__(self, terms: Terms, run: bytes, own: bytes, tip: bytes) -> None:
        self._terms = terms
        self._run = run
        self._own = own
        self._tip = tip
        self._members: dict[bytes, bytes] = {}
        self._draw: Draw | None = None
        self._trained = -1
        self._submitted = b""
        self._accepted = False
        self.round = 0
        """The round that is open."""
        self.weights, self.commitment = terms.initial()
        """W_0 of that round, and [W_0]."""

    def fix_set(self, order: Json) -> None:
        """The registered set: once."""
        if self._members:
            raise Rejected("the set of datasets is fixed already")
        members = tips_field(order, "members")
        if members.get(self._own) != self._tip:
            raise Rejected("the registered set leaves this participant out")
        self._enough(len(members), "registered datasets")
        self._members = members

    def draw(self, order: Json) -> Draw:
        """The draw whose nonce is asked for: the next attempt of the open round."""
        if not self._members:
            raise Rejected("asked for a nonce before the set of datasets was fixed")
        int_field(order, "round", self.round, min(self.round, self._terms.task.rounds - 1))
        before = self._draw if self._draw is not None and self._draw.number == self.round else None
        following = 0 if before is None else before.attempt + 1
        attempt = int_field(order, "attempt", following, min(following, ATTEMPTS - 1))
        if self._trained == self.round:
            raise Rejected(f"asked for another nonce after the training of round {self.round}")
        given = order.get("members")
        ids = [hex_field({"member": i}, "member", 32) for i in given] if isinstance(given, list) else []
        allowed = self._members if before is None else before.members
        if self._own not in ids or len(set(ids)) < len(ids) or not set(ids) <= set(allowed):
            raise Rejected("the members of the round are not of the set, or this participant is not among them")
        if before is not None and len(ids) == len(before.members):
            raise Rejected("another attempt though nobody is said to have withheld a nonce")
        self._enough(len(ids), "members of the round")
        tips = {i: self._members[i] for i in ids}
        self._draw = Draw(self._run, set_digest(self._members), self.round, attempt, tips)
        return self._draw

    def seed(self, order: Json) -> bytes:
        """The seed of the training asked for: once a round, of the draw signed last, from the model known."""
        draw = self._draw
        if draw is None or (order.get("round"), order.get("attempt")) != (draw.number, draw.attempt):
            raise Rejected("asked to train on other nonces than were asked for")
        if draw.number != self.round or self._trained == self.round:
            raise Rejected(f"asked to train round {draw.number} again")
        if order.get("weights") != keccak256(encode_weights(self.weights)).hex():
            raise Rejected(f"round {self.round} does not start from the model that the rules give")
        revealed = tips_field(order, "nonces")
        if set(revealed) != set(draw.members) or not all(draw.opens(i, value) for i, value in revealed.items()):
            raise Rejected(f"the nonces of round {self.round} are not the committed ones of all its members")
        self._trained, self._submitted, self._accepted = self.round, b"", False
        return draw.seed(self._terms.task.digest, self.commitment, revealed)

    def submitted(self, commitment: bytes) -> None:
        """The update sent in the open round."""
        self._submitted = commitment

    def verdict(self, order: Json) -> None:
        """What the aggregator said of it."""
        if order.get("round") == self.round:
            self._accepted = order.get("accepted") is True

    def closed(self, order: Json, store: Store) -> None:
        """The close of the open round, from which the next one starts. store: the run's."""
        int_field(order, "round", self.round, self.round)
        given = order.get("accepted")
        found: Json = given if isinstance(given, dict) else {}
        size = 64 * int(self._terms.costs["weight_vectors"])
        accepted = {hex_field({"dataset id": i}, "dataset id", 32): hex_field(found, i, size) for i in found}
        self._enough(len(accepted), "accepted updates")
        if not set(accepted) <= set(self._members):
            raise Rejected(f"round {self.round} counts an update of somebody who is not in the set")
        own = self._submitted if self._trained == self.round and self._accepted else None
        if accepted.get(self._own) != own:
            raise Rejected(f"round {self.round} does not count this participant's update as it was judged")
        with core_errors("sum of commitments"):
            commitment = add_commitments(list(accepted.values()))
        total = Opening.decode(store.get(hex_field(order, "sum", 32).hex()), self._terms.task.dims)
        check_opening(self._terms.key, total, commitment)
        weights, _ = next_model(total.weights, len(accepted), self._terms.task.fields)
        if order.get("weights") != keccak256(encode_weights(weights)).hex():
            raise Rejected(f"the new model of round {self.round} is not the mean of the accepted updates")
        self.weights, self.commitment = weights, self._terms.key.commit_weights(weights)
        self.round += 1

    def _enough(self, count: int, what: str) -> None:
        least = self._terms.task.min_accepted
        if count < least:
            raise Rejected(f"{what}: {count}, the task needs {least} (min_accepted)")
