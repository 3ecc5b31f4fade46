"""Messages between participants and the aggregator: a signed public body, and private attachments beside it.

    {"type": ..., "body": {...}, "signature": hex, "attachments": {name: base64}}

The body goes into the public record and is signed by the participant's key over keccak256("fedproof/message/1" ‖ type ‖
0x00 ‖ canonical body). Attachments are bound through it: proofs by their hash, updates by their commitment.

Every connection begins with `join` {participant, run, challenge, round}: who this is, shown by signing the greeting's
challenge, and the round it is in. Whoever was away is told what it missed from there on. Nothing depends on how often a
message arrives: the first registration, nonce and submission of somebody counts, and repetitions are passed over.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from fedproof._core import keccak256
from fedproof.errors import BadInput
from fedproof.federation.canonical import Json, decode, encode, hex_field, printable
from fedproof.federation.keys import Identity, recover

DOMAIN = b"fedproof/message/1"
KINDS = ("join", "registration", "nonce", "submission", "progress", "failure")
FIELDS = {"type", "body", "signature", "attachments"}
SIGNED = ("join", "registration", "nonce", "submission")
FIELDS_MOST = 16
BRACKETS_MOST = 64
"""In a body: a line of the record must stay readable, whatever somebody signs."""


@dataclass(frozen=True)
class Message:
    """One message of a participant."""

    kind: str
    body: Json
    signature: bytes = b""
    attachments: dict[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def signer(self) -> bytes:
        """Address that signed the body; b"" if the signature is none."""
        return recover(message_digest(self.kind, self.body), self.signature)

    def encode(self) -> bytes:
        """Bytes on the wire."""
        value: Json = {"type": self.kind, "body": self.body}
        if self.signature:
            value["signature"] = self.signature.hex()
        if self.attachments:
            value["attachments"] = {name: base64.b64encode(data).decode() for name, data in self.attachments.items()}
        return encode(value)

    def attachment(self, name: str, limit: int) -> bytes:
        """An attachment of at most `limit` bytes. Raises BadInput."""
        data = self.attachments.get(name)
        if data is None or len(data) > limit:
            raise BadInput(f"attachment {name}: {'missing' if data is None else f'over {limit} bytes'}")
        return data


def message_digest(kind: str, body: Json) -> bytes:
    """What is signed."""
    return keccak256(DOMAIN + kind.encode() + b"\0" + encode(body))


def signed(identity: Identity, kind: str, body: Json, **attachments: bytes) -> Message:
    """A message of `identity`."""
    return Message(kind, body, identity.sign(message_digest(kind, body)), attachments)


def parse(data: bytes) -> Message:
    """A participant's message, its signature not yet judged. Raises BadInput."""
    value = decode(data)
    kind, body = value.get("type"), value.get("body")
    if kind not in KINDS or not isinstance(body, dict) or not set(value) <= FIELDS:
        raise BadInput("message: unknown form")
    if len(body) > FIELDS_MOST or not all(isinstance(entry, (str, int)) for entry in body.values()):
        raise BadInput("message: a body is a flat list of texts and integers")
    if sum(encode(body).count(bracket) for bracket in (b"[", b"{")) > BRACKETS_MOST:
        raise BadInput("message: too many brackets in a body")
    signature = hex_field(value, "signature", 65) if kind in SIGNED else b""
    attachments = value.get("attachments", {})
    if not isinstance(attachments, dict):
        raise BadInput("message: attachments must be an object")
    return Message(kind, body, signature, {name: _binary(name, text) for name, text in attachments.items()})


def _binary(name: str, text: object) -> bytes:
    try:
        if isinstance(text, str):
            return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        pass
    raise BadInput(f"attachment {printable(name, 32)}: is not base64")
