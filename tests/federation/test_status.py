"""What a run's files say about how far it is."""

import shutil

import pytest

from fedproof.errors import BadInput
from fedproof.federation.record import RECORD
from fedproof.federation.runfolder import RunFolder
from fedproof.federation.status import status
from fedproof.files import lock_file

EXPECTED = {"aa" * 20: "alice"}


@pytest.fixture
def cut(finished, tmp_path):
    """Makes the finished run (three people, carol always refused) one that was interrupted after so many lines."""

    def make(until):
        folder = RunFolder(tmp_path / "cut")
        folder.begin("00" * 32, "prove", 0, EXPECTED)
        shutil.copytree(finished / "store", folder.path / "store")
        lines = (finished / RECORD).read_bytes().splitlines(keepends=True)
        count = next(i for i, line in enumerate(lines) if until(line))
        (folder.path / RECORD).write_bytes(b"".join(lines[:count]) + lines[count][:20])
        return folder

    return make


def at(kind, skip=0):
    """The line of the event of a kind after `skip` others of it."""
    seen = []

    def found(line):
        if f'"event":"{kind}"'.encode() in line:
            seen.append(line)
        return len(seen) > skip

    return found


def test_a_finished_run(finished):
    found = status(finished)
    assert (found.state, found.done, found.rounds, found.phase, found.task) == ("finished", 2, 2, "", "tiny")
    assert [(a.round, a.participant, a.check[0], a.code != "", a.reason != "") for a in found.refused] == [
        (0, "carol", "V", True, True),
        (1, "carol", "V", True, True),
    ]
    assert found.missing == [] and found.waiting == [] and "audit" in found.next


def test_before_anything_was_recorded(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.begin("00" * 32, "prove", 0, EXPECTED)
    found = status(folder.path)
    assert (found.state, found.phase, found.rounds) == ("interrupted", "registration", 0)


@pytest.mark.parametrize(
    ("until", "done", "phase", "answered", "waiting"),
    [
        (at("registration", 2), 0, "registration", 2, 1),
        (at("draw"), 0, "nonces", 0, 3),
        (at("nonce", 1), 0, "nonces", 1, 2),
        (at("submission", 1), 0, "training", 1, 2),
        (at("close"), 0, "training", 3, 0),
        (at("nonce", 5), 1, "nonces", 2, 1),
        (at("submission", 4), 1, "training", 1, 2),
    ],
)
def test_an_interrupted_run(until, done, phase, answered, waiting, cut):
    found = status(cut(until).path)
    assert (found.state, found.done, found.phase) == ("interrupted", done, phase)
    assert (len(found.answered), len(found.waiting)) == (answered, waiting)
    assert not set(found.answered) & set(found.waiting) and "--resume" in found.next
    assert found.to_json()["next"] == found.next


def test_a_run_at_work(cut):
    folder = cut(at("nonce"))
    lock = lock_file(folder.lock)
    assert status(folder.path).state == "running" and "alice" in status(folder.path).next
    lock.close()
    assert status(folder.path).state == "interrupted"


def test_a_run_whose_private_files_are_lost(cut):
    folder = cut(at("nonce"))
    shutil.rmtree(folder.private)
    found = status(folder.path)
    assert found.state == "ended early" and "cannot be resumed" in found.failure


def test_a_folder_without_a_run(tmp_path):
    with pytest.raises(BadInput, match="holds no run"):
        status(tmp_path)
