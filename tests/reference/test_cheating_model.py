"""Provers that cheat on kernels, tables of the key, uncounted records or the vectors of a table."""

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tests.reference.cheating import broken, broken_rules, once, weaken
from tests.reference.support import TAU, program
from vectors.reference import multilinear, prover, tables
from vectors.reference.field import R
from vectors.reference.instance import Instance
from vectors.reference.program import Kernel
from vectors.reference.programs import PROGRAMS
from vectors.reference.setup import key_table
from vectors.reference.transcript import TRAINING
from vectors.reference.verifier import valid


def explicit():
    return Instance(program(k=0, kernel=Kernel(2, [3, 5, 6], [4, 3, 2])), seed=14)


def plus_one(value):
    return value + 1


KERNELS = {
    "kappa_2 of step 2": once("kappa", plus_one, layer=0, step=2),
    "kappa_2 of a padded step": once("kappa", plus_one, layer=1, step=3),
    "kappa_2 of the update": once("update", plus_one, layer=1, step=3),
    "update without c_T": once("last", lambda c: 4, layer=0, step=3),
    "c_1 for c_2": once("c", lambda c: 4, layer=0, step=2),
    "first step without 2^fc": once("c", lambda c: 1, layer=0, step=0),
    "c_T of a padded step": once("c", plus_one, layer=0, step=3),
}


@pytest.mark.parametrize("name", KERNELS)
def test_kernel_is_bound(name):
    instance = explicit()
    proof = instance.prove_training(fault=KERNELS[name], check=False)
    assert broken_rules(instance) == {"R-S1B"}
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def test_without_the_closing_of_s1b_any_kernel_is_accepted(monkeypatch):
    weaken(monkeypatch, "R-S1B")
    instance = explicit()
    fault = once("update", plus_one, layer=1, step=3)
    assert valid(*instance.arguments(TRAINING, instance.prove_training(fault=fault)), tau=TAU)


# --- an uncounted record with targets ---------------------------------------------------------------


def uncounted():
    """Multi-label with weights (3, 1): a record that is not valid, yet has a label, would train with weight -2."""
    p = program(dims=[2, 2], activations=[], F=11, wb=12, k=9, weights=[768, 256, 768, 256], T=4)
    instance = Instance(p, seed=14)
    features, _, _ = instance.blocks[0][0]
    instance.blocks[0][0] = (features, [8, 0], 0)
    return Instance(p, seed=14, blocks=instance.blocks)


def test_uncounted_record_with_targets_cannot_train(monkeypatch):
    instance = uncounted()
    proof = instance.prove_training(check=False)
    assert broken_rules(instance) == {"C_5"}
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)
    weaken(monkeypatch, "C_5")
    instance = uncounted()
    assert valid(*instance.arguments(TRAINING, instance.prove_training()), tau=TAU)


# --- tables of the key ------------------------------------------------------------------------------


def swapped(monkeypatch, kind):
    """The activation's values at two neighbours of 0 swapped."""
    original = tables.hidden

    def hidden(k, l, fa, q):  # noqa: E741
        return original(k, l, fa, -q if k == kind and abs(q) == 3 else q)

    monkeypatch.setattr(tables, "hidden", hidden)


def swapped_but_committed():
    """The prover works with swapped values, the key commits to the true ones."""
    instance = Instance(program(activations=[4], l=5, lb=5, F=8, wb=9, T=4, B=4), seed=14)
    honest = {name: key_table(instance.layout, name) for name in instance.layout.key_tables}
    return instance, honest


def test_values_of_a_table_are_those_of_the_key(monkeypatch):
    instance, honest = swapped_but_committed()
    swapped(monkeypatch, 4)
    proof = instance.prove_training()  # with tables of its own
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)
    another = Instance(instance.program, seed=14)  # of a key that has them
    assert valid(*another.arguments(TRAINING, another.prove_training()), tau=TAU)
    assert any(honest[name] != key_table(instance.layout, name) for name in honest)


def reveal_swapped_values(instance, honest, monkeypatch, **options):
    """vtab of the swapped tables, although the tables are the key's."""
    committed = {name: [v % R for v in cells] for name, cells in honest.items()}

    def mle(table, point):
        name = next(name for name, cells in committed.items() if cells == table)
        return multilinear.mle(key_table(instance.layout, name), point)

    monkeypatch.setattr(prover, "mle", mle)
    monkeypatch.setattr(prover, "key_table", lambda layout, name: honest[name])
    return instance.prove_training(**options)


def test_revealed_value_of_a_table_is_bound(monkeypatch):
    instance, honest = swapped_but_committed()
    swapped(monkeypatch, 4)
    proof = reveal_swapped_values(instance, honest, monkeypatch, check=False)
    assert broken(instance.engine) == {"R-TAB"}
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)
    weaken(monkeypatch, "R-TAB")
    proof = reveal_swapped_values(instance, honest, monkeypatch)
    assert valid(*instance.arguments(TRAINING, proof), tau=TAU)


# --- vectors of one table ---------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["q", "sg", "ex", "g0", "r0", "r1", "a", "s"])
def test_cells_keep_their_vector(column):
    """The same cell of two vectors swapped: a commitment of their sum would not tell."""
    instance = Instance(PROGRAMS["folded"], seed=14)
    N = instance.layout.N

    def tamper(trace, engine):
        cells = trace.columns[column]
        row, other = next((i, i + v * N) for v in (1, 2) for i in range(N) if cells[i] != cells[i + v * N])
        cells[row], cells[other] = cells[other], cells[row]

    proof = instance.prove_training(tamper=tamper, check=False)
    assert broken(instance.engine)
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def test_rows_of_one_region_keep_their_vector():
    """Two whole rows of F_1 swapped between vectors satisfy every constraint and lookup; the products tell."""
    instance = Instance(program(dims=[2, 2], activations=[], T=64, B=4, k=1, F=8, wb=9, lb=8), seed=14)
    layout = instance.layout
    assert (layout.V, layout.region["F", 1].nvars) == (2, layout.n + 1)

    names = [name for name in layout.columns if not name.startswith("mu")]

    def tamper(trace, engine):
        rows = list(zip(*(trace.columns[name] for name in names), strict=True))  # the last cell: delta
        idle = [row for row in range(2 * layout.N) if rows[row][-1] == 0]
        row, other = next((i, k) for i in idle for k in idle if i < layout.N <= k and rows[i] != rows[k])
        for name in names:
            cells = trace.columns[name]
            cells[row], cells[other] = cells[other], cells[row]

    proof = instance.prove_training(tamper=tamper, check=False)
    assert broken_rules(instance) == {"R-S1A"}
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)


def test_cells_of_w_out_keep_their_vector():
    instance = Instance(PROGRAMS["three-weights"], seed=14)
    N = instance.layout.N
    assert instance.layout.nW == 3

    def tamper(trace, engine):
        cells = trace.w_out
        row = next(row for row in range(N) if cells[row] != cells[row + 2 * N])
        cells[row], cells[row + 2 * N] = cells[row + 2 * N], cells[row]

    proof = instance.prove_training(tamper=tamper, check=False)
    assert broken(instance.engine) == {"R-S1B"}
    assert not valid(*instance.arguments(TRAINING, proof), tau=TAU)
