"""The tutorial runs as it stands there, and its stored outputs are what it says."""

from pathlib import Path

import pytest

from tools import tutorial

STALE = "the outputs stored in docs/tutorial.ipynb are out of date; store them anew: make docs"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[list[dict]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("tutorial"))
        return tutorial.execute(tutorial.read())


def test_stored_outputs_are_not_stale(outputs: list[list[dict]]) -> None:
    stored = [cell["outputs"] for cell in tutorial.code_cells(tutorial.read())]
    for number, (old, new) in enumerate(zip(stored, outputs, strict=True), 1):
        assert tutorial.essence(old) == tutorial.essence(new), f"cell {number}: {STALE}"


def test_it_shows_what_it_is_for(outputs: list[list[dict]]) -> None:
    shown = "\n".join(tutorial.essence(cell) for cell in outputs)
    for words in ("passed: True; 3 rounds, 15 proofs", "passed: False", "round 2: clinic-3 refused, check V11"):
        assert words in shown, words
    assert "clinic-2: row 17, column 'mean area'" in shown


def test_another_output_is_noticed_and_another_time_is_not() -> None:
    def cell(text: str) -> list[dict]:
        return [{"output_type": "stream", "name": "stdout", "text": [text]}]

    assert tutorial.essence(cell("3 proofs in 0.5 s")) == tutorial.essence(cell("3 proofs  in 12.25 s"))
    assert tutorial.essence(cell("3 proofs in 0.5 s")) != tutorial.essence(cell("4 proofs in 0.5 s"))
    assert tutorial.essence(cell("passed: True")) != tutorial.essence(cell("passed: False"))


def test_the_notebook_is_one() -> None:
    notebook = tutorial.read()
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    for number, cell in enumerate(tutorial.code_cells(notebook), 1):
        assert cell["execution_count"] == number
    assert tutorial.NOTEBOOK.stat().st_size < 60_000
    assert str(Path.home()) not in tutorial.NOTEBOOK.read_text(encoding="utf-8")
