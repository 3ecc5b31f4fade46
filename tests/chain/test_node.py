"""anvil: started, kept, ended, never orphaned."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from fedproof.chain.errors import ChainError, RpcUnavailable
from fedproof.chain.node import CHAIN_ID, Anvil, find
from fedproof.errors import BadInput
from tests.chain.conftest import ETHER

HOLD = """
import sys, time
from pathlib import Path
from fedproof.chain.node import Anvil
with Anvil(state=Path({state!r}) if {state!r} else None) as node:
    print(node.port, node._process.pid, flush=True)
    time.sleep(60)
"""


def hold(state: str = "") -> tuple[subprocess.Popen[str], int, int]:
    """A process with a node: the process, the node's port, the warden's process id."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD.format(state=state)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    port, warden = process.stdout.readline().split()
    return process, int(port), int(warden)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ends(port: int) -> bool:
    deadline = monotonic() + 15
    while is_open(port) and monotonic() < deadline:
        sleep(0.02)
    return not is_open(port)


def close(process: subprocess.Popen[str]) -> None:
    process.wait(timeout=15)
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_it_answers_on_a_free_port_and_ends():
    with Anvil() as node:
        assert int(node.ask("eth_chainId"), 16) == CHAIN_ID and node.running
        assert is_open(node.port)
    assert not node.running and not is_open(node.port)
    node.stop()  # harmless
    with pytest.raises(RpcUnavailable):
        node.ask("eth_chainId")


def test_it_is_private_to_this_machine_and_enforces_the_limit_of_gas(node):
    bank = node.ask("eth_accounts")[2]
    with pytest.raises(ChainError, match="anvil refuses eth_sendTransaction"):
        node.ask("eth_sendTransaction", {"from": bank, "to": bank, "gas": hex(16_777_217)})
    other = next(iter({info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)} - {"127.0.0.1"}), None)
    if other is not None and ":" not in other and not other.startswith("127."):
        with socket.socket() as probe:
            assert probe.connect_ex((other, node.port)) != 0


def test_an_account_is_topped_up(node):
    address = b"\x31" * 20
    balance = lambda: int(node.ask("eth_getBalance", "0x" + address.hex(), "latest"), 16)  # noqa: E731
    for wei, becomes in ((5, 5), (3, 5), (ETHER, ETHER), (ETHER, ETHER)):
        node.fund(address, wei)
        assert balance() == becomes


def test_the_chain_is_kept_over_restarts(tmp_path):
    state = tmp_path / "run" / "chain.json"
    with Anvil(state=state) as node:
        genesis = node.ask("eth_getBlockByNumber", "0x0", False)["hash"]
        node.fund(b"\x32" * 20, ETHER)
    with Anvil(state=state) as node:
        assert node.ask("eth_getBlockByNumber", "0x0", False)["hash"] == genesis
        assert node.ask("eth_blockNumber") == "0x1"
        assert int(node.ask("eth_getBalance", "0x" + "32" * 20, "latest"), 16) == ETHER


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_it_ends_with_its_parent_however_that_ends_and_keeps_its_state(end, tmp_path):
    state = tmp_path / "chain.json"
    process, port, _ = hold(str(state))
    assert is_open(port)
    process.send_signal(end)
    close(process)
    assert ends(port)
    deadline = monotonic() + 5
    while not state.exists() and monotonic() < deadline:
        sleep(0.02)
    with Anvil(state=state) as node:
        assert node.ask("eth_blockNumber") == "0x0"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_it_ends_with_its_warden():
    process, port, warden = hold()
    (anvil,) = children(warden)
    os.kill(warden, signal.SIGKILL)
    assert ends(port)
    assert not Path(f"/proc/{anvil}").exists() or "Z" in Path(f"/proc/{anvil}/stat").read_text().split()[2]
    process.kill()
    close(process)


def test_a_signal_to_the_whole_terminal_does_not_reach_it():
    """Ctrl-C goes to the foreground's process group: the node is in another, and whoever uses it ends it in order."""
    process, port, warden = hold()
    assert os.getpgid(warden) != os.getpgid(process.pid)
    process.kill()
    close(process)
    assert ends(port)


def test_a_port_in_use(node):
    with pytest.raises(BadInput, match=f"port {node.port}: is in use"):
        Anvil(port=node.port)


def test_a_port_that_another_program_takes_first(node, monkeypatch):
    """It must not be taken for the node that answers there."""
    monkeypatch.setattr("fedproof.chain.node._is_free", lambda _: True)
    with pytest.raises(BadInput, match="anvil did not start: .*in use"):
        Anvil(port=node.port)


def test_nothing_that_it_says_gets_through_but_its_port(tmp_path):
    """It prints its private keys."""
    process, _, warden = hold()
    said = str(Path(f"/proc/{warden}/fd/2").readlink())
    assert said.startswith("pipe:") and not Path(f"/proc/{warden}/fd/1").exists()
    process.kill()
    close(process)


def test_a_damaged_state_says_what_is_wrong(tmp_path):
    state = tmp_path / "chain.json"
    state.write_text('{"block": ')
    with pytest.raises(BadInput, match="anvil did not start"):
        Anvil(state=state)
    assert state.read_text() == '{"block": '


def test_a_state_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="cannot be written"):
        Anvil(state=tmp_path / "file" / "chain.json")


def test_without_anvil_it_says_how_to_get_it(no_node_modules, tmp_path, monkeypatch):
    with pytest.raises(BadInput, match="anvil is not installed: get Foundry"):
        find()
    monkeypatch.setenv("FEDPROOF_ANVIL", str(tmp_path / "nothing"))
    with pytest.raises(BadInput, match="FEDPROOF_ANVIL: .* is no program"):
        find()
    program = tmp_path / "anvil"
    program.write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("FEDPROOF_ANVIL", str(program))
    assert find() == program
    with pytest.raises(BadInput, match="anvil did not start: broken"):
        Anvil()


def test_a_program_that_never_answers_is_given_up(tmp_path, monkeypatch):
    program = tmp_path / "anvil"
    program.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr("fedproof.chain.node.START", 0.5)
    with pytest.raises(BadInput, match="anvil did not start in"):
        Anvil(binary=program)
    assert not Path(f"/proc/{int((tmp_path / 'pid').read_text())}").exists()
