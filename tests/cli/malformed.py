"""Valid files of every kind, the commands that read them, and how to damage them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fedproof.data import encode
from fedproof.federation import run_federation
from fedproof.federation.record import RECORD
from fedproof.federation.terms import Terms
from fedproof.proof import encode_weights, prove_close, statement_to_json
from tests.cli.conftest import Call
from tests.federation.helpers import make_run, make_table, make_task


@dataclass(frozen=True)
class Kind:
    """A kind of file. file: its path under the base; command: `{}` stands for the base; code: exit for bad content.

    ends: where it is cut. magic, version: offset and other bytes there. counts: offset and huge numbers there.
    lenient: damages that leave it valid. names: what the error must name besides the file.
    """

    file: str
    command: tuple[str, ...]
    ends: tuple[float, ...] = (0.3, 0.6, 0.99)
    version: tuple[int, bytes] | None = None
    counts: tuple[tuple[int, bytes], ...] = ()
    code: int = 2
    text: bool = False
    lenient: frozenset[str] = field(default_factory=frozenset)
    magic: bytes = b"\xc3\x28\xff\x00"


PROVE = ("prove", "{}/task.toml", "--participant", "{}/alice", "--out", "{}/new.proof")
COMMIT = ("data", "commit", "{}/task.toml", "{}/FILE", "--participant", "{}/alice", "--out", "{}/new.proof")
PROOF_ENDS = (7, 8, 10, 11, 75, 0.5, 0.999)
HUGE = b"\xff" * 4

KINDS = {
    "task": Kind("task.toml", ("inspect", "{}/task.toml"), text=True),
    "run": Kind("run.toml", ("run", "{}/run.toml"), ends=(0.3, 0.6, 0.9), text=True),
    "csv": Kind("r.csv", COMMIT, ends=(0.02, 0.12), text=True),
    "npy": Kind(
        "r.npy", COMMIT, ends=(3, 8, 9, 60, 127, 128, 140, 0.99), version=(6, b"\x07"), counts=((8, b"\xff\xff"),)
    ),
    "npz": Kind("r.npz", COMMIT, ends=(4, 30, 40, 0.5, 0.9), lenient=frozenset({"trailing"})),
    "statement": Kind("t.proof.json", ("verify", "{}/task.toml", "{}/t.proof"), text=True),
    "training proof": Kind(
        "t.proof", ("verify", "{}/task.toml", "{}/t.proof"), ends=PROOF_ENDS, version=(8, b"\0\x09"), code=1
    ),
    "registration proof": Kind(
        "r.proof", ("verify", "{}/task.toml", "{}/r.proof"), ends=PROOF_ENDS, version=(8, b"\0\x09"), code=1
    ),
    "round-close proof": Kind(
        "c.proof", ("verify", "{}/task.toml", "{}/c.proof"), ends=PROOF_ENDS, version=(8, b"\0\x09"), code=1
    ),
    "safetensors": Kind(
        "m.safetensors", ("predict", "{}/m.safetensors", "{}/r.csv"), ends=(4, 8, 20, 0.9, 0.999),
        counts=((0, b"\xff" * 8), (0, struct.pack("<Q", 1 << 40))),
    ),
    "npz model": Kind(
        "m.npz", ("predict", "{}/m.npz", "{}/r.csv"), ends=(4, 30, 0.5, 0.9), lenient=frozenset({"trailing"})
    ),
    "weights": Kind("w.bin", (*PROVE, "--weights", "{}/w.bin"), lenient=frozenset({"magic"})),
    "keystore": Kind("alice/key/keystore.json", PROVE, text=True),
    "state": Kind("alice/state.json", PROVE, text=True, lenient=frozenset()),
    "record": Kind(f"done/{RECORD}", ("audit", "{}/done"), text=True, code=1, ends=(0.01, 0.3, 0.999)),
    "ptau": Kind(
        "p.ptau", ("setup", "{}/task.toml", "--ptau", "{}/p.ptau"),
        ends=(3, 4, 8, 12, 16, 24, 60, 68, 80, 2076, 0.999), version=(4, b"\x02"),
        counts=((8, HUGE), (16, HUGE * 2), (60, b"\x1c\0\0\0"), (60, HUGE), (72, HUGE * 2)),
    ),
}  # fmt: skip
PTAU = Path(__file__).parents[2] / "crates/kzg/tests/data/power4.ptau"


def make_files(base: Path, fedproof: Call) -> None:
    """One valid file of every kind under `base`."""
    task = make_task()
    (base / "task.toml").write_text(task.to_toml())
    table = make_table(0)
    table.write_csv(base / "r.csv", task)
    labels = np.array([task.classes.index(label) for label in table.labels or ()])
    np.savez(base / "r.npz", x=table.features, y=labels)
    np.save(base / "r.npy", np.column_stack([table.features, labels]))
    commit = [part.format(base).replace("FILE", "r.csv").replace("new.proof", "r.proof") for part in COMMIT]
    assert fedproof(*commit).returncode == 0
    assert fedproof(*(part.format(base).replace("new.proof", "t.proof") for part in PROVE)).returncode == 0
    terms = Terms.of(task)
    model, commitment = terms.initial()
    fields = terms.close(0, commitment, commitment, 1)  # of one update that changes nothing
    (base / "c.proof").write_bytes(prove_close(terms.key, fields, model, b"", secret=bytes(32)))
    (base / "c.proof.json").write_text(statement_to_json(fields))
    (base / "w.bin").write_bytes(encode_weights(model))
    (base / "p.ptau").write_bytes(PTAU.read_bytes())
    config, passphrases = make_run(base / "people", make_task(rounds=1), ["bob", "carol"], mode="check")
    assert run_federation(config, passphrases).finished
    (base / "people" / "run").rename(base / "done")
    for name in ("safetensors", "npz"):
        (base / f"m.{name}").write_bytes((base / "done" / "model" / f"model.{name}").read_bytes())
    (base / "run.toml").write_text(
        'task = "task.toml"\nout = "new-run"\n\n[[participant]]\nname = "alice"\nfolder = "nobody"\n'
    )
    assert encode(table, task).count == len(table)


def damages(kind: Kind, good: bytes) -> Iterator[tuple[str, bytes]]:
    """Damaged contents by name."""
    yield "empty", b""
    for end in kind.ends:
        cut = int(end * len(good)) if isinstance(end, float) else end
        yield f"cut at {cut}", good[:cut]
    yield "magic", kind.magic + good[len(kind.magic) :]
    yield "trailing", good + b"\0\x01\xff{"
    if kind.version is not None:
        yield "version", patched(good, *kind.version)
    for number, count in enumerate(kind.counts):
        yield f"count {number}", patched(good, *count)
    if kind.text:
        middle = len(good) // 2
        yield "not UTF-8", good[:middle] + b"\xff\xfe" + good[middle:]
        yield "nested", b"[" * 100_000
        yield "null bytes", bytes(200)


def patched(good: bytes, at: int, new: bytes) -> bytes:
    """Other bytes at a place."""
    return good[:at] + new + good[at + len(new) :]
