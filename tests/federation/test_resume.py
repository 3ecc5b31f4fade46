"""The aggregator dies at every write and goes on: one model, one set, one sum, whatever happens."""

import json
import shutil
import threading
from collections import Counter
from pathlib import Path

import pytest

from fedproof.errors import BadInput
from fedproof.federation import aggregator as module
from fedproof.federation import audit, enrol
from fedproof.federation.aggregator import Aggregator
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.jobs import AggregatorJob, ParticipantJob, Place
from fedproof.federation.participant import Participant
from fedproof.federation.publish import publish_model
from fedproof.federation.record import RECORD, RecordBroken, read_record
from fedproof.federation.runfolder import RunFolder
from fedproof.federation.status import status
from fedproof.federation.terms import Terms
from fedproof.federation.wire import Link
from tests.federation.faults import Died, fault
from tests.federation.helpers import make_identity, make_table, make_task

KEY = "aa" * 32
# files of an aggregator that died while it was made
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
NAMES = ("alice", "bob")


class Stage:
    """Folders that decide the outcome of a run of one round, and its processes as threads of this one."""

    def __init__(self, base: Path, terms: Terms) -> None:
        self.terms = terms
        self.base = base
        self.expected = {make_identity(n).address.hex(): name for n, name in enumerate(NAMES)}
        for number, name in enumerate(NAMES):
            ParticipantFolder(base / "before" / name).prepare()
            (base / "before" / name / "data").mkdir()
            make_table(number).write_csv(base / "before" / name / "data" / "r.csv", self.terms.task)
        RunFolder(base / "before" / "run").begin(self.terms.task.digest.hex(), "off", 0, self.expected)
        self.now = base / "now"
        self.renew()
        assert self.live()  # everybody registers: from here on the nonces and the run's id are given
        for name in NAMES:
            shutil.rmtree(base / "before" / name)
            shutil.copytree(self.now / name, base / "before" / name)
            shutil.rmtree(base / "before" / name / "sent")
            self._forget(ParticipantFolder(base / "before" / name))

    def _forget(self, folder: ParticipantFolder) -> None:
        """As it was when the registration had been made and no run had seen it."""
        folder.remember(self.terms.task.digest, run="", guard=None)

    def renew(self) -> None:
        """The folders as they were."""
        shutil.rmtree(self.now, ignore_errors=True)
        shutil.copytree(self.base / "before", self.now)

    @property
    def run(self) -> Path:
        return self.now / "run"

    def live(self) -> bool:
        """One life of the aggregator, with participants that come and stay until they are told the end."""
        place = Place(str(self.base / "s"), KEY)
        people = [
            threading.Thread(target=self._participate, args=(place, number), daemon=True)
            for number in range(len(NAMES))
        ]
        for thread in people:
            thread.start()
        finished = self.lead(place)
        for thread in people:
            thread.join(20)
        assert not any(thread.is_alive() for thread in people)
        return finished

    def lead(self, place: Place) -> bool:
        """An aggregator, and another one for as long as they die."""
        plan = RunFolder(self.run).plan()
        task = self.terms.task.to_toml()
        job = AggregatorJob(place, str(self.run), plan["run"], task, None, "off", 1, plan["expected"], 20.0)
        while True:
            leader = Aggregator.__new__(Aggregator)
            try:
                leader.__init__(job)
                return leader.run()
            except Died:
                continue
            finally:
                if hasattr(leader, "record"):
                    leader.record.close()
                if hasattr(leader, "desk"):
                    leader.desk.close()

    def _participate(self, place: Place, number: int) -> None:
        folder = str(self.now / NAMES[number])
        job = ParticipantJob(place, folder, NAMES[number], "", None, "off", 1, "", patience=20.0)
        link = Link(place.socket, bytes.fromhex(KEY), 20.0)
        Participant(job, self.terms, make_identity(number), link).follow()

    def outcome(self) -> tuple[str, str]:
        """Model and sum; asserts that everything else is as it must be."""
        events = read_record(self.run)
        once, twice = ("run", "set", "end"), ("registration", "draw", "schedule", "close")
        wanted = dict.fromkeys(once, 1) | dict.fromkeys(twice, 2) | dict.fromkeys(("nonce", "submission"), 4)
        assert Counter(e.kind for e in events) == wanted
        close, end = events[-2:]
        assert close["commitment"] == end["commitment"]
        assert not any((self.run / "private" / "openings").glob("*"))
        publish_model(self.run)
        assert [finding.check for finding in audit(self.run).findings] == ["mode"]
        return end["commitment"], close["sum"]


def one_at_a_time(function):
    lock = threading.Lock()

    def locked(*arguments):
        with lock:
            return function(*arguments)

    return locked


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "tell", lambda value: None)
        patch.setattr(module, "FAREWELL", 20.0)  # everybody comes back to hear the end, however slow the machine
        # numpy parses a header with ast, of which CPython 3.11 cannot take two at once in threads (gh-106905)
        patch.setattr(enrol, "_unpack", one_at_a_time(enrol._unpack))
        terms = Terms.of(make_task(rounds=2))
        patch.setattr(module.Terms, "of", lambda task, ptau: terms)
        yield Stage(tmp_path_factory.mktemp("stage"), terms)


@pytest.fixture
def calm(stage):
    """Model and sum of the undisturbed run."""
    stage.renew()
    assert stage.live()
    return stage.outcome()


def test_a_crash_at_any_write_changes_nothing(stage, calm):
    point, kinds = 0, set()
    while True:
        stage.renew()
        with fault(point) as found:
            assert stage.live()
        assert stage.outcome() == calm
        if not found.struck:
            break
        kinds.add(found.kind)
        point += 1
    assert point > 40 and kinds == {"torn", "before", "after"}


def test_any_beginning_of_the_record_is_gone_on_with_in_the_same_way(stage, calm):
    """Cut within every line up to the first submission: what is there stays, what follows is as before."""
    stage.renew()
    assert stage.live()
    lines = (stage.run / RECORD).read_bytes().splitlines(keepends=True)
    store = shutil.copytree(stage.run / "store", stage.base / "store")
    kinds = []
    for count, line in enumerate(lines):
        kept = b"".join(lines[:count])
        stage.renew()
        (stage.run / RECORD).write_bytes(kept + line[: len(line) // 2])
        shutil.copytree(store, stage.run / "store")
        assert status(stage.run).state == "interrupted"
        assert stage.live()
        assert (stage.run / RECORD).read_bytes().startswith(kept)
        assert stage.outcome() == calm
        kinds.append(json.loads(line)["event"])
        if kinds[-1] == "submission":
            break
    assert len(kinds) == 9


def changed(lines, kind, old, new):
    """Record lines with a change in the first event of a kind, hashes mended."""
    from fedproof._core import keccak256

    place = next(i for i, line in enumerate(lines) if f'"event":"{kind}"'.encode() in line)
    lines[place] = lines[place].replace(old, new)
    for index in range(place + 1, len(lines)):
        before = keccak256(lines[index - 1]).hex().encode()
        start = lines[index].index(b'"previous":"') + len(b'"previous":"')
        lines[index] = lines[index][:start] + before + lines[index][start + 64 :]
    return lines


@pytest.mark.parametrize(
    ("kind", "old", "new", "problem"),
    [
        ("run", b'"rounds":2', b'"rounds":3', "run has another rounds than follows here"),
        ("set", b'"event":"set"', b'"event":"draw"', "is draw where set follows"),
        ("draw", b'"attempt":0', b'"attempt":1', "draw has another attempt"),
        ("schedule", b'"beta":', b'"beta":1', "schedule has another beta"),
    ],
)
def test_a_record_that_says_something_else_is_not_gone_on_with(kind, old, new, problem, stage, calm):
    stage.renew()
    assert stage.live()
    file = stage.run / RECORD
    lines = changed(file.read_bytes().splitlines(), kind, old, new)
    end = next(i for i, line in enumerate(lines) if b'"event":"close"' in line)
    file.write_bytes(b"\n".join(lines[:end]) + b"\n")
    with pytest.raises(RecordBroken, match=problem):
        stage.lead(Place(str(stage.base / "s"), KEY))


def test_an_accepted_update_that_is_not_on_the_disk_ends_it(stage, calm):
    stage.renew()
    assert stage.live()
    file = stage.run / RECORD
    lines = file.read_bytes().splitlines(keepends=True)
    end = next(i for i, line in enumerate(lines) if b'"event":"close"' in line)
    file.write_bytes(b"".join(lines[:end]))
    with pytest.raises(BadInput, match="openings/0-.*cannot be read"):
        stage.lead(Place(str(stage.base / "s"), KEY))
