import stat

import pytest

from fedproof._core import keccak256
from fedproof.errors import BadInput
from fedproof.federation.keys import (
    ORDER,
    PASSPHRASE,
    RANDOM,
    Identity,
    ask_passphrase,
    create_identity,
    keystore_address,
    open_identity,
    recover,
)

KEY = bytes(31) + b"\1"
DIGEST = keccak256(b"message")


def test_the_address_is_ethereums():
    assert Identity(KEY).address.hex() == "7e5f4552091a69125d5dfcb7b8c2659029395bdf"


def test_the_keystore_is_encrypted_and_private(tmp_path):
    file = tmp_path / "key" / "keystore.json"
    identity = create_identity(file, "correct horse", cost=RANDOM)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert identity._private.hex() not in file.read_text()
    assert keystore_address(file) == identity.address
    assert open_identity(file, "correct horse")._private == identity._private
    with pytest.raises(BadInput, match="wrong passphrase"):
        open_identity(file, "battery staple")
    with pytest.raises(BadInput, match="there is a key already"):
        create_identity(file, "x", cost=RANDOM)


def test_a_damaged_keystore_is_bad_input(tmp_path):
    file = tmp_path / "keystore.json"
    for content in ("", "{}", "[]", '{"address": "zz"}', '{"address": 5}'):
        file.write_text(content)
        for read in (keystore_address, lambda f: open_identity(f, "x")):
            with pytest.raises(BadInput):
                read(file)


def test_nothing_of_the_key_is_shown():
    identity = Identity(KEY)
    assert repr(identity) == f"Identity(0x{identity.address.hex()})"


def test_the_signer_of_transactions_has_the_same_key_and_shows_nothing_of_it():
    account = Identity(KEY).account()
    assert account.address.lower() == "0x" + Identity(KEY).address.hex()
    for text in (repr(account), str(account), f"{account}"):
        assert KEY.hex()[2:] not in text
    assert bytes(account.key) == KEY


def test_signatures_recover_to_the_signer_only():
    identity = Identity(KEY)
    signature = identity.sign(DIGEST)
    assert recover(DIGEST, signature) == identity.address
    assert recover(keccak256(b"other"), signature) != identity.address


def test_a_signature_has_one_text():
    signature = Identity(KEY).sign(DIGEST)
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    high = r + (ORDER - s).to_bytes(32, "big") + bytes([55 - v])
    assert recover(DIGEST, high) == b""
    for wrong in (
        signature[:-1],
        signature + b"\0",
        signature[:64] + b"\0",
        bytes(64) + b"\x1b",
        b"\xff" * 64 + b"\x1b",
    ):
        assert recover(DIGEST, wrong) == b""


def test_sealed_secrets_open_for_their_key_and_label_only():
    identity = Identity(KEY)
    sealed = identity.seal(b"blinds", b"label")
    assert b"blinds" not in sealed
    assert identity.unseal(sealed, b"label") == b"blinds"
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for who, what, label in (
        (identity, changed, b"label"),
        (identity, sealed, b"l"),
        (Identity(DIGEST), sealed, b"label"),
    ):
        with pytest.raises(BadInput, match="damaged, or sealed by another key"):
            who.unseal(what, label)


def test_the_passphrase_comes_from_the_environment_or_not_at_all(monkeypatch):
    monkeypatch.setenv(PASSPHRASE, "from the environment")
    assert ask_passphrase("alice") == "from the environment"
    monkeypatch.delenv(PASSPHRASE)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(BadInput, match="set FEDPROOF_PASSPHRASE"):
        ask_passphrase("alice")
