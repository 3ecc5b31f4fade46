"""Mutation tests of the verifier crates: all mutants compiled at once, then switched on one by one (docs/mutation.md).

python tools/mutants.py build WORK                  a copy of the last commit with every mutant, its tests compiled
python tools/mutants.py run WORK [--minutes 25]     runs mutants that have no result in WORK/results.tsv yet
python tools/mutants.py survivors WORK              mutants that no test notices
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

ROOT = Path(__file__).parent.parent
FILES = {
    "proof/src": "relation weight opening statement file key lib",
    "proof/src/training": "verifier relations links kernel circuit",
    "proof/src/registration": "verifier relations circuit",
    "transcript/src": "bytes error hash prover state verifier lib",
    "sumcheck/src": "verifier claim multilinear lib",
    "program/src": "layout bounds schedule masks columns lib",
}
STAGES = {
    "proof/vectors": "fast",
    "sumcheck/fedproof_sumcheck": "fast",
    "transcript/round_trip": "fast",
    "proof/completeness": "fast",
    "program/program": "program",
    "proof/soundness": "slow",
    "proof/mutants": "cheats",
}
"""Test binaries by crate and name. The transcript's vectors look at the text of the sources, which mutants change."""
PATIENCE = 120.0
"""Seconds; whoever takes longer hangs."""
MEMORY = 8 << 30


def build(work: Path) -> None:
    """Copies, instruments, compiles."""
    tree = work / "tree"
    tree.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", tree], input=archive.stdout, check=True)
    tool = ["cargo", "run", "--quiet", "--release", "--manifest-path", ROOT / "tools/mutants/Cargo.toml", "--"]
    files = [f"crates/{folder}/{file}.rs" for folder, names in FILES.items() for file in names.split()]
    subprocess.run([*tool, work / "list.tsv", *files], cwd=tree, check=True)
    packages = [
        option for crate in ("transcript", "sumcheck", "program", "proof") for option in ("-p", f"fedproof-{crate}")
    ]
    command = ["cargo", "test", "--release", "--no-run", "--message-format=json", *packages]
    command += ["--features", "fedproof-proof/test-mutants", "--target-dir", work / "target"]
    done = subprocess.run(command, cwd=tree, check=True, stdout=subprocess.PIPE)
    binaries = {}
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable"):
            folder = Path(message["manifest_path"]).parent
            binaries[f"{folder.name}/{message['target']['name']}"] = message["executable"]
    (work / "binaries.json").write_text(json.dumps(binaries, indent=1))


def run(work: Path, minutes: float, jobs: int, stages: list[str], seed: int, again: bool) -> None:
    """Mutants in random order until the time is up. again: only those tried before, in later stages."""
    binaries = json.loads((work / "binaries.json").read_text())
    tests = [name for stage in stages for name, at in STAGES.items() if at == stage]
    assert all(survives(work, binaries, name, 0) for name in tests), "the tests fail without any mutant"
    known = results(work)
    numbers = [int(line.split("\t")[0]) for line in (work / "list.tsv").read_text().splitlines()]
    random.Random(seed).shuffle(numbers)
    if again:
        tried, noticed = outcome(known)
        numbers = [number for number in numbers if number in tried - noticed]
    deadline = monotonic() + 60 * minutes

    def judge(number: int) -> None:
        if monotonic() > deadline:
            return
        for name in tests:
            if known.get((number, name)) == "noticed":
                return
        for name in tests:
            if (number, name) not in known:
                good = survives(work, binaries, name, number)
                with (work / "results.tsv").open("a") as stream:
                    stream.write(f"{number}\t{name}\t{'survived' if good else 'noticed'}\n")
                if not good:
                    return

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(judge, numbers))


def survives(work: Path, binaries: dict[str, str], name: str, number: int) -> bool:
    """Do all tests of a binary pass with this mutant?"""
    folder = work / "tree/crates" / name.split("/")[0]
    environment = {**os.environ, "MUTANT": str(number), "CARGO_MANIFEST_DIR": str(folder), "PROPTEST_CASES": "24"}
    command = [binaries[name], "--quiet", *(["--skip", "random"] if name == "proof/soundness" else [])]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def results(work: Path) -> dict[tuple[int, str], str]:
    """What is known by mutant and test binary."""
    file = work / "results.tsv"
    lines = file.read_text().splitlines() if file.exists() else []
    return {(int(number), name): word for number, name, word in (line.split("\t") for line in lines)}


def outcome(known: dict[tuple[int, str], str]) -> tuple[set[int], set[int]]:
    """Mutants tried, and those that a test noticed."""
    return {number for number, _ in known}, {number for (number, _), word in known.items() if word == "noticed"}


def survivors(work: Path) -> None:
    """Prints them, and how many there were."""
    known = results(work)
    tried, noticed = outcome(known)
    for line in (work / "list.tsv").read_text().splitlines():
        if int(line.split("\t")[0]) in tried - noticed:
            print(line)
    print(f"{len(tried)} mutants, {len(noticed)} noticed, {len(tried - noticed)} survived")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("build", "run", "survivors"))
    parser.add_argument("work", type=Path)
    parser.add_argument("--minutes", type=float, default=25.0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--stages", nargs="+", choices=("fast", "program", "slow", "cheats"), default=["fast", "program", "slow"]
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    work = given.work.absolute()
    if given.what == "build":
        build(work)
    elif given.what == "run":
        run(work, given.minutes, given.jobs, given.stages, given.seed, given.again)
    else:
        survivors(work)


if __name__ == "__main__":
    main()
