"""Runs on a chain need anvil; without it they are skipped, visibly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fedproof.chain.node import Anvil, find
from fedproof.errors import BadInput
from fedproof.federation import run_federation
from fedproof.federation.onchain.offer import ChainConfig
from tests.federation.helpers import make_run, make_task
from tests.onchain.helpers import Town


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    try:
        find()
    except BadInput as error:
        for item in items:
            if {"node", "finished"} & set(getattr(item, "fixturenames", ())):
                item.add_marker(pytest.mark.skip(reason=str(error)))


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Setups are cached for this session, not in the user's folder."""
    pytest.MonkeyPatch().setenv("FEDPROOF_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil() as anvil:
        yield anvil


@pytest.fixture
def build(node: Anvil, tmp_path: Path) -> Iterator[Callable[..., Town]]:
    """Makes towns, in a folder each."""
    towns: list[Town] = []

    def make(names: list[str], **options: Any) -> Town:
        towns.append(Town(tmp_path / f"town-{len(towns)}", node, names, **options))
        return towns[-1]

    yield make
    for town in towns:
        town.close()


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict]]:
    """A run of processes on a chain of its own, in which carol scales her update, and what was told. Read only."""
    base = tmp_path_factory.mktemp("people")
    config, passphrases = make_run(
        base, make_task(), ["alice", "bob", "carol"], {"carol": "scaled-update"}, chain=ChainConfig()
    )
    told: list[dict] = []
    assert run_federation(config, passphrases, watch=told.append).finished
    return config.out, told
