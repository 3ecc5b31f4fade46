"""Contracts as package data, from forge's output: `python -m tools.artefacts` after `npm run build`; `--check` only
compares.

The compiler's hash of the metadata would change with every comment; it is not in the bytecode (foundry.toml).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from fedproof._core import keccak256
from fedproof.chain.artefacts import CONTRACTS, WORDS, blank
from fedproof.chain.deploy import PLAN

ROOT = Path(__file__).parents[1]
HERE = ROOT / "src" / "fedproof" / "chain" / "artefacts"
ERROR = re.compile(r"((?:^[ \t]*///[^\n]*\n)+)[ \t]*error (\w+)\(([^)]*)\);", re.MULTILINE)


def artefacts() -> dict[str, str]:
    """Content of each file by its name."""
    made = {f"{name}.json": _text(_contract(name)) for name in CONTRACTS}
    return {**made, WORDS: _text(_words())}


def stale() -> list[str]:
    """Names of files that are not what the compiler gives."""
    made = artefacts()
    there = {path.name for path in HERE.glob("*.json")}
    wrong = {name for name, text in made.items() if name not in there or (HERE / name).read_text() != text}
    return sorted(wrong | (there - set(made)))


def _contract(name: str) -> dict[str, Any]:
    built = _built(name)
    if built["bytecode"]["linkReferences"]:
        raise ValueError(f"{name} needs libraries linked")
    places = built["deployedBytecode"].get("immutableReferences", {})
    immutables = sorted((place["start"], place["length"]) for found in places.values() for place in found)
    code = bytes.fromhex(built["deployedBytecode"]["object"].removeprefix("0x"))
    return {
        "abi": built["abi"],
        "bytecode": built["bytecode"]["object"].removeprefix("0x"),
        "immutables": immutables,
        "code_hash": keccak256(blank(code, tuple(immutables))).hex(),
    }


def _built(name: str) -> Any:
    """forge's output for a contract; of one that another contract makes, the build that is inside of that."""
    folder = ROOT / "out" / f"{name}.sol"
    maker = next((part.made_by[0] for part in PLAN if part.name == name and part.made_by), None)
    if maker is None:
        return json.loads((folder / f"{name}.json").read_text())
    whole = _built(maker)["bytecode"]["object"]
    for path in sorted(folder.glob(f"{name}*.json")):  # one for each profile of the compiler
        built = json.loads(path.read_text())
        if built["bytecode"]["object"].removeprefix("0x") in whole:
            return built
    raise ValueError(f"{name} is not inside of {maker}")


def _words() -> dict[str, str]:
    """What stands above each error in the sources, by its signature."""
    found = {}
    for path in sorted((ROOT / "contracts" / "src").rglob("*.sol")):
        for comment, name, fields in ERROR.findall(path.read_text()):
            kinds = [_kind(field.split()[0]) for field in fields.split(",") if field.strip()]
            text = " ".join(line.strip().removeprefix("///").strip() for line in comment.strip().splitlines())
            found[f"{name}({','.join(kinds)})"] = text
    return dict(sorted(found.items()))


def _kind(word: str) -> str:
    """The ABI's word for a Solidity type."""
    if word in ("uint", "int"):
        return f"{word}256"
    if re.fullmatch(r"u?int\d+|bytes\d*|bool|address|string", word):
        return word
    return "address" if word.startswith("I") else "uint8"  # a contract by its interface; an enumeration


def _text(value: dict[str, Any]) -> str:
    """JSON with a line for each field, and for each entry of the ABI: so that changes can be read."""
    lines = []
    for name, item in sorted(value.items()):
        text = json.dumps(item, sort_keys=True)
        if name == "abi":
            text = "[\n  " + ",\n  ".join(json.dumps(entry, sort_keys=True) for entry in item) + "\n ]"
        lines.append(f" {json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(arguments: list[str]) -> int:
    """Writes the files, or compares them. Returns the exit code."""
    wrong = stale()
    if arguments == ["--check"]:
        if wrong:
            print(f"not what the sources give: {', '.join(wrong)}; run: npm run build && python -m tools.artefacts")
        return int(bool(wrong))
    for path in HERE.glob("*.json"):
        path.unlink()
    for name, text in artefacts().items():
        (HERE / name).write_text(text)
    print(f"wrote {len(CONTRACTS)} contracts to {HERE.relative_to(ROOT)}; changed: {', '.join(wrong) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
