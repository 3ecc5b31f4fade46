"""Data sets read from files: the lung patients by institution, Fashion-MNIST from IDX files. Small stand-ins for both;
the real ones are tested where they are installed.
"""

import struct
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pytest

from fedproof import BadInput, DataError
from fedproof.data import encode, fill_blocks, load_records
from fedproof.data.examples import load_example
from fedproof.data.examples.fashion_mnist import CLASSES, DEBIAN, FILES, fashion_mnist
from fedproof.data.examples.lung import COLUMNS, DAYS

HEADER = ",".join(COLUMNS)
# the package's name of the builder hides the module
lung, fashion = (import_module(f"fedproof.data.examples.{name}") for name in ("lung", "fashion_mnist"))


@pytest.fixture
def patients(tmp_path):
    """Institution 1 has 20 patients, 2 has 15, 7 has 12, 9 has 3; five were lost from sight, one has no institution."""
    random = np.random.default_rng(1)
    rows = []
    for code, count in ((1, 20), (2, 15), (7, 12), (9, 3), ("", 1)):
        for number in range(count):
            age, loss = random.integers(40, 80), "NA" if number % 4 == 0 else random.integers(0, 20)
            died = number % 2
            days = 100 if died else DAYS
            rows.append(f"{code},{days},{died},{age},1,0,90,80,{'' if number % 5 == 0 else 1000},{loss}")
    rows += [f"1,{DAYS - 1},0,99,1,0,90,80,1000,3"] * 5
    (tmp_path / "lung.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return tmp_path


def test_a_participant_is_an_institution_and_small_ones_are_named(patients):
    example = load_example("lung", folder=patients)
    assert example.names == ("institution-1", "institution-2", "institution-7")
    assert [len(table) for table in example.participants] == [16, 12, 9]
    assert len(example.test) == 10 and example.task.classes == ("died", "survived")
    lost, nowhere, small = example.notes
    assert lost == f"5 of 56 patients are left out: observation ended before day {DAYS}"
    assert nowhere.startswith("1 of the others left out")
    assert small == "institutions left out, fewer than 8 patients to train on: 9 (3)"
    everybody = np.concatenate([table.features for table in (*example.participants, example.test)])
    assert 99 not in everybody[:, 0]


def test_the_outcome_is_death_before_the_day(patients):
    text = f"{HEADER}\n" + "".join(
        f"1,{days},{died},50,1,0,90,80,1000,3\n" for days, died in OUTCOMES for _ in range(5)
    )
    (patients / "lung.csv").write_text(text)
    example = load_example("lung", folder=patients, min_accepted=1)
    labels = [label for table in (*example.participants, example.test) for label in table.labels]
    assert labels.count("died") == 5 and labels.count("survived") == 15


OUTCOMES = [(DAYS - 1, 1), (DAYS, 1), (DAYS, 0), (DAYS + 1, 1), (DAYS - 1, 0)]


def test_missing_values_become_the_median_and_slots_are_filled_cyclically(patients):
    example = load_example("lung", folder=patients)
    by_name = {feature.name: feature.impute for feature in example.task.data.features}
    assert by_name["meal.cal"] == 1000 and by_name["age"] is None and by_name["wt.loss"] is not None
    records = encode(example.participants[2], example.task)
    filled = fill_blocks(records, example.task.slots)
    assert records.count == 9 and filled.count == 32
    assert {row.tobytes() for row in filled.features} == {row.tobytes() for row in records.features}


def test_the_largest_institutions_can_be_chosen(patients):
    example = load_example("lung", folder=patients, participants=2)
    assert example.names == ("institution-1", "institution-2")
    assert "not among the largest: 7 (9), 9 (3)" in example.notes[-1]
    for count in (0, 4):
        with pytest.raises(BadInput, match=f"participants: 3 institutions have at least 8 patients, got {count}"):
            load_example("lung", folder=patients, participants=count)
    with pytest.raises(BadInput, match="split by institution"):
        load_example("lung", folder=patients, skew=0.5)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "column 'inst': is missing from the header"),
        (HEADER.replace("age", "years") + "\n", "column 'age': is missing from the header"),
        (f"{HEADER}\n1,2\n", "row 1: has 2 cells, the header has 10"),
        (f"{HEADER}\n1,300,0,old,1,0,90,80,1000,3\n", "row 1, column 'age': 'old' is not a number"),
        (f'{HEADER}\n"1\n', "is not valid CSV"),
    ],
)
def test_lung_errors(tmp_path, text, problem):
    file = tmp_path / "lung.csv"
    file.write_text(text)
    with pytest.raises(DataError) as caught:
        load_example("lung", folder=tmp_path)
    assert str(caught.value).startswith(f"{file}: {problem}")


def test_lung_says_where_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(lung, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"pip install 'fedproof\[lung\]'"):
        load_example("lung")
    with pytest.raises(DataError, match="cannot be read: No such file"):
        load_example("lung", folder=tmp_path)


@pytest.mark.skipif(find_spec("lifelines") is None, reason="lifelines (fedproof[lung]) is not installed")
def test_the_real_lung_patients():
    example = load_example("lung")
    assert example.notes[0] == f"28 of 228 patients are left out: observation ended before day {DAYS}"
    assert len(example.names) == 9 and sum(map(len, example.participants)) + len(example.test) <= 199


def write_idx(file, array):
    file.write_bytes(bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


@pytest.fixture
def clothes(tmp_path):
    """60 training pictures and 20 test pictures of 28 x 28 random pixels."""
    random = np.random.default_rng(2)
    for name, count in zip(FILES, (60, 60, 20, 20), strict=True):
        shape = (count, 28, 28) if "images" in name else (count,)
        most = 256 if "images" in name else 10
        write_idx(tmp_path / name, random.integers(0, most, shape, dtype=np.uint8))
    return tmp_path


def test_fashion_mnist_from_a_folder(clothes, tmp_path):
    example = load_example("fashion-mnist", folder=clothes, participants=3, hidden=(8,))
    assert example.task.dims == (784, 8, 10) and example.task.classes == CLASSES
    assert [len(table) for table in example.participants] == [20, 20, 20] and len(example.test) == 20
    assert example.notes == ("60 of 60 training pictures are used, 20 per participant",)
    for table in example.participants:
        encode(table, example.task)  # blank and full pixels fit the fixed point
    example.test.write_npz(tmp_path / "t.npz")
    read = load_records(tmp_path / "t.npz", example.task, minimum=0)
    np.testing.assert_array_equal(read.features, encode(example.test, example.task, minimum=0).features)


def test_fashion_mnist_uses_a_share_of_the_pictures(clothes, monkeypatch):
    monkeypatch.setattr(fashion, "SHARE", 8)
    parts = [load_example("fashion-mnist", folder=clothes, participants=2, fold=fold).participants for fold in (0, 1)]
    assert [len(table) for table in parts[0]] == [8, 8]
    assert not np.array_equal(parts[0][0].features, parts[1][0].features)


def test_fashion_mnist_says_how_to_get_it(clothes, monkeypatch):
    (clothes / FILES[0]).unlink()
    with pytest.raises(BadInput, match=rf"{clothes} lacks {FILES[0]} \(plain or \.gz\)$"):
        load_example("fashion-mnist", folder=clothes)
    monkeypatch.setattr(fashion, "DEBIAN", clothes)
    with pytest.raises(BadInput, match=r"apt-get install dataset-fashion-mnist.*--data DIR"):
        load_example("fashion-mnist")
    with pytest.raises(BadInput, match="--data: the data set digits comes with scikit-learn"):
        load_example("digits", folder=clothes)


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's package dataset-fashion-mnist is not installed")
def test_the_real_fashion_mnist():
    example = fashion_mnist(participants=2)
    assert [len(table) for table in example.participants] == [4096, 4096] and len(example.test) == 10000
    counts = [example.test.labels.count(name) for name in CLASSES]
    assert counts == [1000] * 10
    np.testing.assert_allclose(example.participants[0].features.mean(), fashion.MEAN, rtol=0.05)
