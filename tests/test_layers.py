"""Imports follow the flow of data: task -> data -> program -> proof -> chain -> registry -> federation -> doors."""

import ast
from pathlib import Path

import fedproof

ROOT = Path(fedproof.__file__).parent
FLOW = ["errors", "reading", "files", "task", "data", "program", "proof", "chain", "registry", "federation"]
DOORS = {"cli", "flower", "web"}
# what only one room may import (None: one module of any room)
CONFINED = {"flwr": "flower", "web3": "chain", "torch": None, "pyarrow": None}


def imports(file: Path) -> set[str]:
    """Full names of all modules a file imports, wherever in the file."""
    package = ["fedproof", *file.relative_to(ROOT).parts[:-1]]
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


FILES = {file.relative_to(ROOT): imports(file) for file in sorted(ROOT.rglob("*.py"))}


def room(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


def test_every_file_is_in_a_known_room():
    assert {room(path) for path in FILES} <= {*FLOW, *DOORS, "__init__"}


def test_a_lower_room_never_imports_a_higher_one():
    wrong = []
    for path, modules in FILES.items():
        here = room(path)
        for module in modules:
            parts = module.split(".")
            if parts[0] != "fedproof" or len(parts) < 2 or parts[1] == here or here == "__init__":
                continue
            there = parts[1]
            backwards = here in FLOW and there in FLOW and FLOW.index(there) > FLOW.index(here)
            if backwards or there in DOORS:
                wrong.append(f"{path} imports {module}")
    assert wrong == []


def test_the_public_face_imports_no_door():
    assert not any(m.startswith(f"fedproof.{door}") for m in FILES[Path("__init__.py")] for door in DOORS)


def test_heavy_packages_stay_where_they_belong():
    for package, home in CONFINED.items():
        users = [path for path, modules in FILES.items() if any(m.split(".")[0] == package for m in modules)]
        if home is None:
            assert len(users) <= 1, f"{package} is imported by {users}"
        else:
            assert all(room(path) == home for path in users), f"{package} is imported by {users}"


def test_the_reference_is_independent_of_the_package():
    for file in Path(__file__).parent.parent.joinpath("vectors", "reference").rglob("*.py"):
        names = {alias for node in ast.walk(ast.parse(file.read_text())) for alias in _roots(node)}
        assert "fedproof" not in names, file


def _roots(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.module:
        return {node.module.split(".")[0]}
    return set()
