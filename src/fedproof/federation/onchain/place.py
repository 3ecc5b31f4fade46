"""The chain of a run's folder: a node that is named, or the chain of its own, started again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from fedproof.chain.node import Anvil
from fedproof.chain.rpc import Chain
from fedproof.errors import BadInput
from fedproof.federation.onchain.site import Site

STATE = Path("chain") / "state.json"
"""In a run's folder: the chain of its own."""


@contextmanager
def open_place(folder: Path, rpc: str = "") -> Iterator[tuple[Chain, Site]]:
    """The chain and where the task is on it, to be read only: a chain of its own is started on a copy.

    rpc: the node of any other chain. Raises BadInput, ChainError.
    """
    site = Site.read(folder)
    if rpc and not site.embedded:
        yield Chain.connect(rpc), site
        return
    if not site.embedded:
        raise BadInput(f"{folder}: its task is on chain {site.chain_id}: name a node with --rpc")
    if not (folder / STATE).is_file():
        raise BadInput(f"{folder}: holds no chain ({STATE} is missing)")
    with tempfile.TemporaryDirectory(prefix="fedproof-") as base:
        copy = Path(shutil.copyfile(folder / STATE, Path(base) / "state.json"))
        store = str(folder / "store") if (folder / "store").is_dir() else site.store
        with Anvil(state=copy) as node:
            yield Chain.connect(node.url), replace(site, store=store)
