# ruff: noqa: D103
"""A slow prover for tiny programs. It knows the trapdoor of the (insecure) development setup."""

import random

from . import transcript as tr
from .argument import Engine, Group, dense, helper_tables, lane_entries, prove_sumcheck
from .data import vectors
from .field import R, powers
from .integrand import registration_integrand, training_integrand
from .kernel import steps_table, update_table
from .layout import PUBLICS, Layout, RegistrationLayout
from .multilinear import eq_table, mle
from .proof import Proof, revealed
from .registration import registration_relations
from .relations import training_relations
from .setup import key_table
from .trace import Trace
from .transcript import REGISTRATION, TRAINING, Transcript
from .verifier import step_1, step_2, step_values
from .views import s1b_coefficients, weight_points


def commit_weights(layout, setup, table):
    """[W_0]: no blinds"""
    return [setup.commit([x % R for x in vector]) for vector in vectors(table, layout.n)]


def prove_training(program, setup, w0, data, data_blinds, statement, rng=None, fault=None, tamper=None, check=True):
    """w0, data: tables of integers (weight_table, dataset_table). Returns the proof file, the Trace and the Engine."""
    rng = rng or random.SystemRandom()
    lay = Layout(program)
    pr, L, T2, B, C = program, program.L, lay.padded_T, program.B, 1 << lay.c
    engine = Engine(setup, lay, rng)
    engine.check_relations = check
    trace = Trace(lay, w0, data, statement.pi, statement.beta, fault)
    if tamper:
        tamper(trace, engine)
    m, index = engine.m, lay.m.index
    t = Transcript(TRAINING)
    t.absorb(tr.STATEMENT, statement.encode())

    # 1
    columns = []
    for name in lay.columns:
        columns += engine.table(name, trace.columns[name], engine.blinds(name))
    w_out = engine.table(
        "Wout", trace.w_out, [[m[index["blind", v, j]] for j in range(lay.wout_blinds(v))] for v in range(lay.nW)]
    )
    engine.table("W0", w0, [[] for _ in range(lay.nW)])
    engine.table("D", data, [[b] for b in data_blinds])
    for name in lay.key_tables:
        engine.table(name, key_table(lay, name), [[]])
    proof = Proof(TRAINING, columns, w_out, setup.commit(m), None)
    ch = step_1(t, lay, proof)

    # 2
    gamma, half = ch["gamma"], 1 << (pr.l - 1)
    publics = {name: [0] * C for name in PUBLICS}
    for g in lay.regions:
        for name, value in g.publics.items():
            publics[name][g.offset : g.offset + (1 << g.nvars)] = [value] * (1 << g.nvars)
    col = engine.tables

    def lookup(unit, row):
        if unit.name == "range":
            return (gamma * unit.tag + col[lay.columns[unit.column]][row]) % R
        return (
            gamma * publics["tag"][row]
            + col["q"][row]
            + half
            + gamma**2 * publics["selA"][row] * col["a"][row]
            + gamma**3 * publics["selH"][row] * col["s"][row]
        ) % R

    lanes = lane_entries(lay, gamma)
    helpers = helper_tables(lay, ch, col, lambda row: publics["selR"][row], lookup, lanes)
    proof.helpers = []
    for name, cells in zip(lay.helper_names, helpers, strict=False):
        proof.helpers += engine.table(name, cells, engine.blinds(name))
    proof.v_zeta = engine.v_zeta(TRAINING, ch)
    step_2(t, lay, proof, ch)

    # 3: S1a
    rho_t, rho_b, rho_j = ch["rho_t"], ch["rho_b"], ch["rho_j"]
    eq_b, eq_t = eq_table(rho_b), eq_table(rho_t)
    eta = powers(ch["eta"], len(lay.terms_a))
    groups = []
    for coefficient, term in zip(eta, lay.terms_a, strict=False):
        kind, i = term
        X, W, E = [], [], []
        for step in range(T2):
            source = trace.A[step][i - 1] if kind == "f" else trace.delta[step][i]
            width = len(source[0])
            X += [sum(e * row[x] for e, row in zip(eq_b, source, strict=False)) % R for x in range(width)]
            if kind == "f":
                e = eq_table(rho_j[i])
                W += [sum(x * y for x, y in zip(e, row, strict=False)) % R for row in trace.W[step][i]]
            else:
                e = eq_table(rho_j[i - 1])  # the leading bits of the input index are zero
                W += [sum(x * trace.W[step][i][j][out] for j, x in enumerate(e)) % R for out in range(width)]
            E += [eq_t[step]] * width
        masks = [None, m[index["X", term]], m[index["W", term]]]
        groups.append(
            Group(lay.nv[term], [E, X, W], masks, lambda v, k=coefficient: k * v[0] % R * v[1] % R * v[2] % R)
        )
    proof.folds["a"], ch["ra"], final, last_a = prove_sumcheck(t, "a", lay.degrees["a"], groups, engine.g("a"), 0, 0)
    proof.values_a = [v for values in final for v in values[1:]]
    step_values(t, proof, "a", ch)

    # 4: S1b
    points, coefficients = weight_points(lay, ch), s1b_coefficients(lay, ch)
    steps, update = steps_table(pr, ch["ra"][: lay.tb]), update_table(pr, lay.tb)
    groups = []
    for term in lay.terms_b:
        pin, pout = (eq_table(p) for p in points[term])
        A, D, K = [], [], []
        for step in range(T2):
            A += [sum(x * y for x, y in zip(pin, row, strict=False)) % R for row in trace.A[step][term[1] - 1]]
            D += [sum(x * y for x, y in zip(pout, row, strict=False)) % R for row in trace.delta[step][term[1]]]
            K += [(update if term[0] == "o" else steps)[step]] * B
        masks = [None, m[index["A", term]], m[index["D", term]]]
        groups.append(
            Group(lay.tb + lay.bb, [K, A, D], masks, lambda v, k=coefficients[term]: k * v[0] % R * v[1] % R * v[2] % R)
        )
    proof.folds["b"], ch["rb"], final, last_b = prove_sumcheck(t, "b", lay.degrees["b"], groups, engine.g("b"), 0, 0)
    proof.values_b = [v for values in final for v in values[1:]]
    step_values(t, proof, "b", ch)

    # 5: S2
    y, v = [0] * C, [0] * C
    top = lay.region["F", L]
    for row in range(1 << top.nvars):
        step, b, j = row >> (lay.bb + lay.J[L]), (row >> lay.J[L]) % B, row % (1 << lay.J[L])
        if step < pr.T:
            start = (pr.block(statement.pi, statement.beta, step) * B + b) << lay.rb
            y[top.offset + row], v[top.offset + row] = data[start + lay.toff + j] % R, data[start + lay.voff] % R
    tables = [col[n] for n in lay.columns + lay.helper_names] + [y, v]
    sel_t, t_tables = dense(lay, lanes)
    pub = [eq_table(ch["tau"]), *(publics[name] for name in PUBLICS), *sel_t, *t_tables]
    last_2 = engine.sumcheck_2(t, proof, ch, tables, pub, training_integrand(lay, ch))
    proof.vtab = []
    for p in lay.key_lanes:
        names = [(power, name) for power, name in ((2, f"TA{p}"), (3, f"TS{p}")) if name in lay.key_tables]
        proof.vtab.append(sum(gamma**power * mle(col[name], ch["r2"][lay.c - lay.n :]) for power, name in names) % R)
    step_values(t, proof, "2", ch)

    # 6 to 10
    relations = training_relations(lay, statement, ch, revealed(lay, proof), {"a": last_a, "b": last_b, "2": last_2})
    engine.relations, engine.challenges = relations, ch
    return engine.finish(t, proof, ch, relations), trace, engine


def prove_registration(program, setup, data, data_blinds, statement, rng=None, check=True):
    rng = rng or random.SystemRandom()
    base = Layout(program)
    lay = RegistrationLayout(base)
    pr, N, nD, half = program, lay.N, lay.nD, 1 << (program.l - 1)
    engine = Engine(setup, lay, rng)
    engine.check_relations = check
    t = Transcript(REGISTRATION)
    t.absorb(tr.STATEMENT, statement.encode())
    engine.table("D", data, [[b] for b in data_blinds])
    rows = 1 << min(lay.nd, lay.n)  # of one vector that hold records
    sel_x, sel_y, sel_v = [0] * N, [0] * N, [0] * N
    for row in range(rows):
        slot = row % lay.rec
        feature, target = slot < pr.dims[0], lay.toff <= slot < lay.toff + pr.dims[-1]
        sel_x[row] = int(feature or (target and not pr.cross_entropy))
        sel_y[row] = int(target and pr.cross_entropy)
        sel_v[row] = int(slot == lay.voff)
    mu = [0] * N
    for v in range(nD):
        for row in range(rows):
            value = data[(v << lay.n) + row] + half
            if sel_x[row] and 0 <= value < 2 * half:
                mu[value] += 1
    columns = engine.table("mu0", mu, engine.blinds("mu0"))
    proof = Proof(REGISTRATION, columns, [], setup.commit(engine.m), None)
    ch = step_1(t, lay, proof)
    cells = vectors(engine.tables["D"], lay.n)
    lanes = lane_entries(lay, ch["gamma"])
    helpers = helper_tables(
        lay,
        ch,
        engine.tables,
        lambda row: sel_x[row],
        lambda unit, row: (ch["gamma"] * unit.tag + cells[unit.column][row] + half) % R,
        lanes,
    )
    proof.helpers = []
    for name, table in zip(lay.helper_names, helpers, strict=False):
        proof.helpers += engine.table(name, table, engine.blinds(name))
    step_2(t, lay, proof, ch)
    sel_t, t_tables = dense(lay, lanes)
    tables = cells + [engine.tables["mu0"]] + [engine.tables[n] for n in lay.helper_names]
    last = engine.sumcheck_2(
        t,
        proof,
        ch,
        tables,
        [eq_table(ch["tau"]), sel_x, sel_y, sel_v, *sel_t, *t_tables],
        registration_integrand(lay, ch),
    )
    step_values(t, proof, "2", ch)
    relations = registration_relations(lay, statement, ch, revealed(lay, proof), {"2": last})
    engine.relations, engine.challenges = relations, ch
    return engine.finish(t, proof, ch, relations), engine
