"""The tiny task, and one finished run that many tests look at."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fedproof.federation import run_federation
from fedproof.federation.enrol import Enrolment
from fedproof.federation.terms import Terms
from fedproof.task import Task
from tests.federation.helpers import make_enrolment, make_run, make_task


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Setups are cached for this session, not in the user's folder."""
    pytest.MonkeyPatch().setenv("FEDPROOF_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def task() -> Task:
    return make_task()


@pytest.fixture(scope="session")
def terms(task: Task) -> Terms:
    return Terms.of(task)


@pytest.fixture(scope="session")
def enrolment(tmp_path_factory: pytest.TempPathFactory, terms: Terms) -> Enrolment:
    return make_enrolment(tmp_path_factory.mktemp("enrolled"), terms, 0)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, task: Task) -> Path:
    """A run of three processes and two rounds in which carol submits other people's proofs. Not to be changed."""
    base = tmp_path_factory.mktemp("people")
    config, passphrases = make_run(base, task, ["alice", "bob", "carol"], {"carol": "stolen-proof"})
    assert run_federation(config, passphrases).finished
    return config.out


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished run for a test that changes it."""
    return Path(shutil.copytree(finished, tmp_path / "copy"))
