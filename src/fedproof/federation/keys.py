"""A participant's secp256k1 key, encrypted at rest in an Ethereum V3 keystore, and what is derived from it.

Neither key nor passphrase is ever printed, logged or passed on a command line.
"""

from __future__ import annotations

import getpass
import json
import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eth_keys.datatypes import PrivateKey, Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from fedproof._core import keccak256
from fedproof.errors import BadInput
from fedproof.federation.canonical import Json
from fedproof.files import read_file, write_file
from fedproof.reading import TEXT

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

PASSPHRASE = "FEDPROOF_PASSPHRASE"
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
STRONG = 1 << 17
"""scrypt's cost for passphrases people choose."""
RANDOM = 1 << 10
"""scrypt's cost for passphrases of 32 random bytes, which nobody can guess."""
WORK = 1 << 22
"""Most of scrypt's n r p, or of PBKDF2's rounds: some seconds and 512 MiB."""
DKLEN = 64
"""Most bytes of a derived key."""
BRACKETS = 16
"""Objects and lists in a keystore; there are four."""


class Identity:
    """An unlocked key: signs messages, seals secrets."""

    def __init__(self, private: bytes) -> None:
        self._private = private
        self.address: bytes = PrivateKey(private).public_key.to_canonical_address()

    def __repr__(self) -> str:
        return f"Identity(0x{self.address.hex()})"

    @property
    def secret(self) -> bytes:
        """32 bytes mixed into the randomness of proofs."""
        return keccak256(b"fedproof/secret/1" + self._private)

    def sign(self, digest: bytes) -> bytes:
        """65 bytes r, s, v over a 32-byte digest."""
        signature = PrivateKey(self._private).sign_msg_hash(digest).to_bytes()
        return signature[:64] + bytes([signature[64] + 27])

    def account(self) -> LocalAccount:
        """The same key as eth_account's signer of transactions, which shows nothing of it either."""
        from eth_account import Account

        account: LocalAccount = Account.from_key(self._private)
        return account

    def seal(self, data: bytes, label: bytes) -> bytes:
        """`data` encrypted for this key alone (AES-256-GCM); `label` says what it is and is authenticated."""
        nonce = os.urandom(12)
        return nonce + AESGCM(self._sealing_key()).encrypt(nonce, data, label)

    def unseal(self, sealed: bytes, label: bytes) -> bytes:
        """Inverse of `seal`. Raises BadInput if the key is another one or the bytes were changed."""
        try:
            return AESGCM(self._sealing_key()).decrypt(sealed[:12], sealed[12:], label)
        except (InvalidTag, ValueError):
            raise BadInput(f"sealed {label.decode()}: damaged, or sealed by another key") from None

    def _sealing_key(self) -> bytes:
        return keccak256(b"fedproof/seal/1" + self._private)


def recover(digest: bytes, signature: bytes) -> bytes:
    """Address of the key that signed; b"" if nobody's key did. Only the low s is accepted: one signature, one text."""
    if len(signature) != 65 or signature[64] not in (27, 28) or int.from_bytes(signature[32:64], "big") > ORDER // 2:
        return b""
    try:
        parsed = Signature(signature[:64] + bytes([signature[64] - 27]))
        return parsed.recover_public_key_from_msg_hash(digest).to_canonical_address()
    except (BadSignature, ValidationError, ValueError):
        return b""


def create_identity(file: Path, passphrase: str, *, cost: int = STRONG) -> Identity:
    """A new key in a new keystore file, readable by its owner only. Raises BadInput if the file exists."""
    from eth_account import Account

    if os.path.lexists(file):
        raise BadInput(f"{file}: there is a key already")
    account = Account.create(os.urandom(32))
    keystore = Account.encrypt(bytes(account.key), passphrase, kdf="scrypt", iterations=cost)
    write_file(file, json.dumps(keystore).encode(), private=True)
    return Identity(bytes(account.key))


def open_identity(file: Path, passphrase: str) -> Identity:
    """The key in a keystore file. Raises BadInput for a wrong passphrase or a damaged file."""
    from eth_account import Account  # half a second, which only this process needs

    keystore = _keystore(file)
    try:
        return Identity(bytes(Account.decrypt(keystore, passphrase)))
    except (ValueError, TypeError, KeyError, AttributeError, NotImplementedError, OverflowError):
        raise BadInput(f"{file}: wrong passphrase, or not a keystore") from None


def keystore_address(file: Path) -> bytes:
    """Address in a keystore file, 20 bytes; needs no passphrase. Raises BadInput."""
    try:
        address = bytes.fromhex(_keystore(file)["address"].removeprefix("0x"))
    except (ValueError, KeyError, TypeError, AttributeError):
        address = b""
    if len(address) != 20:
        raise BadInput(f"{file}: is not a keystore")
    return address


def _keystore(file: Path) -> Json:
    """A keystore's fields. Raises BadInput if it is none, or would take more work to unlock than any that is in use."""
    content = read_file(file, TEXT)
    try:
        if content.count(b"{") + content.count(b"[") > BRACKETS:
            raise ValueError  # nesting must not exhaust the stack of the C parser
        keystore: Json = json.loads(content)
        cost = (keystore.get("crypto") or keystore["Crypto"])["kdfparams"]
        work = math.prod(max(1, abs(int(cost[name]))) for name in ("c", "n", "r", "p") if name in cost)
        long = int(cost["dklen"]) > DKLEN
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise BadInput(f"{file}: is not a keystore") from None
    if work > WORK or long:
        raise BadInput(f"{file}: kdfparams: would take too long, or too much memory, to unlock")
    return keystore


def ask_passphrase(whose: str, *, new: bool = False) -> str:
    """The passphrase of `whose` key from FEDPROOF_PASSPHRASE, else asked for. Raises BadInput without a terminal."""
    given = os.environ.get(PASSPHRASE)
    if given:
        return given
    if not sys.stdin.isatty():
        raise BadInput(f"no passphrase: set {PASSPHRASE} or run in a terminal")
    passphrase = getpass.getpass(f"Passphrase of {whose}'s key: ")
    if new and getpass.getpass("Once more: ") != passphrase:
        raise BadInput("the two passphrases differ")
    if not passphrase:
        raise BadInput("the passphrase must not be empty")
    return passphrase
