# ruff: noqa: D103
"""python -m vectors.reference.check FILE...: checks golden vector files with the reference verifier."""

import argparse
import sys

from .vector import check, load


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="vectors.reference.check", description="check golden vector files")
    parser.add_argument("files", nargs="+")
    parser.add_argument(
        "--no-pairing", action="store_true", help="use the trapdoor of development vectors instead of the pairing"
    )
    options = parser.parse_args(arguments)
    failed = 0
    for path in options.files:
        for vector in load(path):
            if "proof" not in vector:
                continue
            try:
                reason = check(vector, not options.no_pairing)
                print(
                    f"{path}: {vector.get('name', '?')}: {'rejected: ' + reason if reason else 'accepted'}, as expected"
                )
            except AssertionError as error:
                failed += 1
                print(f"{path}: FAILED: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
