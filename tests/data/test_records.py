"""Filling up to whole blocks, dealing out, and the examples."""

import numpy as np
import pytest

from fedproof import BadInput, DataError
from fedproof.data import Records, encode, fill_blocks, load_records, split
from fedproof.data.examples import load_example


def records(count: int) -> Records:
    column = np.arange(count, dtype=np.int64)[:, None]
    return Records(column, column * 2, column.astype(np.float32), column.astype(np.float32) / 2)


def test_fill_repeats_cyclically():
    filled = fill_blocks(records(5), 12)
    order = filled.features[:, 0].tolist()
    assert sorted(order[:5]) == [0, 1, 2, 3, 4]
    assert order[5:] == (order[:5] * 2)[:7]
    assert filled.targets[:, 0].tolist() == [2 * i for i in order]
    assert filled.x[:, 0].tolist() == order
    assert filled.count == 12


def test_fill_shuffles_the_same_way_every_time():
    order = fill_blocks(records(64), 64).features[:, 0].tolist()
    assert order == fill_blocks(records(64), 64).features[:, 0].tolist()
    assert order != sorted(order)
    assert sorted(order) == list(range(64))


def test_fill_leaves_out_what_does_not_fit():
    chosen = fill_blocks(records(10), 4).features[:, 0].tolist()
    assert len(set(chosen)) == 4


def test_fill_needs_a_record():
    with pytest.raises(DataError, match="there are no records"):
        fill_blocks(records(0), 4)


@pytest.mark.parametrize("skew", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("participants", [1, 3, 4, 7])
def test_split_is_a_partition_into_equal_parts(participants, skew):
    classes = np.array([0, 1, 1] * 20)
    parts = split(classes, participants, skew=skew, seed=5)
    assert sorted(np.concatenate(parts).tolist()) == list(range(60))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    again = split(classes, participants, skew=skew, seed=5)
    assert all((a == b).all() for a, b in zip(parts, again, strict=True))


def test_split_skew_and_seed():
    classes = np.array([0] * 50 + [1] * 50)
    sorted_out = [set(classes[part].tolist()) for part in split(classes, 4, skew=1.0)]
    assert sorted_out == [{0}, {0}, {1}, {1}]
    mixed = [classes[part].mean() for part in split(classes, 4, skew=0.0)]
    assert all(0.2 < mean < 0.8 for mean in mixed)
    assert split(classes, 4, seed=1)[0].tolist() != split(classes, 4, seed=2)[0].tolist()


def test_split_errors():
    classes = np.zeros(3, dtype=np.int64)
    for participants, skew, problem in ((0, 0.0, "among 0"), (4, 0.0, "3 records cannot"), (2, 1.5, "skew must lie")):
        with pytest.raises(DataError, match=problem):
            split(classes, participants, skew=skew)


@pytest.mark.parametrize("name", ["breast-cancer", "digits"])
def test_examples_hold_together(tmp_path, name):
    example = load_example(name, participants=3, rounds=2)
    assert example.task.rounds == 2
    assert len(example.participants) == 3
    for number, table in enumerate([*example.participants, example.test]):
        table.write_csv(tmp_path / f"{number}.csv", example.task)
        read = load_records(tmp_path / f"{number}.csv", example.task, minimum=None if number < 3 else 0)
        direct = encode(table, example.task, minimum=0)
        np.testing.assert_array_equal(read.features, direct.features)
        np.testing.assert_array_equal(read.targets, direct.targets)
        assert read.count <= example.task.slots or number == 3


def test_breast_cancer():
    example = load_example("breast-cancer")
    assert example.task.dims == (30, 16, 2)
    assert [len(table) for table in example.participants] == [113, 114, 114, 114]
    assert len(example.test) == 114
    assert load_example("breast-cancer", hidden=()).task.dims == (30, 1)
    assert load_example("breast-cancer", hidden=(8, 4), outputs=1, training={"steps": 2}).task.dims == (30, 8, 4, 1)


def test_every_patient_is_tested_once_over_the_folds():
    rows = [row.tobytes() for fold in range(5) for row in load_example("breast-cancer", fold=fold).test.features]
    assert len(rows) == len(set(rows)) == 569
    example = load_example("breast-cancer", fold=3)
    held = {row.tobytes() for table in example.participants for row in table.features}
    assert held.isdisjoint({row.tobytes() for row in example.test.features})
    assert len(held) == 455


def test_example_errors():
    with pytest.raises(
        BadInput, match=r"unknown data set 'mnist' \(known: breast-cancer, digits, lung, fashion-mnist\)"
    ):
        load_example("mnist")
    with pytest.raises(BadInput, match="fold must lie between 0 and 4, got 5"):
        load_example("breast-cancer", fold=5)
    with pytest.raises(DataError, match="455 records cannot be split among 500 participants"):
        load_example("breast-cancer", participants=500)


def test_digits_hold_every_image_once():
    example = load_example("digits", participants=3)
    assert [layer.units for layer in example.task.model.layers] == [32, 10]
    assert [len(part.features) for part in example.participants] == [479, 479, 479]
    assert len(example.test.features) == 360
    records = [encode(part, example.task) for part in (*example.participants, example.test)]
    assert sum(len(part.features) for part in records) == 1797
    assert {int(part.targets.sum(axis=1).min()) for part in records} == {1 << 10}
