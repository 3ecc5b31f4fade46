"""What aggregator and auditor check of a message, in one place: whoever re-checks gets the same verdict."""

from __future__ import annotations

from dataclasses import dataclass

from fedproof._core import keccak256
from fedproof.errors import BadInput, Rejected
from fedproof.federation.canonical import Json, hex_field, int_field, text_field
from fedproof.federation.draw import Draw
from fedproof.federation.messages import Message
from fedproof.federation.rules import Schedule
from fedproof.federation.terms import Terms
from fedproof.proof import Mode, RegistrationFields, TrainingFields, verify_registration, verify_training

MAX_COUNT = 2**32
MAX_MS = 2**40
REGISTRATION = {"participant", "run", "name", "task", "key", "setup", "nonce_commitment", "dataset", "count", "proof"}
NONCE = {"participant", "run", "task", "set", "dataset_id", "round", "attempt", "members", "nonce"}
SUBMISSION = {"participant", "run", "task", "dataset_id", "round", "seed", "commitment", "proof", "prove_ms"}
"""Fields of the signed bodies: these and no others."""


@dataclass(frozen=True)
class Verdict:
    """accepted, or the check that failed with the error's name and one line of explanation."""

    accepted: bool
    check: str = ""
    code: str = ""
    reason: str = ""

    def fields(self) -> Json:
        """For the record."""
        return {"accepted": self.accepted, "check": self.check, "code": self.code, "reason": self.reason}


GOOD = Verdict(True)


def judge_signature(message: Message, participant: bytes) -> None:
    """Raises Rejected unless `participant` signed the body, and the body says so."""
    if message.signer != participant:
        raise Rejected("the signature is not the participant's", code="BadSignature", check="signature")
    if message.body.get("participant") != participant.hex():
        raise Rejected("speaks of another participant", code="BadSignature", check="signature")


def judge_registration(
    terms: Terms, run: bytes, message: Message, proof: bytes, mode: Mode
) -> tuple[RegistrationFields | None, Verdict]:
    """Verdict on a registration, and what it registers if accepted."""
    body = message.body
    try:
        participant = hex_field(body, "participant", 20)
        judge_signature(message, participant)
        _exactly(body, REGISTRATION)
        _same(body, "run", run, "statement")
        _same(body, "task", terms.task.digest, "statement")
        _same(body, "key", terms.key.digest, "statement")
        _same(body, "setup", terms.setup.digest, "statement")
        _same(body, "proof", keccak256(proof), "proof")
        text_field(body, "name", 64)
        points = hex_field(body, "dataset", 64 * int(terms.costs["data_vectors"]))
        count = int_field(body, "count", 1, MAX_COUNT)
        fields = terms.registration(participant, hex_field(body, "nonce_commitment", 32), points, count)
        if count != terms.task.slots:
            raise Rejected(
                f"{count} valid records, every dataset has {terms.task.slots}", code="BadCount", check="count"
            )
        if mode == "prove":
            verify_registration(terms.key, fields, proof)
    except (Rejected, BadInput) as error:
        return None, _verdict(error)
    return fields, GOOD


def judge_nonce(terms: Terms, draw: Draw, fields: RegistrationFields, message: Message) -> bytes:
    """The nonce revealed for `draw`. Raises Rejected or BadInput."""
    judge_signature(message, fields.submitter)
    body, dataset_id = message.body, fields.dataset_id(terms.key)
    _exactly(body, NONCE)
    _same(body, "run", draw.run, "nonce")
    _same(body, "task", terms.task.digest, "nonce")
    _same(body, "set", draw.fixed, "nonce")
    _same(body, "members", draw.digest, "nonce")
    _same(body, "dataset_id", dataset_id, "nonce")
    revealed = hex_field(body, "nonce", 32)
    if (body.get("round"), body.get("attempt")) != (draw.number, draw.attempt) or not draw.opens(dataset_id, revealed):
        raise Rejected("the nonce is not the committed one", code="BadNonce", check="nonce")
    return revealed


def judge_submission(
    terms: Terms, run: bytes, fields: TrainingFields, plan: Schedule, message: Message, proof: bytes, mode: Mode
) -> Verdict:
    """Verdict on a submission, as far as public: statement, proof, commitment. The update itself is not looked at."""
    body = message.body
    try:
        judge_signature(message, fields.submitter)
        _exactly(body, SUBMISSION)
        _same(body, "run", run, "statement")
        _same(body, "task", fields.task, "statement")
        _same(body, "dataset_id", fields.dataset_id, "statement")
        _same(body, "seed", plan.seed, "statement")
        if body.get("round") != fields.round:
            raise Rejected("speaks of another round", code="WrongStatement", check="statement")
        _same(body, "proof", keccak256(proof), "proof")
        int_field(body, "prove_ms", 0, MAX_MS)
        commitment = hex_field(body, "commitment", 64 * int(terms.costs["weight_vectors"]))
        if mode == "prove" and verify_training(terms.key, fields, proof) != commitment:
            raise Rejected("is not the proven one", code="WrongCommitment", check="commitment")
    except (Rejected, BadInput) as error:
        return _verdict(error)
    return GOOD


def _exactly(body: Json, names: set[str]) -> None:
    if set(body) != names:
        raise BadInput("has other fields than a message of its kind")


def _same(body: Json, name: str, wanted: bytes, check: str) -> None:
    if body.get(name) != wanted.hex():
        raise Rejected(f"{name} is not the one of this run", code="WrongStatement", check=check)


def _verdict(error: Rejected | BadInput) -> Verdict:
    if isinstance(error, Rejected):
        return Verdict(False, error.check or error.code or "proof", error.code, str(error))
    return Verdict(False, "form", "BadInput", str(error))
