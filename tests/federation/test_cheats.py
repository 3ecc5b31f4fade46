"""The honest prover over a false witness convinces nobody."""

from dataclasses import replace

import numpy as np
import pytest

from fedproof._core import keccak256
from fedproof.errors import BadInput, Rejected
from fedproof.federation.cheats import CHEATS, check_cheat
from fedproof.federation.record import Record
from fedproof.federation.rules import schedule
from fedproof.federation.store import Store
from fedproof.federation.turn import Turn, honest
from fedproof.proof import verify_training
from tests.federation.helpers import make_enrolment, make_identity, make_task


@pytest.fixture(scope="module")
def turn(terms, enrolment, tmp_path_factory):
    """Round 1: the model has moved on from the first."""
    folder = tmp_path_factory.mktemp("run")
    first, _ = terms.initial()
    second = [layer + np.int64(1 << 30) for layer in first]
    plan = schedule(terms.program, keccak256(b"round 1"))
    fields = terms.training(enrolment.fields, 1, terms.key.commit_weights(second), plan.pi, plan.beta)
    return Turn(terms, enrolment, fields, plan, [first, second], folder, make_identity(0).secret, "prove")


@pytest.fixture(scope="module")
def somebody_elses(turn, terms, tmp_path_factory):
    """Another participant's accepted submission in the public record: what stolen-proof steals."""
    other = make_enrolment(tmp_path_factory.mktemp("other"), terms, 1)
    fields = terms.training(other.fields, 1, turn.fields.weights, turn.schedule.pi, turn.schedule.beta)
    update = honest(Turn(terms, other, fields, turn.schedule, turn.history, turn.folder, b"s" * 32, "prove"))
    assert verify_training(terms.key, fields, update.proof) == update.commitment
    record = Record(turn.folder)
    body = {"commitment": update.commitment.hex(), "proof": Store(turn.folder / "store").put(update.proof)}
    record.append("submission", round=1, participant=fields.submitter.hex(), body=body)
    record.close()
    return update


def test_honest_training_is_accepted(turn, terms):
    update = honest(turn)
    assert verify_training(terms.key, turn.fields, update.proof) == update.commitment
    assert terms.key.commit_weights(update.weights, update.blinds) == update.commitment


@pytest.mark.parametrize("kind", CHEATS)
def test_every_cheat_is_rejected_by_the_verifier(kind, turn, terms, somebody_elses):
    update = CHEATS[kind](turn)
    with pytest.raises(Rejected) as error:
        verify_training(terms.key, turn.fields, update.proof)
    assert error.value.check and error.value.code
    if kind != "stolen-proof":  # the proof is well made, only its witness is false: it opens its own commitment
        assert terms.key.commit_weights(update.weights, update.blinds) == update.commitment
        assert any((a != b).any() for a, b in zip(update.weights, honest(turn).weights, strict=True))
    else:
        assert update.proof == somebody_elses.proof


def test_a_stale_model_needs_an_earlier_one(turn, terms):
    _, committed = terms.initial()
    fields = terms.training(turn.enrolment.fields, 0, committed, turn.schedule.pi, turn.schedule.beta)
    first = Turn(terms, turn.enrolment, fields, turn.schedule, turn.history[:1], turn.folder, turn.secret, "prove")
    verify_training(terms.key, fields, CHEATS["stale-model"](first).proof)


@pytest.mark.parametrize(
    "kind", ["scaled-update", "label-flip", "wrong-batch", "stale-model", "random-update", "skipped-step"]
)
def test_mode_check_notices_them_too(kind, turn):
    with pytest.raises(Rejected, match="check:"):
        CHEATS[kind](replace(turn, mode="check"))


def test_impossible_demonstrations_are_refused():
    cases = [
        ("honesty", make_task(), 4, "unknown cheat"),
        ("wrong-batch", make_task(training={"blocks": 1}), 4, "at least 2 blocks"),
        ("stale-model", make_task(rounds=1), 4, "at least 2 rounds"),
        ("stolen-proof", make_task(), 1, "at least 2 participants"),
    ]
    for kind, task, participants, problem in cases:
        with pytest.raises(BadInput, match=problem):
            check_cheat(kind, task, participants)
