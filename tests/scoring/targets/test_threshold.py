"""The cut of a list: the score tells who was listed, or it is said that none does; and the effect at it is found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.models.designs.threshold import threshold_effect
from servicelift.models.targeting.policy import Capacity, choose_actions
from servicelift.scoring.targets.threshold import COLUMNS, NoCut, list_cut


def world(n: int = 3_000, seed: int = 0) -> pd.DataFrame:
    """Customers with a value of each of two actions, the second for half of them."""
    rng = np.random.default_rng(seed)
    who = [f"C{i}" for i in range(n)]
    call = pd.DataFrame({"customer_id": who, "action": "call", "net_value": rng.normal(2, 5, n), "cost": 4.0})
    gift = pd.DataFrame({"customer_id": who, "action": "gift", "net_value": rng.normal(1, 6, n), "cost": 7.0})
    pairs = pd.concat([call, gift.iloc[::2]], ignore_index=True).assign(as_of=pd.Timestamp("2024-06-01"))
    return pairs.sample(frac=1, random_state=seed, ignore_index=True)


def cut_of(pairs: pd.DataFrame, budget: float, capacities=(), held=()):
    plan = choose_actions(
        pairs["customer_id"], pairs["action"], pairs["net_value"], pairs["cost"], budget=budget, capacities=capacities,
        exact_up_to=0,
    )  # fmt: skip
    listed = pairs.loc[plan.chosen, "customer_id"]
    return plan, list_cut(pairs, plan.reduced, plan.chosen, pd.Series(listed.isin(held).to_numpy(), index=listed))


@pytest.mark.parametrize("capacities", [(), (Capacity(150, frozenset({"gift"})),)])
@pytest.mark.parametrize("budget", [2_000.0, np.inf])
def test_the_score_tells_who_was_listed_whatever_binds(budget, capacities):
    pairs = world()
    plan, cut = cut_of(pairs, budget, capacities)
    assert cut.without == ()
    assert list(cut.rows) == COLUMNS
    assert len(cut.rows) == len(pairs)
    wrong = (cut.rows["score"] > cut.rows["cut"]) != cut.rows["listed"]
    assert wrong.sum() <= 2
    assert cut.rows["cut"].abs().max() < 0.1
    assert cut.rows["listed"].sum() == plan.chosen.sum()


def test_the_score_of_one_customer_by_hand():
    pairs = world().query("customer_id != 'C0'")
    own = pd.DataFrame({"customer_id": "C0", "action": ["call", "gift"], "net_value": [9.0, 14.0], "cost": [4.0, 7.0]})
    pairs = pd.concat([pairs, own.assign(as_of=pairs["as_of"].iloc[0])], ignore_index=True)
    plan, cut = cut_of(pairs, 2_000.0)
    price = plan.budget_price
    assert price > 0
    found = cut.rows[cut.rows["customer_id"] == "C0"].set_index("action")["score"]
    ahead = (14 - 7 * price) - max(9 - 4 * price, 0.0)
    assert found["gift"] == pytest.approx(ahead)
    assert found["call"] == pytest.approx(9 - 4 * price - max(14 - 7 * price, 0.0))
    instead = cut.rows[cut.rows["customer_id"] == "C0"].set_index("action")["instead"]
    assert (instead["gift"] == "call") == (9 - 4 * price > 0)
    assert (instead["call"] == "gift") == (14 - 7 * price > 0)
    single = cut.rows[cut.rows["customer_id"] == "C1"]
    assert (len(single), single["instead"].isna().all()) == (1, True)


def test_arms_are_those_of_the_list_and_of_nobody_else():
    pairs = world()
    rows = cut_of(pairs, 2_000.0, held=[f"C{i}" for i in range(0, 3_000, 3)])[1].rows
    number = rows["customer_id"].str[1:].astype(int)
    assert rows["arm"].isna().equals(~rows["listed"])
    assert (rows.loc[rows["listed"] & (number % 3 == 0), "arm"] == "control").all()
    assert (rows.loc[rows["listed"] & (number % 3 > 0), "arm"] == "treated").all()


def test_where_one_cut_does_not_tell_none_is_written():
    pairs = world()
    by_hand = np.random.default_rng(1).random(len(pairs)) < 0.2
    found = list_cut(pairs, pairs["net_value"].to_numpy(), by_hand, pd.Series(dtype=bool))
    assert [why.code for why in found.without] == [NoCut.MISPLACED] * 2
    assert found.rows.empty
    assert list(found.rows) == COLUMNS
    everybody = cut_of(pairs.query("action == 'call'").assign(net_value=lambda p: 1.0 + p.index * 0.001), np.inf)[1]
    assert [why.code for why in everybody.without] == [NoCut.ONE_SIDED]
    assert cut_of(pairs.iloc[:0], 10.0)[1].rows.empty


def test_the_effect_at_the_cut_of_a_list_is_found():
    truth, rng = 8.0, np.random.default_rng(3)
    pairs = world(8_000, seed=3)
    rows = cut_of(pairs, 9_000.0, held=[f"C{i}" for i in range(0, 8_000, 10)])[1].rows
    rows = rows[(rows["action"] == "call") & rows["instead"].isna()]
    treated = (rows["arm"] == "treated").to_numpy()
    money = 40 + 1.5 * rows["score"] + truth * treated + rng.normal(0, 6, len(rows))
    effect = threshold_effect(rows["score"], treated, money, rows["cut"].iloc[0])
    assert effect.low < truth < effect.high
    assert not effect.sharp
    assert 0.8 < effect.treated_jump <= 1.0
