"""Provers that cheat on one rule of softmax, Huber loss, weights or smooth activations: the rule is needed."""

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.cheating import broken_rules, change_first, change_matrix, faults, weaken
from tests.reference.support import TAU, program
from vectors.reference.instance import Instance
from vectors.reference.transcript import TRAINING
from vectors.reference.verifier import valid


def with_logits(p, logits):
    """The logits of step 0 whatever the features: weights zero, biases as wanted."""
    bias = [q << (p.F - p.fa) for q in logits]
    matrices = [[*([[0] * len(bias)] * p.dims[0]), bias]]
    return Instance(p, seed=14, matrices=matrices)


def softmax(logits=(3, 2, 0), **changes):
    p = program(loss=2, one_hot=1, dims=[2, 3], activations=[], l=5, lb=5, F=10, wb=11, **changes)
    return with_logits(p, logits)


def plain_softmax():
    p = program(loss=2, one_hot=1, dims=[2, 3], activations=[], l=5, lb=5, F=10, wb=11, k=9)
    return Instance(p, seed=14)


def smooth():
    return Instance(program(activations=[5], l=5, lb=5, F=8, wb=9, k=5), seed=14)


def huber():
    return Instance(program(loss=3, huber=2, dims=[2, 2], activations=[], l=5, lb=5, k=3), seed=14)


def classes():
    fields = {"l": 5, "lb": 5, "F": 11, "wb": 12, "k": 9, "weights": [700, 256, 100]}
    return Instance(program(loss=2, one_hot=1, dims=[2, 3], activations=[], **fields), seed=14)


def labels():
    fields = {"F": 11, "wb": 12, "k": 9, "weights": [256, 700, 128, 300]}
    return Instance(program(dims=[2, 2], activations=[], **fields), seed=14)


def at(*changes, **where):
    return lambda: faults(*changes, **{"step": 0, **where})


def second(value):
    """A mark moved to the second unit."""
    return [0, 1, *value[2:]]


def swap(value):
    """Two different entries of the first record swapped, if there are."""
    row = value[0]
    j = next((j for j in range(len(row)) if row[j] != row[0]), 0)
    moved = list(row)
    moved[0], moved[j] = row[j], row[0]
    return [moved, *value[1:]]


CHEATS = {
    # softmax: rows of P_L and Q_L
    "maximum too large, mark where it was": (softmax, at(("max", lambda m: m + 1)), "C_10"),
    "maximum too large, no mark": (softmax, at(("max", lambda m: m + 1), ("mark", lambda v: [0] * 4)), "R-LINK mark"),
    "maximum too large, mark at a padded unit": (
        softmax,
        at(("max", lambda m: m + 1), ("mark", lambda v: [0, 0, 0, 1])),
        "R-LINK mark",
    ),
    "maximum too small": (softmax, at(("max", lambda m: m - 1), ("mark", second)), "lookup"),
    "two marks": (lambda: softmax((3, 3, 0)), at(("mark", lambda v: [1, 1, 0, 0])), "R-LINK mark"),
    "mark at a non-maximum": (softmax, at(("mark", second)), "C_10"),
    "marks that are not bits": (lambda: softmax((3, 3, 0)), at(("mark", lambda v: [2, -1, 0, 0])), "C_9"),
    "distance of one unit to another maximum": (
        softmax,
        at(("below", lambda v: [*v[:2], v[2] + 1, v[3]])),
        "R-LINK maximum",
    ),
    "exponential not in the table": (softmax, at(("exp", lambda e: e + 1)), "lookup"),
    "exponential not copied": (softmax, at(("copye", lambda v: [v[0] - 1, *v[1:]])), "R-LINK exponential"),
    "sum with the padded unit": (softmax, at(("sum", lambda v: [v[0] + 64, *v[1:]])), "R-LINK sum"),
    "sum of two units": (softmax, at(("sum", lambda v: [v[0] // 2] * len(v))), "R-LINK sum"),
    "quotient one less, remainder at least 2 S": (
        softmax,
        at(("quotient", lambda v: (v[0] - 1, v[1] + 2 * SUM))),
        "lookup",
    ),
    "the same with a distance at will": (
        softmax,
        at(("quotient", lambda v: (v[0] - 1, v[1] + 2 * SUM)), ("rest", lambda g: 0)),
        "C_8",
    ),
    "quotient one more, remainder negative": (
        softmax,
        at(("quotient", lambda v: (v[0] + 1, v[1] - 2 * SUM))),
        "lookup",
    ),
    "quotient off by one": (softmax, at(("quotient", lambda v: (v[0] + 1, v[1]))), "C_7"),
    "prediction off by one": (softmax, at(("pred", change_matrix)), "R-LINK quotient"),
    "softmax, wrong loss": (plain_softmax, at(("delta", change_matrix)), "C_5"),
    # smooth activations
    "derivative of another q": (smooth, at(("copy", swap), step=1), "R-LINK slope"),
    "backward value not copied": (smooth, at(("copyq", change_first), step=1), "R-LINK back"),
    "delta off by one": (smooth, at(("splitD", lambda v: (v[0] + 1, v[1]))), "C_6"),
    "delta off by one, remainder too large": (smooth, at(("splitD", lambda v: (v[0] - 1, v[1] + 256))), "lookup"),
    "product of other factors": (smooth, at(("xD", lambda x: x + 256)), "C_6"),
    "delta saturated at will": (smooth, at(("satD", lambda v: (15, 1, v[0] + v[2] - 15))), "C_2"),
    "activation of another q": (smooth, at(("act", lambda v: (v[0] + 2, v[1]))), "lookup"),
    # Huber
    "difference of other numbers": (huber, at(("xH", lambda x: x + 1)), "R-LINK difference"),
    "difference saturated at will": (huber, at(("satH", lambda v: (15, 1, v[0] + v[2] - 15))), "C_2"),
    "unclamped": (huber, at(("clamp", lambda v: v + 1 if abs(v) == 2 else v)), "lookup"),
    "clamped difference not copied": (huber, at(("copyc", change_first)), "R-LINK clamp"),
    "Huber, wrong loss": (huber, at(("delta", change_matrix)), "C_5"),
    # class and label weights
    "weight of another class": (classes, at(("weight", lambda w: [[100 * 8] * 4, *w[1:]])), "R-LINK weight"),
    "weight of another label": (labels, at(("weight", change_first)), "R-LINK weight"),
    "weighted difference not copied": (classes, at(("raw", change_matrix)), "R-LINK raw"),
    "weighted delta off by one": (classes, at(("splitD", lambda v: (v[0] - 1, v[1]))), "C_6"),
}
SUM = 64 + 50 + 30  # of e^0, e^(-1/4), e^(-3/4) at scale 2^6


@pytest.mark.parametrize("name", CHEATS)
def test_cheating_prover(name):
    """Everything else is consistent with the fault, so it breaks one rule, and the verifier notices."""
    make, fault, rule = CHEATS[name]
    instance = make()
    proof = instance.prove_training(fault=fault(), check=False)
    assert broken_rules(instance) == {rule}
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


@pytest.mark.parametrize("name", [name for name, (_, _, rule) in CHEATS.items() if rule != "lookup"])
def test_without_the_rule_the_cheat_is_accepted(name, monkeypatch):
    make, fault, rule = CHEATS[name]
    weaken(monkeypatch, rule)
    instance = make()
    proof = instance.prove_training(fault=fault())
    honest = make()
    honest.prove_training()
    assert valid(*instance.arguments(TRAINING, proof), tau=TAU)
    assert instance.trace.columns != honest.trace.columns
