"""The proof of a round's close: the next model is the clipped mean of the accepted updates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fedproof import _core
from fedproof._core import Key
from fedproof.errors import core_errors
from fedproof.proof.check import CloseFields
from fedproof.proof.weights import IntArray

if TYPE_CHECKING:
    from fedproof._core import Progress


def prove_close(
    key: Key,
    fields: CloseFields,
    total: Sequence[IntArray],
    blinds: bytes,
    *,
    secret: bytes,
    progress: Progress | None = None,
) -> bytes:
    """The proof file of the close that `fields` says.

    total, blinds: the opened sum of the updates and of their blinds. secret: 32 bytes, mixed with fresh randomness. A
    false statement gives a proof that does not verify. Raises BadInput for a sum or statement that does not fit the
    program, or a program whose vectors are too short; KeyboardInterrupt ends it cleanly.
    """
    statement = fields.statement()
    with core_errors("proving a close"):
        return _core.prove_close(key, statement, list(total), blinds, secret=secret, progress=progress)
