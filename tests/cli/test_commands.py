"""Commands one by one: results, exit codes 0, 1 and 2, one clear line for every error."""

import json
import shutil

import numpy as np
import pytest

from fedproof.federation.record import RECORD
from tests.federation.helpers import make_table, make_task


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A task file and the records of two people."""
    base = tmp_path_factory.mktemp("base")
    (base / "task.toml").write_text(make_task().to_toml())
    for number, name in enumerate(("alice", "bob")):
        make_table(number).write_csv(base / f"{name}.csv", make_task())
    return base


@pytest.fixture(scope="module")
def committed(base, fedproof):
    """alice's data, committed."""
    done = fedproof(
        "data", "commit", base / "task.toml", base / "alice.csv", "--participant", base / "alice",
        "--out", base / "registration.proof", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return base, json.loads(done.stdout)


@pytest.fixture(scope="module")
def proven(committed, fedproof):
    """A training proof of alice's."""
    base, _ = committed
    done = fedproof(
        "prove", base / "task.toml", "--participant", base / "alice", "--out", base / "training.proof", "--json"
    )
    assert done.returncode == 0, done.stderr
    return base, json.loads(done.stdout)


def refused(done, code, *problems):
    """One line on standard error, no traceback."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    for problem in problems:
        assert problem in done.stderr, done.stderr
    return True


def test_version_and_help(fedproof):
    assert fedproof("--version").stdout.strip() == "0.1.0"
    shown = fedproof("--help").stdout
    for command in ("init", "setup", "inspect", "data", "run", "prove", "verify", "audit", "predict", "demo"):
        assert f" {command} " in shown
    assert fedproof("nonsense").returncode == 2


def test_init_writes_files_that_work(fedproof, tmp_path):
    done = fedproof("init", tmp_path / "new")
    assert done.returncode == 0 and "fedproof inspect" in done.stdout
    inspected = fedproof("inspect", tmp_path / "new" / "task.toml", "--json")
    assert inspected.returncode == 0, inspected.stderr
    assert json.loads(inspected.stdout)["dims"] == [2, 16, 2]
    before = (tmp_path / "new" / "task.toml").read_text()
    assert refused(fedproof("init", tmp_path / "new"), 2, "exists already")
    assert (tmp_path / "new" / "task.toml").read_text() == before


def test_inspect_reads_well_and_a_bad_task_names_the_field(fedproof, base, tmp_path):
    done = fedproof("inspect", base / "task.toml")
    assert done.returncode == 0
    for what in ("learning rate", "saturation", "rows", "proving time", "memory", "training proof", "gas", "size"):
        assert what in done.stdout
    found = {
        name: json.loads(fedproof("inspect", base / "task.toml", "--prefer", name, "--json").stdout)
        for name in ("time", "gas", "size")
    }
    for name, report in found.items():
        assert [shape["prefer"] for shape in report["shapes"] if shape["chosen"]] == [name]
    assert found["gas"]["gas"] <= found["time"]["gas"] and found["size"]["proof_bytes"] <= found["gas"]["proof_bytes"]
    refused(fedproof("inspect", base / "task.toml", "--prefer", "speed"), 2, "--prefer: must be time, gas or size")
    (tmp_path / "bad.toml").write_text((base / "task.toml").read_text().replace("batch = 4", "batch = 3"))
    refused(fedproof("inspect", tmp_path / "bad.toml"), 2, "bad.toml: training.batch: must be a power of two, got 3")
    refused(fedproof("inspect", tmp_path / "none.toml"), 2, "none.toml: cannot be read")


def test_setup_says_that_the_development_setup_is_insecure(fedproof, base, tmp_path):
    done = fedproof("setup", base / "task.toml", "--json")
    assert done.returncode == 0 and "INSECURE" in done.stderr
    assert json.loads(done.stdout)["insecure"] is True
    (tmp_path / "x.ptau").write_bytes(b"ptau")
    refused(fedproof("setup", base / "task.toml", "--ptau", tmp_path / "x.ptau"), 2, "x.ptau")


def test_committed_data_has_a_proof_anybody_can_verify(committed, fedproof):
    base, result = committed
    assert len(result["dataset_id"]) == 64 and result["records"] == 11 and result["slots"] == 16
    done = fedproof("verify", base / "task.toml", base / "registration.proof")
    assert done.returncode == 0 and "accepted: registration proof" in done.stdout


def test_bad_records_leave_nothing_half_written(fedproof, base, tmp_path):
    text = (base / "bob.csv").read_text().splitlines()
    (tmp_path / "bad.csv").write_text("\n".join([*text[:5], text[5].rsplit(",", 1)[0] + ",medium"]))
    done = fedproof("data", "commit", base / "task.toml", tmp_path / "bad.csv", "--participant", tmp_path / "bob")
    assert refused(done, 2, "row 5 (line 6), column 'kind': unknown class 'medium'")
    (tmp_path / "few.csv").write_text("\n".join(text[:3]))
    done = fedproof("data", "commit", base / "task.toml", tmp_path / "few.csv", "--participant", tmp_path / "bob")
    assert refused(done, 2, "has 2 records, the task asks for at least 4")
    assert not (tmp_path / "bob").exists()


def test_a_key_is_asked_for_and_a_wrong_passphrase_is_said(committed, fedproof):
    base, _ = committed
    arguments = ("data", "commit", base / "task.toml", base / "alice.csv", "--participant", base / "alice")
    refused(fedproof(*arguments, env={"FEDPROOF_PASSPHRASE": None}), 2, "set FEDPROOF_PASSPHRASE")
    refused(fedproof(*arguments, env={"FEDPROOF_PASSPHRASE": "wrong"}), 2, "wrong passphrase")


def test_a_training_proof_verifies_with_its_statement_only(proven, fedproof, tmp_path):
    base, result = proven
    assert result["proof_bytes"] == (base / "training.proof").stat().st_size
    done = fedproof("verify", base / "task.toml", base / "training.proof", "--json")
    assert done.returncode == 0
    shown = json.loads(done.stdout)
    assert shown["accepted"] and shown["commitment"] == result["commitment"] and "INSECURE" in done.stderr
    shutil.copy(base / "training.proof", tmp_path / "t.proof")
    statement = json.loads((base / "training.proof.json").read_text())
    (tmp_path / "t.proof.json").write_text(json.dumps({**statement, "round": 1}))
    done = fedproof("verify", base / "task.toml", tmp_path / "t.proof")
    assert done.returncode == 1 and done.stdout.startswith("rejected (check V")


def test_a_changed_proof_is_rejected_and_a_foreign_file_too(proven, fedproof, tmp_path):
    base, _ = proven
    content = (base / "training.proof").read_bytes()
    shutil.copy(base / "training.proof.json", tmp_path / "t.json")
    for changed in (content[:-1], content + b"\0", content[:99] + bytes([content[99] ^ 1]) + content[100:], b""):
        (tmp_path / "t.proof").write_bytes(changed)
        done = fedproof(
            "verify", base / "task.toml", tmp_path / "t.proof", "--statement", tmp_path / "t.json", "--json"
        )
        assert done.returncode == 1
        result = json.loads(done.stdout)
        assert not result["accepted"] and result["code"] and result["check"]
    refused(fedproof("verify", base / "task.toml", base / "none.proof"), 2, "none.proof.json: cannot be read")
    refused(
        fedproof("verify", base / "task.toml", base / "training.proof", "--statement", base / "task.toml"),
        2,
        "task.toml",
    )


def test_a_proof_of_another_task_is_rejected(proven, fedproof, tmp_path):
    base, _ = proven
    (tmp_path / "other.toml").write_text(make_task(rounds=3).to_toml())
    done = fedproof("verify", tmp_path / "other.toml", base / "training.proof")
    assert done.returncode == 1 and "another task" in done.stdout


def test_rounds_seeds_and_weights_can_be_given(committed, fedproof, tmp_path):
    base, _ = committed
    common = ("prove", base / "task.toml", "--participant", base / "alice", "--out", tmp_path / "p")
    refused(fedproof(*common, "--round", "2"), 2, "--round: the task has rounds 0 to 1, got 2")
    refused(fedproof(*common, "--seed", "12"), 2, "--seed: must be 64 hex digits")
    (tmp_path / "w").write_bytes(bytes(3))
    refused(fedproof(*common, "--weights", tmp_path / "w"), 2, "3 bytes where this model has 112")
    (tmp_path / "w").write_bytes(np.arange(14, dtype=">i8").tobytes())
    assert fedproof(*common, "--weights", tmp_path / "w", "--round", "1", "--seed", "ab" * 32).returncode == 0
    assert fedproof("verify", base / "task.toml", tmp_path / "p").returncode == 0
    nobody = ("prove", base / "task.toml", "--participant", tmp_path / "nobody", "--out", tmp_path / "q")
    refused(fedproof(*nobody), 2, "fedproof data commit")


@pytest.fixture(scope="module")
def ran(committed, fedproof, tmp_path_factory):
    """alice (data committed before) and bob (data in his folder) train together by run.toml."""
    base, registered = committed
    (base / "bob" / "data").mkdir(parents=True)
    shutil.copy(base / "bob.csv", base / "bob" / "data")
    (base / "run.toml").write_text(
        'task = "task.toml"\nout = "run"\n[[participant]]\nname = "alice"\nfolder = "alice"\n'
        '[[participant]]\nname = "bob"\nfolder = "bob"\n'
    )
    done = fedproof("run", base / "run.toml", "--json")
    assert done.returncode == 0, done.stderr
    return base, registered, done


def test_a_run_uses_committed_data_and_creates_missing_keys(ran, fedproof):
    base, registered, done = ran
    result = json.loads(done.stdout)
    assert result["finished"] and result["rounds"] == 2 and result["refused"] == []
    assert "created a key for bob: 0x" in done.stderr and "created a key for alice" not in done.stderr
    assert registered["dataset_id"] in (base / "run" / RECORD).read_text()
    assert fedproof("audit", base / "run").returncode == 0


def test_a_second_run_registers_anew_and_results_are_not_overwritten(ran, fedproof, tmp_path):
    base, registered, _ = ran
    before = (base / "run" / RECORD).read_bytes()
    refused(fedproof("run", base / "run.toml"), 2, "exists already")
    assert (base / "run" / RECORD).read_bytes() == before
    done = fedproof("run", base / "run.toml", "--out", tmp_path / "again", "--mode", "off")
    assert done.returncode == 0 and "mode 'off': nothing is proven" in done.stderr
    assert registered["dataset_id"] not in (tmp_path / "again" / RECORD).read_text()
    done = fedproof("audit", tmp_path / "again")
    assert done.returncode == 1 and "check mode" in done.stdout and "audit failed" in done.stdout


def test_a_tampered_run_fails_its_audit(ran, fedproof, tmp_path):
    base, _, _ = ran
    copy = shutil.copytree(base / "run", tmp_path / "copy")
    content = (copy / RECORD).read_bytes()
    (copy / RECORD).write_bytes(content.replace(b'"accepted":true', b'"accepted":false', 1))
    done = fedproof("audit", copy, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["findings"][0]["check"] == "record"
    refused(fedproof("audit", tmp_path), 2, "holds no run")


def test_predictions_go_to_a_file_or_the_screen(ran, fedproof, tmp_path):
    base, _, _ = ran
    shown = fedproof("predict", base / "run", base / "bob.csv")
    assert shown.returncode == 0 and shown.stdout.startswith("class,low,high\n")
    done = fedproof("predict", base / "run" / "model" / "model.npz", base / "bob.csv", "--out", tmp_path / "p.csv")
    assert done.returncode == 0 and (tmp_path / "p.csv").read_text() == shown.stdout
    done = fedproof("predict", base / "run", base / "bob.csv", "--out", tmp_path / "p.json", "--json")
    assert done.returncode == 0 and done.stdout == ""
    assert len(json.loads((tmp_path / "p.json").read_text())) == len(shown.stdout.splitlines()) - 1
    refused(fedproof("predict", base, base / "bob.csv"), 2, "holds no model (model/model.safetensors is missing)")


def test_run_files_that_are_wrong_name_the_key(fedproof, base, tmp_path):
    text = f'task = "{base}/task.toml"\nout = "run"\n[[participant]]\nname = "eve"\nfolder = "eve"\n'
    (tmp_path / "run.toml").write_text(text)
    refused(fedproof("run", tmp_path / "run.toml"), 2, "eve: participant eve's folder is not there")
    refused(fedproof("run", tmp_path / "run.toml", "--mode", "fast"), 2, "--mode: must be prove, check, off")
    (tmp_path / "run.toml").write_text(text.replace("out =", "output ="))
    refused(fedproof("run", tmp_path / "run.toml"), 2, "run.toml: out: field required")
