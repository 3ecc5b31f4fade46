"""The Rust core and the independent reference execute the same integers: random small programs, bit for bit."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fedproof import _core
from vectors.reference import executor, tables
from vectors.reference.field import keccak256
from vectors.reference.program import Program

SEEDS = st.binary(min_size=32, max_size=32)


@st.composite
def kernels(draw: st.DrawFn, steps: int, k: int) -> int | tuple[int, list[int], list[int]]:
    """k, or a kernel of numbers of about its size."""
    if draw(st.booleans()):
        return k
    extra = draw(st.integers(0, 8))
    taps = st.lists(st.integers(-(k << extra), k << extra), min_size=steps, max_size=steps)
    starts = st.lists(st.integers(-(1 << extra), 1 << extra), min_size=steps, max_size=steps)
    return extra, draw(taps), draw(starts)


@st.composite
def losses(draw: st.DrawFn, outputs: int) -> dict:
    """Loss with its own fields."""
    loss = draw(st.sampled_from(sorted(executor.LOSSES) if outputs > 1 else ["huber", "sigmoid", "squared"]))
    one_hot = loss == "softmax" or (loss == "sigmoid" and outputs > 1 and draw(st.booleans()))
    weights: list[int] = []
    if loss in ("sigmoid", "softmax") and draw(st.booleans()):
        count = outputs if one_hot else 2 * outputs
        weights = draw(st.lists(st.integers(0, 600) | st.integers(0, 65535), min_size=count, max_size=count))
    huber = draw(st.integers(1, 200)) if loss == "huber" else 0
    return {"loss": loss, "one_hot": one_hot, "weights": weights, "huber": huber}


@st.composite
def programs(draw: st.DrawFn) -> dict:
    """Arguments of Program.build within their limits; a few of them overflow and are refused by the core."""
    bits = draw(st.integers(4, 16))
    weight_bits = draw(st.integers(bits, 48))
    activation_bits = draw(st.integers(1, bits - 1))
    layers = draw(st.integers(1, 3))
    steps, batch = draw(st.integers(1, 6)), draw(st.sampled_from([1, 2, 4, 8]))
    assume(steps * batch >= 2)
    dims = draw(st.lists(st.integers(1, 6), min_size=layers + 1, max_size=layers + 1))
    hidden = st.sampled_from(sorted(executor.ACTIVATIONS))
    return {
        **draw(losses(dims[-1])),
        "dims": dims,
        "activations": draw(st.lists(hidden, min_size=layers - 1, max_size=layers - 1)),
        "steps": steps,
        "batch": batch,
        "blocks": draw(st.sampled_from([1, 2, 4, 8])),
        "bits": bits,
        "limb_bits": draw(st.integers(4, 20)),
        "weight_bits": weight_bits,
        "activation_bits": activation_bits,
        "delta_bits": draw(st.integers(activation_bits, bits)),
        # rates around the size at which one step moves a weight by about one
        "kernel": draw(kernels(steps, draw(st.integers(1, 1 << min(40, max(1, weight_bits - bits)))))),
        "bound_bits": draw(st.integers(weight_bits, min(56, weight_bits + 5))),
        "openings": draw(st.integers(1, 16)),
        "group": draw(st.integers(2, 12)),
    }


def reference(core: _core.Program, arguments: dict) -> Program:
    """The same program in the reference."""
    return executor.program({**arguments, "vector_bits": core.describe()["vector_bits"]})


def both(arguments: dict) -> tuple[_core.Program, Program]:
    try:
        core = _core.Program.build(**arguments)
    except _core.BadInput:
        assume(False)
    return core, reference(core, arguments)


@given(programs(), SEEDS)
def test_encoding_schedule_and_initial_model(arguments, seed):
    core, slow = both(arguments)
    assert core.encode() == slow.encode()
    assert core.digest == slow.digest()
    assert _core.Program.decode(core.encode()).digest == core.digest
    pi, beta = slow.schedule(seed)
    assert core.schedule(seed) == (pi, beta, [slow.block(pi, beta, t) for t in range(slow.T)])
    for mine, theirs in zip(core.init_weights(seed), slow.initial_weights(seed), strict=True):
        assert mine.dtype == np.int64
        assert mine.tolist() == theirs


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(programs(), SEEDS, st.data())
def test_execution(arguments, seed, data):
    core, slow = both(arguments)
    random = np.random.default_rng(int.from_bytes(seed, "big"))
    records, outputs = slow.nblocks * slow.B, slow.dims[-1]
    half, bound = 1 << (slow.l - 1), 1 << data.draw(st.integers(0, slow.wb), "size of weights")
    features = random.integers(-half, half, (records, slow.dims[0]))
    if arguments["loss"] in ("squared", "huber"):
        targets = random.integers(-half, half, (records, outputs))
    elif not arguments["one_hot"]:
        targets = random.integers(0, 2, (records, outputs)) << slow.fd
    else:
        targets = np.eye(outputs, dtype=np.int64)[random.integers(0, outputs, records)] << slow.fd
    weights = [
        random.integers(-bound + 1, bound, (inputs + 1, units))
        for inputs, units in zip(slow.dims, slow.dims[1:], strict=False)
    ]
    pi, beta = slow.schedule(seed)
    expected = executor.execute(slow, weights, features, targets, pi, beta)
    trace = _core.execute(core, weights, _core.Dataset(core, features, targets), pi, beta)
    for mine, theirs in zip(trace.update, expected.update, strict=True):
        assert mine.tolist() == theirs.tolist()
    assert trace.saturations == expected.saturations


@pytest.mark.parametrize("name", sorted(set(executor.ACTIVATIONS) - {"identity", "relu"}))
def test_every_entry_of_the_hidden_tables(name):
    """A hidden unit per pre-activation q, one squared output: the updates of layers 2 and 1 show f(q) and f'(q)."""
    bits, fa = 8, 4
    units = np.arange(-128, 128)
    arguments = {
        "loss": "squared", "one_hot": False, "dims": [1, 256, 1], "activations": [name], "steps": 1, "batch": 2,
        "blocks": 1,
        "bits": bits, "limb_bits": bits, "weight_bits": bits, "activation_bits": fa, "delta_bits": fa, "kernel": 1,
        "bound_bits": 2 * bits, "openings": 1, "group": 3, "weights": [],
    }  # fmt: skip
    core = _core.Program.build(**arguments)
    # z = q 2^F for x = 1; the output weight is one and its delta as the sum of all activations has it
    weights = [np.stack([units << bits, np.zeros_like(units)]), np.zeros((257, 1), np.int64)]
    weights[1][:256] = 1 << bits
    features, targets = np.ones((2, 1), np.int64), np.full((2, 1), 3)
    trace = _core.execute(core, weights, _core.Dataset(core, features, targets), [], 0)
    table = [tables.hidden(executor.ACTIVATIONS[name], bits, fa, int(q)) for q in units]
    total = min(127, max(-128, sum(a for a, _ in table)))
    delta = total - 3
    values = (weights[1] - trace.update[1])[:256, 0]
    assert values.tolist() == [2 * a * delta for a, _ in table]
    back = min(127, max(-128, delta))
    slopes = (weights[0] - trace.update[0])[0]
    assert slopes.tolist() == [2 * min(127, max(-128, (back * s + 32) >> 6)) for _, s in table]


def test_keccak():
    assert _core.keccak256(b"") == keccak256(b"")
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def test_one_step_by_hand():
    """Two records, one weight and a bias, squared error, l = 4, F = 4, fa = 1, fd = 2."""
    program = Program(0, [1, 1], [], 1, 2, 1, l=4, F=4, fa=1, fd=2, k=3, wb=6, p=1, group=2)
    # x = 3/2 and -8/2; z = 3*20 + 2*(-5) = 50 -> round(50/16) = 3, and -8*20 - 10 = -170 -> -11 -> saturates at -8
    execution = executor.execute(program, [[[20], [-5]]], [[3], [-8]], [[1], [-4]], [], 0)
    # predictions 3 * 2 and -8 * 2 at scale 2^2; deltas 6 - 1 = 5 and -16 + 4 = -12
    assert execution.update[0].tolist() == [[20 - 3 * (3 * 5 + 8 * 12)], [-5 - 3 * 2 * (5 - 12)]]
    assert execution.saturations == 1


@pytest.mark.parametrize(("bits", "fa", "fd"), [(12, 7, 10), (8, 3, 6), (10, 9, 9), (16, 10, 14)])
def test_every_entry_of_the_sigmoid_table(bits, fa, fd):
    """One output per logit q, its weight q 2^F, all features 1: the update shows sigmoid(q) - y."""
    logits = np.unique(np.linspace(-(1 << (bits - 1)), (1 << (bits - 1)) - 1, min(4096, 1 << bits)).astype(np.int64))
    arguments = {
        "loss": "sigmoid", "one_hot": True, "dims": [1, len(logits)], "activations": [], "steps": 1, "batch": 2,
        "blocks": 1,
        "bits": bits, "limb_bits": bits, "weight_bits": bits, "activation_bits": fa, "delta_bits": fd, "kernel": 1,
        "bound_bits": 2 * bits, "openings": 1, "group": 3, "weights": [],
    }  # fmt: skip
    core = _core.Program.build(**arguments)
    slow = reference(core, arguments)
    targets = np.zeros((2, len(logits)), dtype=np.int64)
    targets[:, 0] = 1 << fd
    weights = [np.stack([logits << bits, np.zeros_like(logits)])]
    trace = _core.execute(core, weights, _core.Dataset(core, np.ones((2, 1), np.int64), targets), [], 0)
    found = (weights[0][0] - trace.update[0][0]) // 2 + targets[0]
    assert found.tolist() == [slow.sigmoid(q) for q in logits.tolist()]
    assert trace.saturations == 0
