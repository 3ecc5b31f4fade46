"""The proof of a round's close."""

from dataclasses import replace

import numpy as np
import pytest

from fedproof import _core
from fedproof.errors import BadInput, Rejected
from fedproof.federation.aggregation import Opening, open_sum
from fedproof.federation.rules import next_model, schedule
from fedproof.federation.terms import NOBODY, Terms
from fedproof.proof import (
    Modes,
    prove_close,
    statement_from_json,
    statement_to_json,
    train,
    verify_close,
    verify_training,
)
from tests.federation.helpers import make_enrolment, make_task

SECRET = b"s" * 32


class Round:
    """A round of two updates, closed: `total` opens the sum, `fields` is the statement, `proof` proves it."""

    def __init__(self, terms, people):
        self.terms = terms
        plan = schedule(terms.program, SECRET)
        weights, start = terms.initial()
        openings, points = [], []
        for person in people:
            fields = terms.training(person.fields, 0, start, plan.pi, plan.beta)
            update = train(terms.program, terms.key, fields, weights, person.dataset, secret=SECRET)
            openings.append(Opening(update.weights, update.blinds))
            points.append(update.commitment)
            self.training = (fields, update.proof)
        self.total, summed = open_sum(terms.key, openings, points)
        self.model, _ = next_model(self.total.weights, len(people), terms.task.fields)
        self.fields = terms.close(0, summed, terms.key.commit_weights(self.model), len(people))
        self.proof = self.prove()

    def prove(self, fields=None, weights=None, blinds=None, **options):
        weights = self.total.weights if weights is None else weights
        blinds = self.total.blinds if blinds is None else blinds
        return prove_close(self.terms.key, fields or self.fields, weights, blinds, secret=SECRET, **options)

    def verify(self, fields=None, proof=None):
        verify_close(self.terms.key, fields or self.fields, self.proof if proof is None else proof)


@pytest.fixture(scope="module", params=["sgd", "momentum"])
def closed(request, tmp_path_factory):
    extra = {"optimiser": "momentum", "momentum": 0.9} if request.param == "momentum" else {}
    terms = Terms.of(make_task(training=extra))
    base = tmp_path_factory.mktemp("people")
    return Round(terms, [make_enrolment(base, terms, number) for number in range(2)])


def test_an_honest_close_is_accepted(closed):
    closed.verify()
    assert len(closed.proof) == closed.terms.costs["close_bytes"]
    assert closed.fields.submitter == NOBODY == bytes(20) and closed.fields.count == 2
    assert closed.fields.hub == closed.fields.task == closed.terms.task.digest and closed.fields.chain_id == 0


def test_closes_may_be_proven_again_and_the_proofs_share_nothing(closed):
    again = closed.prove()
    closed.verify(proof=again)
    assert again[:11] == closed.proof[:11] and again[11:75] != closed.proof[11:75]


@pytest.mark.parametrize(
    "change",
    [
        {"chain_id": 1},
        {"hub": b"h" * 32},
        {"submitter": b"s" * 20},
        {"task": b"t" * 32},
        {"round": 1},
        {"count": 1},
        {"count": 3},
    ],
    ids=str,
)
def test_a_proof_is_about_one_close_only(change, closed):
    with pytest.raises(Rejected) as error:
        closed.verify(replace(closed.fields, **change))
    assert (error.value.check, error.value.code) == ("V11", "OpeningFailed")
    assert str(error.value).startswith("round-close proof: ")


def test_another_sum_or_model_is_rejected(closed):
    for name, other in (("summed", closed.fields.weights), ("weights", closed.fields.summed)):
        with pytest.raises(Rejected) as error:
            closed.verify(replace(closed.fields, **{name: other}))
        assert error.value.check == "V11"


@pytest.mark.parametrize("off", [1, -1])
def test_a_model_that_is_off_by_one_cannot_be_proven(off, closed):
    model = [layer.copy() for layer in closed.model]
    model[0][0, 0] += off
    fields = replace(closed.fields, weights=closed.terms.key.commit_weights(model))
    with pytest.raises(Rejected) as error:
        closed.verify(fields, closed.prove(fields))
    assert error.value.check == "V11"


def test_what_does_not_open_the_sum_proves_nothing(closed):
    weights = [layer.copy() for layer in closed.total.weights]
    weights[-1][-1, -1] += 1
    blinds = closed.total.blinds[:-1] + bytes([closed.total.blinds[-1] ^ 1])
    for proof in (closed.prove(weights=weights), closed.prove(blinds=blinds), closed.prove(blinds=b"")):
        with pytest.raises(Rejected) as error:
            closed.verify(proof=proof)
        assert error.value.check == "V11"


def test_means_beyond_the_bound_are_clipped(closed):
    terms, most = closed.terms, (1 << closed.terms.task.fields.bound_bits) - 1
    scale = 2 << terms.task.fields.extra_bits
    total = [np.zeros_like(layer) for layer in closed.total.weights]
    total[0].flat[:4] = [(most + 1) * scale, -(most + 1) * scale, most * scale, -(2**61)]
    model, clipped = next_model(total, 2, terms.task.fields)
    assert clipped == 3 and model[0].flat[0] == most and model[0].flat[1] == -most
    fields = terms.close(5, terms.key.commit_weights(total), terms.key.commit_weights(model), 2)
    closed.verify(fields, closed.prove(fields, total, b""))


@pytest.mark.parametrize("count", [0, 2**16, 2**64 - 1])
def test_counts_out_of_range_are_wrong_statements(count, closed):
    fields = replace(closed.fields, count=count)
    for action in (lambda: closed.verify(fields), lambda: closed.prove(fields)):
        with pytest.raises(Rejected) as error:
            action()
        assert (error.value.check, error.value.code) == ("V5", "WrongStatement")


@pytest.mark.parametrize(
    "change",
    [
        {"submitter": b"s" * 32},
        {"task": b"t"},
        {"hub": b"h" * 33},
        {"summed": b"p"},
        {"weights": b"\xff" * 64},
        {"round": -1},
    ],
    ids=str,
)
def test_fields_that_are_none_are_bad_input(change, closed):
    fields = replace(closed.fields, **change)
    with pytest.raises(BadInput):
        closed.verify(fields)
    with pytest.raises(BadInput):
        closed.prove(fields)


def test_a_sum_of_another_shape_is_bad_input(closed):
    with pytest.raises(BadInput, match="layers"):
        closed.prove(weights=closed.total.weights[:1])
    with pytest.raises(BadInput, match="shape"):
        closed.prove(weights=[layer.T.copy() for layer in closed.total.weights])
    with pytest.raises(BadInput, match="blinds"):
        closed.prove(blinds=closed.total.blinds[:-32])
    with pytest.raises(BadInput, match="secret"):
        prove_close(closed.terms.key, closed.fields, closed.total.weights, closed.total.blinds, secret=b"short")


def test_kinds_of_proofs_are_not_taken_for_each_other(closed):
    fields, proof = closed.training
    for action in (lambda: closed.verify(proof=proof), lambda: verify_training(closed.terms.key, fields, closed.proof)):
        with pytest.raises(Rejected) as error:
            action()
        assert error.value.code == "WrongKind"


def test_progress_is_told_and_can_stop_the_work(closed):
    seen = []
    closed.prove(progress=lambda phase, done: seen.append((phase, done)))
    assert [phase for phase, _ in seen] == ["commit", "lookups", "row constraints", "opening", "done"]
    assert sorted(done for _, done in seen) == [done for _, done in seen]

    def stop(phase, done):
        if phase == "opening":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        closed.prove(progress=stop)


def test_statements_round_trip_through_files(closed):
    assert statement_from_json(statement_to_json(closed.fields)) == closed.fields


@pytest.fixture(scope="module")
def short():
    """A legal program whose vectors are too short for the proof of a close."""
    program = _core.Program.build(
        loss="squared", dims=[126, 127, 1], activations=["identity"], steps=1, batch=2, blocks=1, bits=6, limb_bits=6,
        weight_bits=12, activation_bits=3, delta_bits=4, kernel=5, bound_bits=14, one_hot=False, openings=1, group=12,
        vector_bits=8,
    )  # fmt: skip
    assert program.describe()["close_bytes"] is None
    return program


def test_programs_with_vectors_too_short_are_refused(short, closed):
    key = _core.Key(short, _core.Setup.development(short.describe()["setup_powers"]))
    zeros = [np.zeros((127, 127), np.int64), np.zeros((128, 1), np.int64)]
    points = key.commit_weights(zeros)
    fields = replace(closed.fields, summed=points, weights=points)
    for action in (
        lambda: prove_close(key, fields, zeros, b"", secret=SECRET),
        lambda: verify_close(key, fields, closed.proof),
    ):
        with pytest.raises(BadInput, match="vector_bits: the mask vector of a round close has"):
            action()


def test_runs_that_could_not_prove_their_closes_do_not_begin(short, closed):
    terms = replace(closed.terms, program=short)
    for modes in (Modes("prove", 2), Modes("check", 2, 1)):
        with pytest.raises(BadInput, match="vector_bits"):
            terms.check_closes(modes)
        closed.terms.check_closes(modes)
    terms.check_closes(Modes("check", 2))
