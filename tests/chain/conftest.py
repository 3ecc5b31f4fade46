"""A real anvil, and a contract that counts how often it was called."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from eth_account import Account

from fedproof._core import keccak256
from fedproof.chain import artefacts
from fedproof.chain.node import Anvil, find
from fedproof.chain.rpc import Chain
from fedproof.chain.sender import Sender
from fedproof.chain.settle import Patience
from fedproof.errors import BadInput

ETHER = 10**18
HASTE = Patience(total=20, outbid=0.5, again=0.3, look=0.05)
TICKED = {
    "type": "event", "name": "Ticked", "anonymous": False,
    "inputs": [
        {"name": "count", "type": "uint256", "indexed": True},
        {"name": "again", "type": "uint256", "indexed": False},
    ],
}  # fmt: skip
TICK = {"type": "function", "name": "tick", "inputs": [], "outputs": [], "stateMutability": "payable"}
TOCK = {"type": "function", "name": "tock", "inputs": [], "outputs": [], "stateMutability": "payable"}


def counter_code() -> bytes:
    """Slot 0 counts the calls, each says Ticked(count, count); while slot 1 is not 0 they revert with WrongMagic()."""
    topic = keccak256(b"Ticked(uint256,uint256)")
    refuse = bytes.fromhex("5b63") + keccak256(b"WrongMagic()")[:4] + bytes.fromhex("60e01b5f5260045ffd")
    work = bytes.fromhex("5f54600101805f55805f52") + b"\x7f" + topic + bytes.fromhex("60205fa200")
    run = bytes.fromhex("600154") + bytes([0x60, 6 + len(work)]) + b"\x57" + work + refuse
    head = bytes([0x60, len(run), 0x80, 0x60, 0x0A, 0x5F, 0x39, 0x5F, 0xF3, 0x00])
    return head + run


def installed() -> bool:
    """Is anvil there? Without npm's packages its tests are skipped, visibly."""
    try:
        return find().exists()
    except BadInput:
        return False


@pytest.fixture(scope="session", autouse=True)
def _needs_anvil() -> None:
    if not installed():
        pytest.skip("anvil is not installed: npm ci")


@pytest.fixture(scope="session")
def node() -> Iterator[Anvil]:
    with Anvil() as anvil:
        yield anvil


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Anvil]:
    """A chain that a test may break; its state is kept."""
    with Anvil(state=tmp_path / "chain" / "state.json") as anvil:
        yield anvil


_keys = itertools.count(1)


@pytest.fixture
def account(node: Anvil) -> Any:
    """An account of its own for every test, with an ether."""
    found = Account.from_key(keccak256(f"test {next(_keys)}".encode()))
    node.fund(found.address, ETHER)
    return found


class Counter:
    """A deployed counter, and the truth about it."""

    def __init__(self, anvil: Anvil, chain: Chain) -> None:
        bank = anvil.ask("eth_accounts")[1]
        sent = anvil.ask("eth_sendTransaction", {"from": bank, "data": "0x" + counter_code().hex()})
        while (receipt := anvil.ask("eth_getTransactionReceipt", sent)) is None:
            sleep(0.01)
        address = receipt["contractAddress"]
        self._node = anvil
        self.contract = chain.web3.eth.contract(
            address=chain.web3.to_checksum_address(address), abi=[TICK, TOCK, TICKED]
        )
        self.tick = self.contract.functions.tick()

    @property
    def count(self) -> int:
        return int(self._node.ask("eth_getStorageAt", self.contract.address, "0x0", "latest"), 16)

    def refuse(self, refuses: bool) -> None:
        self._node.ask(
            "anvil_setStorageAt", self.contract.address, "0x1", "0x" + int(refuses).to_bytes(32, "big").hex()
        )


@pytest.fixture
def chain(node: Anvil) -> Chain:
    return Chain.connect(node.url, patience=0.2)


@pytest.fixture
def counter(node: Anvil, chain: Chain) -> Counter:
    return Counter(node, chain)


@pytest.fixture
def open_sender(chain: Chain, account: Any, tmp_path: Path) -> Iterator[Callable[..., Sender]]:
    """Opens the sender of the test's account anew, as after a crash."""
    opened: list[Sender] = []

    def new(of: Chain = chain, **options: Any) -> Sender:
        for sender in opened:
            sender.close()
        opened.append(Sender(of, account, tmp_path / "journal", **{"patience": HASTE, **options}))
        return opened[-1]

    yield new
    for sender in opened:
        sender.close()


@pytest.fixture(autouse=True)
def _ticked_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the counter were one of the package's contracts."""
    known = {**artefacts.event_abis(), (keccak256(b"Ticked(uint256,uint256)"), 2): TICKED}
    monkeypatch.setattr("fedproof.chain.events.event_abis", lambda: known)


@pytest.fixture
def no_node_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without anvil."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr("fedproof.chain.node.__file__", str(tmp_path / "a" / "b" / "c" / "node.py"))
    monkeypatch.delenv("FEDPROOF_ANVIL", raising=False)
