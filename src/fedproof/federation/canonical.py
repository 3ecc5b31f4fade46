"""One JSON text per value: what is hashed, signed and stored."""

from __future__ import annotations

import json
from typing import Any

from fedproof._core import keccak256
from fedproof.errors import BadInput

Json = dict[str, Any]
"""A JSON object."""

MOST = 4096
"""Lists and objects in one text."""


def encode(value: Json) -> bytes:
    """Keys sorted, no spaces, ASCII. Raises ValueError for NaN and infinities."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def decode(data: bytes) -> Json:
    """The object that `data` encodes canonically. Raises BadInput for anything else."""
    if data.count(b"[") + data.count(b"{") > MOST:
        raise BadInput("has too many lists and objects")  # nesting must not exhaust the stack of the C parser
    try:
        value = json.loads(data)
        canonical = encode(value)
    except (ValueError, RecursionError):
        raise BadInput("is not JSON") from None
    if not isinstance(value, dict) or canonical != data:
        raise BadInput("is not a canonical JSON object")
    return value


def digest(value: Json) -> bytes:
    """keccak256 of the canonical text."""
    return keccak256(encode(value))


def hex_field(value: Json, name: str, length: int) -> bytes:
    """`length` bytes out of a field that holds lower-case hex digits. Raises BadInput."""
    text = value.get(name)
    try:
        raw = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        raw = b""
    if len(raw) != length or raw.hex() != text:
        raise BadInput(f"{name} must be {length} bytes in lower-case hex digits")
    return raw


def int_field(value: Json, name: str, least: int, most: int) -> int:
    """An integer field within bounds. Raises BadInput."""
    number = value.get(name)
    if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
        raise BadInput(f"{name} must be an integer between {least} and {most}")
    return number


def printable(text: object, limit: int = 500) -> str:
    """`text` on one line that cannot steer a terminal: other characters become `?`, the rest is cut."""
    return "".join(c if c.isprintable() else "?" for c in str(text)[:limit])


def text_field(value: Json, name: str, limit: int = 200) -> str:
    """A short printable text. Raises BadInput."""
    text = value.get(name)
    if not isinstance(text, str) or len(text) > limit or not text.isprintable():
        raise BadInput(f"{name} must be a printable text of at most {limit} characters")
    return text
