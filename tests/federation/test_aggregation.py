import numpy as np
import pytest

from fedproof._core import keccak256
from fedproof.errors import BadInput, Rejected
from fedproof.federation.aggregation import Opening, check_opening, open_sum
from fedproof.federation.rules import schedule
from fedproof.federation.turn import Turn, honest


@pytest.fixture(scope="module")
def updates(terms, enrolment, tmp_path_factory):
    """Two proven updates with their blinds."""
    weights, committed = terms.initial()
    made = []
    for number in (0, 1):
        plan = schedule(terms.program, keccak256(bytes([number])))
        fields = terms.training(enrolment.fields, number, committed, plan.pi, plan.beta)
        folder = tmp_path_factory.mktemp("run")
        made.append(honest(Turn(terms, enrolment, fields, plan, [weights], folder, b"s" * 32, "prove")))
    return made


def openings(updates):
    return [Opening(u.weights, u.blinds) for u in updates]


def test_the_sum_opens_the_sum_of_commitments(updates, terms):
    total, commitment = open_sum(terms.key, openings(updates), [u.commitment for u in updates])
    for layer, parts in enumerate(zip(*(u.weights for u in updates), strict=True)):
        assert (total.weights[layer] == sum(parts)).all()
    assert terms.key.commit_weights(total.weights, total.blinds) == commitment


def test_a_commitment_of_something_else_is_noticed(updates, terms):
    wrong = [updates[0].commitment, updates[0].commitment]
    with pytest.raises(Rejected) as error:
        open_sum(terms.key, openings(updates), wrong)
    assert (error.value.code, error.value.check) == ("OpeningMismatch", "opening")


@pytest.mark.parametrize("what", ["weight", "blind", "no blinds", "short blinds"])
def test_an_update_must_open_its_commitment(what, updates, terms):
    update = updates[0]
    check_opening(terms.key, Opening(update.weights, update.blinds), update.commitment)
    weights, blinds = [w.copy() for w in update.weights], update.blinds
    if what == "weight":
        weights[1][0, 0] += 1
    elif what == "blind":
        blinds = blinds[:-1] + bytes([blinds[-1] ^ 1])
    else:
        blinds = b"" if what == "no blinds" else blinds[:-1]
    with pytest.raises(Rejected) as error:
        check_opening(terms.key, Opening(weights, blinds), update.commitment)
    assert error.value.check == "opening"


def test_openings_round_trip_and_have_one_length(updates, terms):
    opening = openings(updates)[0]
    data = opening.encode()
    again = Opening.decode(data, terms.task.dims)
    assert again.blinds == opening.blinds
    assert all(np.array_equal(a, b) for a, b in zip(again.weights, opening.weights, strict=True))
    for wrong in (data[:-1], data + b"\0", b"", b"\xff\xff\xff\xff"):
        with pytest.raises(BadInput):
            Opening.decode(wrong, terms.task.dims)
