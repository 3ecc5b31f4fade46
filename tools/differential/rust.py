"""The Rust verifier, through crates/fuzz/examples/verdicts.rs."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tools.differential.case import KINDS, Case, Verdict

ROOT = Path(__file__).parents[2]
BINARY = ROOT / "target" / "release" / "examples" / "verdicts"
POINT = 64


class RustFailed(Exception):
    """The Rust side ended without a verdict on every case: a panic, which is a bug of its own."""


def build() -> None:
    """Builds the program that decides."""
    command = ["cargo", "build", "--release", "--quiet", "-p", "fedproof-fuzz", "--example", "verdicts"]
    subprocess.run(command, cwd=ROOT, check=True)


def _encoded(case: Case) -> bytes:
    fields = (case.program, case.table, case.setup, case.statement, case.file, case.tau)
    return bytes([KINDS[case.kind]]) + b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def _lines(cases: Sequence[Case]) -> list[str]:
    done = subprocess.run([BINARY], input=b"".join(map(_encoded, cases)), capture_output=True, check=False)
    lines = done.stdout.decode().splitlines()
    if done.returncode or len(lines) != len(cases):
        raise RustFailed(f"exit code {done.returncode}: {done.stderr.decode()}")
    return lines


def verdicts(cases: Sequence[Case]) -> list[Verdict]:
    """What Rust says of every case."""
    return [_verdict(line) for line in _lines([replace(case, tau=b"") for case in cases])]


def _verdict(line: str) -> Verdict:
    name, *words = line.split(" ")
    if name == "accepted":
        return Verdict(name, bytes.fromhex(words[0]))
    return Verdict(name, numbers=tuple(map(int, words)))


def forged(cases: Sequence[Case]) -> list[Case]:
    """The cases, with another last point for each that names tau, so that Rust accepts it; malformed ones unchanged."""
    named = [case for case in cases if case.tau]
    made = dict(zip(map(id, named), _lines(named), strict=True))
    out = []
    for case in cases:
        word, _, point = made.get(id(case), "").partition(" ")
        if word == "forged":
            file = case.file[:-POINT] + bytes.fromhex(point)
            case = replace(case, file=file, tau=b"").told("last point forged")
        out.append(case)
    return out
