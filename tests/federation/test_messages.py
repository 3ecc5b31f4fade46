import base64
import threading
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from time import monotonic

import pytest

from fedproof.errors import BadInput
from fedproof.federation.canonical import encode
from fedproof.federation.messages import Message, parse, signed
from fedproof.federation.roster import Roster
from fedproof.federation.wire import Desk, Link
from tests.federation.helpers import make_identity

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
    desk = Desk(str(tmp_path / "s"), AUTHKEY, 1000)
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


def waited(roster, kind, names, timeout):
    return {m.name: reason or "answered" for m, _, reason in roster.wait(kind, None, names, timeout)}


def test_the_roster_names_who_is_silent_gone_or_a_stranger(desk, tmp_path):
    people = [make_identity(number) for number in range(4)]
    stranger = make_identity(9)
    names = {person.address.hex(): f"person-{number}" for number, person in enumerate(people)}
    roster = Roster(desk, names, lambda _: None)
    links = [Link(str(tmp_path / "s"), AUTHKEY) for _ in range(3)]
    links[0].send(signed(people[0], "registration", {}))
    links[1].send(signed(stranger, "registration", {}))
    links[2].send(signed(people[2], "registration", {}))

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
    roster = Roster(desk, {person.address.hex(): "late"}, lambda _: None)
    link = Link(str(tmp_path / "s"), AUTHKEY)
    link.send(signed(person, "registration", {}))
    assert waited(roster, "registration", list(roster.members), 5) == {"late": "answered"}
    link.send(signed(person, "nonce", {"round": 0}))
    link.send(signed(person, "nonce", {"round": 1}))
    [(_, message, _)] = roster.wait("nonce", 1, list(roster.members), 5)
    assert message is not None and message.body == {"round": 1}


def test_base64_is_what_travels():
    message = signed(make_identity(0), "nonce", {}, proof=b"abc")
    assert base64.b64encode(b"abc") in message.encode()
