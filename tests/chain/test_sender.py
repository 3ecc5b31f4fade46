"""A purpose is sent once, whatever dies in between."""

from __future__ import annotations

import contextlib
import multiprocessing
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account

from fedproof.chain.errors import ContractRejected, NotEnoughFunds, TooDear
from fedproof.chain.sender import GAS, Sender
from fedproof.chain.transport import Transport
from fedproof.errors import BadInput
from tests.federation.faults import Died, fault


def test_a_receipt_says_what_it_cost_and_what_the_contract_said(open_sender, counter, node, account):
    before = int(node.ask("eth_getBalance", account.address, "latest"), 16)
    receipt = open_sender().send(counter.tick, "first")
    assert counter.count == 1
    assert receipt.purpose == "first" and receipt.contract is None
    assert receipt.block == int(node.ask("eth_blockNumber"), 16)
    assert before - int(node.ask("eth_getBalance", account.address, "latest"), 16) == receipt.fee
    assert [(e.name, dict(e.values)) for e in receipt.logs] == [("Ticked", {"count": 1, "again": 1})]
    assert receipt.logs[0].transaction == receipt.hash and receipt.logs[0]["count"] == 1


def test_the_same_purpose_is_never_sent_twice(open_sender, counter):
    sender = open_sender()
    first = sender.send(counter.tick, "once")
    assert sender.send(counter.tick, "once") == first
    # other arguments do not make it another purpose
    assert sender.send(counter.contract.functions.tock(), "once") == first
    assert open_sender().send(counter.tick, "once") == first
    assert counter.count == 1
    sender = open_sender()
    assert sender.send(counter.tick, "twice") != first
    assert counter.count == 2
    assert sender.find("once") == first and sender.find("never") is None


def test_value_goes_to_the_contract(open_sender, counter, node):
    open_sender().send(counter.tick, "paid", value=123)
    assert int(node.ask("eth_getBalance", counter.contract.address, "latest"), 16) == 123


class _Mortal:
    """Ends the process before or after it asks the node (tests.federation.faults: or writes to the disk)."""

    def __init__(self, at: int) -> None:
        self.at, self.count, self.struck = at, 0, False

    def due(self) -> bool:
        self.count += 1
        self.struck = self.struck or self.count == self.at
        return self.count == self.at


@contextlib.contextmanager
def mortal(at: int) -> Iterator[_Mortal]:
    found, original = _Mortal(at), Transport.ask

    def ask(self, method, body):
        if found.due():
            raise Died
        answer = original(self, method, body)
        if found.due():
            raise Died
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transport, "ask", ask)
        yield found


def test_a_crash_before_or_after_any_question_to_the_node(open_sender, counter):
    at, done = 1, 0
    while True:
        sender = open_sender()
        with mortal(at) as found, contextlib.suppress(Died):
            sender.send(counter.tick, f"purpose {at}")
        done += 1
        receipt = open_sender().send(counter.tick, f"purpose {at}")
        assert counter.count == done, f"crash at {at}"
        assert receipt.logs[0]["count"] == done
        if not found.struck:
            break
        at += 1
    assert at > 14  # estimate, block, tip, balance, count, send, receipts: each before and after


def test_a_crash_at_any_write_of_the_journal(open_sender, counter):
    at, done = 0, 0
    while True:
        sender = open_sender()
        with fault(at) as found, contextlib.suppress(Died):
            sender.send(counter.tick, f"purpose {at}")
        done += 1
        receipt = open_sender().send(counter.tick, f"purpose {at}")
        assert counter.count == done, f"crash at write {at}"
        assert receipt.logs[0]["count"] == done
        if not found.struck:
            break
        at += 1
    assert at == 8  # two files: the content, before and after the rename, the folder


def test_nothing_is_sent_before_it_is_on_the_disk(open_sender, counter, tmp_path, monkeypatch):
    original, seen = Transport.ask, []

    def ask(self, method, body):
        if method == "eth_sendRawTransaction":
            raw = body.decode().split('"0x')[1].split('"')[0]
            seen.append(any(raw in file.read_text() for file in (tmp_path / "journal").glob("0*.json")))
        return original(self, method, body)

    monkeypatch.setattr(Transport, "ask", ask)
    open_sender().send(counter.tick, "written first")
    assert seen == [True]


def test_the_journal_is_the_owner_s_and_holds_no_key(open_sender, counter, account, tmp_path):
    open_sender().send(counter.tick, "private")
    folder = tmp_path / "journal"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        assert account.key.hex() not in file.read_text()
        if file.suffix == ".json":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_would_fail_is_not_sent(open_sender, counter, node, account):
    counter.refuse(True)
    with pytest.raises(ContractRejected, match="V1: the file does not begin with") as caught:
        open_sender().send(counter.tick, "refused")
    assert (caught.value.name, caught.value.arguments, caught.value.transaction) == ("WrongMagic", {}, b"")
    assert int(node.ask("eth_getTransactionCount", account.address, "latest"), 16) == 0
    counter.refuse(False)
    open_sender().send(counter.tick, "refused")
    assert counter.count == 1


def test_what_fails_in_a_block_says_why_and_may_be_tried_again(open_sender, counter, node):
    node.ask("evm_setAutomine", False)
    try:
        sender, raised = open_sender(), []

        def send():
            try:
                sender.send(counter.tick, "late")
            except ContractRejected as error:
                raised.append(error)

        thread = threading.Thread(target=send)
        thread.start()
        while not int(node.ask("txpool_status")["pending"], 16):
            pass
        counter.refuse(True)
        node.ask("evm_mine")
        thread.join()
    finally:
        node.ask("evm_setAutomine", True)
    (error,) = raised
    assert error.name == "WrongMagic" and len(error.transaction) == 32
    with pytest.raises(ContractRejected) as caught:
        open_sender().send(counter.tick, "late")
    assert caught.value.transaction == b""  # refused before it was sent again
    counter.refuse(False)
    assert open_sender().send(counter.tick, "late").logs[0]["count"] == counter.count == 1


def test_gas_that_is_used_up_is_called_so(open_sender, counter):
    with pytest.raises(ContractRejected, match="OutOfGas") as caught:
        open_sender().send(counter.tick, "starved", gas=30_000)
    assert caught.value.arguments == {"gas": 30_000}


def test_an_account_that_cannot_pay_is_told_so(chain, counter, tmp_path):
    poor = Account.from_key(b"\x05" * 32)
    with Sender(chain, poor, tmp_path / "poor") as sender, pytest.raises(NotEnoughFunds):
        sender.send(counter.tick, "too dear")
    assert [f.name for f in (tmp_path / "poor").glob("0*")] == []


def test_a_fee_above_the_limit_is_not_paid(open_sender, counter, tmp_path):
    with pytest.raises(TooDear, match="gwei"):
        open_sender(most_fee=10).send(counter.tick, "dear")
    with pytest.raises(TooDear, match=f"one transaction may use {GAS}"):
        open_sender().send(counter.tick, "large", gas=GAS + 1)
    assert counter.count == 0


def test_a_purpose_belongs_to_one_contract(open_sender, counter, node, chain):
    from tests.chain.conftest import Counter

    sender, other = open_sender(), Counter(node, chain)
    sender.send(counter.tick, "mine")
    with pytest.raises(BadInput, match="was used for another contract"):
        sender.send(other.tick, "mine")
    assert other.count == 0


@pytest.mark.parametrize("purpose", ["", "x" * 501, "a\nb"])
def test_a_purpose_is_a_short_printable_text(open_sender, counter, purpose):
    with pytest.raises(BadInput, match="purpose: must be a printable text"):
        open_sender().send(counter.tick, purpose)


def _hold(url: str, journal: Path, ready, leave) -> None:
    from fedproof.chain.rpc import Chain

    with Sender(Chain.connect(url), Account.from_key(b"\x06" * 32), journal):
        ready.put(True)
        leave.get(timeout=60)


def test_a_second_process_is_locked_out(node, chain, tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, leave = context.Queue(), context.Queue()
    process = context.Process(target=_hold, args=(node.url, tmp_path / "journal", ready, leave))
    process.start()
    try:
        assert ready.get(timeout=60)
        with pytest.raises(BadInput, match="another process sends with this account now"):
            Sender(chain, Account.from_key(b"\x06" * 32), tmp_path / "journal")
    finally:
        leave.put(True)
        process.join()
    Sender(chain, Account.from_key(b"\x06" * 32), tmp_path / "journal").close()


def test_threads_take_turns(open_sender, counter):
    sender, receipts = open_sender(), []
    threads = [
        threading.Thread(target=lambda i=i: receipts.append(sender.send(counter.tick, f"thread {i % 4}")))
        for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.count == 4 and len(receipts) == 8 and len({r.hash for r in receipts}) == 4


def test_nothing_of_the_key_is_shown(open_sender, account):
    sender = open_sender()
    for text in (repr(sender), repr(account), str(vars(sender))):
        assert account.key.hex()[2:] not in text
