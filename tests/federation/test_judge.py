"""Every check of a message, by a message that breaks just it."""

from dataclasses import replace

import pytest

from fedproof._core import keccak256
from fedproof.errors import BadInput, Rejected
from fedproof.federation import nonces
from fedproof.federation.draw import Draw, set_digest
from fedproof.federation.judge import judge_nonce, judge_registration, judge_submission
from fedproof.federation.messages import Message, signed
from fedproof.federation.rules import schedule
from fedproof.federation.turn import Turn, honest
from tests.federation.helpers import RUN, make_identity

ME, OTHER = make_identity(0), make_identity(1)


def again(message, **changes):
    """The same message with another body, signed anew."""
    return signed(ME, message.kind, {**message.body, **changes})


def verdict_on_registration(terms, message, proof):
    fields, verdict = judge_registration(terms, RUN, message, proof, "prove")
    assert (fields is not None) == verdict.accepted
    return verdict.check


def test_registrations(terms, enrolment):
    message, proof = enrolment.message(ME, RUN), enrolment.proof
    assert verdict_on_registration(terms, message, proof) == ""
    zero = "00" * 32
    other = proof[:200] + bytes([proof[200] ^ 1]) + proof[201:]
    cases = {
        "signature": [
            (Message("registration", message.body, OTHER.sign(keccak256(b""))), proof),
            (Message("registration", {**message.body, "count": 1}, message.signature), proof),
            (again(message, participant=OTHER.address.hex()), proof),
        ],
        "statement": [(again(message, **{name: zero}), proof) for name in ("run", "task", "key", "setup")],
        "proof": [(message, b""), (message, proof + b"\0")],
        "form": [
            (again(message, dataset="00"), proof),
            (again(message, name="\n"), proof),
            (again(message, count="x"), proof),
            (again(message, more=1), proof),
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
    rounds, tips = terms.task.rounds, {enrolment.dataset_id: enrolment.fields.nonce_commitment, b"o" * 32: b"t" * 32}
    draw = Draw(RUN, set_digest({**tips, b"p" * 32: b"t" * 32}), 1, 2, tips)

    def body(**changes):
        good = {
            "participant": ME.address.hex(),
            "run": RUN.hex(),
            "task": terms.task.digest.hex(),
            "set": draw.fixed.hex(),
            "dataset_id": enrolment.dataset_id.hex(),
            "round": 1,
            "attempt": 2,
            "members": draw.digest.hex(),
            "nonce": nonces.nonce(enrolment.root, rounds, 1, 2).hex(),
        }
        return {**good, **changes}

    def judged(message):
        return judge_nonce(terms, draw, enrolment.fields, message)

    assert judged(signed(ME, "nonce", body())) == nonces.nonce(enrolment.root, rounds, 1, 2)
    other_run, other_set = "00" * 32, set_digest({**tips, b"q" * 32: b"t" * 32}).hex()
    for wrong in (
        body(nonce=nonces.nonce(enrolment.root, rounds, 1, 1).hex()),
        body(round=0),
        body(attempt=1),
        body(run=other_run),
        body(set=other_set),  # whoever registers after a nonce is seen makes another set
        body(members=draw.fixed.hex()),
        body(task="00" * 32),
        body(dataset_id="00" * 32),
        body(nonce="0"),
        body(more=1),
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
            "run": RUN.hex(),
            "task": terms.task.digest.hex(),
            "dataset_id": enrolment.dataset_id.hex(),
            "round": 0,
            "prove_ms": 1,
            "seed": plan.seed.hex(),
            "commitment": update.commitment.hex(),
            "proof": keccak256(update.proof).hex(),
        },
    )

    def check(message, proof=update.proof, fields=fields, plan=plan):
        verdict = judge_submission(terms, RUN, fields, plan, message, proof, "prove")
        assert verdict.accepted == (verdict.check == "")
        return verdict.check

    assert check(good) == ""
    assert check(replace(good, signature=OTHER.sign(keccak256(b"")))) == "signature"
    for name in ("run", "task", "dataset_id", "seed"):
        assert check(again(good, **{name: "00" * 32})) == "statement"
    assert check(again(good, round=1)) == "statement"
    assert check(good, update.proof + b"\0") == "proof"
    assert check(again(good, commitment=committed.hex())) == "commitment"
    for wrong in ({"commitment": "00"}, {"more": 1}, {"prove_ms": "soon"}, {"prove_ms": -1}):
        assert check(again(good, **wrong)) == "form"
    longer = update.proof + b"\0"
    assert check(again(good, proof=keccak256(longer).hex()), longer).startswith("V")
    other = replace(fields, round=1)
    assert check(again(good, round=1), fields=other).startswith("V")
