"""Ctrl-C and kill: nothing half-written, no process left, and the run goes on where it was."""

import json
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.federation.helpers import make_run, make_task

MARK = "FEDPROOF_TEST_MARK"


def marked(mark):
    """Processes with our mark in their environment."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes() and (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


@pytest.fixture
def running(tmp_path, environment):
    """A run in its third round."""
    config, passphrases = make_run(tmp_path, make_task(rounds=20, min_accepted=1), ["alice"])
    people = "".join(f'[[participant]]\nname = "{p.name}"\nfolder = "{p.name}"\n' for p in config.participant)
    (tmp_path / "run.toml").write_text(f'task = "task.toml"\nout = "run"\n{people}')
    for name in passphrases:  # keys of this test open with the passphrase in the environment
        (tmp_path / name / "key" / "keystore.json").unlink()
    mark = secrets.token_hex(8)
    process = subprocess.Popen(
        [sys.executable, "-m", "fedproof.cli.main", "run", str(tmp_path / "run.toml")],
        env={**environment, MARK: mark},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("round 2"):
            break
    else:
        pytest.fail("the run ended before it could be interrupted")
    assert len(marked(mark)) == 3
    yield process, tmp_path, mark
    process.stderr.close()
    process.kill()
    process.wait()


def wait_until_gone(mark):
    deadline = monotonic() + 10
    while marked(mark) and monotonic() < deadline:
        sleep(0.05)
    return marked(mark)


def test_an_interrupted_run_says_how_to_go_on_and_goes_on(running, fedproof):
    process, folder, mark = running
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert f"to go on with this run: fedproof run {folder / 'run.toml'} --resume" in said
    assert wait_until_gone(mark) == []
    assert not [f for f in folder.rglob("*") if f.name.endswith(".part")]
    found = json.loads(fedproof("status", folder / "run", "--json").stdout)
    assert found["state"] == "interrupted" and 3 <= found["done"] < 20 and found["rounds"] == 20
    assert "--resume" in found["next"]
    text = fedproof("status", folder / "run").stdout
    assert "interrupted" in text and f"{found['done']} of 20 done" in text
    refused = fedproof("run", folder / "run.toml")
    assert refused.returncode == 2 and "exists already; it can be resumed" in refused.stderr
    done = fedproof("run", folder / "run.toml", "--resume", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rounds"] == 20 and f"{found['done']} rounds are closed already" in done.stderr
    assert fedproof("audit", folder / "run").returncode == 0
    assert json.loads(fedproof("status", folder / "run", "--json").stdout)["state"] == "finished"


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_launcher_leaves_no_process_and_a_run_to_go_on_with(stop, running, fedproof):
    process, folder, mark = running
    os.kill(process.pid, stop)
    process.communicate(timeout=20)
    assert wait_until_gone(mark) == []
    done = fedproof("run", folder / "run.toml", "--resume", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["rounds"] == 20
    assert fedproof("audit", folder / "run").returncode == 0


def test_resuming_begins_a_run_that_is_not_there(fedproof, tmp_path):
    make_run(tmp_path, make_task(rounds=1, min_accepted=1), ["alice"])
    (tmp_path / "alice" / "key" / "keystore.json").unlink()
    (tmp_path / "run.toml").write_text(
        'task = "task.toml"\nout = "run"\n[[participant]]\nname = "a"\nfolder = "alice"\n'
    )
    done = fedproof("run", tmp_path / "run.toml", "--resume", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["finished"]


def test_status_needs_a_run(fedproof, tmp_path):
    done = fedproof("status", tmp_path)
    assert done.returncode == 2 and "holds no run" in done.stderr
