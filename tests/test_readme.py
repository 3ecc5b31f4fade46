"""The README's quick start runs as it stands there, and says what it should."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


def test_quick_start_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code = re.search(r"## Quick start\n\n```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert code is not None
    assert len([line for line in code[1].splitlines() if line.strip()]) <= 5
    monkeypatch.chdir(tmp_path)
    exec(compile(code[1], "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "audit passed" in printed
    assert printed.count("'hospital-4', 'V11'") == 2


def test_commands_named_in_the_readme_exist() -> None:
    from typer.testing import CliRunner

    from fedproof.cli.main import app

    shown = CliRunner().invoke(app, ["--help"]).output
    for command in set(re.findall(r"`fedproof (\w+)", README.read_text())):
        assert command in shown, command
