"""The shipped precision keeps up with float32 on real patients (docs/accuracy.md has the whole table)."""

import numpy as np
import pytest

from benches.accuracy import COMPARED_MODELS, FOLDS, MODELS, SHIPPED, federate, row


@pytest.mark.parametrize("model", COMPARED_MODELS)
def test_within_half_a_point_of_float32(model):
    runs = [federate(MODELS[model], SHIPPED, fold, number=0, rounds=10, skew=0.0) for fold in range(FOLDS)]
    integer, float32 = (np.mean([getattr(run, side) for run in runs]) for side in ("integer", "float32"))
    assert abs(integer - float32) <= 0.005
    assert integer > 0.95
    assert max(run.saturated for run in runs) < 0.05
    assert max(run.largest for run in runs) < 4  # far from the default bound of 16
    for run in runs:
        assert run.loss_integer == pytest.approx(run.loss_float, rel=0.05)


def test_digits_with_softmax_keep_up_too():
    runs = [federate(MODELS["digits 64-32-10 softmax"], SHIPPED, fold, number=0, rounds=5, skew=0.0) for fold in (0, 1)]
    integer, float32 = (np.mean([getattr(run, side) for run in runs]) for side in ("integer", "float32"))
    assert abs(integer - float32) <= 0.01 and integer > 0.9


def test_the_table_has_its_columns():
    line = row("logistic 30-1", MODELS["logistic 30-1"], SHIPPED, models=1, rounds=1, skew=0.0)
    assert line.startswith("| logistic 30-1 | 5 | 12 | 7 | 10 | 36 | ")
    assert line.count("|") == 14
