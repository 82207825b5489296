"""What follows the decisions of a trial, by hand."""

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.features.trials.follow_up import later_actions, trial_data
from servicelift.features.trials.study import sampled

OFFERS = [
    {"action_id": 1, "action": "offer", "decided_at": "2023-01-10", "arm": "treated"},
    {"action_id": 2, "action": "offer", "decided_at": "2023-02-09", "arm": "treated"},
    {"action_id": 3, "action": "offer", "decided_at": "2023-03-11", "arm": "control"},
    {"action_id": 4, "action": "iban_switch", "decided_at": "2023-04-10", "arm": "treated"},
]


@pytest.mark.parametrize(
    ("rate", "expected"), [(0.0, (1.0, 1.0)), (0.2, (1.2 ** (-30 / 365.25), 1.2 ** (-90 / 365.25)))]
)
def test_later_actions_are_counted_at_their_discount(tables_of, rate, expected):
    tables = tables_of({"actions": OFFERS}, value={"annual_discount_rate": rate})
    spine = pd.DataFrame({"customer_id": [1, 2], "as_of": pd.Timestamp("2023-01-10")})
    found = later_actions(tables, spine, spine["as_of"] + pd.Timedelta(days=365))
    assert found.columns.tolist() == ["iban_switch", "offer"]
    offer, switch = expected
    assert found.iloc[0].tolist() == pytest.approx([switch, offer], abs=1e-8)
    assert found.iloc[1].tolist() == [0.0, 0.0]


def test_a_sample_holds_whole_customers_about_as_many_rows_as_asked_and_the_same_ones_again():
    units = pd.DataFrame({"customer_id": np.repeat(np.arange(4_000), 3), "as_of": 0})
    kept = sampled(units, 3_000, "a")
    assert 2_700 < len(kept) < 3_300
    assert (kept.groupby("customer_id").size() == 3).all()
    fewer = sampled(units[units["customer_id"] % 2 == 0], 1_500, "a")
    assert set(fewer["customer_id"]) == {who for who in kept["customer_id"] if who % 2 == 0}
    assert set(sampled(units, 3_000, "b")["customer_id"]) != set(kept["customer_id"])
    assert sampled(units, 12_000, "a") is units


def test_a_trial_of_fewer_decisions_is_a_part_of_the_whole_one(tables_of):
    plain = {"product": "paper", "term_months": 1, "price": 10.0, "started_at": "2022-01-01"}
    who = range(200)
    tables = tables_of(
        {
            "customers": [{"customer_id": n, "signed_up_at": "2022-01-01"} for n in who],
            "subscriptions": [plain | {"subscription_id": n, "customer_id": n} for n in who],
            "actions": [
                {"customer_id": n, "action_id": n, "arm": ("treated", "control")[n % 2], "action": "offer"}
                | {"decided_at": "2023-01-10", "propensity": 0.5}
                for n in who
            ],
        },
        value={"horizon_months": 6},
        lines={"press": {"kind": "contractual"}},
        incremental={"actions": {"offer": {"assignment": "random"}}, "follow_up_days": 90},
    )
    asked = {
        "since": pd.Timestamp("2023-01-01"),
        "until": pd.Timestamp("2023-02-01"),
        "design": "randomised",
        "seed": 1,
    }
    whole, part = (trial_data(tables, "offer", **asked, most=most) for most in (None, 100))
    assert len(whole.treated) == 200
    assert 70 < len(part.treated) < 130
    assert (whole.left_out, part.left_out) == (0, 200 - len(part.treated))
    place = whole.units.reset_index().set_index("customer_id").loc[part.units["customer_id"], "index"].to_numpy()
    pd.testing.assert_frame_equal(part.features, whole.features.iloc[place].reset_index(drop=True))
    assert part.realised["value"].tolist() == whole.realised["value"].iloc[place].tolist()
    assert part.treated.tolist() == whole.treated[place].tolist()
    assert 0.3 < part.treated.mean() < 0.7


def test_a_trial_without_discount_has_all_its_parts(tables_of):
    plain = {"product": "paper", "term_months": 1, "price": 10.0, "started_at": "2022-01-01"}
    tables = tables_of(
        {
            "customers": [{"customer_id": n, "signed_up_at": "2022-01-01"} for n in (1, 2)],
            "subscriptions": [plain | {"subscription_id": n, "customer_id": n} for n in (1, 2)],
            "actions": [
                {
                    "customer_id": 1 + (arm == "control"),
                    "action_id": n,
                    "arm": arm,
                    "action": "offer",
                    "propensity": 0.5,
                }
                | {"decided_at": "2023-01-10"}
                for n, arm in enumerate(["treated", "control"])
            ],
        },
        value={"annual_discount_rate": 0.0, "horizon_months": 6, "margin_rate": 1.0},
        lines={"press": {"kind": "contractual"}},
        incremental={"actions": {"offer": {"assignment": "random"}}, "follow_up_days": 90},
    )
    since, until = pd.Timestamp("2023-01-01"), pd.Timestamp("2023-02-01")
    trial = trial_data(tables, "offer", since=since, until=until, design="randomised", seed=1)
    # Payments of 10 at the first of February, March and April; of the six months ahead, the first six.
    assert trial.realised["value"].tolist() == [30.0, 30.0]
    assert trial.full.tolist() == [60.0, 60.0]
    assert trial.later["offer"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("since", "until", "changed", "expected"),
    [
        (
            "2020-01-01",
            "2020-02-01",
            {},
            "expected treated decisions, got none; choose a period in which there are some",
        ),
        (
            "2023-01-01",
            "2023-02-01",
            {"arm": "treated"},
            "expected control decisions, got none; nobody else was eligible",
        ),
        ("2023-01-01", "2023-02-01", {"arm": "control"}, "expected treated decisions, got none; choose a period"),
        ("2023-01-01", "2023-02-01", {"contactable": False}, "on customers who could get the action, got 1 on others"),
        ("2023-12-01", "2024-01-01", {"decided_at": "2023-12-15"}, "got 1 later one only; choose an earlier period"),
    ],
)
def test_an_empty_arm_says_why(tables_of, since, until, changed, expected):
    plain = {"product": "paper", "term_months": 1, "price": 10.0, "started_at": "2022-01-01"}
    action = {"action": "offer", "propensity": 0.5, "decided_at": "2023-01-10"}
    people = {name: value for name, value in changed.items() if name == "contactable"}
    changed = {name: value for name, value in changed.items() if name not in people}
    tables = tables_of(
        {
            "customers": [{"customer_id": n, "signed_up_at": "2022-01-01"} | people for n in (1, 2)],
            "subscriptions": [plain | {"subscription_id": n, "customer_id": n} for n in (1, 2)],
            "actions": [
                action | {"customer_id": n, "action_id": n, "arm": arm} | changed
                for n, arm in ((1, "treated"), (2, "control"))
            ],
        },
        data_until="2024-01-01",
        lines={"press": {"kind": "contractual"}},
        incremental={"actions": {"offer": {"assignment": "random"}}, "follow_up_days": 90, "cool_down_days": 0},
    )
    design = "randomised" if not {"arm"} & set(changed) else "observational"
    with pytest.raises(DataError) as error:
        trial_data(tables, "offer", since=pd.Timestamp(since), until=pd.Timestamp(until), design=design, seed=1)
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("state", "ran", "expected"),
    [
        (
            "running",
            False,
            r"got 0; 1 more is on customers who had no running .*: `state: lapsed` under .*offer measures",
        ),
        ("lapsed", True, r"\), got 0; 1 more is on customers who had a running .*: `state: running` under"),
    ],
)
def test_decisions_on_customers_in_the_other_state_are_named(tables_of, state, ran, expected):
    plain = {"product": "paper", "term_months": 1, "price": 10.0, "started_at": "2022-01-01"}
    plain["ended_at"] = None if ran else "2022-12-01"
    action = {"action": "offer", "propensity": 0.5, "decided_at": "2023-01-10"}
    tables = tables_of(
        {
            "customers": [{"customer_id": n, "signed_up_at": "2022-01-01"} for n in (1, 2)],
            "subscriptions": [plain | {"subscription_id": n, "customer_id": n} for n in (1, 2)],
            "actions": [
                action | {"customer_id": n, "action_id": n, "arm": arm} for n, arm in ((1, "treated"), (2, "control"))
            ],
        },
        data_until="2024-01-01",
        lines={"press": {"kind": "contractual"}},
        incremental={"actions": {"offer": {"assignment": "random", "state": state}}, "follow_up_days": 90},
    )
    asked = {"since": pd.Timestamp("2023-01-01"), "until": pd.Timestamp("2023-02-01"), "design": "randomised"}
    with pytest.raises(DataError, match=expected) as error:
        trial_data(tables, "offer", seed=1, **asked)
    assert error.value.code == ("running_elsewhere" if state == "lapsed" else "lapsed_elsewhere")
