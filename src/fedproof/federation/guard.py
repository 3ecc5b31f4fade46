"""What a participant requires of the aggregator: every order passes here before it is followed.

The set is fixed once. A draw is signed once, in order, and only for members of that set, enough of them. A round is
trained once, on the seed of exactly the draw that was signed, from the model that the close of the round before gives:
the participant adds up the accepted commitments, checks that the opened sum opens their sum and that its own update is
counted as it was judged, and computes the new model itself. Whether other participants' proofs hold is for the audit.

The same order again is harmless and gets the same answer, so that an aggregator or a participant that crashed can go
on; a different order in its place is refused. The state therefore survives a restart: whoever follows an order keeps
`state()` on the disk first, and starts again from it.
"""

from __future__ import annotations

from fedproof._core import add_commitments, keccak256
from fedproof.errors import Rejected, core_errors
from fedproof.federation.aggregation import Opening, check_opening
from fedproof.federation.canonical import Json, digest, hex_field, int_field
from fedproof.federation.draw import Draw, set_digest, tips_field
from fedproof.federation.nonces import ATTEMPTS
from fedproof.federation.rules import next_model
from fedproof.federation.store import Store
from fedproof.federation.terms import Terms
from fedproof.proof.weights import IntArray, encode_weights


class Guard:
    """State of one run. own, tip: the participant's dataset id and the commitment of its nonces.

    history: W_0 of the last rounds, that of the open one last.
    """

    def __init__(self, terms: Terms, run: bytes, own: bytes, tip: bytes) -> None:
        self._terms = terms
        self._run = run
        self._own = own
        self._tip = tip
        self._members: dict[bytes, bytes] = {}
        self._draw: Draw | None = None
        self._seed = b""
        self._submitted = b""
        self._accepted: bool | None = None
        self._closed = b""
        self.round = 0
        """The round that is open."""
        weights, self.commitment = terms.initial()
        self.history = [weights]

    @property
    def weights(self) -> list[IntArray]:
        """W_0 of the open round; its commitment is `commitment`."""
        return self.history[-1]

    @property
    def fixed(self) -> bool:
        """Is the set known?"""
        return bool(self._members)

    def state(self) -> Json:
        """What `restore` needs, but for the models and the update submitted."""
        draw = self._draw
        return {
            "members": {i.hex(): tip.hex() for i, tip in self._members.items()},
            "round": self.round,
            "draw": None if draw is None else {"attempt": draw.attempt, "members": draw.ids},
            "seed": self._seed.hex(),
            "accepted": self._accepted,
            "closed": self._closed.hex(),
        }

    def restore(self, state: Json, history: list[list[IntArray]], submitted: bytes) -> None:
        """The state as it was. history: as `history` was. submitted: commitment of the open round's update, or b""."""
        self._members = tips_field(state, "members")
        self.round = int_field(state, "round", 0, self._terms.task.rounds)
        if state["draw"] is not None:
            tips = {i: self._members[i] for i in map(bytes.fromhex, state["draw"]["members"])}
            self._draw = Draw(self._run, set_digest(self._members), self.round, state["draw"]["attempt"], tips)
        self._seed = bytes.fromhex(state["seed"])
        self._accepted = state["accepted"]
        self._closed = bytes.fromhex(state["closed"])
        self._submitted = submitted
        self.history = history
        self.commitment = self._terms.key.commit_weights(self.weights)

    def fix_set(self, order: Json) -> None:
        """The registered set: once."""
        members = tips_field(order, "members")
        if self._members and members != self._members:
            raise Rejected("the set of datasets is fixed already")
        if members.get(self._own) != self._tip:
            raise Rejected("the registered set leaves this participant out")
        self._enough(len(members), "registered datasets")
        self._members = members

    def draw(self, order: Json) -> Draw:
        """The draw whose nonce is asked for: the next attempt of the open round, or the one signed last."""
        if not self._members:
            raise Rejected("asked for a nonce before the set of datasets was fixed")
        int_field(order, "round", self.round, min(self.round, self._terms.task.rounds - 1))
        before = self._draw
        given = order.get("members")
        ids = [hex_field({"member": i}, "member", 32) for i in given] if isinstance(given, list) else []
        if before is not None and order.get("attempt") == before.attempt:
            if sorted(ids) != sorted(before.members):
                raise Rejected("asked for the same nonce for other members")
            return before
        following = 0 if before is None else before.attempt + 1
        attempt = int_field(order, "attempt", following, min(following, ATTEMPTS - 1))
        if self._seed:
            raise Rejected(f"asked for another nonce after the training of round {self.round}")
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
        """The seed of the training asked for: one in a round, of the draw signed last, from the model known."""
        draw = self._draw
        if draw is None or (order.get("round"), order.get("attempt")) != (draw.number, draw.attempt):
            raise Rejected("asked to train on other nonces than were asked for")
        if order.get("weights") != keccak256(encode_weights(self.weights)).hex():
            raise Rejected(f"round {self.round} does not start from the model that the rules give")
        revealed = tips_field(order, "nonces")
        if set(revealed) != set(draw.members) or not all(draw.opens(i, value) for i, value in revealed.items()):
            raise Rejected(f"the nonces of round {self.round} are not the committed ones of all its members")
        seed = draw.seed(self._terms.task.digest, self.commitment, revealed)
        if self._seed and seed != self._seed:
            raise Rejected(f"asked to train round {self.round} on two seeds")
        self._seed = seed
        return seed

    def submitted(self, commitment: bytes) -> None:
        """The update sent in the open round."""
        self._submitted = commitment

    def verdict(self, order: Json) -> bool:
        """What the aggregator said of it; is it news?"""
        if order.get("round") != self.round:
            return False
        accepted = order.get("accepted") is True
        if self._accepted is not None and accepted != self._accepted:
            raise Rejected(f"the verdict on the update of round {self.round} has changed")
        news, self._accepted = self._accepted is None, accepted
        return news

    def closed(self, order: Json, store: Store) -> bool:
        """The close of the open round, from which the next one starts; is it news? store: the run's."""
        if int_field(order, "round", 0, min(self.round, self._terms.task.rounds - 1)) < self.round:
            if order["round"] == self.round - 1 and digest(order) != self._closed:
                raise Rejected(f"round {order['round']} was closed in another way before")
            return False
        given = order.get("accepted")
        found: Json = given if isinstance(given, dict) else {}
        size = 64 * int(self._terms.costs["weight_vectors"])
        accepted = {hex_field({"dataset id": i}, "dataset id", 32): hex_field(found, i, size) for i in found}
        self._enough(len(accepted), "accepted updates")
        if not set(accepted) <= set(self._members):
            raise Rejected(f"round {self.round} counts an update of somebody who is not in the set")
        own = self._submitted if self._submitted and self._accepted else None
        if accepted.get(self._own) != own:
            raise Rejected(f"round {self.round} does not count this participant's update as it was judged")
        with core_errors("sum of commitments"):
            commitment = add_commitments(list(accepted.values()))
        total = Opening.decode(store.get(hex_field(order, "sum", 32).hex()), self._terms.task.dims)
        check_opening(self._terms.key, total, commitment)
        weights, _ = next_model(total.weights, len(accepted), self._terms.task.fields)
        if order.get("weights") != keccak256(encode_weights(weights)).hex():
            raise Rejected(f"the new model of round {self.round} is not the mean of the accepted updates")
        self.history, self.commitment = [self.weights, weights], self._terms.key.commit_weights(weights)
        self._draw, self._seed, self._submitted, self._accepted = None, b"", b"", None
        self._closed = digest(order)
        self.round += 1
        return True

    def _enough(self, count: int, what: str) -> None:
        least = self._terms.task.min_accepted
        if count < least:
            raise Rejected(f"{what}: {count}, the task needs {least} (min_accepted)")
