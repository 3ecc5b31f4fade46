"""What members require, how events fold, what the run file may say: without a chain."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from fedproof._core import keccak256
from fedproof.chain.hub_events import Entered, Joined, Left, RoundBegun, Slashed, Spot, Submitted
from fedproof.errors import BadInput, Rejected
from fedproof.federation import load_run
from fedproof.federation.onchain.conditions import DAY, Conditions, check_task
from fedproof.federation.onchain.history import History
from fedproof.federation.onchain.offer import ChainConfig
from fedproof.federation.onchain.site import Site
from fedproof.federation.onchain.told import Told, told
from fedproof.federation.terms import Terms
from tests.federation.helpers import make_task

SOMEBODY = b"\x01" * 20


@pytest.fixture(scope="module")
def terms():
    return Terms.of(make_task())


@pytest.fixture(scope="module")
def offered(terms):
    return ChainConfig().task(
        terms, 3, sponsor=SOMEBODY, token=b"\x02" * 20, gate=SOMEBODY, beacon=SOMEBODY, aggregator=SOMEBODY,
        task_file=keccak256(terms.task.to_toml().encode()), start=keccak256(terms.initial()[1]), salt=bytes(32),
    )  # fmt: skip


def test_the_offered_task_is_accepted(terms, offered):
    check_task(offered, terms, ChainConfig().conditions())


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"task_digest": b"x" * 32}, "task digest"), ({"task_file": b"x" * 32}, "task file"),
        ({"key_id": b"x" * 32}, "key"), ({"start": b"x" * 32}, "first model"), ({"rounds": 3}, "number of rounds is 3"),
        ({"min_accepted": 1}, "min_accepted is 1"), ({"stake": 101}, "stake of 101"), ({"reward": 99}, "pays 99"),
        ({"token": b"\x03" * 20}, "pays in token"), ({"reveal_window": 5}, "reveal window of 5 s"),
        ({"submit_window": 5}, "submit window of 5 s"), ({"close_window": 31 * DAY}, "binds the stake"),
        ({"max_members": 2**40}, "might not fit 64 bits"),
    ],
)  # fmt: skip
def test_a_member_refuses_other_terms(terms, offered, changes, problem):
    conditions = Conditions(100, 100, (b"\x02" * 20).hex(), 600)
    with pytest.raises(Rejected, match=problem) as refused:
        check_task(replace(offered, **changes), terms, conditions)
    assert refused.value.code == "WrongTask"


def spot(number):
    return Spot(number, 0, number.to_bytes(32, "big"))


def test_who_is_in_a_round_follows_from_the_events():
    a, b, c = (bytes([i]) * 20 for i in (1, 2, 3))
    i = bytes(32)

    def joined(number, who, live):
        return Joined(spot(number), i, who, live, bytes(32), bytes(32), bytes(32), b"", bytes(32))

    def submitted(number, who, index):
        return Submitted(spot(number), i, 0, who, index, b"", bytes(32), True)

    history = History.of([
        joined(1, a, 0), joined(2, b, 0), joined(3, c, 0), RoundBegun(spot(4), i, 0, 3, bytes(32)),
        submitted(5, a, 0), Left(spot(6), i, b), submitted(6, b, 1), Slashed(spot(7), i, c, 0, 5, a, "update"),
        Entered(spot(8), i, c, 1), RoundBegun(spot(9), i, 1, 2, bytes(32)),
    ])  # fmt: skip
    assert history.rounds[0].entered == {a, b, c} and history.rounds[1].entered == {a, c}  # b was leaving
    assert history.members == [a, b, c] and history.registration(b, 0) is not None
    again = History.of([joined(1, a, 0), RoundBegun(spot(2), i, 0, 1, bytes(32)), joined(3, a, 1)])
    assert again._entering == set()  # its update is due and will bring it into the next round
    assert again.registration(a, 0).spot.block == 1 and again.registration(a, 1).spot.block == 3


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        ([RoundBegun(spot(1), bytes(32), 1, 1, bytes(32))], "round 1 begins"),
        ([Submitted(spot(1), bytes(32), 0, SOMEBODY, 0, b"", bytes(32), True)], "never began"),
    ],
)
def test_events_that_no_hub_says_are_rejected(events, problem):
    with pytest.raises(Rejected, match=problem):
        History.of(events)


def test_a_run_file_with_a_chain(tmp_path):
    people = '[[participant]]\nname = "a"\nfolder = "a"\n'
    (tmp_path / "run.toml").write_text(
        f'task = "t.toml"\nout = "o"\n[chain]\nstake = 7\nwindows = {{ reveal = 9 }}\n{people}'
    )
    chain = load_run(tmp_path / "run.toml").chain
    assert chain.embedded and (chain.stake, chain.windows.reveal, chain.windows.join) == (7, 9, 3600)
    for text, problem in (
        ("mode = 'check'", "on a chain everything is proven"),
        ("[chain]\nmode = 'free'", "chain.mode"),
        ("[chain]\nstake = -1", "chain.stake"),
        ("[chain]\ntoken = '0x1'", "chain.token"),
        ("[chain]\nsponsor = 's'", "for a chain given by rpc"),
        ("[chain]\nfee = 1", "chain.fee"),
    ):
        first, _, rest = text.partition("[chain]")
        section = f"[chain]\n{rest}" if rest else "[chain]\n"
        (tmp_path / "bad.toml").write_text(f'task = "t.toml"\nout = "o"\n{first}\n{section}\n{people}')
        with pytest.raises(BadInput, match=problem):
            load_run(tmp_path / "bad.toml")
    with pytest.raises(ValidationError):
        ChainConfig(rpc="http://node")


def test_a_site_is_read_as_it_was_written_and_keeps_no_url_of_a_node(tmp_path):
    site = Site(False, 1, "ab" * 20, "cd" * 32, 5, "s3://bucket")
    site.write(tmp_path)
    assert Site.read(tmp_path) == site and "rpc" not in (tmp_path / "site.json").read_text()
    for old, new in (
        (b'"block":5', b'"block":-5'),
        (b'"chain_id":1', b'"chain_id":0'),
        (b"false", b"1"),
        (b"cdcd", b"cd"),
    ):
        changed = (tmp_path / "site.json").read_bytes().replace(old, new)
        (tmp_path / "other").mkdir(exist_ok=True)
        (tmp_path / "other" / "site.json").write_bytes(changed)
        with pytest.raises(BadInput):
            Site.read(tmp_path / "other")


def test_what_was_told_is_kept_once_and_a_torn_line_is_passed_over(tmp_path):
    kept = Told(tmp_path)
    event = {"tell": "submitted", "name": "a", "round": 1, "gas": 5}
    assert kept.keep(event) and not kept.keep(event) and kept.keep({"tell": "progress", "name": "a"})
    assert kept.keep({"tell": "restart", "name": "a"}) and kept.keep({"tell": "restart", "name": "a"})
    with (tmp_path / "told.jsonl").open("ab") as stream:
        stream.write(b'{"tell":"subm')
    assert [e["tell"] for e in told(tmp_path)] == ["submitted", "restart", "restart"]
    assert not Told(tmp_path).keep(event)
