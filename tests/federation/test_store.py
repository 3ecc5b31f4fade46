from pathlib import Path

import pytest

from fedproof._core import keccak256
from fedproof.errors import BadInput
from fedproof.federation.store import ArtefactError, Store


def test_names_are_hashes_of_the_content(tmp_path):
    store = Store(tmp_path / "store")
    name = store.put(b"weights")
    assert name == keccak256(b"weights").hex()
    assert store.get(name) == b"weights"
    assert store.put(b"weights") == name
    assert [f.name for f in (tmp_path / "store").iterdir()] == [name]


def test_missing_and_changed_artefacts_are_told_apart(tmp_path):
    store = Store(tmp_path)
    name = store.put(b"a")
    (tmp_path / name).write_bytes(b"b")
    with pytest.raises(ArtefactError, match="has been changed"):
        store.get(name)
    (tmp_path / name).unlink()
    with pytest.raises(ArtefactError, match="missing"):
        store.get(name)


@pytest.mark.parametrize("name", ["", "../secret", "0" * 63, "G" * 64, "A" * 64])
def test_only_hashes_are_names(tmp_path, name):
    (tmp_path / "secret").write_bytes(b"x")
    with pytest.raises(ArtefactError, match="not a name"):
        Store(tmp_path / "store").get(name)


def test_an_interrupted_write_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(self, target):
        raise KeyboardInterrupt

    store = Store(tmp_path)
    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.put(b"half")
    assert list(tmp_path.iterdir()) == []


def test_what_nothing_refers_to_can_be_discarded(tmp_path):
    store = Store(tmp_path / "store")
    name = store.put(b"old")
    for _ in range(2):
        store.discard(name)
        with pytest.raises(ArtefactError, match="missing"):
            store.get(name)


def test_other_file_systems_work_by_url():
    store = Store("memory://fedproof-test")
    assert store.get(store.put(b"remote")) == b"remote"


def test_an_unknown_protocol_is_bad_input():
    with pytest.raises(BadInput, match="nowhere"):
        Store("nowhere://x")
