"""Reading a chain: calls, blocks, events in chunks."""

from __future__ import annotations

import json

import pytest

from fedproof._core import keccak256
from fedproof.chain import logs as chain_logs
from fedproof.chain.errors import BadAnswer, ContractRejected, RpcRefused, WrongChain
from fedproof.chain.node import CHAIN_ID
from fedproof.chain.rpc import Chain, checksummed
from fedproof.chain.transport import TooLong, Transport
from fedproof.errors import BadInput


def test_a_chain_of_another_number(node):
    assert Chain.connect(node.url, chain_id=CHAIN_ID).chain_id == CHAIN_ID
    with pytest.raises(WrongChain, match="is of chain 31337, not of chain 1"):
        Chain.connect(node.url, chain_id=1)


def test_confirmations_begin_at_one(node):
    with pytest.raises(BadInput, match="confirmations"):
        Chain.connect(node.url, confirmations=0)


def test_blocks_balances_and_code(chain, node, counter, account):
    block = chain.block()
    assert block.number == int(node.ask("eth_blockNumber"), 16) and block.base_fee > 0
    assert chain.block(block.number) == chain.block(block.hash) == block
    assert chain.block(0).hash == chain.genesis
    assert chain.balance(account.address) == chain.balance(bytes.fromhex(account.address[2:])) == 10**18
    assert chain.code(counter.contract.address) and chain.code(b"\x01" * 20) == b""


@pytest.mark.parametrize("address", ["", "0x12", b"\x01" * 19, "0x" + "g" * 40])
def test_an_address_that_is_none(chain, address):
    with pytest.raises(BadInput, match="is none"):
        chain.balance(address)
    with pytest.raises(BadInput, match="is none"):
        chain.contract("ProgramReader", address)


def test_a_call_says_why_it_is_refused(chain, counter, account):
    counter.refuse(True)
    with pytest.raises(ContractRejected, match="the contract refuses: WrongMagic: V1: the file does not begin"):
        chain.call(counter.tick, sender=account.address)
    with pytest.raises(ContractRejected, match="WrongMagic"):
        counter.tick.call()  # web3's own way too


def test_a_contract_may_not_make_us_fetch_a_url(chain, node):
    """EIP-3668: a revert with OffchainLookup(address,string[],bytes,bytes4,bytes)."""
    data = keccak256(b"OffchainLookup(address,string[],bytes,bytes4,bytes)")[:4]
    code = bytes.fromhex("63") + data + bytes.fromhex("60e01b5f5260045ffd")
    node.ask("anvil_setCode", "0x" + "77" * 20, "0x" + code.hex())
    with pytest.raises(ContractRejected, match="none of our contracts has"):
        chain.ask(lambda w: w.eth.call({"to": checksummed(b"\x77" * 20)}))


@pytest.fixture
def ticked(open_sender, counter):
    """A contract that has said Ticked eight times, one block each; the first block."""
    sender = open_sender()
    blocks = [sender.send(counter.tick, f"tick {i}").block for i in range(8)]
    return counter.contract, blocks[0]


def test_events_in_chunks(chain, ticked, monkeypatch):
    contract, first = ticked
    asked = []
    original = Transport.ask

    def ask(self, method, body):
        if method == "eth_getLogs":
            asked.append(json.loads(body)["params"][0])
        return original(self, method, body)

    monkeypatch.setattr(Transport, "ask", ask)
    monkeypatch.setattr(chain_logs, "SPAN", 3)
    found = list(chain.logs(contract, first=first, last=first + 7))
    assert [e["count"] for e in found] == list(range(1, 9))
    assert [e.block for e in found] == list(range(first, first + 8))
    assert [(int(a["fromBlock"], 16) - first, int(a["toBlock"], 16) - first) for a in asked] == [(0, 2), (3, 5), (6, 7)]
    assert [e["count"] for e in chain.logs(contract, ["Ticked"], first=first, where={"count": 5})] == [5]
    assert [e["count"] for e in chain.logs(contract, first=first + 7)] == [8]
    assert list(chain.logs(contract, first=first + 100)) == []


def test_a_node_that_answers_few_blocks_at_a_time(chain, ticked, monkeypatch):
    contract, first = ticked
    original, spans = Transport.ask, []

    def ask(self, method, body):
        if method == "eth_getLogs":
            wanted = json.loads(body)["params"][0]
            spans.append(int(wanted["toBlock"], 16) - int(wanted["fromBlock"], 16) + 1)
            if spans[-1] > 2:
                return {"error": {"code": -32005, "message": "query returned more than 10000 results"}}
        return original(self, method, body)

    monkeypatch.setattr(Transport, "ask", ask)
    assert [e["count"] for e in chain.logs(contract, first=first)] == list(range(1, 9))
    assert max(s for s in spans if s <= 2) == 2


def test_a_node_that_answers_not_even_one_block(chain, ticked, monkeypatch):
    contract, first = ticked
    refuse = RpcRefused("node", -32000, "no logs here")
    original = Transport.ask

    def ask(self, method, body):
        if method == "eth_getLogs":
            raise refuse
        return original(self, method, body)

    monkeypatch.setattr(Transport, "ask", ask)
    with pytest.raises(RpcRefused, match="no logs here"):
        list(chain.logs(contract, first=first))


def test_more_events_than_are_read_at_once(chain, ticked, monkeypatch):
    contract, first = ticked
    monkeypatch.setattr(chain_logs, "MOST", 3)
    assert len(list(chain.logs(contract, first=first))) == 8
    monkeypatch.setattr(chain_logs, "MOST", 0)
    with pytest.raises(TooLong, match="more than 0 events"):
        list(chain.logs(contract, first=first))


@pytest.mark.parametrize(
    "change",
    [
        {"address": "0x" + "22" * 20},
        {"blockNumber": "0x0"},
        {"topics": []},
        {"topics": ["0x" + "33" * 32]},
        {"data": "0x12"},
        {"blockHash": None},
    ],
)
def test_events_that_were_not_asked_for_or_lie(chain, ticked, monkeypatch, change):
    contract, first = ticked
    original = Transport.ask

    def ask(self, method, body):
        answer = original(self, method, body)
        if method == "eth_getLogs":
            answer["result"][0].update(change)
        return answer

    monkeypatch.setattr(Transport, "ask", ask)
    with pytest.raises(BadAnswer):
        list(chain.logs(contract, first=first))


def test_names_and_fields_that_a_contract_does_not_have(chain, ticked):
    contract, _ = ticked
    with pytest.raises(BadInput, match="event Tocked"):
        chain.logs(contract, ["Tocked"], first=0)
    for field in ("again", "nothing"):
        with pytest.raises(BadInput, match=f"event field {field}"):
            chain.logs(contract, first=0, where={field: 1})
