"""Kills processes of a run at random instants, goes on with it, and compares what comes out: `python -m benches.kills`.

A small federation is prepared: keys, registered data sets with their nonces, and the run's id. One copy of these
folders is run undisturbed. In others participants, the aggregator or the launcher (and with it everything) get SIGKILL
at random instants; a dead launcher is started again with `--resume`. Then the final model, its commitment and digest,
must be that of the undisturbed run, the audit must pass, nobody may be missing, and of every participant there must be
exactly one submission per round: the one on its disk, the one in the record, the one that was counted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np

from fedproof.data import Table, encode
from fedproof.federation import audit
from fedproof.federation.enrol import enrol
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.keys import PASSPHRASE, RANDOM, create_identity
from fedproof.federation.messages import parse
from fedproof.federation.record import read_record
from fedproof.federation.runfolder import RunFolder
from fedproof.federation.terms import Terms
from fedproof.task import Task

NAMES = ("ann", "ben", "cem")
SECRET = "of a bench"
SHARES = {"participant": 0.5, "aggregator": 0.35, "launcher": 0.15}
"""Of the kills."""
PER_RUN = 40
"""Kills in one run; then another copy is taken."""
LONGEST = 1.0
"""Seconds between two kills, at most."""
STUCK = 300.0
"""Seconds without an end after the last kill."""


def prepare(base: Path, rounds: int, mode: str = "prove") -> None:
    """A run that is about to start: everything that decides its outcome is in the folders."""
    task = Task.parse(
        {
            "task": {"name": "kills", "rounds": rounds, "seed": 3, "min_records": 4, "min_accepted": len(NAMES)},
            "model": {"layers": [{"units": 2}], "loss": "sigmoid-cross-entropy"},
            "training": {"learning_rate": 0.5, "steps": 2, "batch": 4, "blocks": 4},
            "data": {"features": [{"name": name} for name in "abc"], "target": "kind", "classes": ["low", "high"]},
            "precision": {"bits": 8},
        }
    )
    terms = Terms.of(task)
    people, expected = "", {}
    for number, name in enumerate(NAMES):
        folder = ParticipantFolder(base / name)
        folder.prepare()
        identity = create_identity(folder.keystore, SECRET, cost=RANDOM)
        values = np.random.RandomState(number).uniform(-1, 1, (11, 3)).round(3)
        table = Table(values, tuple("high" if row.sum() > 0 else "low" for row in values))
        enrol(folder, identity, name, terms, encode(table, task), mode=mode)
        expected[identity.address.hex()] = name
        people += f'\n[[participant]]\nname = "{name}"\nfolder = "{name}"\n'
    (base / "task.toml").write_text(task.to_toml())
    head = f'task = "task.toml"\nout = "run"\nmode = "{mode}"\ntimeout = 120\nrestarts = 1000\n'
    (base / "run.toml").write_text(head + people)
    RunFolder(base / "run").begin(task.digest.hex(), mode, 0, dict(sorted(expected.items())))


def launch(base: Path) -> subprocess.Popen[bytes]:
    """`fedproof run --resume` in `base`."""
    with (base / "launcher.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "fedproof.cli.main", "run", str(base / "run.toml"), "--resume"],
            env={**os.environ, PASSPHRASE: SECRET},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def children(launcher: int) -> dict[int, str]:
    """Its processes: participant or aggregator, by process id."""
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == launcher:
                command = (folder / "cmdline").read_bytes()
                found[int(folder.name)] = "aggregator" if b"federation.aggregator" in command else "participant"
        except (OSError, IndexError):
            continue
    return found


def choose(dice: random.Random, hit: Counter[str]) -> str:
    """Whom to kill next: everybody once, in any order, then each by its share."""
    left = {kind: share for kind, share in SHARES.items() if kind not in hit} or SHARES
    return dice.choices(list(left), list(left.values()))[0]


def torture(base: Path, kills: int, dice: random.Random) -> Counter[str]:
    """Runs the run in `base` to its end, with at most so many kills; returns whom they hit. Raises RuntimeError."""
    hit: Counter[str] = Counter()
    launcher, kind = launch(base), choose(dice, hit)
    deadline = monotonic() + STUCK
    while (code := launcher.poll()) is None or code == -signal.SIGKILL:
        if code is not None:
            launcher = launch(base)
        if monotonic() > deadline:
            launcher.kill()
            raise RuntimeError(f"stuck after {dict(hit)}: {(base / 'launcher.log').read_text()[-2000:]}")
        if hit.total() >= kills:
            sleep(0.05)
            continue
        sleep(dice.uniform(0, LONGEST))
        alive = {**children(launcher.pid), launcher.pid: "launcher"}
        victims = sorted(pid for pid, who in alive.items() if who == kind)
        if not victims:  # until one is there
            continue
        victim = dice.choice(victims)
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            continue
        if kind != "launcher" or launcher.wait() == -signal.SIGKILL:
            hit[kind] += 1
            kind, deadline = choose(dice, hit), monotonic() + STUCK
    if code != 0:
        raise RuntimeError(f"exit code {code} after {dict(hit)}: {(base / 'launcher.log').read_text()[-2000:]}")
    return hit


def outcome(base: Path) -> dict[str, Any]:
    """The final model of the run in `base`, and what is wrong with the run."""
    events = read_record(base / "run")
    report = audit(base / "run")
    wrong = [str(finding) for finding in report.findings]
    wrong += [f"{e['name']} missing: {e['reason']}" for e in events if e.kind == "missing"]
    submissions = [e for e in events if e.kind == "submission"]
    counted = Counter((e["name"], e["round"]) for e in submissions if e["accepted"])
    if set(counted.values()) != {1} or len(counted) != len(NAMES) * events[0]["rounds"]:
        wrong.append("not one update of everybody in every round was counted")
    for event in submissions:
        files = list((base / event["name"] / "sent").glob(f"*/{event['round']}.json"))
        stored = [parse(file.read_bytes()) for file in files]
        if [(m.body, m.signature.hex()) for m in stored] != [(event["body"], event["signature"])]:
            wrong.append(f"round {event['round']}: the record has another submission than {event['name']}'s disk")
    left = [str(file.relative_to(base)) for file in base.rglob("*.part")]
    model = {name: events[-1][name] for name in ("weights", "commitment")}
    return {"model": model, "wrong": wrong + [f"{file} was left behind" for file in left]}


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 if every run gave the model of the undisturbed one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    dice, start = random.Random(options.seed), monotonic()
    hit, runs, bad = Counter[str](), 0, []
    with tempfile.TemporaryDirectory(prefix="fedproof-kills-") as temporary:
        base = Path(temporary)
        prepare(base / "prepared", options.rounds)
        shutil.copytree(base / "prepared", base / "calm")
        torture(base / "calm", 0, dice)
        calm = outcome(base / "calm")
        bad += calm["wrong"]
        while hit.total() < options.kills and not bad:
            here = base / f"run-{runs}"
            shutil.copytree(base / "prepared", here)
            hit += torture(here, min(PER_RUN, options.kills - hit.total()), dice)
            found = outcome(here)
            bad += found["wrong"]
            if found["model"] != calm["model"]:
                bad.append(f"run {runs}: another model than without kills")
            runs += 1
            print(f"run {runs}: {dict(hit)}, {monotonic() - start:.0f} s", file=sys.stderr)
            shutil.rmtree(here)
    result = {
        "kills": hit.total(),
        "of": dict(hit),
        "runs": runs,
        "rounds": options.rounds,
        "model": calm["model"]["commitment"],
        "seconds": round(monotonic() - start, 1),
        "wrong": bad,
    }
    if options.json:
        print(json.dumps(result, indent=1))
    else:
        whom = ", ".join(f"{count} {kind}" for kind, count in sorted(hit.items()))
        print(f"{hit.total()} kills ({whom}) in {runs} runs of {options.rounds} rounds, {result['seconds']} s")
        print("\n".join(bad) if bad else "the model is that of the undisturbed run, every audit passed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
