"""The randomness of rounds, computed anew from nonces and the chain's own, as the commit-reveal beacon does."""

from __future__ import annotations

from dataclasses import dataclass, field

from fedproof._core import keccak256
from fedproof.chain.hub import Beacon
from fedproof.chain.hub_events import BeaconBegun, Revealed
from fedproof.federation import nonces
from fedproof.federation.onchain.history import RoundHistory
from fedproof.federation.onchain.inspection import Inspection

DOMAIN = keccak256(b"fedproof/beacon/commit-reveal/1")


@dataclass
class Seeds:
    """What the beacon's events say, by round."""

    beacon: Beacon
    begun: dict[int, BeaconBegun] = field(default_factory=dict)
    revealed: dict[int, list[Revealed]] = field(default_factory=dict)

    @classmethod
    def of(cls, walk: Inspection, block: int) -> Seeds:
        """Of all rounds of a task."""
        found = cls(Beacon(walk.hub.chain, walk.task.beacon))
        for event in found.beacon.events(walk.hub.address, walk.id, block):
            if isinstance(event, BeaconBegun):
                found.begun[event.round] = event
            else:
                found.revealed.setdefault(event.round, []).append(event)
        return found

    def present(self, number: int) -> set[bytes]:
        """Members that revealed in a round."""
        return {entry.member for entry in self.revealed.get(number, [])}

    def check(self, walk: Inspection, current: RoundHistory) -> None:
        """Nonces and seed of one round."""
        from eth_abi.abi import encode
        from eth_utils.address import to_checksum_address

        number, begun, seeded = current.number, self.begun.get(current.number), current.seeded
        if begun is None:
            walk.find("schedule", "the beacon says nothing of the round")
            return
        chain = walk.hub.chain
        good = begun.prevrandao == self.beacon.randomness(begun.spot.block)
        walk.expect("schedule", good, "the beacon's randomness is not that of its block")
        total = 0
        for entry in self.revealed.get(number, []):
            joined = walk.history.registration(entry.member, number)
            tip = b"" if joined is None else joined.nonce_commitment
            attempts = walk.terms.venue.attempts
            good = entry.member in current.entered and nonces.opens(tip, entry.nonce, number, attempts=attempts)
            walk.expect("nonce", good, "the nonce is not the committed one", entry.member)
            early = joined is not None and joined.spot.block < begun.spot.block
            walk.expect("nonce", entry.added == early, "counts as it should not", entry.member)
            if early:
                member = to_checksum_address(entry.member)
                total += int.from_bytes(keccak256(encode(["address", "bytes32"], [member, entry.nonce])), "big")
        if seeded is None:
            return
        present = len(self.present(number))
        value = keccak256(
            encode(
                ["bytes32", "uint256", "address", "address", "bytes32", "uint32", "bytes32", "uint256", "uint32"],
                [
                    DOMAIN,
                    chain.chain_id,
                    to_checksum_address(self.beacon.address),
                    to_checksum_address(walk.hub.address),
                    walk.id,
                    number,
                    begun.prevrandao,
                    total % 2**256,
                    present,
                ],
            )
        )
        types = ["bytes32", "uint32", "bytes32", "bytes32"]
        seed = keccak256(encode(types, [walk.id, number, current.begun.start, value]))
        good = (seeded.seed, seeded.present) == (seed, present)
        walk.expect("schedule", good, "the seed does not follow from model, nonces and the block's randomness")
