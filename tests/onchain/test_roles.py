"""Roles on anvil, in one process: who may do what, and who comes second."""

import pytest

from fedproof.chain.errors import ContractRejected, RpcUnavailable
from fedproof.chain.hub import Hub
from fedproof.chain.rpc import Chain
from fedproof.chain.sender import Sender
from fedproof.chain.task import Mode, Phase
from fedproof.errors import BadInput, Rejected
from fedproof.federation.aggregation import open_sum
from fedproof.federation.keys import Identity
from fedproof.federation.onchain.audit import audit_chain
from fedproof.federation.onchain.follow import follow
from fedproof.federation.rules import next_model
from fedproof.federation.store import Store
from fedproof.federation.terms import Terms
from fedproof.proof import encode_weights, prove_close
from tests.federation.helpers import make_task

NAMES = ["alice", "bob"]


def everybody(town):
    return [town.member(name) for name in town.names]


def test_two_eager_rounds_pay_whoever_took_part_and_pass_the_audit(build, node):
    town = build(NAMES)
    town.play([*everybody(town), town.closer()])
    assert town.phase() is Phase.FINISHED
    for who in town.people.values():
        assert town.token.balance_of(who.address) == 10**6 - 100 + 100  # the stake waits in the vault, 2 * 50 earned
        assert town.hub.vault.stake_of(town.id, who.address) == 100
    assert town.token.balance_of(town.leader.address) == 10**6 + 2 * 10
    report = audit_chain(town.chain, town.site, folder=town.base / "run")
    assert report.ok and report.finished and report.proofs == 2 + 4 + 2
    assert (town.base / "run" / "model" / "model.safetensors").is_file()


def test_two_aggregators_race_and_every_round_is_closed_once(build, node):
    town = build(NAMES, anybody=True)
    second = Identity(b"\x05" * 32)
    node.fund(second.address, 10**20)
    town.play([*everybody(town), town.closer(), town.closer("second", second)])
    assert [current.closed is not None for current in town.history().rounds] == [True, True]
    assert audit_chain(town.chain, town.site).ok


def test_an_update_that_does_not_hold_is_refused_by_the_contract_and_its_author_pays(build, node):
    town = build(["alice", "bob", "mallory"])
    honest, thief = [town.member("alice"), town.member("bob")], town.member("mallory", cheat="stolen-proof")
    closer = town.closer()
    town.play([*honest, thief, closer], until=lambda: bool(town.of("refused")))
    refused = town.of("refused", "mallory")[0]
    assert refused["round"] == 0 and refused["check"].startswith("V") and refused["code"] in refused["reason"]
    town.play([*honest, thief, closer], until=lambda: town.hub.progress(town.id).submitted == 2)
    town.pass_time()
    town.play([*honest, thief, closer])
    (cut,) = town.history().slashed
    assert (cut.member, cut.amount, cut.fault) == (town.people["mallory"].address, 50, "update")
    assert len(town.of("refused")) == 1  # it does not come back
    report = audit_chain(town.chain, town.site, names={town.people["mallory"].address: "mallory"})
    assert report.ok and [(r.participant, r.check) for r in report.refused] == [("mallory", "absence")]


def test_a_proof_is_of_no_use_to_another_sender_round_or_task(build, node):
    town = build(NAMES)
    alice, bob = everybody(town)
    closer = town.closer()
    town.play([alice, bob, closer], until=lambda: town.phase() is Phase.SUBMITTING)
    start = town.terms.initial()[1]
    town.play([alice, closer], until=lambda: town.hub.submitted_in(town.id, 0, alice.me))
    proof = alice.sent.get(0).attachments["proof"]
    mine = bob._made
    with pytest.raises(ContractRejected, match="OpeningFailed"):  # bob's statement, alice's proof
        bob.sender.send(town.hub.submit(town.id, start, mine.dataset_id, mine.fields.dataset, proof), "steal")
    with pytest.raises(ContractRejected, match="WrongDataset"):
        other = alice._made
        bob.sender.send(town.hub.submit(town.id, start, other.dataset_id, other.fields.dataset, proof), "steal data")
    town.play([alice, bob, closer], until=lambda: town.hub.progress(town.id).round == 1)
    town.play([alice, bob, closer], until=lambda: town.phase() is Phase.SUBMITTING)
    next_start = town.history().rounds[0].closed.next
    own = alice._made
    with pytest.raises(ContractRejected, match="OpeningFailed"):  # the round before's proof
        again = town.hub.submit(town.id, next_start, own.dataset_id, own.fields.dataset, proof)
        alice.sender.send(again, "again")
    other = build(NAMES)
    with pytest.raises(ContractRejected, match="OpeningFailed"):  # a registration is bound to the task too
        registered = own.fields
        node.fund(alice.me, 10**20)
        call = other.hub.join(other.id, registered.nonce_commitment, registered.dataset, own.proof)
        alice.sender.send(call, "join elsewhere")


def test_a_member_refuses_a_task_that_is_not_the_one_of_its_file(build, node):
    town = build(NAMES)
    town.terms = town.site.terms(Terms.of(make_task(seed=8)))
    with pytest.raises(Rejected, match="its task digest is 0x"):
        town.member("alice")
    town.terms = town.site.terms(town.plain)
    town.config = town.config.model_copy(update={"stake": 99})
    with pytest.raises(Rejected, match="stake of 100, more than the 99"):
        town.member("bob")


def test_whoever_starts_again_sends_the_same_proof(build, monkeypatch):
    """The process dies after the proof was stored, before and after its transaction was sent."""
    town = build(NAMES)
    alice, bob, closer = town.member("alice"), town.member("bob"), town.closer()
    town.play([alice, bob, closer], until=lambda: town.phase() is Phase.SUBMITTING)

    class Died(BaseException):
        pass

    def dies(*_, **__):
        raise Died

    monkeypatch.setattr(alice.sender, "send", dies)
    with pytest.raises(Died):
        alice.step()
    kept = alice.sent.get(0)
    alice.sender.close()
    alice = town.member("alice")
    alice.step()  # joins again: nothing is sent
    alice.step()
    assert town.history().rounds[0].of(alice.me).proof.hex() == kept.body["proof"]
    alice.sender.close()
    alice = town.member("alice")
    town.play([alice, bob, closer])
    assert town.phase() is Phase.FINISHED and len(town.of("joined", "alice")) == 3
    assert audit_chain(town.chain, town.site).ok


def test_a_node_that_dies_while_an_update_is_sent_is_waited_for(build, monkeypatch):
    town = build(NAMES)
    alice, bob, closer = town.member("alice"), town.member("bob"), town.closer()
    town.play([alice, bob, closer], until=lambda: town.phase() is Phase.SUBMITTING)
    send, failures = alice.sender.send, iter([True, True, False])

    def flaky(call, purpose):
        if purpose.startswith("submit") and next(failures, False):
            raise RpcUnavailable("the node is away")
        return send(call, purpose)

    monkeypatch.setattr(alice.sender, "send", flaky)
    told = []
    follow(lambda: alice.step() or town.hub.submitted_in(town.id, 0, alice.me), told.append, pause=0.0, patience=60.0)
    assert told == [{"tell": "waiting", "reason": "the node is away"}]
    town.play([alice, bob, closer])
    assert len({entry["prove_ms"] for entry in town.of("trained", "alice") if entry["round"] == 0}) == 1
    with pytest.raises(RpcUnavailable):
        follow(dies_of(RpcUnavailable("gone")), told.append, pause=0.0, patience=0.0)


def dies_of(error):
    def step():
        raise error

    return step


def test_a_chain_that_goes_back_gets_the_same_transactions_again(build, node):
    town = build(NAMES)
    alice, bob, closer = town.member("alice"), town.member("bob"), town.closer()
    town.play([alice, bob, closer], until=lambda: town.hub.submitted_in(town.id, 0, alice.me))
    proof = town.history().rounds[0].of(alice.me).proof
    node.ask("anvil_rollback", 1)
    assert not town.hub.submitted_in(town.id, 0, alice.me)
    town.play([alice, bob, closer])
    assert town.history().rounds[0].of(alice.me).proof == proof
    assert town.phase() is Phase.FINISHED and audit_chain(town.chain, town.site).ok


def test_a_nonce_withheld_costs_and_the_member_is_not_in_the_round(build, node):
    town = build(["alice", "bob", "carol"])
    alice, bob, carol, closer = *everybody(town), town.closer()
    town.play([alice, bob, carol, closer], until=lambda: town.phase() is Phase.REVEALING)
    town.play([alice, bob, closer], until=lambda: len(town.of("revealed")) == 2)
    town.pass_time()
    town.play([alice, bob, closer], until=lambda: town.hub.progress(town.id).round == 1)
    (cut,) = town.history().slashed
    assert (cut.member, cut.amount, cut.fault) == (carol.me, 10, "nonce")
    town.play([alice, bob, carol, closer])
    assert town.history().rounds[1].entered == {alice.me, bob.me}
    report = audit_chain(town.chain, town.site)
    assert report.ok and len(report.refused) == 1


def test_a_task_without_enough_members_is_cancelled_and_the_escrow_comes_back(build, node):
    town = build(NAMES)
    alice, closer = town.member("alice"), town.closer()
    town.play([alice, closer], until=lambda: bool(town.of("joined", "alice")))
    town.pass_time()
    town.play([alice, closer])
    assert town.phase() is Phase.CANCELLED and town.history().cancelled.reason == "members"
    with Sender(town.chain, town.sponsor.account(), town.base / "sponsor") as sender:
        before = town.token.balance_of(town.sponsor.address)
        sender.send(town.hub.refund(town.id), "refund")
        assert town.token.balance_of(town.sponsor.address) - before == town.offer.escrow
    report = audit_chain(town.chain, town.site)
    assert report.ok and report.notes == ["the task was cancelled: members"]


def test_rounds_too_large_for_one_transaction_are_added_up_in_several(build, monkeypatch):
    monkeypatch.setattr("fedproof.federation.onchain.closer.BATCH", 1)
    town = build(["alice", "bob", "carol"])
    roles = everybody(town)
    town.play([*roles, town.closer()])
    sent = [event["what"] for event in town.of("sent") if event["what"].startswith("accumulate")]
    # also the last: its update and the proof of the close are more than one transaction takes
    assert sent == [f"accumulate {number} {batch}" for number in range(2) for batch in range(3)]
    assert town.phase() is Phase.FINISHED and audit_chain(town.chain, town.site).ok


def test_only_the_named_aggregator_closes_and_only_with_its_own_proof(build, node):
    town = build(NAMES)
    stranger = Identity(b"\x06" * 32)
    node.fund(stranger.address, 10**20)
    alice, bob, other = *everybody(town), town.closer("stranger", stranger)
    town.play([alice, bob, other], until=lambda: town.phase() is Phase.CLOSING)
    town.play([alice, bob, other], until=lambda: any("NotAggregator" in e["reason"] for e in town.of("note")))
    history = town.history()
    accepted = history.rounds[0].accepted
    openings = [town.openings.get(0, entry.member.hex(), town.task.dims) for entry in accepted]
    total, summed = open_sum(town.terms.key, openings, [entry.update for entry in accepted])
    weights, _ = next_model(total.weights, len(accepted), town.task.fields)
    commitment = town.terms.key.commit_weights(weights)
    fields = town.terms.close(0, summed, commitment, len(accepted), stranger.address)
    proof = prove_close(town.terms.key, fields, total.weights, total.blinds, secret=b"s" * 32)
    members, updates = b"".join(e.member for e in accepted), b"".join(e.update for e in accepted)
    name = bytes.fromhex(Store(town.site.store).put(encode_weights(weights)))
    call = town.hub.close(town.id, b"", members, updates, commitment, name, proof)
    chain = Chain.connect(node.url)
    with (
        Sender(chain, town.leader.account(), town.base / "leader") as sender,
        pytest.raises(ContractRejected, match="OpeningFailed"),  # another closer's proof
    ):
        sender.send(call, "close")
    assert Hub(chain, town.hub.address).progress(town.id).phase is Phase.CLOSING


def test_bonded_claims_that_do_not_hold_are_removed_and_demanded_proofs_are_shown(build, node):
    town = build(["alice", "bob", "mallory"], mode="bonded")
    alice, bob, mallory = town.member("alice"), town.member("bob"), town.member("mallory", cheat="random-update")
    closer = town.closer()
    roles = [alice, bob, mallory, closer]
    town.play(roles, until=lambda: town.phase() is Phase.SUBMITTING)
    town.play([alice, mallory, closer], until=lambda: bool(town.of("contested")))
    assert town.offer.mode is Mode.BONDED
    assert town.of("contested")[0]["member"] == mallory.me.hex()
    town.play([bob], until=lambda: town.hub.submitted_in(town.id, 0, bob.me))
    proof = town.history().rounds[0].of(bob.me).proof
    Store(town.site.store).discard(proof.hex())
    town.play([alice, closer], until=lambda: bool(town.history().rounds[0].demanded))
    town.play([alice, bob, mallory, closer], until=lambda: bool(town.of("answered", "bob")))
    for _ in range(2):
        town.play(roles, until=lambda: town.phase() in (Phase.CHALLENGING, Phase.FINISHED) and bool(town.of("watched")))
        town.told.clear()
        town.pass_time()
    town.play([alice, bob, closer], until=lambda: town.phase().over)
    assert town.phase() is Phase.FINISHED
    report = audit_chain(town.chain, town.site)
    checks = {finding.check for finding in report.findings}
    assert checks == {"submission"}  # of the proof that is not in the store any more
    assert [r.check for r in report.refused] == ["claim"]


def test_a_folder_that_lost_what_it_joined_with_does_not_go_on(build, node):
    town = build(NAMES)
    alice = town.member("alice")
    alice.step()
    (town.base / "alice" / "state.json").unlink()
    alice.sender.close()
    with pytest.raises(BadInput, match="has joined this task"):
        town.member("alice").step()
