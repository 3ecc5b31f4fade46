"""fedproof chain, fedproof cost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fedproof.chain.node import Anvil, find
from fedproof.chain.rpc import Chain
from fedproof.errors import BadInput
from fedproof.federation.keys import RANDOM, create_identity


def _installed() -> bool:
    try:
        find()
    except BadInput:
        return False
    return True


needs_anvil = pytest.mark.skipif(not _installed(), reason="anvil is not installed: npm ci")


@pytest.fixture(scope="module")
def node():
    with Anvil() as anvil:
        yield anvil


@pytest.fixture(scope="module")
def deployed(node, fedproof, tmp_path_factory):
    """A folder with key.json, whose account has put the contracts on the chain, and their contracts.json."""
    folder = tmp_path_factory.mktemp("deploy")
    identity = create_identity(folder / "key.json", "correct horse", cost=RANDOM)
    node.fund(identity.address, 10**18)
    done = fedproof(
        "chain",
        "deploy",
        "--rpc",
        node.url,
        "--keystore",
        folder / "key.json",
        "--out",
        folder / "contracts.json",
        "--json",
    )
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


@needs_anvil
def test_deploy_writes_the_addresses_and_can_be_repeated(node, deployed, fedproof):
    folder, said = deployed
    assert json.loads((folder / "contracts.json").read_text())["contracts"] == said["contracts"]
    before = node.ask("eth_blockNumber")
    again = fedproof(
        "chain", "deploy", "--rpc", node.url, "--keystore", folder / "key.json", "--out", folder / "again.json"
    )
    assert again.returncode == 0 and node.ask("eth_blockNumber") == before
    assert said["contracts"]["FedHub"] in again.stdout and f"{said['gas']:,} gas" in again.stdout
    assert (folder / "again.json").read_bytes() == (folder / "contracts.json").read_bytes()


@needs_anvil
def test_status_verifies_the_contracts(node, deployed, fedproof, tmp_path):
    folder, said = deployed
    shown = fedproof("chain", "status", "--contracts", folder / "contracts.json", env={"FEDPROOF_RPC": node.url})
    assert shown.returncode == 0, shown.stderr
    assert f"all {len(said['contracts'])} have this package's code" in shown.stdout
    known = fedproof("chain", "status", "--rpc", node.url, "--contracts", folder / "contracts.json", "--json")
    assert json.loads(known.stdout)["contracts"] == said["contracts"]
    unknown = fedproof("chain", "status", "--rpc", node.url, "--contracts", tmp_path / "none.json")
    assert unknown.returncode == 0 and "unknown" in unknown.stdout
    other = json.loads((folder / "contracts.json").read_text())
    other["contracts"]["OpenGate"] = other["contracts"]["ProgramReader"]
    (tmp_path / "other.json").write_text(json.dumps(other))
    refused = fedproof("chain", "status", "--rpc", node.url, "--contracts", tmp_path / "other.json")
    assert refused.returncode == 1 and "OpenGate: the contract at" in refused.stderr


@needs_anvil
def test_an_account_without_money(node, fedproof, tmp_path):
    create_identity(tmp_path / "key.json", "correct horse", cost=RANDOM)
    done = fedproof(
        "chain", "deploy", "--rpc", node.url, "--keystore", tmp_path / "key.json", "--out", tmp_path / "c.json"
    )
    assert done.returncode == 1 and "deploy ProgramReader" in done.stderr and "has 0.000000" in done.stderr
    assert not (tmp_path / "c.json").exists()


@pytest.mark.parametrize(
    ("rpc", "code", "words"),
    [("nonsense", 2, "RPC URL"), ("http://127.0.0.1:1/my-secret", 1, "http://127.0.0.1:1 cannot be reached")],
)
def test_a_wrong_url(fedproof, monkeypatch, rpc, code, words):
    connect = Chain.connect
    monkeypatch.setattr(Chain, "connect", lambda url: connect(url, patience=0.0))
    done = fedproof("chain", "status", "--rpc", rpc)
    assert done.returncode == code and words in done.stderr and "my-secret" not in done.stderr + done.stdout


@needs_anvil
@pytest.mark.parametrize(("end", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_up_until_it_is_interrupted(tmp_path, end, code):
    state = tmp_path / "chain.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "fedproof.cli.main", "chain", "up", "--port", "0", "--state", state],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "100"},
    )  # fmt: skip
    assert process.stderr is not None
    shown = ""
    while "Ctrl-C ends it" not in shown:
        line = process.stderr.readline()
        assert line, shown
        shown += line
    assert "http://127.0.0.1:" in shown and "31337" in shown
    # the first of anvil's well-known private keys, and its words
    assert "ac0974bec39a17e36ba4a6b4d238ff94" not in shown and "junk" not in shown
    process.send_signal(end)
    out, err = process.communicate(timeout=20)
    assert process.returncode == code and out == "" and "Traceback" not in err
    assert json.loads(state.read_text())


@needs_anvil
def test_up_on_a_port_in_use(node, fedproof):
    done = fedproof("chain", "up", "--port", str(node.port))
    assert done.returncode == 2 and f"port {node.port}: is in use" in done.stderr


def test_cost_in_a_table_and_as_json(fedproof):
    shown = fedproof("cost", "--members", "10")
    assert shown.returncode == 0
    for words in ("submit", "reveal", "join", "close", "per update", "per round", "blobs", "ethereum"):
        assert words in shown.stdout
    assert "assumptions of 2026-11, not quotations" in shown.stderr
    assert all(len(line) <= 80 for line in shown.stdout.splitlines())
    prices = ["--preset", "ethereum", "--execution", "2", "--eth", "1000"]
    told = json.loads(fedproof("cost", "--program", "30-1", "--members", "10", *prices, "--json").stdout)
    found = told["costs"]["ethereum"]
    update = next(o for o in found["operations"] if o["per"] == "update")
    assert found["cents_per_update"] == pytest.approx(update["gas"] * 2e-9 * 1000 * 100)
    assert found["cents_per_round"] == pytest.approx(10 * found["cents_per_update"])


@pytest.mark.parametrize(
    ("options", "words"),
    [(["--program", "x"], "program x"), (["--preset", "x"], "preset x"), (["--eth", "-1"], "price eth")],
)
def test_cost_of_what_is_unknown(fedproof, options, words):
    done = fedproof("cost", *options)
    assert done.returncode == 2 and words in done.stderr


def test_commands_without_a_chain_do_not_load_web3():
    code = "import sys, fedproof.cli.main; print([m for m in ('web3', 'eth_account', 'urllib3') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_packages_files_are_named_for_the_wheel():
    settings = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert '"src/fedproof/chain/**/*.json"' in settings
