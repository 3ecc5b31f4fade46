"""A participant does not follow an aggregator that breaks the rules."""

import contextlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from fedproof._core import keccak256
from fedproof.errors import BadInput, Rejected
from fedproof.federation import nonces
from fedproof.federation.aggregation import Opening, open_sum
from fedproof.federation.canonical import printable
from fedproof.federation.draw import Draw, set_digest
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.jobs import ParticipantJob, Place
from fedproof.federation.judge import judge_nonce, judge_registration, judge_submission
from fedproof.federation.participant import Participant
from fedproof.federation.rules import next_model, schedule
from fedproof.federation.store import Store
from fedproof.federation.turn import Turn, honest
from fedproof.proof import encode_weights
from tests.federation.faults import Died, fault
from tests.federation.helpers import RUN, make_enrolment, make_identity, make_table


class Script:
    """Plays the aggregator: hands out orders, keeps what is sent. close: makes the order that closes round 0.

    dies: (number of orders, sent): ends the participant when it has read so many, before or after it sends an answer.
    """

    def __init__(self):
        self.orders, self.given, self.sent, self.close, self.dies = [], [], [], None, None

    def receive(self):
        if self.dies is not None and len(self.given) == self.dies[0]:
            raise Died
        order = self.orders[0](self.sent[-1]) if callable(self.orders[0]) else self.orders[0]
        del self.orders[0]
        if order["type"] != "run":
            self.given.append(order)
        return order

    def send(self, message):
        if message.kind in ("progress", "join"):
            return
        if self.dies == (len(self.given), False):
            raise Died
        self.sent.append(message)

    def of_kind(self, kind):
        return [message for message in self.sent if message.kind == kind]


@pytest.fixture(scope="module")
def other(terms, tmp_path_factory):
    return make_enrolment(tmp_path_factory.mktemp("other"), terms, 1)


@pytest.fixture(scope="module")
def third(terms, tmp_path_factory):
    return make_enrolment(tmp_path_factory.mktemp("third"), terms, 2)


def with_data(folder, task):
    if not (folder / "data").exists():
        (folder / "data").mkdir(parents=True)
        make_table(0).write_csv(folder / "data" / "r.csv", task)
    return folder


def join(terms, folder, run=RUN):
    """alice, who has registered for the run, and the script she follows."""
    with_data(folder, terms.task)
    job = ParticipantJob(Place("", ""), str(folder), "alice", "", None, "prove", 1, "")
    script = Script()
    script.orders = [{"type": "run", "run": run.hex(), "challenge": CHALLENGE}]
    alice = Participant(job, terms, make_identity(0), script)
    alice.join()
    return alice, script


def reveal(number, attempt, people):
    return {"type": "reveal", "round": number, "attempt": attempt, "members": [e.dataset_id.hex() for e in people]}


def train(terms, number, attempt, people, weights):
    rounds = terms.task.rounds
    values = {e.dataset_id.hex(): nonces.nonce(e.root, rounds, number, attempt).hex() for e in people}
    name = keccak256(encode_weights(weights)).hex()
    return {"type": "train", "round": number, "attempt": attempt, "weights": name, "nonces": values}


@pytest.fixture
def scene(terms, other, third, tmp_path):
    """alice, and the orders of a faithful aggregator: third withholds a nonce, two are accepted, a second round."""
    alice, script = join(terms, tmp_path / "alice")
    store = Store(tmp_path / "run" / "store")
    both, all_ = [alice.enrolment, other], [alice.enrolment, other, third]
    tips = {e.dataset_id.hex(): e.fields.nonce_commitment.hex() for e in all_}
    weights, committed = terms.initial()

    def close(message):
        """alice's update, and one that other would have been able to make."""
        plan = schedule(terms.program, bytes.fromhex(message.body["seed"]))
        fields = terms.training(other.fields, 0, committed, plan.pi, plan.beta)
        turn = Turn(terms, other, fields, plan, [weights], tmp_path, b"s" * 32, alice.job.mode)
        update = honest(turn)
        mine = Opening.decode(message.attachments["opening"], terms.task.dims)
        points = {alice.enrolment.dataset_id.hex(): message.body["commitment"]}
        points[other.dataset_id.hex()] = update.commitment.hex()
        openings = [mine, Opening(update.weights, update.blinds)]
        total, _ = open_sum(terms.key, openings, [bytes.fromhex(p) for p in points.values()])
        model, _ = next_model(total.weights, 2, terms.task.fields)
        names = {"sum": store.put(total.encode()), "weights": store.put(encode_weights(model))}
        script.orders[-2] = train(terms, 1, 0, all_, model)
        return {"type": "closed", "round": 0, "accepted": points, **names}

    script.close = close
    script.orders = [
        {"type": "set", "members": tips, "folder": str(tmp_path / "run")},
        reveal(0, 0, all_),
        reveal(0, 1, both),
        train(terms, 0, 1, both, weights),
        {"type": "verdict", "round": 0, "accepted": True},
        close_of(script),
        reveal(1, 0, all_),
        None,  # the training of round 1: filled in when its model is known
        {"type": "end"},
    ]
    return alice, script


def close_of(script):
    return lambda sent: script.close(sent)


CHALLENGE = "cc" * 32
SET, REVEAL, AGAIN, TRAIN, VERDICT, CLOSE, NEXT = range(7)


def test_faithful_orders_are_followed_to_the_end(scene, terms, other, third):
    alice, script = scene
    own, rounds = alice.enrolment, terms.task.rounds
    alice.follow()
    [registration] = script.of_kind("registration")
    assert judge_registration(terms, RUN, registration, own.proof, "prove")[0] == own.fields
    tips = {e.dataset_id: e.fields.nonce_commitment for e in (own, other, third)}
    two = {e.dataset_id: e.fields.nonce_commitment for e in (own, other)}
    places = [(0, 0, tips), (0, 1, two), (1, 0, tips)]
    draws = [Draw(RUN, set_digest(tips), number, attempt, members) for number, attempt, members in places]
    for draw, message in zip(draws, script.of_kind("nonce"), strict=True):
        wanted = nonces.nonce(own.root, rounds, draw.number, draw.attempt)
        assert judge_nonce(terms, draw, own.fields, message) == wanted
    first, second = script.of_kind("submission")
    _, committed = terms.initial()
    revealed = {e.dataset_id: nonces.nonce(e.root, rounds, 0, 1) for e in (own, other)}
    plan = schedule(terms.program, draws[1].seed(terms.task.digest, committed, revealed))
    fields = terms.training(own.fields, 0, committed, plan.pi, plan.beta)
    assert judge_submission(terms, RUN, fields, plan, first, first.attachments["proof"], "prove").accepted
    assert second.body["round"] == 1
    state = ParticipantFolder(Path(alice.job.folder)).state(terms.task.digest)
    assert (state["run"], state["guard"]["round"], state["guard"]["draw"]["attempt"]) == (RUN.hex(), 1, 0)


def left_out_of_the_set(orders, alice, other):
    del orders[SET]["members"][alice.enrolment.dataset_id.hex()]


def in_the_set_with_another_tip(orders, alice, other):
    orders[SET]["members"][alice.enrolment.dataset_id.hex()] = "11" * 32


def a_set_of_one(orders, alice, other):
    own = alice.enrolment.dataset_id.hex()
    orders[SET]["members"] = {own: orders[SET]["members"][own]}


def no_set(orders, alice, other):
    del orders[SET]


def a_second_set_with_somebody_who_knows_the_nonces(orders, alice, other):
    """Whoever sees the nonces grinds one more registration until the seed gives the wished schedule."""
    orders.insert(AGAIN, {**orders[SET], "members": {**orders[SET]["members"], "22" * 32: "33" * 32}})


def somebody_who_registered_after_the_set(orders, alice, other):
    orders[REVEAL]["members"].append("22" * 32)


def the_same_nonce_for_other_members(orders, alice, other):
    orders[AGAIN]["attempt"] = 0


def an_attempt_is_skipped(orders, alice, other):
    orders[AGAIN]["attempt"] = 2


def another_attempt_though_all_are_there(orders, alice, other):
    orders[AGAIN]["members"] = orders[REVEAL]["members"]


def members_come_back(orders, alice, other):
    orders[REVEAL], orders[AGAIN] = orders[AGAIN] | {"attempt": 0}, orders[REVEAL] | {"attempt": 1}


def a_round_of_one(orders, alice, other):
    orders[AGAIN]["members"] = [alice.enrolment.dataset_id.hex()]


def a_nonce_beyond_the_last_round(orders, alice, other):
    orders[REVEAL]["round"] = alice.terms.task.rounds


def a_nonce_of_a_later_round(orders, alice, other):
    orders[REVEAL]["round"] = 1


def train_before_reveal(orders, alice, other):
    del orders[REVEAL:TRAIN]


def train_on_the_void_attempt(orders, alice, other):
    orders[TRAIN] |= {"attempt": 0}


def another_first_model(orders, alice, other):
    weights, _ = alice.terms.initial()
    weights[0][0, 0] += 1
    orders[TRAIN]["weights"] = keccak256(encode_weights(weights)).hex()


def without_the_own_nonce(orders, alice, other):
    del orders[TRAIN]["nonces"][alice.enrolment.dataset_id.hex()]


def without_the_nonce_of_a_member(orders, alice, other):
    """The aggregator would choose among the seeds of all subsets."""
    del orders[TRAIN]["nonces"][other.dataset_id.hex()]


def a_made_up_nonce_of_somebody_else(orders, alice, other):
    orders[TRAIN]["nonces"][other.dataset_id.hex()] = "11" * 32


def a_nonce_of_a_stranger(orders, alice, other):
    orders[TRAIN]["nonces"]["22" * 32] = "11" * 32


BEFORE = [
    left_out_of_the_set,
    in_the_set_with_another_tip,
    a_set_of_one,
    no_set,
    a_second_set_with_somebody_who_knows_the_nonces,
    somebody_who_registered_after_the_set,
    the_same_nonce_for_other_members,
    an_attempt_is_skipped,
    another_attempt_though_all_are_there,
    members_come_back,
    a_round_of_one,
    a_nonce_beyond_the_last_round,
    a_nonce_of_a_later_round,
    train_before_reveal,
    train_on_the_void_attempt,
    another_first_model,
    without_the_own_nonce,
    without_the_nonce_of_a_member,
    a_made_up_nonce_of_somebody_else,
    a_nonce_of_a_stranger,
]


@pytest.mark.parametrize("change", BEFORE, ids=lambda f: f.__name__)
def test_orders_against_the_rules_are_not_followed(change, scene, other):
    alice, script = scene
    change(script.orders, alice, other)
    with pytest.raises((Rejected, BadInput)):
        alice.follow()
    assert script.of_kind("submission") == []


def asked_for_another_nonce_after_training(script, change):
    own = script.orders[AGAIN]["members"]
    script.orders.insert(VERDICT, {**script.orders[AGAIN], "attempt": 2, "members": own})


def not_counted_though_accepted(script, change):
    script.orders[VERDICT] = {"type": "verdict", "round": 0, "accepted": False}


def counted_with_another_commitment(script, change):
    change(
        lambda order: order["accepted"].update(
            dict(zip(order["accepted"], reversed(order["accepted"].values()), strict=True))
        )
    )


def left_out_of_the_close(script, change):
    change(lambda order: order["accepted"].pop(next(iter(order["accepted"]))))


def a_stranger_is_counted(script, change):
    change(lambda order: order["accepted"].update({"22" * 32: list(order["accepted"].values())[1]}))


def another_model(script, change):
    change(lambda order: order.update(weights="00" * 32))


def another_sum(script, change):
    change(lambda order: order.update(sum=order["weights"]))


def the_next_round_without_a_close(script, change):
    del script.orders[CLOSE]


def closed_twice_in_two_ways(script, change):
    def another(sent):
        order = script.close(sent)
        return {**order, "accepted": dict(list(order["accepted"].items())[:1])}

    script.orders.insert(NEXT, another)


def the_verdict_changes(script, change):
    script.orders.insert(CLOSE, {**script.orders[VERDICT], "accepted": False})


def the_next_round_from_another_model(script, change):
    def stale(order):
        script.orders[-2]["weights"] = script.first

    change(stale)


AFTER = [
    asked_for_another_nonce_after_training,
    not_counted_though_accepted,
    counted_with_another_commitment,
    left_out_of_the_close,
    a_stranger_is_counted,
    another_model,
    another_sum,
    the_next_round_without_a_close,
    closed_twice_in_two_ways,
    the_verdict_changes,
    the_next_round_from_another_model,
]


@pytest.mark.parametrize("attack", AFTER, ids=lambda f: f.__name__)
def test_a_round_is_trained_once_and_from_the_model_that_follows(attack, scene, terms):
    alice, script = scene
    script.first = script.orders[TRAIN]["weights"]
    faithful = script.close

    def change(how):
        def changed(sent):
            order = faithful(sent)
            how(order)
            return order

        script.close = changed

    attack(script, change)
    with pytest.raises((Rejected, BadInput)):
        alice.follow()
    assert [m.body["round"] for m in script.of_kind("submission")] == [0]


def test_a_registration_serves_one_run(terms, tmp_path):
    """What was registered in one run, with its nonces shown there, is never signed for another."""
    first, script = join(terms, tmp_path / "alice")
    second, _ = join(terms, tmp_path / "alice", b"S" * 32)
    assert first.enrolment.root != second.enrolment.root
    assert first.enrolment.dataset_id != second.enrolment.dataset_id
    [message] = script.of_kind("registration")
    other_run = bytes(32)
    fields, verdict = judge_registration(terms, other_run, message, first.enrolment.proof, "prove")
    assert fields is None and verdict.check == "statement"


def start_again(alice, script):
    """alice's process after a crash: only what is in the folder is left. What she was told last is said again."""
    repeated = script.given[:1] if len(script.given) < 2 else [script.given[SET], script.given[-1]]
    script.orders = [{"type": "run", "run": RUN.hex(), "challenge": CHALLENGE}, *repeated, *script.orders]
    script.given = script.given[: len(script.given) - len(repeated)]
    return Participant(alice.job, alice.terms, make_identity(0), script)


def one_answer(script):
    """The distinct messages sent, by what they answer: never two in one place."""
    found = {}
    for message in script.sent:
        place = (message.kind, message.body.get("round"), message.body.get("attempt"))
        found.setdefault(place, set()).add(message.encode())
    assert all(len(different) == 1 for different in found.values()), found.keys()
    return set(found)


ALL = {("registration", None, None), ("nonce", 0, 0), ("nonce", 0, 1), ("nonce", 1, 0)}
ALL |= {("submission", 0, None), ("submission", 1, None)}


@pytest.mark.parametrize("sent", [False, True], ids=["before it answers", "after it has answered"])
@pytest.mark.parametrize("lived", range(1, 9))
def test_whoever_starts_again_says_the_same_again(lived, sent, scene):
    alice, script = scene
    script.dies = lived, sent
    with pytest.raises(Died):
        alice.follow()
    script.dies = None
    start_again(alice, script).follow()
    assert one_answer(script) == ALL


def test_a_crash_at_any_write_loses_nothing_and_doubles_nothing(scene, terms, tmp_path_factory):
    """alice dies once at every write point of joining, revealing, training and closing, and goes on."""
    alice, script = scene
    alice.job = replace(alice.job, mode="off")
    orders, home = list(script.orders), Path(alice.job.folder)
    before = Path(shutil.copytree(home, tmp_path_factory.mktemp("before") / "alice"))
    kinds, point = set(), 0
    while True:
        shutil.rmtree(home)
        shutil.copytree(before, home)
        script.orders, script.given, script.sent = list(orders), [], [script.sent[0]]
        with fault(point) as found:
            with contextlib.suppress(Died):
                start_again(alice, script).follow()
            if not found.struck:
                break
        kinds.add(found.kind)
        start_again(alice, script).follow()
        assert one_answer(script) == ALL
        point += 1
    assert point > 40 and kinds == {"torn", "before", "after"}


def test_a_registration_that_crashed_is_made_once_for_the_run(terms, tmp_path):
    """alice dies at every write point of registering; what she sends afterwards is one registration."""
    point = 0
    while True:
        with_data(tmp_path / f"{point}", terms.task)
        with fault(point) as found:
            with contextlib.suppress(Died):
                join(terms, tmp_path / f"{point}")
            if not found.struck:
                break
        first, script = join(terms, tmp_path / f"{point}")
        second, again = join(terms, tmp_path / f"{point}")
        assert first.enrolment.root == second.enrolment.root
        assert [m.encode() for m in script.sent] == [m.encode() for m in again.sent]
        point += 1
    assert point > 10


def other_members(told, other):
    return {**told[REVEAL], "members": [told[REVEAL]["members"][0], other.dataset_id.hex()]}


def members_of_the_void_attempt(told, other):
    return {**told[AGAIN], "members": told[REVEAL]["members"]}


def another_attempt_after_the_training(told, other):
    return {**told[AGAIN], "attempt": 2}


def the_void_attempt_s_seed(told, other):
    return {**told[TRAIN], "attempt": 0}


def another_set(told, other):
    return {**told[SET], "members": {**told[SET]["members"], "22" * 32: "33" * 32}}


def another_verdict(told, other):
    return {**told[VERDICT], "accepted": False}


def another_close(told, other):
    return {**told[CLOSE], "sum": told[CLOSE]["weights"]}


FORGED = [
    (SET, another_set, "fixed already"),
    (REVEAL, other_members, "the same nonce for other members"),
    (AGAIN, members_of_the_void_attempt, "the same nonce for other members"),
    (TRAIN, another_attempt_after_the_training, "after the training"),
    (TRAIN, the_void_attempt_s_seed, "other nonces than were asked for"),
    (VERDICT, another_verdict, "has changed"),
    (CLOSE, another_close, "in another way before"),
]


@pytest.mark.parametrize(("last", "forge", "problem"), FORGED, ids=[forge.__name__ for _, forge, _ in FORGED])
def test_after_a_restart_nothing_different_is_said(last, forge, problem, scene, other):
    """What was followed before a crash, up to the order `last`, binds as if there had been none."""
    alice, script = scene
    script.dies = last + 1, True
    with pytest.raises(Died):
        alice.follow()
    script.dies, told, said = None, list(script.given), len(script.sent)
    script.given, script.orders = told[:1], [forge(told, other), *script.orders]
    with pytest.raises(Rejected, match=problem):
        start_again(alice, script).follow()
    assert len(script.sent) == said


def test_a_round_has_one_seed_on_the_disk(scene, terms):
    alice, script = scene
    script.dies = TRAIN + 1, True
    with pytest.raises(Died):
        alice.follow()
    guard = alice.folder.state(terms.task.digest)["guard"]
    alice.folder.remember(terms.task.digest, guard={**guard, "seed": "77" * 32})
    script.dies = None
    with pytest.raises(Rejected, match="round 0 on two seeds"):
        start_again(alice, script).follow()


def test_of_a_closed_round_only_what_is_public_stays(scene):
    alice, _ = scene
    alice.follow()
    first, second = (alice.sent.get(number) for number in (0, 1))
    assert set(first.attachments) == {"proof"} and set(second.attachments) == {"proof", "opening"}
    assert first.signer == second.signer == make_identity(0).address
    with pytest.raises(BadInput, match="has a submission already"):
        alice.sent.keep(1, second)


def test_a_refused_participant_is_told_why_and_goes_on(scene, capsys):
    alice, script = scene
    why = {"check": "V11", "code": "OpeningFailed", "reason": "not the agreed training\x1b[2J"}
    refusal = {**script.orders[VERDICT], "accepted": False, **why}
    script.orders = [*script.orders[:VERDICT], refusal, refusal, {"type": "end"}]
    assert alice.follow() is False
    said = "round 0: the update was refused, check V11 (OpeningFailed): not the agreed training?[2J\n"
    assert capsys.readouterr().err == said
    script.orders = [{"type": "end"}]
    assert start_again(alice, script).follow() is False
    assert capsys.readouterr().err == ""


def test_texts_of_others_cannot_steer_a_terminal():
    assert printable("a\x1b[2J\nb\u202e\ud800") == "a?[2J?b??"
    assert len(printable("x" * 1000, 10)) == 10
