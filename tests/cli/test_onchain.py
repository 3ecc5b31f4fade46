"""A task on a chain from the command line, every role a process of its own; and the demonstration on its own chain."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fedproof.chain.deploy import PLAY, deploy
from fedproof.chain.hub import DevToken
from fedproof.chain.node import Anvil, find
from fedproof.chain.rpc import Chain
from fedproof.chain.sender import Sender
from fedproof.chain.task import address_bytes
from fedproof.errors import BadInput
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.keys import RANDOM, Identity, create_identity
from tests.federation.helpers import make_run, make_task

try:
    find()
except BadInput as error:
    pytest.skip(str(error), allow_module_level=True)

PASSPHRASE = "correct horse"
NAMES = ["alice", "bob"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A node, folders with keys and money, a run file that names the node's chain."""
    base = tmp_path_factory.mktemp("world")
    make_run(base, make_task(rounds=1), NAMES)
    with Anvil() as node:
        keys = {}
        for name in ("sponsor", "aggregator", *NAMES):
            home = ParticipantFolder(base / name)
            home.keystore.unlink(missing_ok=True)
            keys[name] = create_identity(home.keystore, PASSPHRASE, cost=RANDOM)
            node.fund(keys[name].address, 10**20)
        minter = Identity(b"\x07" * 32)
        node.fund(minter.address, 10**20)
        chain = Chain.connect(node.url)
        with Sender(chain, minter.account(), base / "minter") as sender:
            token = DevToken(chain, address_bytes(deploy(chain, sender, PLAY)["DevToken"]))
            for name, key in keys.items():
                sender.send(token.mint(key.address, 1000), name)
        windows = "{ join = 600, reveal = 600, submit = 600, close = 600 }"
        (base / "run.toml").write_text(
            f'task = "task.toml"\nout = "out"\n[chain]\nrpc = "http://127.0.0.1:1"\ntoken = "0x{token.address.hex()}"\n'
            f'sponsor = "sponsor"\naggregator = "aggregator"\nwindows = {windows}\n'
            + "".join(f'[[participant]]\nname = "{name}"\nfolder = "{name}"\n' for name in NAMES)
        )
        yield base, node, token, keys


def start(environment, node, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "fedproof.cli.main", *map(str, arguments), "--rpc", node.url],
        env={**environment, "FEDPROOF_PASSPHRASE": PASSPHRASE},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_every_role_by_itself_against_a_node(world, fedproof, environment):
    base, node, token, keys = world
    site: Path = base / "task"
    opened = fedproof("task", "open", base / "run.toml", "--rpc", node.url, "--out", site, "--json")
    assert opened.returncode == 0, opened.stderr
    found = json.loads(opened.stdout)
    assert token.balance_of(keys["sponsor"].address) == 1000 - 110
    again = fedproof("task", "open", base / "run.toml", "--rpc", node.url, "--out", site, "--json")
    assert json.loads(again.stdout)["task"] == found["task"]  # nothing is opened twice
    assert token.balance_of(keys["sponsor"].address) == 1000 - 110

    lead = start(environment, node, "task", "lead", site, "--task", base / "task.toml", "--aggregator",
                 base / "aggregator", "--meeting", base / "meeting.json")  # fmt: skip
    while not (base / "meeting.json").exists():
        assert lead.poll() is None, lead.communicate()[1]
    greedy = fedproof("join", site, "--task", base / "task.toml", "--participant", base / "alice", "--meeting",
                      base / "meeting.json", "--most-stake", "99", "--rpc", node.url)  # fmt: skip
    assert greedy.returncode == 1 and "stake of 100, more than the 99 allowed" in greedy.stderr
    common = ["--task", base / "task.toml", "--meeting", base / "meeting.json", "--most-stake", "100"]
    joins = [start(environment, node, "join", site, *common, "--participant", base / name) for name in NAMES]
    for process in (*joins, lead):
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        assert "done" in out
    assert not (base / "meeting.json").exists()

    shown = json.loads(fedproof("task", "show", site, "--rpc", node.url, "--json").stdout)
    assert (shown["phase"], shown["closed"], shown["slashed"]) == ("finished", 1, [])
    assert "finished" in fedproof("task", "show", site, "--rpc", node.url).stdout
    claimed = json.loads(fedproof("claim", site, "--participant", base / "alice", "--rpc", node.url, "--json").stdout)
    assert (claimed["claimed"], claimed["withdrawn"], claimed["stake"]) == (0, 0, 100)  # `join` has claimed already
    assert token.balance_of(keys["alice"].address) == 1000 - 100 + 50
    node.ask("evm_increaseTime", 7 * 24 * 3600)
    node.ask("evm_mine")
    claimed = json.loads(fedproof("claim", site, "--participant", base / "alice", "--rpc", node.url, "--json").stdout)
    assert (claimed["withdrawn"], claimed["stake"]) == (100, 0)
    assert token.balance_of(keys["alice"].address) == 1000 + 50

    audit = fedproof("audit", "--rpc", node.url, "--task", found["task"], "--store", site / "store", "--json")
    report = json.loads(audit.stdout)
    assert audit.returncode == 0 and report["ok"] and report["finished"] and report["proofs"] == 2 + 2 + 1
    other = fedproof("audit", "--rpc", node.url, "--task", "00" * 32, "--store", site / "store")
    assert other.returncode == 2 and "nobody has opened task" in other.stderr


def test_a_task_that_nobody_joined_is_cancelled_and_refunded(world, fedproof):
    base, node, token, keys = world
    before = token.balance_of(keys["sponsor"].address)
    site = base / "other"
    assert fedproof("task", "open", base / "run.toml", "--rpc", node.url, "--out", site).returncode == 0
    done = fedproof("task", "cancel", site, "--sponsor", base / "sponsor", "--rpc", node.url, "--json")
    assert done.returncode == 0 and json.loads(done.stdout) == {"refunded": 110, "phase": "cancelled"}
    assert token.balance_of(keys["sponsor"].address) == before
    again = fedproof("task", "cancel", site, "--sponsor", base / "alice", "--rpc", node.url)
    assert again.returncode == 1 and "NothingDue" in again.stderr


def test_what_cannot_be_is_said_in_words(world, fedproof, tmp_path):
    base, node, _, _ = world
    assert "--rpc, --task and --store" in fedproof("audit").stderr
    (tmp_path / "run.toml").write_text(
        (base / "run.toml").read_text().split("[chain]")[0] + '[[participant]]\nname="a"\nfolder="a"\n'
    )
    opened = fedproof("task", "open", tmp_path / "run.toml", "--rpc", node.url)
    assert opened.returncode == 2 and "a chain that others can reach" in opened.stderr
    wrong = fedproof("run", tmp_path / "run.toml", "--rpc", node.url)
    assert wrong.returncode == 2 and "has no section [chain]" in wrong.stderr
    (tmp_path / "half.toml").write_text(
        'task = "t"\nout = "o"\n[chain]\nrpc = "x"\n[[participant]]\nname="a"\nfolder="a"\n'
    )
    half = fedproof("run", tmp_path / "half.toml")
    assert half.returncode == 2 and "sponsor, aggregator and token must be given too" in half.stderr


def test_the_demonstration_on_a_chain_shows_the_cheat_its_price_and_the_rewards(fedproof, tmp_path):
    out = tmp_path / "out"
    options = ["--participants", "3", "--rounds", "2", "--hidden", "", "--cheat", "skipped-step"]
    done = fedproof("demo", "--out", out, *options)
    assert done.returncode == 0, done.stderr
    assert "hospital-3 refused by the chain (OpeningFailed, V11)" in done.stderr
    assert "hospital-3 lost 50 of its stake" in done.stderr and "million gas" in done.stderr
    assert "audit passed" in done.stdout and "earned" in done.stdout
    page = (out / "index.html").read_text()
    assert "million gas" in page and "staked" in page
    summary = json.loads((out / "summary.json").read_text())
    accounts = {a["name"]: a for a in summary["runs"][1]["accounts"]}
    assert accounts["hospital-3"]["lost"] == 50 and accounts["hospital-3"]["earned"] == 0
    assert accounts["hospital-1"]["earned"] > 100 and accounts["hospital-1"]["gas"] > 10**6
    audit = fedproof("audit", out / "cheating", "--json")
    assert audit.returncode == 0 and json.loads(audit.stdout)["refused"][0]["check"] == "absence"
    again = fedproof("demo", "--out", out, "--resume", "--json")
    assert again.returncode == 0 and json.loads(again.stdout)["ok"]
