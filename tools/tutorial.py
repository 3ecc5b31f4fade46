"""Executes docs/tutorial.ipynb without Jupyter: `make docs` stores the outputs in it, the tests compare them.

A notebook here is what nbformat 4.5 says: cells in order, each run in the same namespace; what a cell prints and the
value of its last expression are its outputs.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parents[1] / "docs" / "tutorial.ipynb"
VARIES = re.compile(r"\d+\.\d+")
"""What is another one in every run: times, and accuracies, since batches follow from fresh randomness."""


def read() -> dict[str, Any]:
    """The notebook."""
    content: dict[str, Any] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return content


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """Cells of code, in order."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def execute(notebook: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Outputs of every cell of code. Files are written into the current folder; an exception of a cell passes."""
    space: dict[str, Any] = {"__name__": "__main__"}
    return [_run("".join(cell["source"]), number, space) for number, cell in enumerate(code_cells(notebook), 1)]


def _run(source: str, number: int, space: dict[str, Any]) -> list[dict[str, Any]]:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, value = io.StringIO(), None
    with redirect_stdout(printed):
        exec(compile(tree, f"cell {number}", "exec"), space)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), space)
    outputs: list[dict[str, Any]] = []
    if printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": _lines(printed.getvalue())})
    if value is not None:
        data = {"text/plain": _lines(repr(value))}
        outputs.append({"data": data, "execution_count": number, "metadata": {}, "output_type": "execute_result"})
    return outputs


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def essence(outputs: list[dict[str, Any]]) -> str:
    """The text of a cell's outputs, without what varies and without differences of spacing."""
    texts = ["".join(o["text"] if "text" in o else o["data"]["text/plain"]) for o in outputs]
    return " ".join(VARIES.sub("#", "\n".join(texts)).split())


def main() -> None:
    """Executes the notebook in a temporary folder and stores its outputs."""
    notebook = read()
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            found = execute(notebook)
        finally:
            os.chdir(before)
    for number, (cell, outputs) in enumerate(zip(code_cells(notebook), found, strict=True), 1):
        cell["outputs"], cell["execution_count"] = outputs, number
    NOTEBOOK.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"wrote {NOTEBOOK}")


if __name__ == "__main__":
    main()
