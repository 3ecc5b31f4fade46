"""The digests that statements name."""

from __future__ import annotations

from dataclasses import replace

from fedproof._core import keccak256
from tools.differential.case import Case
from tools.differential.shape import POINT, WORD, shape


def named(case: Case) -> Case:
    """The case with a statement that names its own key and setup. Raises Reject if its program is none."""
    fields = shape(case.kind, case.program)
    key = b"fedproof/key/2" + keccak256(case.program) + bytes([len(case.table) // POINT % 256]) + case.table
    statement = bytearray(case.statement)
    for name, data in (("key", key), ("setup", b"fedproof/setup/1" + case.setup)):
        at = fields.field(name).start
        if at + WORD <= len(statement):
            statement[at : at + WORD] = keccak256(data)
    return replace(case, statement=bytes(statement))
