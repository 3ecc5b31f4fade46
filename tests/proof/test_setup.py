import pytest

from fedproof._core import Key, Setup, keccak256
from fedproof.errors import BadInput
from fedproof.program import compile_task
from fedproof.proof import INSECURE_NOTICE, cache_folder, setup_for
from tests.federation.helpers import make_task


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FEDPROOF_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def program():
    return compile_task(make_task())


def test_the_development_setup_is_cached_and_says_that_it_is_insecure(cache, program):
    first = setup_for(program)
    [file] = cache.iterdir()
    assert first.insecure and first.powers >= program.describe()["setup_powers"]
    stamp = file.stat().st_mtime_ns
    again = setup_for(program)
    assert again.digest == first.digest and file.stat().st_mtime_ns == stamp
    assert "INSECURE" in INSECURE_NOTICE and "--ptau" in INSECURE_NOTICE


def test_a_damaged_cache_is_made_anew(cache, program):
    digest = setup_for(program).digest
    [file] = cache.iterdir()
    for content in (b"", file.read_bytes()[:-1]):
        file.write_bytes(content)
        assert setup_for(program).digest == digest
    assert [f.name for f in cache.iterdir()] == [file.name]


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path, monkeypatch, program):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FEDPROOF_CACHE", str(tmp_path / "file" / "below"))
    assert setup_for(program).insecure


def test_a_ptau_that_is_none_is_bad_input(cache, tmp_path, program):
    with pytest.raises(BadInput, match=r"none.ptau: cannot be read"):
        setup_for(program, tmp_path / "none.ptau")
    (tmp_path / "bad.ptau").write_bytes(b"ptau" + bytes(100))
    with pytest.raises(BadInput, match=r"bad.ptau"):
        setup_for(program, tmp_path / "bad.ptau")
    assert not cache.exists()


def test_the_cache_is_the_platforms(monkeypatch):
    monkeypatch.delenv("FEDPROOF_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    monkeypatch.setattr("sys.platform", "linux")
    assert str(cache_folder()) == "/somewhere/fedproof"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/ada")
    assert str(cache_folder()) == "/home/ada/.cache/fedproof"
    monkeypatch.setattr("sys.platform", "darwin")
    assert str(cache_folder()) == "/home/ada/Library/Caches/fedproof"


def test_what_a_verifier_stores_of_a_setup_and_a_key_has_their_digests(program):
    setup = Setup.development(int(program.describe()["setup_powers"]))
    key = Key(program, setup)
    points = key.table_points
    assert keccak256(b"fedproof/setup/1" + setup.verifier_points) == setup.digest
    assert keccak256(b"fedproof/key/2" + program.digest + bytes([len(points) // 64]) + points) == key.digest
