"""Every transaction of an account, signed and on the disk before it is sent: what makes sending safe to repeat.

A folder, one file per nonce. Only one process uses it at a time. Signed transactions are no secrets, but they can be
sent by anybody who reads them: the files are the owner's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from fedproof.errors import BadInput
from fedproof.files import lock_file, make_folder, read_file, sweep, write_file
from fedproof.reading import TEXT, is_flat

State = Literal["sent", "settled", "reverted", "displaced"]
"""sent: perhaps, or about to be. settled, reverted: in a confirmed block. displaced: another transaction has its
nonce.
"""

ABOUT = "about.json"
PURPOSE = 500
"""Most characters of a purpose."""


@dataclass(frozen=True)
class Attempt:
    """One signed transaction. tip, fee: at most so many wei per gas, to the block's producer and altogether."""

    raw: bytes
    hash: bytes
    tip: int
    fee: int


@dataclass(frozen=True)
class Entry:
    """What a purpose became: attempts of one nonce, of which at most one can ever be in the chain.

    to: 20 bytes, b"" for a creation. block: its number when it was settled.
    """

    purpose: str
    nonce: int
    to: bytes
    value: int
    data: bytes
    gas: int
    attempts: tuple[Attempt, ...]
    state: State = "sent"
    block: int = 0
    hash: bytes = field(default=b"")

    @property
    def last(self) -> Attempt:
        """The attempt that offers most."""
        return self.attempts[-1]


class Journal:
    """Entries of one account on one chain, the process's own until it is closed. Raises BadInput if another process has
    it.
    """

    def __init__(self, folder: Path, account: str, chain_id: int, genesis: bytes) -> None:
        self._folder = folder
        try:
            make_folder(folder.absolute())
            folder.chmod(0o700)
        except OSError as error:
            raise BadInput(f"{folder}: cannot be written: {error.strerror or error}") from None
        self._lock = lock_file(folder / "lock")
        if self._lock is None:
            raise BadInput(f"{folder}: another process sends with this account now")
        try:
            sweep(folder)
            self._claim({"account": account, "chain": chain_id, "genesis": genesis.hex()})
            self._entries = {entry.nonce: entry for entry in self._read()}
        except BaseException:
            self._lock.close()
            raise

    def _claim(self, about: dict[str, Any]) -> None:
        file = self._folder / ABOUT
        if not file.exists():
            write_file(file, json.dumps(about).encode(), private=True)
        found = _parse(file)
        for what, means in (("account", "account"), ("chain", "chain"), ("genesis", "first block of the chain")):
            if found.get(what) != about[what]:
                raise BadInput(f"{self._folder}: is the journal of another {means}: {found.get(what)}")

    def _read(self) -> Iterator[Entry]:
        for file in sorted(self._folder.glob("[0-9]*.json")):
            try:
                value = _parse(file)
                attempts = tuple(
                    Attempt(bytes.fromhex(a["raw"]), bytes.fromhex(a["hash"]), int(a["tip"]), int(a["fee"]))
                    for a in value.pop("attempts")
                )
                value |= {name: bytes.fromhex(value[name]) for name in ("to", "data", "hash")}
                entry = Entry(attempts=attempts, **value)
                if not attempts or file.name != _name(entry.nonce):
                    raise ValueError
            except (ValueError, KeyError, TypeError, AttributeError):
                raise BadInput(f"{file}: is not a transaction of the journal") from None
            yield entry

    @property
    def next(self) -> int:
        """The first nonce above all that are used."""
        return max(self._entries, default=-1) + 1

    def latest(self, purpose: str) -> Entry | None:
        """The newest entry of a purpose."""
        return max((e for e in self._entries.values() if e.purpose == purpose), key=lambda e: e.nonce, default=None)

    def between(self, first: int, end: int) -> list[Entry]:
        """Entries with nonces from `first` up to before `end`, in order."""
        return [self._entries[nonce] for nonce in sorted(self._entries) if first <= nonce < end]

    def add(self, entry: Entry) -> None:
        """Keeps a new entry; once it returns, it is on the disk."""
        if entry.nonce in self._entries:
            raise ValueError(f"nonce {entry.nonce} is used")
        self._write(entry)

    def change(self, entry: Entry, **fields: Any) -> Entry:
        """The entry with other fields, kept."""
        return self._write(replace(entry, **fields))

    def _write(self, entry: Entry) -> Entry:
        text = json.dumps(asdict(entry), default=bytes.hex)
        write_file(self._folder / _name(entry.nonce), text.encode(), private=True)
        self._entries[entry.nonce] = entry
        return entry

    def close(self) -> None:
        """Lets other processes have it."""
        if self._lock is not None:
            self._lock.close()


def _name(nonce: int) -> str:
    return f"{nonce:010}.json"


def _parse(file: Path) -> dict[str, Any]:
    try:
        content = read_file(file, TEXT)
        value = json.loads(content) if is_flat(content) else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise BadInput(f"{file}: is not JSON of a journal")
    return value


def purpose_of(text: str) -> str:
    """A purpose as given. Raises BadInput."""
    if not 0 < len(text) <= PURPOSE or not text.isprintable():
        raise BadInput(f"purpose: must be a printable text of at most {PURPOSE} characters")
    return text
