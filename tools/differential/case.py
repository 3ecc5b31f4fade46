"""What both verifiers are asked, and what they say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

KINDS = {"training": 1, "registration": 2, "close": 3}
"""Kinds of proofs by name, with their byte in a proof file."""
VECTORS = Path(__file__).parents[2] / "vectors"


@dataclass(frozen=True)
class Case:
    """A proof file and all that it is verified with, as bytes. `story` says how it was made.

    tau: of the setup if the last point is to be forged, so that a verifier accepts the rest; else empty.
    """

    kind: str
    program: bytes
    table: bytes
    setup: bytes
    statement: bytes
    file: bytes
    story: str
    tau: bytes = b""

    def told(self, more: str) -> Case:
        """The same case with a longer story."""
        return replace(self, story=f"{self.story}; {more}")


@dataclass(frozen=True)
class Verdict:
    """A name, "accepted" or the error's; what an accepted proof gives; the numbers that an error tells."""

    name: str
    output: bytes = b""
    numbers: tuple[int, ...] = ()

    def __str__(self) -> str:
        words = [self.name, *map(str, self.numbers)]
        return " ".join([*words, self.output.hex()] if self.output else words)


def golden() -> Iterator[Case]:
    """All golden vectors of proofs, those of false statements too."""
    for path in sorted(VECTORS.glob("*.json")):
        content = json.loads(path.read_text())
        for vector in content if isinstance(content, list) else [content]:
            if vector.get("kind") not in KINDS:
                continue
            setup = vector["setup"]
            yield Case(
                kind=vector["kind"],
                program=unhex(vector["program"]),
                table=b"".join(map(unhex, vector["table"])),
                setup=unhex(setup["tau_g1"]) + unhex(setup["tau_g2"]),
                statement=unhex(vector["statement"]),
                file=unhex(vector["proof"]),
                story=f"{path.stem}: {vector['name']}",
            )


def vector(case: Case) -> dict[str, Any]:
    """The case in the format of a golden vector, without a verdict."""
    tables = (case.table[at : at + 64].hex() for at in range(0, len(case.table), 64))
    return {
        "kind": case.kind,
        "name": case.story,
        "program": case.program.hex(),
        "setup": {"tau_g1": case.setup[:64].hex(), "tau_g2": case.setup[64:].hex()},
        "table": list(tables),
        "statement": case.statement.hex(),
        "proof": case.file.hex(),
    }


def unhex(text: str) -> bytes:
    """Bytes of hexadecimal digits, with or without 0x."""
    return bytes.fromhex(text.removeprefix("0x"))
