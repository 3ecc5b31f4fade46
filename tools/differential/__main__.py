"""Asks the verifiers of Rust and Solidity about mutated proofs and compares what they say.

    python -m tools.differential [--seed S] [--cases N] [--keep FOLDER]

Needs cargo, and what `npm ci` and `forge build` leave in node_modules and out. Exit code 1 if the verifiers disagree:
cases are written into the folder as golden vectors then, with both verdicts and that of the independent reference.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from tools.differential import campaign, evm, rust
from tools.differential.case import Case, Verdict, vector
from vectors.reference.vector import outcome

ENDLESS = 1 << 62


def kept(folder: Path, number: int, found: tuple[Case, Verdict, Verdict]) -> str:
    """Writes down a disagreement; the line that tells of it."""
    case, first, second = found
    third = outcome(vector(case)) or "accepted"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{number}.json"
    said = {"rust": str(first), "solidity": str(second), "reference": third}
    path.write_text(json.dumps([vector(case) | {"valid": third == "accepted", "said": said}], indent=1) + "\n")
    return f"{path}: {case.story}\n  Rust: {first}\n  Solidity: {second}\n  reference: {third}"


def main(arguments: list[str] | None = None) -> int:
    """Prints a line now and then, disagreements at once, and the sum at the end."""
    parser = argparse.ArgumentParser(prog="tools.differential", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=ENDLESS, help="until interrupted if not given")
    parser.add_argument(
        "--keep", type=Path, default=rust.ROOT / "target" / "differential", help="folder for disagreements"
    )
    options = parser.parse_args(arguments)
    rust.build()
    begin, told, report = time.monotonic(), 0.0, campaign.Report()
    with evm.Chain() as chain:
        try:
            for report in campaign.run(options.seed, options.cases, chain.verdicts):
                for number, found in enumerate(report.found, len(report.disagreements) - len(report.found)):
                    print(kept(options.keep, number, found), flush=True)
                if (now := time.monotonic() - begin) > told + 60:
                    told = now
                    print(f"{report.cases} cases, {now:.0f} s", flush=True)
        except KeyboardInterrupt:
            print("interrupted")
    print(f"seed {options.seed}: {report}, {time.monotonic() - begin:.0f} s")
    return 1 if report.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
