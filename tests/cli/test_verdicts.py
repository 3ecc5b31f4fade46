"""What verify and audit say of what they checked, and of hostile files."""

import json
import shutil
from dataclasses import replace

import pytest

from fedproof._core import keccak256
from fedproof.federation import run_federation
from fedproof.federation.canonical import encode
from fedproof.federation.record import RECORD, START, read_record
from fedproof.federation.terms import Terms
from fedproof.proof import statement_to_json
from tests.federation.helpers import make_run, make_table, make_task


@pytest.fixture(scope="module")
def proven(fedproof, tmp_path_factory):
    """A registration proof and a training proof."""
    base = tmp_path_factory.mktemp("base")
    (base / "task.toml").write_text(make_task().to_toml())
    make_table(0).write_csv(base / "r.csv", make_task())
    task, person = base / "task.toml", ("--participant", base / "alice")
    assert fedproof("data", "commit", task, base / "r.csv", *person, "--out", base / "r.proof").returncode == 0
    assert fedproof("prove", task, *person, "--out", base / "t.proof").returncode == 0
    return base


def test_verify_says_what_was_proven_and_what_was_not(proven, fedproof):
    statement = json.loads((proven / "t.proof.json").read_text())
    done = fedproof("verify", proven / "task.toml", proven / "t.proof")
    assert done.returncode == 0
    for part in ("round", "0x" + statement["submitter"], statement["dataset_id"], make_task().digest.hex()):
        assert part in done.stdout
    assert keccak256(bytes.fromhex(statement["weights"])).hex() in done.stdout
    assert "that the schedule (pi, beta) is the one of the round's randomness" in done.stdout
    said = json.loads(fedproof("verify", proven / "task.toml", proven / "r.proof", "--json").stdout)
    assert said["statement"]["records"] == statement["count"] * 2 == 16
    assert said["left_to_you"]


def test_verify_knows_the_proof_of_a_close(fedproof, tmp_path):
    config, passphrases = make_run(tmp_path / "people", make_task(rounds=1), ["alice", "bob"])
    assert run_federation(config, passphrases).finished
    terms, folder = Terms.of(make_task(rounds=1)), tmp_path / "people" / "run"
    close = next(event for event in read_record(folder) if event.kind == "close")
    summed, weights = bytes.fromhex(close["sum_commitment"]), bytes.fromhex(close["commitment"])
    fields = terms.close(0, summed, weights, len(close["accepted"]))
    (tmp_path / "task.toml").write_text(make_task(rounds=1).to_toml())
    (tmp_path / "s.json").write_text(statement_to_json(fields))
    proof = folder / "store" / close["proof"]
    done = fedproof("verify", tmp_path / "task.toml", proof, "--statement", tmp_path / "s.json")
    assert done.returncode == 0 and "accepted: close proof" in done.stdout
    assert keccak256(weights).hex() in done.stdout and "sum of the updates accepted in the round" in done.stdout
    (tmp_path / "s.json").write_text(statement_to_json(replace(fields, count=fields.count + 1)))
    done = fedproof("verify", tmp_path / "task.toml", proof, "--statement", tmp_path / "s.json", "--json")
    assert done.returncode == 1 and json.loads(done.stdout)["check"] == "V11"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"chain_id": 2**70}, "chain_id: must be between 0 and 2^64 - 1"),
        ({"round": -1}, "round: must be between"),
        ({"pi": [-1]}, "pi: must be between 0 and 255"),
        ({"pi": [2**40]}, "pi: must be between 0 and 255"),
        ({"count": -5}, "count: must be between"),
        ({"hub": "zz"}, "hub: must be hex digits"),
        (None, "is not a statement file"),
    ],
)
def test_hostile_statements_end_in_one_line(change, problem, proven, fedproof, tmp_path):
    text = "[" * 100_000
    if change is not None:
        text = json.dumps({**json.loads((proven / "t.proof.json").read_text()), **change})
    (tmp_path / "s.json").write_text(text)
    done = fedproof("verify", proven / "task.toml", proven / "t.proof", "--statement", tmp_path / "s.json")
    assert done.returncode == 2 and problem in done.stderr and "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    base = tmp_path_factory.mktemp("ran")
    config, passphrases = make_run(base, make_task(rounds=1), ["alice", "bob"])
    assert run_federation(config, passphrases).finished
    return config.out


def test_audit_prints_the_digests_and_can_demand_a_task(ran, fedproof):
    digest = make_task(rounds=1).digest.hex()
    done = fedproof("audit", ran, "--task-digest", digest)
    assert done.returncode == 0 and digest in done.stdout and "program" in done.stdout
    assert fedproof("audit", ran, "--task-digest", "0x" + digest).returncode == 0
    done = fedproof("audit", ran, "--task-digest", "00" * 32)
    assert done.returncode == 1 and "another task than the one asked for" in done.stdout
    done = fedproof("audit", ran, "--task-digest", "12")
    assert done.returncode == 2 and "--task-digest: must be 64 hex digits" in done.stderr


def test_names_in_a_record_cannot_write_to_the_terminal(ran, fedproof, tmp_path):
    copy = shutil.copytree(ran, tmp_path / "copy")
    previous, lines = START, []
    for line in (copy / RECORD).read_bytes().splitlines():
        event = {**json.loads(line), "previous": previous.hex()}
        if event["event"] == "run":
            event["expected"] = [{**entry, "name": "\x1b[2J[/] [bold]audit passed"} for entry in event["expected"]]
        if event["event"] == "submission":
            event["accepted"] = False
        lines.append(encode(event))
        previous = keccak256(lines[-1])
    (copy / RECORD).write_bytes(b"".join(line + b"\n" for line in lines))
    done = fedproof("audit", copy)
    assert done.returncode == 1 and "\x1b" not in done.stdout
    assert "?[2J[/] [bold]audit passed" in done.stdout
