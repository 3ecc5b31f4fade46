"""From accepted updates to the opened sum.

The aggregator sees every update in the clear here. This module is the one place that does: secure aggregation
replaces `Opening` by masked updates and `open_sum` by their unmasked sum, and nothing else in the run changes, because
the record holds only commitments and the opened sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fedproof._core import Key, add_blinds, add_commitments
from fedproof.errors import BadInput, Rejected, core_errors
from fedproof.federation.rules import add_weights
from fedproof.proof.weights import IntArray, decode_weights, encode_weights

NAME = "opening"
"""Check id of an update that does not open its commitment, and of a sum that does not."""


@dataclass(frozen=True)
class Opening:
    """An update and the blinds of its commitment: private to participant and aggregator."""

    weights: list[IntArray] = field(repr=False)
    blinds: bytes = field(repr=False)

    def encode(self) -> bytes:
        """u32 length of the blinds, blinds, weights."""
        return len(self.blinds).to_bytes(4, "big") + self.blinds + encode_weights(self.weights)

    @classmethod
    def decode(cls, data: bytes, dims: Sequence[int]) -> Opening:
        """Raises BadInput for a wrong length."""
        end = 4 + int.from_bytes(data[:4], "big")
        if end > len(data):
            raise BadInput("opening: blinds are cut short")
        return cls(decode_weights(data[end:], dims), data[4:end])


def check_opening(key: Key, opening: Opening, commitment: bytes) -> None:
    """Raises Rejected unless `opening` opens `commitment`."""
    try:
        with core_errors("opening"):
            found = key.commit_weights(opening.weights, opening.blinds)
    except BadInput as error:
        raise Rejected(str(error), code="OpeningMismatch", check=NAME) from None
    if found != commitment:
        raise Rejected("the update does not open the proven commitment", code="OpeningMismatch", check=NAME)


def open_sum(key: Key, openings: Sequence[Opening], commitments: Sequence[bytes]) -> tuple[Opening, bytes]:
    """The sum of the updates with the sum of their blinds, and the sum of their commitments, which it opens.

    Raises Rejected if it does not: then no new model may be made of it.
    """
    blinds = [opening.blinds for opening in openings]
    with core_errors("sum"):
        summed = add_blinds(blinds) if any(blinds) else b""
        commitment = add_commitments(list(commitments))
    total = Opening(add_weights([opening.weights for opening in openings]), summed)
    check_opening(key, total, commitment)
    return total, commitment
