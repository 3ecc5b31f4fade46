"""The golden vectors of round closes: programs, counts, and what cheating closers try."""

from dataclasses import replace

from .close_instance import CloseInstance
from .programs import PROGRAMS
from .transcript import CLOSE
from .vector import make

# program and count; together one and more layers, vectors and helpers of every kind, kernels with fc > 0
CLOSES = {
    "logistic": (PROGRAMS["logistic"], 1),
    "relu": (PROGRAMS["relu"], 3),
    "huber-momentum": (PROGRAMS["huber-momentum"], 65535),
    "weighted-softmax": (PROGRAMS["weighted-softmax"], 6),
    "three-weights": (PROGRAMS["three-weights"], 7),
    "lane-alone": (replace(PROGRAMS["many-vectors"], group=7), 2),
}

# limbs of 16 bits in vectors of 2^17 cells: the range fills half of the lane. Its setup is larger than tests need else.
LONG = {"long": (replace(PROGRAMS["logistic"], n=17), 3)}


def at_cell(where, name, change):
    """A fault at one cell."""

    def fault(what, cell, value):
        return change(value) if (what, cell) == (name, where) else value

    return fault


def larger_quotient(numbers):
    """V one more, its remainder by m less."""
    return numbers[0] + 1, numbers[1] - 3


FAULTS = {
    "quotient one more, remainder negative": ("division", larger_quotient, 4 * 3),
    "mean beyond the bound, not clipped": ("clip", lambda parts: (1000, 0, 1511), 1000 * 3),
    "end taken without being passed": ("clip", lambda parts: (511, 1, parts[0] - 512), 508 * 3),
}


def cheats(name):
    """Vectors of closers whose proof of relu's program (m = 3, most = 511) is consistent but for one cell."""
    program, count = CLOSES["relu"]
    for label, (what, change, value) in FAULTS.items():
        instance = CloseInstance(program, count, seed=9)
        instance.total[0] = value
        instance.statement.total = instance.commit_sum()
        proof = instance.prove(fault=at_cell(0, what, change), check=False)
        yield make(f"{name}, close, {label}", instance, CLOSE, proof, valid=False)


def changed_statements(name, instance, proof):
    """The proof with statements that it was not made for."""
    statement = instance.statement
    changes = {
        "another closer": {"submitter": bytes(32)},
        "another round": {"round": bytes(32)},
        "one update more": {"count": statement.count + 1},
        "sum of other updates": {"total": statement.next, "next": statement.total},
    }
    for label, fields in changes.items():
        yield make(f"{name}, close, {label}", instance, CLOSE, proof, False, replace(statement, **fields).encode())


def close_vectors(closes):
    """(name, vectors) by program: an honest proof and rejected ones."""
    for name, (program, count) in closes.items():
        instance = CloseInstance(program, count, seed=7)
        proof = instance.prove()
        bad = bytearray(proof)
        bad[-129] ^= 1  # the last byte of e1
        vectors = [
            make(f"{name}, close", instance, CLOSE, proof),
            make(f"{name}, close, e1 changed", instance, CLOSE, bytes(bad), valid=False),
        ]
        if name == "relu":
            vectors += [*changed_statements(name, instance, proof), *cheats(name)]
        yield name, vectors
