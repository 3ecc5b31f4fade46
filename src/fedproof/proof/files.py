"""Statements as JSON files beside their proofs, so that a proof can be verified by anybody who has both."""

from __future__ import annotations

import json
from typing import Any

from fedproof.errors import BadInput
from fedproof.proof.check import CloseFields, RegistrationFields, TrainingFields

Fields = RegistrationFields | TrainingFields | CloseFields

KINDS: dict[str, type[RegistrationFields] | type[TrainingFields] | type[CloseFields]] = {
    "registration": RegistrationFields,
    "training": TrainingFields,
    "close": CloseFields,
}

LIMIT = 2**64
PI_LIMIT = 2**8
BRACKETS = 64


def statement_to_json(fields: Fields) -> str:
    """JSON text: kind, then every field; bytes as hex digits."""
    kind = next(name for name, cls in KINDS.items() if isinstance(fields, cls))
    values = {name: v.hex() if isinstance(v, bytes) else v for name, v in vars(fields).items()}
    return json.dumps({"kind": kind, **values}, indent=1) + "\n"


def statement_from_json(text: str, source: str = "statement") -> Fields:
    """The inverse. Raises BadInput naming the field."""
    try:
        if text.count("[") + text.count("{") > BRACKETS:
            raise ValueError  # nesting must not exhaust the stack of the C parser
        content = json.loads(text)
        cls = KINDS[content.pop("kind")]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(f"{source}: is not a statement file") from None
    wanted = {name: str(kind) for name, kind in cls.__annotations__.items()}
    if set(content) != set(wanted):
        odd = sorted(set(content) ^ set(wanted))[0]
        raise BadInput(f"{source}: {odd}: {'unknown' if odd in content else 'missing'}")
    return cls(**{name: _value(content[name], kind, f"{source}: {name}") for name, kind in wanted.items()})


def _value(value: Any, kind: str, where: str) -> Any:
    try:
        if kind == "bytes":
            return bytes.fromhex(value)
        items = list(value) if kind.startswith("tuple") else [value]
        if any(not isinstance(item, int) or isinstance(item, bool) for item in items):
            raise ValueError
    except (ValueError, TypeError):
        raise BadInput(f"{where}: must be {'hex digits' if kind == 'bytes' else 'integers'}") from None
    if kind.startswith("tuple"):
        if not all(0 <= item < PI_LIMIT for item in items):
            raise BadInput(f"{where}: must be between 0 and {PI_LIMIT - 1}")
        return tuple(items)
    if not 0 <= value < LIMIT:
        raise BadInput(f"{where}: must be between 0 and 2^64 - 1")
    return value
