"""The command line with arguments, an exit code and two streams."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from fedproof.cli.main import app

Call = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    cache = str(tmp_path_factory.mktemp("cache"))
    return {**os.environ, "FEDPROOF_CACHE": cache, "FEDPROOF_PASSPHRASE": "correct horse"}


@pytest.fixture(scope="session")
def fedproof(environment: dict[str, str]) -> Call:
    """Runs `fedproof` with arguments in this process; `env` changes the environment (None removes)."""

    def call(*arguments: str | Path, env: dict[str, str | None] | None = None) -> CompletedProcess[str]:
        out, err, code = io.StringIO(), io.StringIO(), 0
        handler = signal.getsignal(signal.SIGTERM)
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            for name, value in {**environment, **(env or {})}.items():
                patch.setenv(name, value) if value is not None else patch.delenv(name, raising=False)
            try:
                app([str(argument) for argument in arguments])
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else int(end.code is not None)
            finally:
                signal.signal(signal.SIGTERM, handler)
        return CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture(scope="session")
def demo(fedproof: Call, tmp_path_factory: pytest.TempPathFactory) -> tuple[CompletedProcess[str], Path]:
    """A small demonstration: what it printed, and its folder. Not to be changed."""
    out = tmp_path_factory.mktemp("demo") / "out"
    options = ["--participants", "2", "--rounds", "2", "--hidden", "", "--cheat", "skipped-step", "--json"]
    return fedproof("demo", "--no-chain", "--out", out, *options), out
