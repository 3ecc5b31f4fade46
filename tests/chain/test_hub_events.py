"""What a node says of the hub is checked for type and size before anything is made of it."""

from dataclasses import replace

import pytest

from fedproof.chain.hub import bytes32
from fedproof.chain.hub_events import POINTS, Spot, parse_event
from fedproof.chain.task import ChainTask, Mode, Phase, Progress, address_bytes
from fedproof.errors import BadInput

SPOT = Spot(1, 2, b"t" * 32)
GOOD = {
    "id": b"i" * 32, "round": 3, "member": "0x" + "11" * 20, "index": 0, "update": b"p" * 64, "proof": b"h" * 32,
    "verified": True,
}  # fmt: skip
TASK = ChainTask(
    sponsor=b"\x01" * 20, task_digest=b"d" * 32, task_file=b"f" * 32, key_id=b"k" * 32, verifier=1, start=b"s" * 32,
    mode=Mode.EAGER, rounds=2, min_accepted=1, max_members=3, token=b"\x02" * 20, reward=100, closer_fee=10, stake=5,
    reveal_penalty=1, absence_penalty=2, claim_bond=0, demand_deposit=0, gate=b"\x03" * 20, beacon=b"\x04" * 20,
    aggregator=bytes(20), join_window=1, reveal_window=2, submit_window=3, challenge_window=0, answer_window=0,
    close_window=4, salt=b"x" * 32,
)  # fmt: skip


def test_an_event_with_its_arguments_by_name():
    event = parse_event("Submitted", GOOD, SPOT)
    assert (event.spot, event.round, event.member, event.verified) == (SPOT, 3, b"\x11" * 20, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"update": b"p" * 63}, {"update": bytes(POINTS + 64)}, {"proof": b"h" * 31}, {"id": b""}, {"round": "3"},
        {"round": True}, {"member": "0x11"}, {"member": "nobody"}, {"more": 1},
    ],
)  # fmt: skip
def test_arguments_of_another_form_are_bad_input(changes):
    with pytest.raises(BadInput):
        parse_event("Submitted", {**GOOD, **changes}, SPOT)


def test_other_events_phases_and_modes_are_bad_input():
    with pytest.raises(BadInput, match="none of the hub's"):
        parse_event("Transfer", GOOD, SPOT)
    with pytest.raises(BadInput, match="phase 9"):
        parse_event("PhaseChanged", {"id": b"i" * 32, "round": 0, "phase": 9, "deadline": 1}, SPOT)
    with pytest.raises(BadInput, match="mode 7"):
        ChainTask.of([*TASK.values()[:6], 7, *TASK.values()[7:]])
    with pytest.raises(BadInput, match="3 fields, expected 28"):
        ChainTask.of((1, 2, 3))
    with pytest.raises(BadInput, match="progress on the chain"):
        Progress.of((1,))


def test_words_of_others_cannot_steer_a_terminal():
    event = parse_event("TaskCancelled", {"id": b"i" * 32, "round": 0, "reason": "\x1b[2J" + "a" * 2000}, SPOT)
    assert "\x1b" not in event.reason and len(event.reason) == 1000


def test_a_task_goes_to_the_chain_and_back_and_its_id_depends_on_everything():
    assert ChainTask.of(TASK.values()) == TASK and TASK.escrow == 220
    hub = b"\x05" * 20
    ids = {TASK.id(1, hub), TASK.id(2, hub), TASK.id(1, b"\x06" * 20), replace(TASK, salt=b"y" * 32).id(1, hub)}
    assert len(ids) == 4


def test_texts_that_are_no_digests_or_addresses():
    assert bytes32("0x" + "ab" * 32, "--task") == b"\xab" * 32 and address_bytes("cd" * 20) == b"\xcd" * 20
    for text in ("", "0xab", "zz" * 32):
        with pytest.raises(BadInput, match="--task: must be 64 hex digits"):
            bytes32(text, "--task")
        with pytest.raises(BadInput, match="is not an address"):
            address_bytes(text)
    assert Phase.CANCELLED.over and not Phase.CLOSING.over
