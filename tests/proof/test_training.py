"""Prove, check, off; statements in files."""

from dataclasses import replace

import pytest

from fedproof.errors import BadInput, Rejected
from fedproof.federation.rules import schedule
from fedproof.federation.terms import Terms
from fedproof.proof import (
    Modes,
    statement_from_json,
    statement_to_json,
    train,
    verify_registration,
    verify_training,
)
from tests.federation.helpers import make_enrolment, make_task


@pytest.fixture(scope="module")
def terms():
    return Terms.of(make_task())


@pytest.fixture(scope="module")
def enrolment(terms, tmp_path_factory):
    return make_enrolment(tmp_path_factory.mktemp("people"), terms, 0)


@pytest.fixture(scope="module")
def fields(terms, enrolment):
    plan = schedule(terms.program, b"s" * 32)
    return terms.training(enrolment.fields, 0, terms.initial()[1], plan.pi, plan.beta)


def trained(terms, fields, enrolment, **options):
    return train(terms.program, terms.key, fields, terms.initial()[0], enrolment.dataset, secret=b"s" * 32, **options)


@pytest.fixture(scope="module")
def update(terms, fields, enrolment):
    return trained(terms, fields, enrolment)


def test_a_proof_verifies_and_its_blinds_open_the_update(terms, fields, update):
    assert verify_training(terms.key, fields, update.proof) == update.commitment
    assert terms.key.commit_weights(update.weights, update.blinds) == update.commitment
    assert len(update.proof) == terms.costs["proof_bytes"]
    assert update.seconds["prove"] > 0 and update.seconds["execute"] > 0


def test_proofs_are_never_the_same_twice(terms, fields, enrolment, update):
    again = trained(terms, fields, enrolment)
    assert again.proof != update.proof and again.commitment != update.commitment
    assert all((a == b).all() for a, b in zip(again.weights, update.weights, strict=True))


@pytest.mark.parametrize(
    "change",
    [
        {"round": 1},
        {"chain_id": 1},
        {"hub": b"h" * 32},
        {"task": b"t" * 32},
        {"submitter": b"s" * 20},
        {"dataset_id": b"d" * 32},
        {"beta": 1},
        {"pi": (1, 0)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_proof_is_about_one_statement_only(change, terms, fields, update):
    ((name, value),) = change.items()
    if getattr(fields, name) == value:
        value = 0 if name == "beta" else (0, 1)
    with pytest.raises(Rejected) as error:
        verify_training(terms.key, replace(fields, **{name: value}), update.proof)
    assert error.value.check and error.value.code
    assert str(error.value).startswith("training proof: ")


def test_registration_proofs_are_bound_to_their_statement_too(terms, enrolment):
    proof = enrolment.proof
    verify_registration(terms.key, enrolment.fields, proof)
    for change in ({"submitter": b"x" * 20}, {"nonce_commitment": bytes(32)}, {"chain_id": 1}):
        with pytest.raises(Rejected):
            verify_registration(terms.key, replace(enrolment.fields, **change), proof)


def test_modes_without_a_proof_say_so(terms, fields, enrolment, update):
    for mode in ("check", "off"):
        other = trained(terms, fields, enrolment, mode=mode)
        assert other.mode == mode and other.proof == b"" and other.blinds == b""
        assert terms.key.commit_weights(other.weights) == other.commitment
        assert all((a == b).all() for a, b in zip(other.weights, update.weights, strict=True))
        assert mode in Modes(mode, 3).notice and "nothing is proven" in Modes(mode, 3).notice
    assert Modes("prove", 3).notice == ""


def test_the_last_rounds_may_be_proven_in_any_mode():
    modes = Modes("check", 4, 1)
    assert [modes.of(number) for number in range(4)] == ["check", "check", "check", "prove"]
    assert modes.registration == "prove"
    assert modes.notice == "mode 'check': only round 3 is proven, rounds 0 to 2 are taken on trust"
    assert Modes("off", 3, 2).notice == "mode 'off': only rounds 1 to 2 are proven, round 0 is taken on trust"
    assert [Modes(mode, 2).of(1) for mode in ("prove", "check", "off")] == ["prove", "check", "off"]
    assert Modes("check", 2).registration == "check"


@pytest.mark.parametrize(("mode", "proven"), [("prove", 1), ("check", 3), ("check", 4), ("off", -1)])
def test_rounds_that_cannot_be_proven_so(mode, proven):
    with pytest.raises(BadInput, match="^prove_rounds: "):
        Modes(mode, 3, proven)


def test_fields_of_the_wrong_length_are_bad_input(terms, fields, enrolment):
    wrong = [{"submitter": b"s" * 19}, {"weights": b"w"}, {"dataset": b"d" * 63}, {"round": -1}, {"chain_id": 2**256}]
    for change in wrong:
        with pytest.raises(BadInput):
            trained(terms, replace(fields, **change), enrolment)


def test_progress_is_told_and_can_stop_the_work(terms, fields, enrolment):
    seen = []
    trained(terms, fields, enrolment, progress=lambda phase, done: seen.append((phase, done)))
    assert seen and all(isinstance(phase, str) and 0 <= done <= 1 for phase, done in seen)

    def stop(phase, done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(terms, fields, enrolment, progress=stop)


def test_statements_round_trip_through_files(fields, enrolment):
    for one in (fields, enrolment.fields):
        assert statement_from_json(statement_to_json(one)) == one


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("training", "dreaming"), "is not a statement file"),
        (('"beta"', '"alpha"'), "alpha: unknown"),
        (('"round": 0', '"round": "0"'), "round: must be integers"),
        (('"round": 0', '"round": true'), "round: must be integers"),
        (('"hub": "', '"hub": "zz'), "hub: must be hex digits"),
        (("{", ""), "is not a statement file"),
        (("{", "[{"), "is not a statement file"),
        (("{", "[" * 100_000), "is not a statement file"),
        (('"round": 0', '"round": -1'), "round: must be between 0 and"),
        (('"round": 0', f'"round": {2**64}'), "round: must be between 0 and"),
        (('"chain_id": 0', f'"chain_id": {2**70}'), "chain_id: must be between 0 and"),
        (('"count": 8', '"count": -5'), "count: must be between 0 and"),
        (('"pi": [', '"pi": [-1,'), "pi: must be between 0 and 255"),
        (('"pi": [', f'"pi": [{2**40},'), "pi: must be between 0 and 255"),
    ],
    ids=str,
)
def test_damaged_statement_files_name_the_field(change, problem, fields):
    with pytest.raises(BadInput, match=f"file: {problem}"):
        statement_from_json(statement_to_json(fields).replace(*change, 1), "file")


@pytest.mark.parametrize(
    "change",
    [
        {"round": 2**64 - 1},
        {"chain_id": 2**64 - 1},
        {"beta": 2**40},
        {"beta": 2**64 - 1},
        {"count": 2**64 - 1},
        {"count": 2**32},
        {"pi": (255,)},
        {"pi": (255,) * 40},
        {"weights": b""},
        {"dataset": b"\xff" * 64},
    ],
    ids=str,
)
def test_whatever_a_statement_file_may_hold_is_refused_in_one_line(change, terms, fields, update):
    hostile = statement_from_json(statement_to_json(replace(fields, **change)))
    with pytest.raises((Rejected, BadInput)):
        verify_training(terms.key, hostile, update.proof)
