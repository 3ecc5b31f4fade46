"""Kernels against the optimisers themselves, step by step; against torch where it is installed."""

from fractions import Fraction

import numpy as np
import pytest

from fedproof.task.kernel import Rule, exact, response, round_kernel

RULES = [
    ("sgd", 0.0, 0.0, 0.0),
    ("sgd", 0.0, 0.01, 0.0),
    ("sgd", 0.0, 0.0, 0.1),
    ("momentum", 0.9, 0.0, 0.0),
    ("nesterov", 0.9, 0.0, 0.0),
    ("momentum", 0.5, 0.02, 0.3),
    ("nesterov", 0.8, 0.1, 0.05),
]


def rule(optimiser, momentum, decay, proximal, rate=0.1) -> Rule:
    return Rule(optimiser, exact(rate), exact(momentum), exact(decay), exact(proximal))


def by_kernel(found, start, gradients):
    """W_1..W_T of a scalar weight."""
    out = []
    for t in range(1, len(gradients) + 1):
        moved = sum(float(found.gradients[t - s - 1]) * gradients[s] for s in range(t))
        out.append(float(found.initial[t - 1]) * start - moved)
    return out


def by_step(optimiser, momentum, decay, proximal, start, gradients, rate=0.1):
    """The same in floating point, as the definition says."""
    weight, buffer, out = start, 0.0, []
    for gradient in gradients:
        d = gradient + decay * weight + proximal * (weight - start)
        if optimiser != "sgd":
            buffer = momentum * buffer + d
            d = buffer if optimiser == "momentum" else d + momentum * buffer
        weight -= rate * d
        out.append(weight)
    return out


@pytest.mark.parametrize("parameters", RULES)
def test_the_kernel_does_what_the_steps_do(parameters):
    gradients = np.random.default_rng(4).normal(size=24).tolist()
    found = response(rule(*parameters), 24)
    np.testing.assert_allclose(by_kernel(found, 0.7, gradients), by_step(*parameters, 0.7, gradients), rtol=1e-12)


@pytest.mark.parametrize("parameters", [r for r in RULES if r[3] == 0])
def test_the_kernel_does_what_torch_does(parameters):
    torch = pytest.importorskip("torch", reason="torch (fedproof[torch]) is not installed")
    optimiser, momentum, decay, _ = parameters
    gradients = np.random.default_rng(5).normal(size=12).tolist()
    weight = torch.nn.Parameter(torch.tensor(0.7, dtype=torch.float64))
    theirs = torch.optim.SGD([weight], lr=0.1, momentum=momentum, weight_decay=decay, nesterov=optimiser == "nesterov")
    out = []
    for gradient in gradients:
        weight.grad = torch.tensor(gradient, dtype=torch.float64)
        theirs.step()
        out.append(weight.item())
    np.testing.assert_allclose(by_kernel(response(rule(*parameters), 12), 0.7, gradients), out, rtol=1e-12)


def test_only_weight_decay_forgets_the_start():
    for parameters in RULES:
        found = response(rule(*parameters), 6)
        assert (set(found.initial) == {Fraction(1)}) == (parameters[2] == 0.0), parameters


def test_plain_descent_has_one_weight_for_all_steps():
    found = response(rule(*RULES[0]), 5)
    assert found.gradients == (Fraction(1, 10),) * 5
    assert [rule(*r).plain for r in RULES] == [True] + [False] * 6


def test_responses_are_exact():
    assert exact(0.1) == Fraction(1, 10) and exact(1e-05) == Fraction(1, 100000)
    assert response(rule("momentum", 0.9, 0.0, 0.0), 3).gradients == (
        Fraction(1, 10), Fraction(19, 100), Fraction(271, 1000),
    )  # fmt: skip
    assert response(rule("sgd", 0.0, 0.5, 0.0), 2).initial == (Fraction(19, 20), Fraction(361, 400))


def test_rounding_happens_once():
    found = response(rule("sgd", 0.0, 0.5, 0.0), 2)
    kernel = round_kernel(found, batch=4, extra_bits=3, weight_bits=8, gradient_bits=5)
    assert kernel.extra_bits == 3
    assert kernel.starts == (8, 7)  # 7.6 and 7.22
    assert kernel.kappas == (round(0.1 * 64 / 4), round(0.095 * 64 / 4))
    long = response(rule("nesterov", 0.9, 0.001, 0.01), 256)
    assert all(abs(value) < 1 for value in long.initial[1:])
