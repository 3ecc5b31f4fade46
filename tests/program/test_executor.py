"""The Rust core and the independent reference execute the same integers: random small programs, bit for bit."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fedproof import _core
from vectors.reference import executor
from vectors.reference.field import keccak256
from vectors.reference.program import Program

SEEDS = st.binary(min_size=32, max_size=32)


@st.composite
def programs(draw: st.DrawFn) -> dict:
    """Arguments of Program.build within their limits; a few of them overflow and are refused by the core."""
    bits = draw(st.integers(4, 16))
    weight_bits = draw(st.integers(bits, 48))
    activation_bits = draw(st.integers(1, bits - 1))
    layers = draw(st.integers(1, 3))
    steps, batch = draw(st.integers(1, 6)), draw(st.sampled_from([1, 2, 4, 8]))
    assume(steps * batch >= 2)
    return {
        "loss": draw(st.sampled_from(["squared", "sigmoid"])),
        "dims": draw(st.lists(st.integers(1, 6), min_size=layers + 1, max_size=layers + 1)),
        "activations": draw(st.lists(st.sampled_from(["identity", "relu"]), min_size=layers - 1, max_size=layers - 1)),
        "steps": steps,
        "batch": batch,
        "blocks": draw(st.sampled_from([1, 2, 4, 8])),
        "bits": bits,
        "weight_bits": weight_bits,
        "activation_bits": activation_bits,
        "delta_bits": draw(st.integers(activation_bits, bits)),
        # rates around the size at which one step moves a weight by about one
        "rate": draw(st.integers(1, 1 << min(40, max(1, weight_bits - bits)))),
        "bound_bits": draw(st.integers(weight_bits, min(56, weight_bits + 5))),
        "openings": draw(st.integers(1, 16)),
        "group": draw(st.integers(2, 6)),
    }


def both(arguments: dict) -> tuple[_core.Program, Program]:
    try:
        core = _core.Program.build(**arguments)
    except _core.BadInput:
        assume(False)
    return core, executor.program(arguments)


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
    if arguments["loss"] == "squared":
        targets = random.integers(-half, half, (records, outputs))
    elif outputs == 1:
        targets = random.integers(0, 2, (records, 1)) << slow.fd
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
        "loss": "sigmoid", "dims": [1, len(logits)], "activations": [], "steps": 1, "batch": 2, "blocks": 1,
        "bits": bits, "weight_bits": bits, "activation_bits": fa, "delta_bits": fd, "rate": 1, "bound_bits": 2 * bits,
        "openings": 1, "group": 3,
    }  # fmt: skip
    core, slow = _core.Program.build(**arguments), executor.program(arguments)
    targets = np.zeros((2, len(logits)), dtype=np.int64)
    targets[:, 0] = 1 << fd
    weights = [np.stack([logits << bits, np.zeros_like(logits)])]
    trace = _core.execute(core, weights, _core.Dataset(core, np.ones((2, 1), np.int64), targets), [], 0)
    found = (weights[0][0] - trace.update[0][0]) // 2 + targets[0]
    assert found.tolist() == [slow.sigmoid(q) for q in logits.tolist()]
    assert trace.saturations == 0
