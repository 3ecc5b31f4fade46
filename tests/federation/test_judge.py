"""Every check of a message, by a message that breaks just it."""

from dataclasses import replace

import pytest

from fedproof._core import keccak256
from fedproof.errors import BadInput, Rejected
from fedproof.federation import nonces
from fedproof.federation.judge import judge_nonce, judge_registration, judge_submission
from fedproof.federation.messages import Message, signed
from fedproof.federation.rules import schedule
from fedproof.federation.turn import Turn, honest
from tests.federation.helpers import make_identity

ME, OTHER = make_identity(0), make_identity(1)


def again(message, **changes):
    """The same message with another body, signed anew."""
    return signed(ME, message.kind, {**message.body, **changes})


def verdict_on_registration(terms, message, proof):
    fields, verdict = judge_registration(terms, message, proof, "prove")
    assert (fields is not None) == verdict.accepted
    return verdict.check


def test_registrations(terms, enrolment):
    message, proof = enrolment.message, enrolment.message.attachments["proof"]
    assert verdict_on_registration(terms, message, proof) == ""
    zero = "00" * 32
    other = proof[:200] + bytes([proof[200] ^ 1]) + proof[201:]
    cases = {
        "signature": [
            (Message("registration", message.body, OTHER.sign(keccak256(b""))), proof),
            (Message("registration", {**message.body, "count": 1}, message.signature), proof),
            (again(message, participant=OTHER.address.hex()), proof),
        ],
        "statement": [(again(message, **{name: zero}), proof) for name in ("task", "key", "setup")],
        "proof": [(message, b""), (message, proof + b"\0")],
        "form": [
            (again(message, dataset="00"), proof),
            (again(message, name="\n"), proof),
            (again(message, count="x"), proof),
        ],
        "count": [(again(message, count=terms.task.slots - 1), proof)],
    }
    for check, wrong in cases.items():
        for message_, proof_ in wrong:
            assert verdict_on_registration(terms, message_, proof_) == check
    for changed in (again(message, nonce_commitment=zero), again(message, proof=keccak256(other).hex())):
        used = other if changed.body["proof"] == keccak256(other).hex() else proof
        assert verdict_on_registration(terms, changed, used).startswith("V")


def test_nonces(terms, enrolment):
    def body(**changes):
        good = {
            "participant": ME.address.hex(),
            "task": terms.task.digest.hex(),
            "dataset_id": enrolment.dataset_id.hex(),
            "round": 1,
            "nonce": nonces.nonce(enrolment.root, terms.task.rounds, 1).hex(),
        }
        return {**good, **changes}

    def judged(message):
        return judge_nonce(terms, enrolment.fields, message, 1)

    assert judged(signed(ME, "nonce", body())) == nonces.nonce(enrolment.root, terms.task.rounds, 1)
    earlier = nonces.nonce(enrolment.root, terms.task.rounds, 0).hex()
    for wrong in (
        body(nonce=earlier),
        body(round=0),
        body(task="00" * 32),
        body(dataset_id="00" * 32),
        body(nonce="0"),
    ):
        with pytest.raises((Rejected, BadInput)):
            judged(signed(ME, "nonce", wrong))
    with pytest.raises(Rejected, match="signature"):
        judged(signed(OTHER, "nonce", body()))


def test_submissions(terms, enrolment, tmp_path):
    weights, committed = terms.initial()
    plan = schedule(terms.program, keccak256(b"round"))
    fields = terms.training(enrolment.fields, 0, committed, plan.pi, plan.beta)
    update = honest(Turn(terms, enrolment, fields, plan, [weights], tmp_path, ME.secret, "prove"))
    good = signed(
        ME,
        "submission",
        {
            "participant": ME.address.hex(),
            "task": terms.task.digest.hex(),
            "dataset_id": enrolment.dataset_id.hex(),
            "round": 0,
            "seed": plan.seed.hex(),
            "commitment": update.commitment.hex(),
            "proof": keccak256(update.proof).hex(),
        },
    )

    def check(message, proof=update.proof, fields=fields, plan=plan):
        verdict = judge_submission(terms, fields, plan, message, proof, "prove")
        assert verdict.accepted == (verdict.check == "")
        return verdict.check

    assert check(good) == ""
    assert check(replace(good, signature=OTHER.sign(keccak256(b"")))) == "signature"
    for name in ("task", "dataset_id", "seed"):
        assert check(again(good, **{name: "00" * 32})) == "statement"
    assert check(again(good, round=1)) == "statement"
    assert check(good, update.proof + b"\0") == "proof"
    assert check(again(good, commitment=committed.hex())) == "commitment"
    assert check(again(good, commitment="00")) == "form"
    longer = update.proof + b"\0"
    assert check(again(good, proof=keccak256(longer).hex()), longer).startswith("V")
    other = replace(fields, round=1)
    assert check(again(good, round=1), fields=other).startswith("V")
