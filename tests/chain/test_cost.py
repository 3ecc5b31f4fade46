"""What proofs cost, and that the gas is what the contracts use."""

from __future__ import annotations

import pytest

from fedproof.chain.cost import PRESETS, Operation, Prices, cost, load, priced
from fedproof.errors import BadInput
from tools.gas import VECTORS, is_stale, measure

TRAINING = Operation("training proof", "update", 700_000, 7_000)


def test_the_gas_is_what_the_contracts_use():
    assert not is_stale(measure(), {name: load()[name] for name in VECTORS}), "measure it again: python -m tools.gas"


def test_a_change_of_more_than_a_hundredth_is_noticed():
    def gas(n):
        return {"p": [Operation("o", "task", n, 100)]}

    assert not is_stale(gas(1010), gas(1000)) and not is_stale(gas(990), gas(1000))
    assert is_stale(gas(1011), gas(1000)) and is_stale(gas(989), gas(1000))
    assert is_stale({}, gas(1)) and is_stale(gas(1), {})


def test_a_whole_federation_costs_more_than_its_proofs():
    proofs, whole = (cost(program, PRESETS["ethereum"], 4, 10) for program in ("30-16-2", "federation"))
    for what in ("update", "member", "round", "task"):
        assert 1 < getattr(whole, what) / getattr(proofs, what) < 3, what


def test_prices():
    # 700,000 gas at 2 gwei are 0.0014 ETH
    assert Prices(execution=2, eth=3000).cents(TRAINING) == pytest.approx(420)
    # and 7,000 bytes of 16 gas at 5 gwei are 0.00056 ETH
    assert Prices(execution=2, data=5, data_gas=16, eth=3000).cents(TRAINING) == pytest.approx(420 + 168)
    assert Prices(execution=0).cents(TRAINING) == 0


def test_a_round_is_an_update_of_every_member():
    few, many = (cost("30-16-2", PRESETS["blobs"], members, 3) for members in (1, 5))
    assert few.round == pytest.approx(few.update) and many.round == pytest.approx(5 * few.update)
    key = next(c for o, c in few.lines if o.per == "task")
    assert many.task == pytest.approx(key + 5 * many.member + 3 * many.round)


def test_other_prices_in_place_of_a_preset_s():
    assert priced("ethereum", eth=1.0, execution=None) == Prices(execution=PRESETS["ethereum"].execution, eth=1.0)
    with pytest.raises(BadInput, match="preset cheap"):
        priced("cheap")
    for wrong in (-1.0, float("nan"), float("inf")):
        with pytest.raises(BadInput, match="price eth: must be between"):
            priced("ethereum", eth=wrong)
    with pytest.raises(BadInput, match="program 1-1: was not measured"):
        cost("1-1", PRESETS["blobs"], 1, 1)
