"""The rows of the trace between the logits and the deltas of the last layer (sections 1 and 2)."""

from . import tables
from .program import HUBER, SIGMOID, SOFTMAX


def output_rows(trace, t, q):
    """Fills F_L's a and s, and the regions P, Q, H and D of layer L; the deltas of all (also padded) units."""
    pr, lay, fault, L = trace.pr, trace.lay, trace.fault, trace.pr.L
    y = [[trace.cell(t, b, lay.toff + j) for j in range(1 << lay.J[L])] for b in range(pr.B)]
    valid = [trace.cell(t, b, lay.voff) for b in range(pr.B)]
    scaled = [[v << (pr.fd - pr.fa) for v in row] for row in q]
    if pr.loss == HUBER:
        prediction = _huber(trace, t, scaled, y)
        raw = prediction
    elif pr.loss == SOFTMAX:
        prediction = _softmax(trace, t, q)
    elif pr.loss == SIGMOID:
        prediction = [[fault("table", L, t, pr.loss_table(v + (1 << (pr.l - 1)))) for v in row] for row in q]
    else:
        prediction = [[0] * len(row) for row in q]  # the column stays empty
    trace.put("F", L, t, a=prediction)
    if pr.loss != HUBER:
        source = prediction if pr.cross_entropy else scaled
        raw = [[u - v for u, v in zip(*rows, strict=True)] for rows in zip(source, y, strict=True)]
    if pr.weights is None:
        delta = fault("delta", L, t, [[v * flag for v in row] for row, flag in zip(raw, valid, strict=True)])
        trace.put("F", L, t, s=delta)
        return delta
    weights = [_weights(pr, row, flag) for row, flag in zip(y, valid, strict=True)]
    return trace.product(L, t, fault("raw", L, t, raw), fault("weight", L, t, weights))


def _weights(pr, targets, valid):
    """w of a record for all units, padded ones included"""
    d = pr.dims[-1]
    w = pr.record_weights(targets[:d], valid)
    return w + [w[0] if pr.one_hot else 0] * (len(targets) - d)


def _huber(trace, t, scaled, y):
    pr, L = trace.pr, trace.pr.L
    X = [[u - v for u, v in zip(*rows, strict=True)] for rows in zip(scaled, y, strict=True)]
    difference = trace.difference(L, t, X)
    out = [[trace.fault("clamp", L, t, tables.clamp(v, pr.huber)) for v in row] for row in difference]
    trace.put("H", L, t, a=out)
    return trace.fault("copyc", L, t, out)


def _softmax(trace, t, q):
    """Fills P_L and Q_L; the predictions."""
    pr, L, fault = trace.pr, trace.pr.L, trace.fault
    d, half, size = pr.dims[-1], 1 << (pr.l - 1), 1 << trace.lay.J[L]
    rows = {name: [] for name in ("below", "e", "mark", "copy", "sum", "cells")}
    for logits in q:
        largest = max(logits[:d])
        first = logits.index(largest)
        mark = fault("mark", L, t, [int(j == first) for j in range(size)])
        largest = fault("max", L, t, largest)
        below = fault("below", L, t, [largest - v if j < d else 0 for j, v in enumerate(logits)])
        e = [fault("exp", L, t, pr.loss_table(v) if 0 <= v < 2 * half else 0) for v in below]
        copy = fault("copye", L, t, list(e))
        total = fault("sum", L, t, [sum(e[:d])] * size)
        rows["below"].append([v - half for v in below])
        for name, value in (("e", e), ("mark", mark), ("copy", copy), ("sum", total)):
            rows[name].append(value)
        cells = []
        for v, s in zip(copy, total, strict=True):
            quotient, rem = fault("quotient", L, t, divmod((v << (pr.fd + 1)) + s, 2 * s))
            cells.append({"q": quotient} | trace.limbs(fault("rest", L, t, 2 * s - 1 - rem), rem))
        rows["cells"].append(cells)
    trace.put("P", L, t, q=rows["below"], a=rows["e"], s=rows["mark"])
    trace.put("Q", L, t, a=rows["copy"], s=rows["sum"])
    for name in rows["cells"][0][0]:
        trace.put("Q", L, t, **{name: [[c[name] for c in row] for row in rows["cells"]]})
    return fault("pred", L, t, [[c["q"] for c in row] for row in rows["cells"]])
