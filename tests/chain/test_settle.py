"""Transactions that get stuck, vanish, are outrun; nodes that die and come back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic, sleep

import pytest

from fedproof.chain.errors import NonceTaken, RpcRefused, RpcUnavailable, Unsettled
from fedproof.chain.fees import BUMP, GWEI, Fees, outbid
from fedproof.chain.journal import Journal
from fedproof.chain.node import Anvil
from fedproof.chain.rpc import Chain
from fedproof.chain.sender import Sender
from fedproof.chain.settle import Patience
from fedproof.chain.transport import Transport
from tests.chain.conftest import ETHER, Counter


@pytest.fixture
def own_chain(own: Anvil) -> Chain:
    return Chain.connect(own.url, patience=0.2)


@pytest.fixture
def own_counter(own: Anvil, own_chain: Chain) -> Counter:
    return Counter(own, own_chain)


@pytest.fixture
def own_sender(own: Anvil, own_chain: Chain, account, open_sender) -> Callable[..., Sender]:
    own.fund(account.address, ETHER)
    return lambda of=own_chain, **options: open_sender(of, **options)


def journal_of(sender: Sender) -> Journal:
    return sender._journal


def until(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + 20
    while not condition():
        assert monotonic() < deadline
        sleep(0.01)


def pending(node: Anvil) -> int:
    return int(node.ask("txpool_status")["pending"], 16)


class Sending(threading.Thread):
    """Sends in another thread."""

    def __init__(self, send: Callable[[], object]) -> None:
        super().__init__()
        self.result: object = None
        self._send = send
        self.start()

    def run(self) -> None:
        try:
            self.result = self._send()
        except Exception as error:
            self.result = error


def test_a_stuck_transaction_is_outbid_with_the_same_nonce(own, own_sender, own_counter):
    own.ask("evm_setAutomine", False)
    sender = own_sender(patience=Patience(total=20, outbid=0.3, again=0.2, look=0.05))
    sending = Sending(lambda: sender.send(own_counter.tick, "stuck"))
    until(lambda: pending(own) == 1)
    until(lambda: len(journal_of(sender).latest("stuck").attempts) >= 3)
    # blocks that are too dear for the first attempt
    entry = journal_of(sender).latest("stuck")
    first, second = entry.attempts[:2]
    assert second.fee * 1000 >= first.fee * BUMP and second.tip * 1000 >= first.tip * BUMP
    own.ask("anvil_setNextBlockBaseFeePerGas", hex(first.fee + 1))
    own.ask("evm_mine")
    sending.join()
    assert sending.result.hash in {attempt.hash for attempt in journal_of(sender).latest("stuck").attempts[1:]}
    assert own_counter.count == 1 and pending(own) == 0
    assert int(own.ask("eth_getTransactionCount", sender.address, "latest"), 16) == 1


def test_an_older_attempt_that_is_mined_settles_it(own, own_sender, own_counter, monkeypatch):
    own.ask("evm_setAutomine", False)
    sender = own_sender(patience=Patience(total=20, outbid=0.2, again=0.1, look=0.05))
    original = Transport.ask

    def only_the_first(self, method, body):  # the node never hears of what replaces it
        if method == "eth_sendRawTransaction" and pending(own):
            raise RpcRefused("the node", -32000, "already known")
        return original(self, method, body)

    with monkeypatch.context() as patch:
        patch.setattr(Transport, "ask", only_the_first)
        sending = Sending(lambda: sender.send(own_counter.tick, "older"))
        until(lambda: (found := journal_of(sender).latest("older")) is not None and len(found.attempts) >= 2)
        own.ask("evm_mine")
        sending.join()
    entry = journal_of(sender).latest("older")
    assert sending.result.hash == entry.hash == entry.attempts[0].hash and own_counter.count == 1


def test_a_transaction_too_cheap_for_the_node_is_outbid_at_once(own, own_sender, own_counter):
    sender, patience = own_sender(), Patience(total=0.3, outbid=9, again=0.1, look=0.05)
    own.ask("evm_setAutomine", False)
    with pytest.raises(Unsettled):
        own_sender(patience=patience).send(own_counter.tick, "cheap")
    own.ask("anvil_dropAllTransactions")
    own.ask("anvil_setNextBlockBaseFeePerGas", hex(20 * GWEI))
    own.ask("evm_mine")
    own.ask("evm_setAutomine", True)
    sender = own_sender(patience=Patience(total=20, outbid=9, again=0.1, look=0.05))
    receipt = sender.send(own_counter.tick, "cheap")
    assert receipt.hash == journal_of(sender).latest("cheap").attempts[1].hash and own_counter.count == 1


def test_fees_are_never_outbid_above_the_limit(own, own_sender, own_counter):
    own.ask("evm_setAutomine", False)
    sender = own_sender(patience=Patience(total=1, outbid=0.1, again=0.1, look=0.05), most_fee=4 * GWEI)
    with pytest.raises(Unsettled, match="limited: is not in a block yet"):
        sender.send(own_counter.tick, "limited")
    assert all(attempt.fee <= 4 * GWEI for attempt in journal_of(sender).latest("limited").attempts)


def test_outbidding():
    assert outbid(Fees(8, 80), Fees(1, 10), 1000) == Fees(9, 90)
    assert outbid(Fees(8, 80), Fees(20, 500), 1000) == Fees(20, 500)
    assert outbid(Fees(0, 1), Fees(0, 0), 1000) == Fees(1, 2)
    assert outbid(Fees(8, 80), Fees(1, 10), 89) is None


def test_what_the_node_forgot_is_sent_again_in_order(own, own_sender, own_counter):
    own.ask("evm_setAutomine", False)
    short = Patience(total=0.3, outbid=9, again=9, look=0.05)
    for purpose in ("one", "two", "three"):
        with pytest.raises(Unsettled, match="^one: "):  # the others wait for it
            own_sender(patience=short).send(own_counter.tick, purpose)
    own.ask("anvil_dropAllTransactions")
    own.ask("evm_setAutomine", True)
    sender = own_sender()
    assert sender.send(own_counter.tick, "four").logs[0]["count"] == 4
    assert [sender.send(own_counter.tick, p).logs[0]["count"] for p in ("one", "two", "three")] == [1, 2, 3]
    assert own_counter.count == 4


def test_a_reorganisation_that_drops_a_transaction(own, own_sender, own_counter):
    sender = own_sender()
    first = sender.send(own_counter.tick, "first")
    second = sender.send(own_counter.tick, "second")
    own.ask("anvil_reorg", 2, [])
    assert own_counter.count == 0
    again = sender.send(own_counter.tick, "second")
    assert again.hash == second.hash and again.logs[0]["count"] == 2
    assert sender.send(own_counter.tick, "first").hash == first.hash
    assert own_counter.count == 2


def test_a_reorganisation_while_waiting_for_confirmations(own, own_sender, own_counter):
    sender = own_sender(Chain.connect(own.url, confirmations=3, patience=0.2))
    sending = Sending(lambda: sender.send(own_counter.tick, "deep"))
    until(lambda: own_counter.count == 1)
    own.ask("evm_mine")
    own.ask("anvil_reorg", 2, [])
    until(lambda: own_counter.count == 1)
    assert sending.is_alive()
    own.ask("anvil_mine", "0x3")
    sending.join()
    assert sending.result.logs[0]["count"] == 1 and own_counter.count == 1


def test_confirmations_are_waited_for(own, own_sender, own_counter):
    sender = own_sender(Chain.connect(own.url, confirmations=2), patience=Patience(total=0.3, look=0.05))
    with pytest.raises(Unsettled, match="not deep enough"):
        sender.send(own_counter.tick, "shallow")
    assert sender.find("shallow") is None
    own.ask("evm_mine")
    assert sender.send(own_counter.tick, "shallow").block + 1 == int(own.ask("eth_blockNumber"), 16)
    assert own_counter.count == 1 and sender.find("shallow") is not None


def test_the_node_dies_while_sending_and_comes_back_with_its_state(own, own_sender, own_counter, monkeypatch):
    original, port, revived = Transport.ask, own.port, []

    def ask(self, method, body):
        if method == "eth_sendRawTransaction" and not revived:
            own.stop()
            revived.append(threading.Timer(0.5, lambda: revived.append(Anvil(port=port, state=own.state))))
            revived[0].start()
        return original(self, method, body)

    monkeypatch.setattr(Transport, "ask", ask)
    sender = own_sender()
    try:
        receipt = sender.send(own_counter.tick, "through it")
        assert receipt.logs[0]["count"] == 1
        assert sender.send(own_counter.tick, "through it") == receipt
        count = int(revived[1].ask("eth_getStorageAt", own_counter.contract.address, "0x0", "latest"), 16)
        assert count == 1
    finally:
        revived[0].join()
        revived[1].stop()


def test_a_chain_that_lost_its_newest_blocks_gets_them_again(own, own_sender, own_counter, tmp_path):
    sender = own_sender()
    sender.send(own_counter.tick, "kept")
    own.stop()
    kept = own.state.read_bytes()
    with Anvil(port=own.port, state=own.state):
        sender.send(own_counter.tick, "lost")
    own.state.write_bytes(kept)  # as if anvil had been killed before it wrote its state
    with Anvil(port=own.port, state=own.state):
        assert sender.send(own_counter.tick, "new").logs[0]["count"] == 3
        assert sender.send(own_counter.tick, "lost").logs[0]["count"] == 2


def test_a_node_that_stays_away_is_not_waited_for_ever(own, own_sender, own_counter):
    sender = own_sender(patience=Patience(total=0.5, again=0.1, look=0.05))
    own.ask("evm_setAutomine", False)
    sending = Sending(lambda: sender.send(own_counter.tick, "alone"))
    until(lambda: pending(own) == 1)
    own.stop()
    sending.join()
    assert isinstance(sending.result, RpcUnavailable)


def test_a_nonce_that_something_else_took(own, own_sender, own_counter, account):
    own.ask("evm_setAutomine", False)
    with pytest.raises(Unsettled):
        own_sender(patience=Patience(total=0.3, outbid=9, again=9, look=0.05)).send(own_counter.tick, "mine")
    own.ask("anvil_dropAllTransactions")
    own.ask("evm_setAutomine", True)
    own.ask("anvil_setNonce", account.address, "0x1")
    sender = own_sender()
    with pytest.raises(NonceTaken, match="something else uses this account too"):
        sender.send(own_counter.tick, "mine")
    assert own_counter.count == 0
    # now it is certain that the first can never be mined
    assert sender.send(own_counter.tick, "mine").logs[0]["count"] == 1


def test_a_node_that_lags_is_not_believed_at_once(own, own_sender, own_counter, monkeypatch):
    sender, original, lies = own_sender(), Transport.ask, []

    def ask(self, method, body):
        if method == "eth_getTransactionReceipt" and len(lies) < 2:
            lies.append(method)
            return {"jsonrpc": "2.0", "id": 1, "result": None}
        return original(self, method, body)

    first = sender.send(own_counter.tick, "seen")
    monkeypatch.setattr(Transport, "ask", ask)
    assert sender.send(own_counter.tick, "seen") == first
    assert len(lies) == 2


def test_a_refusal_of_the_node_is_repeated_to_the_user(own, own_sender, own_counter, monkeypatch):
    original = Transport.ask

    def ask(self, method, body):
        if method == "eth_sendRawTransaction":
            return {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "we do not like you"}}
        return original(self, method, body)

    sender = own_sender()
    with monkeypatch.context() as patch, pytest.raises(RpcRefused, match="we do not like you") as caught:
        patch.setattr(Transport, "ask", ask)
        sender.send(own_counter.tick, "disliked")
    assert caught.value.code == -32000
    assert sender.send(own_counter.tick, "disliked").logs[0]["count"] == own_counter.count == 1
