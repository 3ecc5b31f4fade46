"""A slow prover of round closes, as that of the other kinds."""

import random

from . import transcript as tr
from .argument import Engine, dense, helper_tables, lane_entries
from .close import close_integrand, close_relations
from .close_layout import CloseLayout
from .close_trace import CloseTrace
from .layout import Layout
from .multilinear import eq_table
from .proof import Proof, revealed
from .transcript import CLOSE, Transcript
from .verifier import step_1, step_2, step_values


def prove_close(program, setup, total, blinds, statement, rng=None, fault=None, check=True):
    """total: the sum's cells (integers); blinds: of every vector of [S]. Returns the proof file, the trace, the engine.

    The statement is absorbed as it is: its points must be those of `total` and of the next model."""
    rng = rng or random.SystemRandom()
    lay = CloseLayout(Layout(program))
    engine = Engine(setup, lay, rng)
    engine.check_relations = check
    trace = CloseTrace(lay, total, statement.count, fault)
    t = Transcript(CLOSE)
    t.absorb(tr.STATEMENT, statement.encode())

    # 1
    col = engine.tables
    engine.table("S", trace.columns["S"], blinds)
    engine.table("Wnext", trace.columns["Wnext"], [[] for _ in range(lay.nW)])
    columns = []
    for name in lay.own:
        columns += engine.table(name, trace.columns[name], engine.blinds(name))
    proof = Proof(CLOSE, columns, [], setup.commit(engine.m), None)
    ch = step_1(t, lay, proof)

    # 2
    lanes = lane_entries(lay, ch["gamma"])
    cells = lay.nW << lay.n
    helpers = helper_tables(
        lay,
        ch,
        col,
        lambda row: row < cells,
        lambda unit, row: ch["gamma"] * unit.tag + col[lay.columns[unit.column]][row],
        lanes,
    )
    proof.helpers = []
    for name, table in zip(lay.helper_names, helpers, strict=True):
        proof.helpers += engine.table(name, table, engine.blinds(name))
    proof.v_zeta = engine.v_zeta(CLOSE, ch)
    step_2(t, lay, proof, ch)

    # 5: S2
    sel_t, t_tables = dense(lay, lanes)
    sel_r = [int(row < cells) for row in range(1 << lay.c)]
    publics = [eq_table(ch["tau"]), sel_r, lay.in_layer(), *sel_t, *t_tables]
    integrand = close_integrand(lay, ch, statement.count)
    last = engine.sumcheck_2(t, proof, ch, [col[n] for n in lay.values_s2], publics, integrand)
    step_values(t, proof, "2", ch)

    # 6 to 10
    relations = close_relations(lay, statement, ch, revealed(lay, proof), {"2": last})
    engine.relations, engine.challenges = relations, ch
    return engine.finish(t, proof, ch, relations), trace, engine
