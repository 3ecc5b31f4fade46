"""Where a task is run: chain, hub, id, artefact store. The file of it in a run's folder is all an auditor needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fedproof.chain.hub import Hub
from fedproof.chain.rpc import Chain
from fedproof.errors import BadInput
from fedproof.federation.canonical import decode, encode, hex_field, int_field, text_field
from fedproof.federation.runfolder import SITE
from fedproof.federation.terms import Terms, Venue
from fedproof.files import read_file, write_file
from fedproof.reading import TEXT

URL = 2000
"""Most characters of a URL."""


@dataclass(frozen=True)
class Site:
    """embedded: on the chain kept in the run's folder. hub, task: hex digits. block: from which the task has events.

    store: URL or folder of the artefacts. The URL of a node is never kept: it may hold a secret.
    """

    embedded: bool
    chain_id: int
    hub: str
    task: str
    block: int
    store: str

    @property
    def id(self) -> bytes:
        """Of the task."""
        return bytes.fromhex(self.task)

    def terms(self, terms: Terms) -> Terms:
        """The terms with statements that hold here."""
        return terms.at(Venue(self.chain_id, bytes(12) + bytes.fromhex(self.hub), self.id, attempts=1))

    def open(self, chain: Chain) -> Hub:
        """The hub. Raises BadInput if this is another chain."""
        if chain.chain_id != self.chain_id:
            raise BadInput(f"{chain.url}: is chain {chain.chain_id}, the task is on chain {self.chain_id}")
        return Hub(chain, bytes.fromhex(self.hub))

    def write(self, folder: Path) -> None:
        """Into a run's folder."""
        write_file(folder / SITE, encode(asdict(self)))

    def with_store(self, store: str) -> Site:
        """The same with artefacts elsewhere."""
        return replace(self, store=store)

    @classmethod
    def read(cls, folder: Path) -> Site:
        """From a run's folder. Raises BadInput."""
        content = decode(read_file(folder / SITE, TEXT))
        if set(content) != set(cls.__dataclass_fields__):
            raise BadInput(f"{folder / SITE}: has other fields than it should")
        if not isinstance(content["embedded"], bool):
            raise BadInput(f"{folder / SITE}: embedded must be true or false")
        return cls(
            embedded=content["embedded"],
            chain_id=int_field(content, "chain_id", 1, 2**63),
            hub=hex_field(content, "hub", 20).hex(),
            task=hex_field(content, "task", 32).hex(),
            block=int_field(content, "block", 0, 2**63),
            store=text_field(content, "store", URL),
        )


def is_site(folder: Path) -> bool:
    """Was the run in this folder on a chain?"""
    return (folder / SITE).is_file()
