"""Changes of the key's side of a case: program, table points, setup."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

from tools.differential.case import Case
from tools.differential.digest import named
from tools.differential.shape import POINT, WORD
from tools.differential.values import EDGES, bytes32, integer, random_point
from vectors.reference import curve
from vectors.reference.field import Reject
from vectors.reference.setup import DEVELOPMENT_TAU


@cache
def setup(tau: int) -> bytes:
    """tau G1, then tau H."""
    return bytes(curve.point_bytes(curve.base_mul(tau)) + curve.g2_bytes(tau))


def other_program(rng: Random, case: Case) -> Case:
    """A byte of the program."""
    at = rng.randrange(len(case.program))
    value = rng.choice([0, 1, 2, case.program[at] ^ 1 << rng.randrange(8), case.program[at] + 1 & 255, 255])
    program = case.program[:at] + bytes([value]) + case.program[at + 1 :]
    return replace(case, program=program).told(f"program's byte {at} is {value}")


def program_length(rng: Random, case: Case) -> Case:
    """A program cut off or with more bytes."""
    program = rng.choice([case.program[: rng.randrange(len(case.program))], case.program + bytes(rng.randrange(1, 9))])
    return replace(case, program=program).told(f"program of {len(program)} bytes")


def other_table(rng: Random, case: Case) -> Case:
    """Table points: one replaced, a word of it, one more or less, all exchanged."""
    points = [case.table[at : at + POINT] for at in range(0, len(case.table), POINT)]
    choice = rng.randrange(5)
    if choice == 0 or not points:
        points.append(rng.choice([random_point(rng), b"\0"]))
    elif choice == 1:
        points.pop()
    elif choice == 2:
        rng.shuffle(points)
    elif choice == 3:
        points[rng.randrange(len(points))] = random_point(rng)
    else:
        table, at = bytearray(case.table), rng.randrange(0, len(case.table), WORD)
        table[at : at + WORD] = bytes32(rng.choice([*EDGES, integer(bytes(table[at : at + WORD])) + 1]))
        points = [bytes(table)]
    return replace(case, table=b"".join(points)).told("other table points")


def other_setup(rng: Random, case: Case) -> Case:
    """A setup of another tau, with parts of two, the identity, a byte of it, or of another length."""
    tau = rng.choice([2, 3, DEVELOPMENT_TAU])
    at = rng.randrange(len(case.setup))
    broken = bytearray(case.setup)
    broken[at] ^= 1 << rng.randrange(8)
    setups = [setup(tau), setup(tau), case.setup[:POINT] + setup(tau)[POINT:], bytes(broken)]
    setups += [case.setup[:POINT] + bytes(2 * POINT), case.setup[: rng.randrange(192)], case.setup + b"\0"]
    chosen = rng.choice(setups)
    known = chosen[POINT:] == setup(tau)[POINT:]
    return replace(case, setup=chosen, tau=bytes32(tau) if known else b"").told("another setup")


CHANGES = [other_program, other_program, program_length, other_table, other_setup]


def changed(rng: Random, case: Case) -> Case:
    """One of them; half of the statements follow, so that only later checks can reject."""
    case = rng.choice(CHANGES)(rng, case)
    if rng.random() < 0.5:
        try:
            return named(case).told("named by the statement")
        except Reject:
            return case
    return case
