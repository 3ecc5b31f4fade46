"""What people on a chain try with each other: each test is somebody's way to another's stake, or to keep their own."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from fedproof._core import keccak256
from fedproof.chain.deploy import NotOurs
from fedproof.chain.sender import SIZE, Sender
from fedproof.chain.task import Phase
from fedproof.errors import Rejected
from fedproof.federation.onchain.conditions import check_task
from fedproof.federation.onchain.sponsor import Sponsor
from fedproof.federation.store import Store

NAMES = ["alice", "bob"]


def submitting(town):
    """Alice and Bob, where updates are due."""
    alice, bob, closer = town.member("alice"), town.member("bob"), town.closer()
    town.play([alice, bob, closer], until=lambda: town.phase() is Phase.SUBMITTING)
    return alice, bob, closer


def test_a_demand_is_answered_before_the_updates_of_others_are_there(build, node):
    """An answer is due when it is due, also while updates are: else a demand right after a claim would cost a stake."""
    town = build(NAMES, mode="bonded")
    alice, bob, _ = submitting(town)
    town.play([alice], until=lambda: town.hub.submitted_in(town.id, 0, alice.me))
    entry = town.history().rounds[0].of(alice.me)
    bob.sender.send(town.token.approve(town.hub.address, 10), "approve")
    bob.sender.send(town.hub.demand(town.id, entry.index, entry.member, entry.update, entry.proof), "demand")
    town.play([alice], until=lambda: bool(town.of("answered", "alice")), most=3)
    assert town.phase() is Phase.SUBMITTING
    assert town.history().rounds[0].settled == {entry.index} and not town.history().rounds[0].removed


def test_a_proof_too_long_for_any_transaction_saves_no_stake(build, node):
    town = build(NAMES, mode="bonded")
    _, bob, closer = submitting(town)
    bob.sender.send(town.token.mint(town.leader.address, 10), "the deposit of a demand")
    long = b"\x00" * (SIZE + 1)
    name = Store(town.site.store).put(long)
    update = town.terms.initial()[1]
    bob.sender.send(town.hub.submit_claim(town.id, update, bytes.fromhex(name)), "claim")
    town.play([closer], until=lambda: bool(town.history().rounds[0].demanded), most=3)
    assert keccak256(long).hex() == name
    left = town.history().rounds[0].demanded[0].deadline - town.chain.block().time
    node.ask("evm_increaseTime", left + 1)
    node.ask("evm_mine")
    town.play([closer], until=lambda: bool(town.history().rounds[0].removed), most=3)
    assert town.hub.vault.stake_of(town.id, bob.me) == 0


def test_a_member_gives_no_stake_to_contracts_of_somebody_else(build, node):
    town = build(NAMES)
    alice = town.member("alice")
    alice.task = replace(alice.task, beacon=town.token.address)
    with pytest.raises(NotOurs, match="CommitRevealBeacon"):
        alice.step()
    assert town.token.allowance(alice.me, town.hub.vault.address) == 0


@pytest.mark.parametrize("name", ["challenge", "answer"])
def test_a_member_refuses_windows_in_which_it_could_not_answer(build, node, name):
    town = build(NAMES, mode="bonded")
    conditions = replace(town.config.conditions(), window=600)
    check_task(town.offer, town.terms, conditions)
    with pytest.raises(Rejected, match=f"{name} window of 599 s"):
        check_task(replace(town.offer, **{f"{name}_window": 599}), town.terms, conditions)


def test_nobody_begins_what_no_transaction_could_close(build, node, monkeypatch):
    town = build(NAMES)
    length = town.terms.costs["close_bytes"]
    for name, most, refused in (("alice", length, False), ("bob", length - 1, True)):
        monkeypatch.setattr("fedproof.federation.onchain.conditions.CLOSING", most)
        with pytest.raises(Rejected, match="cannot be closed") if refused else nullcontext():
            town.member(name)
    with Sender(town.chain, town.sponsor.account(), town.base / "again") as sender:
        opener = Sponsor(town.chain, sender, town.config, lambda event: None)
        with pytest.raises(Rejected, match="cannot be closed"):
            opener.open(town.hub, town.plain, replace(town.offer, salt=b"\x01" * 32), "")


def test_what_was_found_good_before_the_chain_went_back_is_not_good_for_another_claim(build, node):
    town = build(NAMES, mode="bonded")
    alice, bob, closer = submitting(town)
    before = node.ask("evm_snapshot")
    town.play([alice], until=lambda: town.hub.submitted_in(town.id, 0, alice.me))
    closer.step()
    assert not town.of("contested")
    node.ask("evm_revert", before)
    name = Store(town.site.store).put(b"no proof")
    bob.sender.send(town.hub.submit_claim(town.id, town.terms.initial()[1], bytes.fromhex(name)), "claim")
    town.play([closer], until=lambda: bool(town.of("contested")), most=3)
    assert town.of("contested")[0]["member"] == bob.me.hex()


def test_a_round_that_begins_with_removed_claims_is_closed_in_several_transactions(build, node, monkeypatch):
    monkeypatch.setattr("fedproof.federation.onchain.closer.BATCH", 1)  # every update by itself
    town = build(["alice", "bob", "mallory"], mode="bonded")
    alice, bob, mallory = town.member("alice"), town.member("bob"), town.member("mallory", cheat="random-update")
    closer = town.closer()
    roles = [alice, bob, mallory, closer]
    town.play(roles, until=lambda: town.phase() is Phase.SUBMITTING)
    town.play([mallory, closer], until=lambda: bool(town.of("contested")), most=10)
    assert town.history().rounds[0].removed == {0}
    town.play(roles, until=lambda: town.phase() is Phase.CHALLENGING and bool(town.of("watched")))
    town.pass_time()
    town.play(roles, until=lambda: town.history().rounds[0].closed is not None, most=60)
    assert town.history().rounds[0].removed == {0}
