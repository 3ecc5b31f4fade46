"""What both verifiers are asked, and what they say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

KINDS = {"training": 1, "registration": 2}
"""Kinds of proofs by name, with their byte in a proof file."""
VECTORS = Path(__file__).parents[2] / "vectors"


@dataclass(frozen=True)
class Case:
    """A proof file and all that it is verified with, as bytes. `story` says how it was made.

    tau: of the setup, if it is known and the last point is to be forged so that a verifier accepts the rest; else empty.
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
    """`name` is "accepted" or that of the error; `output` what an accepted proof gives; `numbers` arguments of the error."""

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


def unhex(text: str) -> bytes:
    """Bytes of hexadecimal digits, with or without 0x."""
    return bytes.fromhex(text.removeprefix("0x"))
