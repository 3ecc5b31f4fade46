"""The randomness of a round: who takes part is fixed and signed before anybody's nonce is seen.

A draw is one attempt at it. Everybody in it signs its members together with the nonce, and only the nonces of all of
them make the seed. If one is missing the attempt is void: its nonces are spent, the next attempt has one member less
and new nonces. So whoever sees nonces first cannot choose among subsets of them; what is left to them is to call an
attempt void, at the price of a member named in the record, at most ATTEMPTS - 1 times a round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fedproof._core import keccak256
from fedproof.federation import nonces
from fedproof.federation.canonical import Json, hex_field

SET = b"fedproof/set/1"
SEED = b"fedproof/seed/1"


def set_digest(tips: Mapping[bytes, bytes]) -> bytes:
    """keccak256("fedproof/set/1" ‖ dataset ids ascending, each with the tip of its nonce chain)."""
    return keccak256(b"".join([SET, *(part for i in sorted(tips) for part in (i, tips[i]))]))


def tips_field(order: Json, name: str) -> dict[bytes, bytes]:
    """Tips by dataset id out of an order. Raises BadInput."""
    given = order.get(name)
    found: Json = given if isinstance(given, dict) else {}
    return {hex_field({"dataset id": member}, "dataset id", 32): hex_field(found, member, 32) for member in found}


@dataclass(frozen=True)
class Draw:
    """run: id of the run. fixed: digest of the run's whole set. members: tips by dataset id of who is in it."""

    run: bytes
    fixed: bytes
    number: int
    attempt: int
    members: Mapping[bytes, bytes]

    @property
    def digest(self) -> bytes:
        """Of its members."""
        return set_digest(self.members)

    @property
    def ids(self) -> list[str]:
        """Of its members, ascending, in hex."""
        return [i.hex() for i in sorted(self.members)]

    def opens(self, dataset_id: bytes, nonce: bytes) -> bool:
        """Is this the member's nonce of this attempt?"""
        tip = self.members.get(dataset_id)
        return tip is not None and nonces.opens(tip, nonce, self.number, self.attempt)

    def seed(self, task: bytes, weights: bytes, revealed: Mapping[bytes, bytes]) -> bytes:
        """keccak256("fedproof/seed/1" ‖ run ‖ digest of the run's set ‖ digest of the members ‖ task digest ‖ round as
        u256 ‖ attempt as u256 ‖ [W_0] ‖ nonces in the order of the ids).

        weights: [W_0]. revealed: nonces by dataset id. Raises ValueError unless they are those of all members.
        """
        if set(revealed) != set(self.members):
            raise ValueError("the seed needs the nonces of all members and of nobody else")
        counters = [value.to_bytes(32, "big") for value in (self.number, self.attempt)]
        values = [revealed[i] for i in sorted(revealed)]
        return keccak256(b"".join([SEED, self.run, self.fixed, self.digest, task, *counters, weights, *values]))
