"""The share observed within the strata of a draw stands for its propensity; recorded ones that cannot be are named."""

from typing import Any

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError
from servicelift.features.trials.config_check import check_config
from servicelift.features.trials.decisions import decisions, designs
from servicelift.features.trials.follow_up import trial_data
from servicelift.features.trials.propensities import observed_shares

PAPER = {"product": "paper", "term_months": 1, "price": 10.0, "started_at": "2022-01-01"}
SINCE, UNTIL = pd.Timestamp("2023-01-01"), pd.Timestamp("2023-09-01")

MANY = [(n % 5 + 1, f"2023-06-{n + 1:02d} 12:00", "control" if n % 4 == 0 else "treated") for n in range(20)]


@pytest.fixture(scope="module")
def tables_with(tables_of):
    def make(*missing, assignment="random", strata=None, **columns):
        rows = [
            {"action_id": n, "customer_id": who, "action": "offer", "decided_at": at, "arm": arm, "propensity": 0.5}
            | {name: value(n, arm) for name, value in columns.items()}
            for n, (who, at, arm) in enumerate(MANY)
        ]
        offer: dict[str, Any] = {"assignment": assignment, "strata": strata}
        return tables_of(
            {
                "customers": [
                    {"customer_id": n, "signed_up_at": "2022-01-01", "region": "ab"[n % 2]} for n in range(1, 6)
                ],
                "subscriptions": [PAPER | {"subscription_id": n, "customer_id": n} for n in range(1, 6)],
                "actions": rows,
            },
            missing=missing,
            lines={"press": {"kind": "contractual"}},
            incremental={"actions": {"offer": offer}, "cool_down_days": 0, "follow_up_days": 90},
        )

    return make


def shares(tables):
    found = decisions(tables, "offer", SINCE, UNTIL, 1, "randomised")
    return found, found.units.set_index("action_id")["propensity"].to_dict()


def test_the_share_is_taken_within_the_strata_that_the_draw_recorded(tables_with):
    tables = tables_with("actions.propensity", segment=lambda n, arm: "big" if n < 10 else None)
    found, by_row = shares(tables)
    assert found.propensities.strata == ("month", "segment")
    # Of the first ten, rows 0, 4 and 8 are controls; of those without a segment 12 and 16.
    assert by_row == {n: pytest.approx(0.7 if n < 10 else 0.8) for n in range(20)}
    alone, whole = shares(tables_with("actions.propensity", strata=["month"], segment=lambda n, arm: "x"))
    assert (alone.propensities.strata, set(whole.values())) == (("month",), {0.75})


def test_a_stratum_of_one_arm_is_left_out_and_counted(tables_with):
    tables = tables_with("actions.propensity", segment=lambda n, arm: "none held out" if n in (1, 2) else "a")
    trial = trial_data(tables, "offer", since=SINCE, until=UNTIL, design="randomised", seed=1)
    assert (len(trial.units), trial.arms.certain) == (18, 2)
    assert set(trial.units["propensity"]) == {13 / 18}


def test_a_propensity_on_one_arm_only_is_replaced_by_the_share_and_named(tables_with):
    on_one = tables_with(propensity=lambda n, arm: 0.9 if arm == "treated" else None)
    assert designs(on_one, "offer") == ("randomised", "observational")
    trial = trial_data(on_one, "offer", since=SINCE, until=UNTIL, design="randomised", seed=1)
    assert (trial.arms.one_sided, trial.arms.strata) == (True, ("month",))
    assert set(trial.units["propensity"]) == {0.75}
    mixed = tables_with(assignment="mixed", propensity=lambda n, arm: 0.9 if arm == "treated" else None)
    assert designs(mixed, "offer") == ("observational",)


def test_propensities_that_tell_the_arms_apart_and_certain_ones_are_named(tables_with):
    apart = tables_with(propensity=lambda n, arm: 0.8 if arm == "treated" else 0.2)
    trial = trial_data(apart, "offer", since=SINCE, until=UNTIL, design="randomised", seed=1)
    assert (trial.arms.told_apart, trial.arms.one_sided, trial.arms.strata) == (True, False, ())
    certain = tables_with(propensity=lambda n, arm: 1.0 if n < 4 and arm == "treated" else 0.7)
    trial = trial_data(certain, "offer", since=SINCE, until=UNTIL, design="randomised", seed=1)
    assert (trial.arms.told_apart, trial.arms.certain, len(trial.units)) == (False, 3, 17)


def test_strata_may_be_static_columns_of_customers_and_must_be_there(tables_with):
    _, by_row = shares(tables_with("actions.propensity", strata=["region"]))
    regions = {n: "ab"[(n % 5 + 1) % 2] for n in range(20)}
    for name in "ab":
        own = [n for n in range(20) if regions[n] == name]
        treated = sum(n % 4 != 0 for n in own) / len(own)
        assert [by_row[n] for n in own] == pytest.approx([treated] * len(own))
    with pytest.raises(ConfigError, match=r"actions.offer.strata: neither actions nor customers have 'planet'"):
        shares(tables_with("actions.propensity", strata=["planet"]))
    config = {"tables": {"customers": "-", "subscriptions": "-", "actions": "-"}}
    config |= {"incremental": {"actions": {"offer": {"strata": ["mnth"]}}}}
    with pytest.raises(ConfigError, match=r"strata: expected some of month, .*, got 'mnth'; did you mean 'month'"):
        check_config(Config.model_validate(config))


def test_a_missing_value_is_a_stratum_of_its_own():
    frame = pd.DataFrame({"treated": [1, 0, 1, 1], "segment": ["a", "a", None, None]})
    assert observed_shares(frame, ["segment"]).tolist() == [0.5, 0.5, 1.0, 1.0]
