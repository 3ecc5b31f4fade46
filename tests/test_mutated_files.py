"""Valid files, mutated: a reader gives a value or its one kind of error, and takes memory for what is there."""

import contextlib
import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fedproof.data import read_table
from fedproof.data.idx import read_idx
from fedproof.errors import BadInput, FedproofError
from fedproof.federation.aggregation import Opening
from fedproof.federation.canonical import decode, encode
from fedproof.federation.config import load_run
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.keys import RANDOM, create_identity, keystore_address, open_identity
from fedproof.federation.messages import Message, parse, signed
from fedproof.federation.onchain.launch import OUTCOME, chain_result
from fedproof.federation.onchain.meeting import read_meeting
from fedproof.federation.onchain.site import Site
from fedproof.federation.onchain.told import TOLD, Told
from fedproof.federation.record import RECORD, Record, read_record
from fedproof.federation.runfolder import SITE
from fedproof.federation.status import status
from fedproof.federation.store import Store
from fedproof.proof.files import statement_from_json
from fedproof.proof.weights import decode_weights
from fedproof.registry import export_model, load_model
from fedproof.task import load_task
from tests.federation.helpers import make_identity, make_table, make_task

MEBI = 1 << 20
TASK = make_task()
NUMBERS = [0, 1, 127, 255, 256, 65535, 1 << 28, (1 << 31) - 1, (1 << 32) - 1, (1 << 63) - 1, (1 << 64) - 1]
TEXTS = [
    b"[" * 3000,
    b"{" * 3000,
    b"9" * 5000,
    b"\xff\xfe",
    b"\0",
    b"\\ud800",
    b"1e999",
    b"-1",
    b'"',
    b"\n",
    b"nan",
    b"0x" + b"f" * 9000,
]


def seeds(base: Path) -> dict[str, bytes]:
    """Valid files by name."""
    table = make_table(0)
    table.write_csv(base / "r.csv", TASK)
    labels = np.array([TASK.classes.index(label) for label in table.labels or ()])
    np.savez(base / "r.npz", x=table.features, y=labels)
    np.savez_compressed(base / "packed.npz", x=table.features, y=labels)
    np.save(base / "r.npy", np.column_stack([table.features, labels]))
    weights = [np.zeros((4, 2), dtype=np.int64), np.ones((3, 2), dtype=np.int64)]
    known = dict.fromkeys(("task_digest", "program_digest", "weights", "record"), "00") | {"rounds": "2"}
    models = export_model(TASK, weights, known)
    create_identity(base / "keystore.json", "pass", cost=RANDOM)
    with_record = Record(base / "new")
    expected = [{"participant": "ab" * 20, "name": "bob"}]
    with_record.append("run", run="00" * 32, mode="prove", rounds=2, task_file="00" * 32, expected=expected)
    with_record.append("missing", round=None, participant="ab" * 20, name="bob", phase="registration", reason="late")
    with_record.close()
    content = {name: (base / name).read_bytes() for name in ("r.csv", "r.npz", "packed.npz", "r.npy", "keystore.json")}
    statement = {"kind": "registration", "chain_id": 0, "count": 16}
    statement |= dict.fromkeys(("hub", "submitter", "task", "nonce_commitment", "dataset"), "ab" * 32)
    run = 'task = "t"\nout = "o"\ntimeout = 5\n[[participant]]\nname = "a"\nfolder = "f"\n'
    Site(True, 31337, "ab" * 20, "cd" * 32, 5, "store").write(base)
    told = [{"tell": "submitted", "name": "a", "round": 1, "gas": 5}, {"tell": "closed", "round": 1}]
    return content | {
        SITE: (base / SITE).read_bytes(),
        "meeting.json": encode({"socket": "/tmp/s", "authkey": "ab" * 32}),
        OUTCOME: encode({"finished": True, "failure": ""}),
        TOLD: b"".join(encode(event) + b"\n" for event in told),
        "task.toml": TASK.to_toml().encode(),
        "run.toml": run.encode(),
        "images": b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (2, 3, 4)) + bytes(24),
        "model.safetensors": models["model.safetensors"],
        "model.npz": models["model.npz"],
        "statement.json": json.dumps(statement).encode(),
        "message": signed(make_identity(0), "nonce", {"round": 1, "a": "b"}, proof=b"abc").encode(),
        "opening": Opening(weights, bytes(64)).encode(),
        "state.json": encode({"version": 1, "tasks": {"aa": {"draw": [-1, 0], "registration": {"participant": "b"}}}}),
        RECORD: (base / "new" / RECORD).read_bytes(),
    }


def read_state(file: Path) -> None:
    folder = ParticipantFolder(file.parent)
    folder.state(b"\xaa")
    folder.remember(b"\xaa", trained=1)


def read_run(file: Path) -> None:
    events = read_record(file.parent)
    assert b"".join(line + b"\n" for line in file.read_bytes().splitlines()) == file.read_bytes() and events
    status(file.parent)


def read_message(file: Path) -> None:
    message = parse(file.read_bytes())
    assert isinstance(message, Message) and message.encode() == file.read_bytes()
    assert len(message.signer) in (0, 20)


def read_keystore(file: Path) -> None:
    assert len(keystore_address(file)) == 20
    open_identity(file, "pass")


READERS = {
    "r.csv": lambda file: read_table(file, TASK),
    "r.npz": lambda file: read_table(file, TASK),
    "packed.npz": lambda file: read_table(file, TASK),
    "r.npy": lambda file: read_table(file, TASK),
    "task.toml": load_task,
    "run.toml": load_run,
    "images": lambda file: read_idx(file, dimensions=3),
    "model.safetensors": load_model,
    "model.npz": load_model,
    "statement.json": lambda file: statement_from_json(file.read_bytes().decode(errors="replace")),
    "message": read_message,
    "opening": lambda file: Opening.decode(file.read_bytes(), (3, 2, 2)),
    "keystore.json": read_keystore,
    "state.json": read_state,
    RECORD: read_run,
    SITE: lambda file: Site.read(file.parent),
    "meeting.json": read_meeting,
    OUTCOME: lambda file: chain_result(file.parent),
    TOLD: lambda file: Told(file.parent).closed,
}

edit = st.one_of(
    st.tuples(st.just("set"), st.floats(0, 1), st.binary(min_size=1, max_size=8)),
    st.tuples(st.just("set"), st.floats(0, 1), st.sampled_from([n.to_bytes(8, "little") for n in NUMBERS])),
    st.tuples(st.just("set"), st.floats(0, 1), st.sampled_from([n.to_bytes(8, "big") for n in NUMBERS])),
    st.tuples(st.just("insert"), st.floats(0, 1), st.one_of(st.binary(max_size=20), st.sampled_from(TEXTS))),
    st.tuples(st.just("remove"), st.floats(0, 1), st.binary(min_size=1, max_size=40)),
    st.tuples(st.just("cut"), st.floats(0, 1), st.just(b"")),
    st.tuples(st.just("copy"), st.floats(0, 1), st.binary(min_size=1, max_size=60)),
)


def mutated(good: bytes, edits: list[tuple[str, float, bytes]]) -> bytes:
    content = good
    for what, where, new in edits:
        at = int(where * len(content))
        behind = content[at + len(new) :]
        content = {
            "set": content[:at] + new + behind,
            "insert": content[:at] + new + content[at:],
            "remove": content[:at] + behind,
            "cut": content[:at],
            "copy": content[:at] + content[: len(new)] + content[at:],
        }[what]
    return content


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return seeds(tmp_path_factory.mktemp("seeds"))


@pytest.mark.parametrize("name", READERS)
def test_a_value_or_one_kind_of_error(name, files, tmp_path):
    file = tmp_path / name

    @settings(max_examples=150, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(edit, max_size=4))
    def read(edits):
        file.write_bytes(mutated(files[name], edits))
        tracemalloc.start()
        try:
            READERS[name](file)
        except FedproofError as error:
            assert isinstance(error, BadInput) and str(error)
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert peak < 16 * MEBI

    file.write_bytes(files[name])
    READERS[name](file)
    read()


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(st.binary(max_size=200))
def test_any_bytes(content):
    for reader in (decode, parse, lambda raw: decode_weights(raw, (3, 2)), lambda raw: Opening.decode(raw, (3, 2))):
        with contextlib.suppress(BadInput):
            reader(content)


def test_a_huge_artefact_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("fedproof.federation.store.BULK", 1000)
    store = Store(tmp_path)
    name = store.put(bytes(2000))
    with pytest.raises(BadInput, match=r"cannot be read: has 2000 bytes, at most 1000 are read"):
        store.get(name)
    remote = Store("memory://artefacts")
    name = remote.put(bytes(2000))
    with pytest.raises(BadInput, match=r"cannot be read: has 2000 bytes, at most 1000 are read"):
        remote.get(name)
    assert remote.get(remote.put(b"small")) == b"small"


@pytest.mark.parametrize("change", [{"n": 1 << 40}, {"r": 1 << 30}, {"p": 1 << 30}, {"dklen": 1 << 40}, {"c": 1 << 40}])
def test_a_keystore_that_would_take_all_memory(change, tmp_path):
    file = tmp_path / "keystore.json"
    create_identity(file, "pass", cost=RANDOM)
    keystore = json.loads(file.read_text())
    keystore["crypto"]["kdfparams"] |= change
    file.write_text(json.dumps(keystore))
    with pytest.raises(BadInput, match=r"keystore\.json: kdfparams: would take too long"):
        open_identity(file, "pass")
