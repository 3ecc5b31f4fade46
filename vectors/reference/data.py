# ruff: noqa: D103
"""Datasets and weights as tables of integers, and plain training on lists, without padding or trace."""

from . import tables
from .program import HUBER, SIGMOID, SOFTMAX, WEIGHT_SCALE


def weight_table(layout, matrices):
    """matrices: for every layer d_{i-1} + 1 rows (the bias last) of d_i integers"""
    table = [0] * layout.cells
    for i, matrix in enumerate(matrices, 1):
        for a, row in enumerate(matrix):
            start = layout.weight_offset[i] + (a << layout.J[i])
            table[start : start + len(row)] = row
    return table


def padded_weights(layout, table):
    out = {}
    for i in range(1, layout.program.L + 1):
        start, nj = layout.weight_offset[i], layout.J[i]
        out[i] = [table[start + (a << nj) : start + ((a + 1) << nj)] for a in range(1 << layout.I[i])]
    return out


def unpadded(layout, matrices):
    """The table of padded matrices by layer."""
    table = [0] * layout.cells
    for i, matrix in matrices.items():
        for a, row in enumerate(matrix):
            start = layout.weight_offset[i] + (a << layout.J[i])
            table[start : start + len(row)] = row
    return table


def dataset_table(layout, blocks):
    """blocks: nblocks lists of B records (features, targets, valid)"""
    pr = layout.program
    table = [0] * (1 << layout.nd)
    assert len(blocks) == pr.nblocks
    for k, block in enumerate(blocks):
        assert len(block) == pr.B
        for b, (features, targets, valid) in enumerate(block):
            start = (k * pr.B + b) << layout.rb
            table[start : start + pr.dims[0]] = features
            table[start + layout.toff : start + layout.toff + pr.dims[-1]] = targets
            table[start + layout.voff] = valid
    return table


def vectors(table, n):
    """A table cut into vectors of 2^n cells, the last one filled with zeros."""
    size = 1 << n
    cut = [table[start : start + size] for start in range(0, len(table), size)]
    return [v + [0] * (size - len(v)) for v in cut]


def train(program, matrices, batches):
    """Plain training. batches: T lists of B records. Returns the new matrices."""
    pr, gradients = program, []
    for batch in batches:
        gradients.append(_gradients(pr, _weights(pr, matrices, gradients), batch))
    return _weights(pr, matrices, gradients)


def _weights(pr, matrices, gradients):
    """W_t for t = the number of gradients"""
    t = len(gradients)
    return [
        [
            [
                pr.c(t) * w - sum(pr.kappa(t - u) * g[i][a][j] for u, g in enumerate(gradients))
                for j, w in enumerate(row)
            ]
            for a, row in enumerate(matrix)
        ]
        for i, matrix in enumerate(matrices)
    ]


def _gradients(pr, W, batch):
    gradients = [[[0] * len(row) for row in m] for m in W]
    for features, targets, valid in batch:
        inputs, derivatives, x = [], [], list(features)
        for i in range(1, pr.L + 1):
            x = [*x, 1 << pr.fa]
            inputs.append(x)
            weights = W[i - 1]
            q = [pr.saturate(pr.round(sum(v * weights[a][j] for a, v in enumerate(x)))) for j in range(pr.dims[i])]
            if i < pr.L:
                x = [pr.activation(i, v)[0] for v in q]
                derivatives.append([pr.activation(i, v)[1] for v in q])
        delta = _output_delta(pr, q, targets, valid)
        for i in range(pr.L, 0, -1):
            for a, v in enumerate(inputs[i - 1]):
                for j, d in enumerate(delta):
                    gradients[i - 1][a][j] += v * d
            if i > 1:
                e = [sum(d * W[i - 1][j][o] for o, d in enumerate(delta)) for j in range(pr.dims[i - 1])]
                delta = [pr.saturate(pr.round(v)) * s for v, s in zip(e, derivatives[i - 2], strict=True)]
                if pr.smooth(i - 1):
                    delta = [pr.saturate(pr.round(v, pr.fs)) for v in delta]
    return gradients


def _output_delta(pr, q, targets, valid):
    raw = [(v << (pr.fd - pr.fa)) - y for v, y in zip(q, targets, strict=True)]
    if pr.loss == HUBER:
        return [tables.clamp(pr.saturate(v), pr.huber) * valid for v in raw]
    if pr.loss in (SIGMOID, SOFTMAX):
        prediction = pr.softmax(q) if pr.loss == SOFTMAX else [pr.sigmoid(v) for v in q]
        raw = [v - y for v, y in zip(prediction, targets, strict=True)]
    if pr.weights is None:
        return [v * valid for v in raw]
    weights = pr.record_weights(targets, valid)
    return [pr.saturate(pr.round(v * w, pr.fd + WEIGHT_SCALE)) for v, w in zip(raw, weights, strict=True)]
