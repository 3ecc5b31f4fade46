import pytest

from fedproof import Task


@pytest.fixture
def task() -> Task:
    """Two features (the first with an imputation constant), two classes, one-hot."""
    return Task.parse(
        {
            "task": {"name": "t", "rounds": 1, "seed": 7, "min_records": 3},
            "model": {"layers": [{"units": 2}], "loss": "sigmoid-cross-entropy"},
            "training": {"learning_rate": 0.1, "steps": 2, "batch": 4},
            "data": {
                "features": [{"name": "age", "mean": 60, "scale": 10, "impute": 55.0}, {"name": "size", "scale": 2.0}],
                "target": "outcome",
                "classes": ["bad", "good"],
            },
        }
    )


@pytest.fixture
def regression() -> Task:
    """One feature, two numeric targets."""
    return Task.parse(
        {
            "task": {"name": "r", "rounds": 1, "seed": 7, "min_records": 1},
            "model": {"layers": [{"units": 2}], "loss": "squared-error"},
            "training": {"learning_rate": 0.1, "steps": 2, "batch": 4},
            "data": {"features": [{"name": "x"}], "targets": [{"name": "u", "mean": 1.0, "scale": 4.0}, {"name": "v"}]},
        }
    )


@pytest.fixture
def labelled() -> Task:
    """One feature, two labels of which any may hold."""
    return Task.parse(
        {
            "task": {"name": "l", "rounds": 1, "seed": 7, "min_records": 1},
            "model": {"layers": [{"units": 2}], "loss": "sigmoid-cross-entropy"},
            "training": {"learning_rate": 0.1, "steps": 2, "batch": 4},
            "data": {"features": [{"name": "x"}], "labels": ["cough", "fever"]},
        }
    )
