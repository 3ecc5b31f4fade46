# ruff: noqa: D103
"""Golden vector files: reading, checking, and making small ones with the reference prover."""

import json
from pathlib import Path

from . import curve
from .field import Reject
from .program import Program
from .transcript import CLOSE, REGISTRATION, TRAINING
from .verifier import verify

KINDS = {"training": TRAINING, "registration": REGISTRATION, "close": CLOSE}


def unhex(text):
    return bytes.fromhex(text[2:] if text.startswith("0x") else text)


def outcome(vector, pairing=True):
    """None if the proof of the vector verifies, else the reason of the rejection."""
    try:
        program = Program.decode(unhex(vector["program"]))
        table = [curve.point_from(unhex(p)) for p in table_list(vector.get("table"))]
        g1, h = unhex(vector["setup"]["tau_g1"]), unhex(vector["setup"]["tau_g2"])
        tau = None
        if vector.get("tau"):
            tau = int(unhex(vector["tau"]).hex(), 16)
            check_trapdoor(program, table, g1, h, tau)
        verify(
            KINDS[vector["kind"]],
            program,
            table,
            g1,
            h,
            unhex(vector["statement"]),
            unhex(vector["proof"]),
            tau=None if pairing else tau,
        )
    except Reject as reason:
        return str(reason)
    return None


def table_list(entry):
    """A list of points, or all of them in one string."""
    if not entry:
        return []
    if isinstance(entry, str):
        entry = entry[2:] if entry.startswith("0x") else entry
        return [entry[i : i + 128] for i in range(0, len(entry), 128)]
    return entry


def check_trapdoor(program, table, g1, h, tau):
    """The setup and the tables of the key of a vector made with a known trapdoor."""
    from .setup import Setup, table_points

    setup = Setup(tau)
    if (g1, h) != (setup.g1, setup.h):
        raise AssertionError("setup does not belong to tau")
    if table != table_points(program, setup):
        raise AssertionError("commitments of the key tables")


def check(vector, pairing=True):
    """Raises AssertionError unless the outcome is the one the vector states."""
    reason = outcome(vector, pairing)
    if (reason is None) != vector["valid"]:
        raise AssertionError(f"{vector.get('name', '?')}: expected valid={vector['valid']}, got {reason or 'accepted'}")
    return reason


def make(name, instance, kind, proof, valid=True, statement=None):
    word = next(word for word, number in KINDS.items() if number == kind)
    if statement is None:
        statement = (instance.statement if kind == CLOSE else getattr(instance, word)).encode()
    return {
        "kind": word,
        "name": name,
        "program": instance.program.encode().hex(),
        "tau": instance.setup.tau.to_bytes(32, "big").hex(),
        "setup": {"tau_g1": instance.setup.g1.hex(), "tau_g2": instance.setup.h.hex()},
        "table": [curve.point_bytes(p).hex() for p in instance.table],
        "statement": statement.hex(),
        "proof": proof.hex(),
        "valid": valid,
    }


def load(path):
    """One vector or a list of vectors."""
    with Path(path).open() as file:
        content = json.load(file)
    return content if isinstance(content, list) else [content]
