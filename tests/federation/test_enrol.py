import pytest

from fedproof.data import encode
from fedproof.errors import BadInput
from fedproof.federation.enrol import enrol, is_unused, open_enrolment
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.terms import Terms
from fedproof.proof import verify_registration
from tests.federation.helpers import make_identity, make_table, make_task


@pytest.fixture
def folder(tmp_path):
    folder = ParticipantFolder(tmp_path / "alice")
    folder.prepare()
    return folder


def test_a_registration_is_kept_and_found_again(folder, terms):
    identity = make_identity(0)
    made = enrol(folder, identity, "alice", terms, encode(make_table(0), terms.task))
    verify_registration(terms.key, made.fields, made.proof)
    found = open_enrolment(folder, identity, terms)
    assert found.fields == made.fields and found.dataset_id == made.dataset_id and found.root == made.root
    assert found.body == made.body and found.proof == made.proof and (found.features == made.features).all()
    assert found.dataset.blinds == made.dataset.blinds
    assert is_unused(folder, terms, "prove") and not is_unused(folder, terms, "check")
    folder.remember(terms.task.digest, run="ab" * 32)
    assert not is_unused(folder, terms, "prove")


def test_blinds_and_nonces_are_sealed(folder, terms):
    made = enrol(folder, make_identity(0), "alice", terms, encode(make_table(0), terms.task))
    everything = b"".join(f.read_bytes() for f in folder.path.rglob("*") if f.is_file())
    for secret in (made.root, made.dataset.blinds):
        assert secret not in everything and secret.hex().encode() not in everything
    with pytest.raises(BadInput, match="registered"):
        open_enrolment(folder, make_identity(1), terms)


def test_the_same_records_never_look_the_same(folder, terms):
    first = enrol(folder, make_identity(0), "alice", terms, encode(make_table(0), terms.task))
    second = enrol(folder, make_identity(0), "alice", terms, encode(make_table(0), terms.task))
    assert first.fields.dataset != second.fields.dataset
    assert first.fields.nonce_commitment != second.fields.nonce_commitment


def test_other_tasks_ask_for_another_registration(folder, terms):
    enrol(folder, make_identity(0), "alice", terms, encode(make_table(0), terms.task))
    with pytest.raises(BadInput, match="fedproof data commit"):
        open_enrolment(folder, make_identity(0), Terms.of(make_task(rounds=3)))


def test_a_folder_holds_one_data_file(folder):
    with pytest.raises(BadInput, match="holds 0 data files"):
        folder.data_file()
    (folder.path / "data").mkdir()
    for name in ("a.csv", "notes.txt"):
        (folder.path / "data" / name).write_text("")
    assert folder.data_file().name == "a.csv"
    (folder.path / "data" / "b.npz").write_text("")
    with pytest.raises(BadInput, match="holds 2 data files"):
        folder.data_file()


def test_a_damaged_state_is_bad_input(folder, terms):
    (folder.path / "state.json").write_text("{")
    with pytest.raises(BadInput, match=r"state.json: is not JSON"):
        folder.state(terms.task.digest)
