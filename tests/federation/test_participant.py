"""A participant does not follow an aggregator that breaks the rules."""

from pathlib import Path

import pytest

from fedproof.errors import BadInput, Rejected
from fedproof.federation import nonces
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.jobs import ParticipantJob, Place
from fedproof.federation.judge import judge_nonce, judge_submission
from fedproof.federation.participant import Participant
from fedproof.federation.rules import round_seed, schedule
from fedproof.federation.store import Store
from fedproof.proof import encode_weights
from tests.federation.helpers import make_enrolment, make_identity, make_table


class Script:
    """Plays the aggregator: hands out orders, keeps what is sent."""

    def __init__(self):
        self.orders, self.sent = [], []

    def receive(self):
        return self.orders.pop(0)

    def send(self, message):
        if message.kind != "progress":
            self.sent.append(message)


@pytest.fixture(scope="module")
def other(terms, tmp_path_factory):
    return make_enrolment(tmp_path_factory.mktemp("other"), terms, 1)


@pytest.fixture
def scene(terms, other, tmp_path):
    """alice, registered, and the orders of a faithful aggregator."""
    (tmp_path / "alice" / "data").mkdir(parents=True)
    make_table(0).write_csv(tmp_path / "alice" / "data" / "r.csv", terms.task)
    job = ParticipantJob(Place("", ""), str(tmp_path / "alice"), "alice", "", None, "prove", 1, "")
    script = Script()
    alice = Participant(job, terms, make_identity(0), script)
    alice.register()
    tips = {e.dataset_id.hex(): e.fields.nonce_commitment.hex() for e in (alice.enrolment, other)}
    revealed = {e.dataset_id.hex(): nonces.nonce(e.root, terms.task.rounds, 0).hex() for e in (alice.enrolment, other)}
    name = Store(tmp_path / "run" / "store").put(encode_weights(terms.initial()[0]))
    script.orders = [
        {"type": "set", "members": tips, "folder": str(tmp_path / "run")},
        {"type": "reveal", "round": 0},
        {"type": "train", "round": 0, "weights": name, "nonces": revealed},
        {"type": "verdict", "round": 0},
        {"type": "end"},
    ]
    return alice, script


def test_faithful_orders_are_followed_to_the_end(scene, terms):
    alice, script = scene
    revealed = {bytes.fromhex(k): bytes.fromhex(v) for k, v in script.orders[2]["nonces"].items()}
    alice.follow()
    registration, nonce, submission = script.sent
    assert judge_nonce(terms, alice.enrolment.fields, nonce, 0) == revealed[alice.enrolment.dataset_id]
    _, committed = terms.initial()
    plan = schedule(terms.program, round_seed(terms.task.digest, 0, committed, revealed))
    fields = terms.training(alice.enrolment.fields, 0, committed, plan.pi, plan.beta)
    proof = submission.attachments["proof"]
    assert judge_submission(terms, fields, plan, submission, proof, "prove").accepted
    assert ParticipantFolder(Path(alice.job.folder)).state(terms.task.digest)["used"] is True
    assert registration.body["dataset"] == alice.enrolment.fields.dataset.hex()


def left_out_of_the_set(orders, alice, other):
    del orders[0]["members"][alice.enrolment.dataset_id.hex()]


def no_set(orders, alice, other):
    del orders[0]


def twice_the_same_nonce(orders, alice, other):
    orders.insert(2, orders[1])


def a_nonce_beyond_the_last_round(orders, alice, other):
    orders[1]["round"] = alice.terms.task.rounds


def train_before_reveal(orders, alice, other):
    del orders[1]


def another_first_model(orders, alice, other):
    weights, _ = alice.terms.initial()
    weights[0][0, 0] += 1
    orders[2]["weights"] = Store(alice.folder.path.parent / "run" / "store").put(encode_weights(weights))


def a_model_that_is_not_published(orders, alice, other):
    orders[2]["weights"] = "00" * 32


def without_the_own_nonce(orders, alice, other):
    del orders[2]["nonces"][alice.enrolment.dataset_id.hex()]


def a_made_up_nonce_of_somebody_else(orders, alice, other):
    orders[2]["nonces"][other.dataset_id.hex()] = "11" * 32


def a_nonce_of_a_stranger(orders, alice, other):
    orders[2]["nonces"]["22" * 32] = "11" * 32


@pytest.mark.parametrize(
    "change",
    [
        left_out_of_the_set,
        no_set,
        twice_the_same_nonce,
        a_nonce_beyond_the_last_round,
        train_before_reveal,
        another_first_model,
        a_model_that_is_not_published,
        without_the_own_nonce,
        a_made_up_nonce_of_somebody_else,
        a_nonce_of_a_stranger,
    ],
)
def test_orders_against_the_rules_are_not_followed(change, scene, other):
    alice, script = scene
    change(script.orders, alice, other)
    with pytest.raises((Rejected, BadInput)):
        alice.follow()
    assert not [m for m in script.sent if m.kind == "submission"]
