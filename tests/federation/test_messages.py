import base64
import contextlib
import socket
import threading
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from time import monotonic

import pytest

from fedproof.errors import BadInput
from fedproof.federation import outbox
from fedproof.federation.canonical import encode
from fedproof.federation.messages import Message, parse, signed
from fedproof.federation.roster import Member, Roster
from fedproof.federation.wire import AggregatorGone, Arrival, Desk, Link
from tests.federation.helpers import RUN, make_identity

AUTHKEY = b"k" * 32


def test_a_signed_message_round_trips():
    identity = make_identity(0)
    message = signed(identity, "nonce", {"round": 1}, proof=b"\0\xff")
    again = parse(message.encode())
    assert again == message
    assert again.signer == identity.address
    assert again.attachment("proof", 2) == b"\0\xff"


def test_kind_and_body_are_both_signed():
    identity = make_identity(0)
    message = signed(identity, "nonce", {"round": 1})
    assert Message("nonce", {"round": 2}, message.signature).signer != identity.address
    assert Message("submission", {"round": 1}, message.signature).signer != identity.address


def test_attachments_have_a_limit():
    message = signed(make_identity(0), "nonce", {}, proof=b"123")
    for name, limit in (("proof", 2), ("other", 9)):
        with pytest.raises(BadInput, match=name):
            message.attachment(name, limit)


@pytest.mark.parametrize(
    "value",
    [
        {"type": "exec", "body": {}},
        {"type": "nonce", "body": {}},
        {"type": "nonce", "body": {}, "signature": "00"},
        {"type": "progress", "body": []},
        {"type": "progress", "body": {}, "more": 1},
        {"type": "progress", "body": {"a": {}}},
        {"type": "progress", "body": {"a": "[" * 100}},
        {"type": "progress", "body": {str(n): n for n in range(20)}},
        {"type": "progress", "body": {}, "attachments": []},
        {"type": "progress", "body": {}, "attachments": {"x": "not base64!"}},
        {"type": "progress", "body": {}, "attachments": {"x": 5}},
    ],
)
def test_other_forms_are_refused(value):
    with pytest.raises(BadInput):
        parse(encode(value))


@pytest.fixture
def desk(tmp_path):
    desk = Desk(str(tmp_path / "s"), AUTHKEY, 1000, RUN)
    yield desk
    desk.close()


def arrival(desk):
    found = desk.next(monotonic() + 10)
    assert found is not None
    return found


def test_messages_travel_both_ways(desk, tmp_path):
    link = Link(str(tmp_path / "s"), AUTHKEY)
    message = signed(make_identity(0), "nonce", {"round": 0})
    link.send(message)
    found = arrival(desk)
    assert found.message == message
    assert link.receive()["type"] == "run"
    desk.send(found.line, {"type": "end"})
    assert link.receive() == {"type": "end"}
    desk.drop(found.line)
    with pytest.raises(BadInput, match="gone"):
        link.receive()


def test_a_wrong_key_is_not_let_in(desk, tmp_path):
    with pytest.raises(BadInput, match="cannot be reached"):
        Link(str(tmp_path / "s"), b"x" * 32)
    Link(str(tmp_path / "s"), AUTHKEY)  # and others still are
    with pytest.raises(AuthenticationError):
        Client(str(tmp_path / "s"), "AF_UNIX", authkey=b"y" * 32)


@pytest.mark.parametrize("junk", [b"x" * 2000, b"\x80\x04K\x05.", b"{}"])
def test_too_large_messages_pickles_and_junk_end_the_connection(desk, tmp_path, junk):
    connection = Client(str(tmp_path / "s"), "AF_UNIX", authkey=AUTHKEY)
    connection.send_bytes(junk)
    found = arrival(desk)
    assert found.message is None and found.problem
    connection.close()


def test_who_hangs_up_is_reported(desk, tmp_path):
    Client(str(tmp_path / "s"), "AF_UNIX", authkey=AUTHKEY).close()
    assert arrival(desk).problem == "closed the connection"


def join(path, person, number=0, **changes):
    """A connection on which `person` joins."""
    link = Link(str(path), AUTHKEY)
    greeting = link.receive()
    body = {name: greeting[name] for name in ("run", "challenge")}
    link.send(signed(person, "join", {**body, "participant": person.address.hex(), "round": number, **changes}))
    return link


def waited(roster, kind, names, timeout):
    return {m.name: reason or "answered" for m, _, reason in roster.wait(kind, {}, names, timeout)}


HERE = {"run": RUN.hex()}


def test_the_roster_names_who_is_silent_gone_or_a_stranger(desk, tmp_path):
    people = [make_identity(number) for number in range(4)]
    stranger = make_identity(9)
    names = {person.address.hex(): f"person-{number}" for number, person in enumerate(people)}
    roster = Roster(desk, RUN, names, lambda _: None)
    links = [join(tmp_path / "s", person) for person in (people[0], stranger, people[2])]
    links[0].send(signed(people[0], "registration", HERE))
    links[1].send(signed(stranger, "registration", HERE))
    links[2].send(signed(people[2], "registration", HERE))

    def fail_later():
        links[2].send(Message("failure", {"reason": "disk full"}))

    found = waited(roster, "registration", list(names), 0.5)
    assert found == {
        "person-0": "answered",
        "person-1": "no registration within 0.5 seconds",
        "person-2": "answered",
        "person-3": "no registration within 0.5 seconds",
    }
    thread = threading.Thread(target=fail_later)
    thread.start()
    two = [people[0].address.hex(), people[2].address.hex()]
    assert waited(roster, "nonce", two, 0.5) == {"person-0": "no nonce within 0.5 seconds", "person-2": "disk full"}
    thread.join()
    with pytest.raises(BadInput):
        links[1].receive()  # the stranger was hung up on


def test_late_answers_are_passed_over(desk, tmp_path):
    person = make_identity(0)
    roster = Roster(desk, RUN, {person.address.hex(): "late"}, lambda _: None)
    link = join(tmp_path / "s", person)
    link.send(signed(person, "registration", HERE))
    assert waited(roster, "registration", list(roster.members), 5) == {"late": "answered"}
    for place in ((0, 0), (1, 0), (1, 1)):
        link.send(signed(person, "nonce", {"round": place[0], "attempt": place[1]}))
    wanted = {"round": 1, "attempt": 1}
    [(_, message, _)] = roster.wait("nonce", wanted, list(roster.members), 5)
    assert message is not None and message.body == wanted


@pytest.mark.parametrize("lie", [{"run": "00" * 32}, {"challenge": "00" * 32}, {"round": -1}, {"round": "x"}])
def test_only_who_signs_the_challenge_of_this_run_takes_a_seat(lie, desk, tmp_path):
    """Anybody may have seen an old join: with it nobody connects in its owner's place."""
    person = make_identity(0)
    roster = Roster(desk, RUN, {person.address.hex(): "alice"}, lambda _: None)
    thief = join(tmp_path / "s", person, **lie)
    thief.send(signed(person, "registration", HERE))
    assert waited(roster, "registration", list(roster.members), 0.5) == {"alice": "no registration within 0.5 seconds"}
    with pytest.raises(BadInput, match="gone"):
        thief.receive()
    owner = join(tmp_path / "s", person)
    owner.send(signed(person, "registration", HERE))
    assert waited(roster, "registration", list(roster.members), 5) == {"alice": "answered"}


def test_without_joining_nothing_is_heard(desk, tmp_path):
    person = make_identity(0)
    roster = Roster(desk, RUN, {person.address.hex(): "alice"}, lambda _: None)
    link = Link(str(tmp_path / "s"), AUTHKEY)
    link.send(signed(person, "registration", HERE))
    assert waited(roster, "registration", list(roster.members), 0.3) == {"alice": "no registration within 0.3 seconds"}


def test_who_joins_again_gets_what_it_missed_and_what_stands_and_the_old_connection_ends(desk, tmp_path):
    person = make_identity(0)
    address = person.address.hex()
    roster = Roster(desk, RUN, {address: "alice", "bob": "bob"}, lambda _: None)
    roster.missed = lambda member, number: [{"type": "closed", "round": n} for n in range(number, 100)]
    for order in ({"type": "reveal"}, {"type": "train"}):
        roster.order([address], order)
    roster.order(["bob"], {"type": "verdict"})
    roster.announce([address], {"type": "set"})
    first = join(tmp_path / "s", person, 99)
    assert waited(roster, "nonce", [address], 0.2) == {"alice": "no nonce within 0.2 seconds"}
    second = join(tmp_path / "s", person, 20)
    assert waited(roster, "nonce", [address], 0.2) == {"alice": "no nonce within 0.2 seconds"}
    assert [first.receive()["type"] for _ in range(3)] == ["closed", "reveal", "train"]
    with pytest.raises(AggregatorGone):
        first.receive()
    orders = [second.receive() for _ in range(82)]
    assert [o.get("round") for o in orders] == [*range(20, 100), None, None]
    second.send(signed(person, "nonce", {}))
    assert waited(roster, "nonce", [address], 5) == {"alice": "answered"}
    roster.settle()
    third = join(tmp_path / "s", person, 100)
    assert waited(roster, "nonce", [address], 0.2) == {"alice": "no nonce within 0.2 seconds"}
    desk.send(roster.members[address].line, {"type": "end"})
    assert third.receive() == {"type": "end"}


def test_a_connection_that_ends_may_come_back_but_not_who_the_launcher_says_is_gone(desk, tmp_path):
    person = make_identity(0)
    address = person.address.hex()
    roster = Roster(desk, RUN, {address: "alice"}, lambda _: None)
    link = join(tmp_path / "s", person)
    assert waited(roster, "nonce", [address], 0.2) == {"alice": "no nonce within 0.2 seconds"}
    link.reconnect()
    assert waited(roster, "nonce", [address], 0.2) == {"alice": "no nonce within 0.2 seconds"}
    desk.post(Arrival(0, None, "its process was ended by signal 9", address))
    assert waited(roster, "nonce", [address], 5) == {"alice": "its process was ended by signal 9"}
    late = join(tmp_path / "s", person)
    assert waited(roster, "nonce", [address], 5) == {"alice": "its process was ended by signal 9"}
    roster.members["other"] = Member("other", "bob")
    assert waited(roster, "nonce", ["other"], 0.2) == {"bob": "no nonce within 0.2 seconds"}
    with pytest.raises(AggregatorGone):
        late.receive()


def test_repeated_answers_count_once(desk, tmp_path):
    person, other = make_identity(0), make_identity(1)
    names = {person.address.hex(): "alice", other.address.hex(): "bob"}
    roster = Roster(desk, RUN, names, lambda _: None)
    link = join(tmp_path / "s", person)
    for value in ("first", "first", "second"):
        link.send(signed(person, "nonce", {"value": value}))
    found = [
        (m.name, message and message.body["value"]) for m, message, _ in roster.wait("nonce", {}, list(names), 0.3)
    ]
    assert found == [("alice", "first"), ("bob", None)]


def test_who_waits_for_an_aggregator_finds_the_next_one(tmp_path):
    first = Desk(str(tmp_path / "s"), AUTHKEY, 1000, RUN)
    link = Link(str(tmp_path / "s"), AUTHKEY, 10.0)
    assert link.receive()["type"] == "run"
    first.close()
    with pytest.raises(AggregatorGone):
        link.receive()
    started = threading.Timer(0.3, lambda: desks.append(Desk(str(tmp_path / "s"), AUTHKEY, 1000, RUN)))
    desks = []
    started.start()
    link.reconnect()
    assert link.receive()["run"] == RUN.hex()
    started.join()
    desks[0].close()
    with pytest.raises(AggregatorGone, match="cannot be reached"):
        Link(str(tmp_path / "s"), AUTHKEY, 0.1)


def test_progress_is_only_ever_progress(desk, tmp_path):
    """A participant cannot tell the launcher anything but how far it is."""
    person, told = make_identity(0), []
    roster = Roster(desk, RUN, {person.address.hex(): "mallory"}, told.append)
    link = join(tmp_path / "s", person)
    link.send(signed(person, "registration", HERE))
    assert waited(roster, "registration", list(roster.members), 5) == {"mallory": "answered"}
    good = {"phase": "commit", "done": 10, "round": 0}
    lies = {"tell": "ready", "name": "Bob", "participant": "00" * 20, "accepted": 1}
    for body in ({**good, **lies}, lies, {**good, "phase": "\x1b[2J"}, {**good, "phase": "[/]"}, {**good, "done": -1}):
        link.send(Message("progress", body))
    link.send(Message("failure", {"reason": "\x1b]0;owned\x07 bye"}))
    gone = waited(roster, "nonce", list(roster.members), 5)
    assert told == [{**good, "tell": "progress", "name": "mallory", "participant": person.address.hex()}]
    assert gone == {"mallory": "?]0;owned? bye"}


def test_who_does_not_read_holds_up_nobody(desk, tmp_path):
    """Orders wait in an outbox; when that is full the line is dropped."""
    deaf, listening = Link(str(tmp_path / "s"), AUTHKEY), Link(str(tmp_path / "s"), AUTHKEY)
    deaf.send(Message("progress", {"done": 1}))
    line = arrival(desk).line
    order = {"type": "train", "nonces": "x" * 200_000}
    start = monotonic()
    for _ in range(100):
        desk.send(line, order)
    assert monotonic() - start < 5
    assert arrival(desk) == Arrival(line, None, "closed the connection")
    listening.send(Message("progress", {"done": 2}))
    other = arrival(desk).line
    assert listening.receive()["type"] == "run"
    desk.send(other, {"type": "end"})
    assert listening.receive() == {"type": "end"}


def test_an_order_that_is_not_read_in_time_ends_the_connection(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(outbox, "STALLED", 0.2)
    deaf = Link(str(tmp_path / "s"), AUTHKEY)
    deaf.send(Message("progress", {"done": 1}))
    line = arrival(desk).line
    desk.send(line, {"type": "train", "nonces": "x" * 2_000_000})
    assert arrival(desk) == Arrival(line, None, "closed the connection")


def test_who_does_not_answer_the_challenge_keeps_nobody_out(desk, tmp_path):
    silent = socket.socket(socket.AF_UNIX)
    silent.connect(str(tmp_path / "s"))
    link = Link(str(tmp_path / "s"), AUTHKEY)
    link.send(Message("progress", {"done": 1}))
    assert arrival(desk).message is not None
    silent.close()


def test_a_flood_of_messages_does_not_move_the_deadline(desk, tmp_path):
    person = make_identity(0)
    roster = Roster(desk, RUN, {person.address.hex(): "noisy"}, lambda _: None)
    link = join(tmp_path / "s", person)
    link.send(signed(person, "registration", HERE))
    assert waited(roster, "registration", list(roster.members), 5) == {"noisy": "answered"}
    stop = threading.Event()

    def flood():
        with contextlib.suppress(BadInput):
            while not stop.is_set():
                link.send(Message("progress", {"done": 1}))

    thread = threading.Thread(target=flood)
    thread.start()
    start = monotonic()
    assert waited(roster, "nonce", list(roster.members), 0.3) == {"noisy": "no nonce within 0.3 seconds"}
    assert monotonic() - start < 5
    stop.set()
    desk.close()
    thread.join()


def test_connecting_tells_which_run_it_is_and_asks_for_a_signature_of_its_own(desk, tmp_path):
    first, second = (Link(str(tmp_path / "s"), AUTHKEY).receive() for _ in range(2))
    assert first["run"] == second["run"] == RUN.hex()
    assert len(first["challenge"]) == 64 and first["challenge"] != second["challenge"]


def test_base64_is_what_travels():
    message = signed(make_identity(0), "nonce", {}, proof=b"abc")
    assert base64.b64encode(b"abc") in message.encode()
