"""The journal of sent transactions: damaged, of somebody else."""

from __future__ import annotations

import json

import pytest
from eth_account import Account

from fedproof.chain.journal import Attempt, Entry, Journal
from fedproof.chain.sender import Sender
from fedproof.errors import BadInput

WHO, GENESIS = "0x" + "11" * 20, b"\2" * 32


def entry(nonce: int = 0, purpose: str = "p") -> Entry:
    return Entry(purpose, nonce, b"\3" * 20, 5, b"data", 21_000, (Attempt(b"raw", b"\4" * 32, 1, 2),))


def open_journal(folder, who=WHO, chain=1, genesis=GENESIS) -> Journal:
    return Journal(folder, who, chain, genesis)


def test_entries_come_back(tmp_path):
    journal = open_journal(tmp_path)
    assert journal.next == 0 and journal.latest("p") is None
    for new in (entry(4), entry(7, "q"), entry(8)):
        journal.add(new)
    changed = journal.change(entry(8), state="settled", block=9, hash=b"\5" * 32)
    journal.close()
    again = open_journal(tmp_path)
    assert again.latest("p") == changed and again.latest("q") == entry(7, "q")
    assert again.next == 9 and again.between(4, 8) == [entry(4), entry(7, "q")]
    with pytest.raises(ValueError, match="nonce 4 is used"):
        again.add(entry(4))
    again.close()


def test_what_a_killed_writer_left_is_swept_away(tmp_path):
    open_journal(tmp_path).close()
    (tmp_path / ".0000000001.json.1234.part").write_text("half")
    journal = open_journal(tmp_path)
    assert journal.next == 0 and not list(tmp_path.glob(".*.part"))
    journal.close()


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"who": "0x" + "22" * 20}, "account"),
        ({"chain": 2}, "chain"),
        ({"genesis": b"\3" * 32}, "first block of the chain"),
    ],
)
def test_the_journal_of_another(tmp_path, other, what):
    open_journal(tmp_path).close()
    with pytest.raises(BadInput, match=f"is the journal of another {what}"):
        open_journal(tmp_path, **other)
    open_journal(tmp_path).close()  # which has not locked it


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": 1}, {"attempts": []}, {"attempts": [{}]}, {"to": 5}, {"data": "zz"}, {"extra": 1}, {"purpose": None},
    ],
)  # fmt: skip
def test_a_damaged_entry_stops_everything(tmp_path, change):
    """A purpose that cannot be read may have been sent."""
    journal = open_journal(tmp_path)
    journal.add(entry())
    journal.close()
    file = tmp_path / "0000000000.json"
    value = {**json.loads(file.read_text()), **change}
    if change == {"purpose": None}:
        del value["purpose"]
    file.write_text(json.dumps(value))
    with pytest.raises(BadInput, match="is not a transaction of the journal"):
        open_journal(tmp_path)
    for content in ("", "[]", "[" * 100_000):
        file.write_text(content)
        with pytest.raises(BadInput, match="is not JSON of a journal"):
            open_journal(tmp_path)


def test_a_journal_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="cannot be written"):
        open_journal(tmp_path / "file")


def test_a_fresh_chain_is_another_chain(chain, own, tmp_path):
    """anvil without its state has the same chain id."""
    from fedproof.chain.rpc import Chain

    account = Account.from_key(b"\x0c" * 32)
    Sender(chain, account, tmp_path / "journal").close()
    with pytest.raises(BadInput, match="another first block of the chain"):
        Sender(Chain.connect(own.url), account, tmp_path / "journal")
