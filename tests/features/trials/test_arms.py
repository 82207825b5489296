"""What blurs the comparison of two arms is counted; a propensity nobody wrote down is the month's share."""

import pandas as pd
import pytest
from servicelift.core.records import ArmCounts
from servicelift.features.trials.decisions import decisions, designs
from servicelift.features.trials.follow_up import trial_data

PAPER = {"product": "paper", "term_months": 1, "price": 10.0, "started_at": "2022-01-01"}
SINCE, UNTIL = pd.Timestamp("2023-01-01"), pd.Timestamp("2023-09-01")
ROWS = [  # customer, action, instant, arm
    (1, "offer", "2023-06-01 00:00", "treated"),  # in both arms at one instant
    (1, "offer", "2023-06-01 00:00", "control"),
    (2, "offer", "2023-06-01 00:00", "control"),  # treated four hours later
    (2, "offer", "2023-06-01 04:00", "treated"),
    (3, "offer", "2023-06-10 22:30", "treated"),  # half past midnight of the 11th in Paris
    (3, "iban_switch", "2023-06-11 12:00", "treated"),  # another action on that day
    (4, "offer", "2023-06-12 12:00", "control"),  # treated again, 31 days later
    (4, "offer", "2023-07-13 12:00", "treated"),
    (5, "iban_switch", "2023-06-12 12:00", "control"),  # a held-out decision is no action
    (5, "offer", "2023-06-12 12:00", "treated"),
]


@pytest.fixture(scope="module")
def tables_with(tables_of):
    def make(*missing, assignment="random", timezone="Europe/Paris", paused=()):
        return tables_of(
            {
                "customers": [{"customer_id": n, "signed_up_at": "2022-01-01"} for n in range(1, 6)],
                "subscriptions": [
                    PAPER
                    | {"subscription_id": n, "customer_id": n}
                    | ({"paused_from": "2023-08-01"} if n in paused else {})
                    for n in range(1, 6)
                ],
                "actions": [
                    {
                        "action_id": n,
                        "customer_id": who,
                        "action": action,
                        "decided_at": at,
                        "arm": arm,
                        "propensity": 0.5,
                    }
                    for n, (who, action, at, arm) in enumerate(ROWS)
                ],
            },
            missing=missing,
            timezone=timezone,
            lines={"press": {"kind": "contractual"}},
            incremental={
                "actions": {name: {"assignment": assignment} for name in ("offer", "iban_switch")},
                "cool_down_days": 0,
                "follow_up_days": 90,
            },
        )

    return make


def test_what_blurs_the_arms_is_counted(tables_with):
    trial = trial_data(tables_with(), "offer", since=SINCE, until=UNTIL, design="randomised", seed=1)
    # Held out: customers 1, 2 and 4. On one day with another action: customer 3 in Paris, and customers 1 and 2 (held
    # out, and treated that day).
    assert trial.arms == ArmCounts(both_arms=1, same_day=3, held_out=3, treated_soon=1)


def test_those_who_are_paused_when_the_follow_up_ends_are_counted(tables_with):
    tables = tables_with("subscriptions.trial_until", "subscriptions.paused_until", paused=(1, 3))
    trial = trial_data(tables, "offer", since=SINCE, until=UNTIL, design="randomised", seed=1)
    paused = trial.units["customer_id"].isin([1, 3]).sum()
    assert trial.arms.waiting == paused > 1


def test_days_are_those_of_the_zone(tables_with):
    trial = trial_data(tables_with(timezone="UTC"), "offer", since=SINCE, until=UNTIL, design="randomised", seed=1)
    assert trial.arms.same_day == 2


def test_without_a_propensity_the_share_of_the_month_stands_for_it(tables_with):
    tables = tables_with("actions.propensity")
    assert designs(tables, "offer") == ("randomised", "observational")
    found = decisions(tables, "offer", SINCE, UNTIL, 1, "randomised")
    assert found.observed_propensity
    # Of the seven of June, four were treated; the one of July has no control, and no share between 0 and 1.
    assert found.units["propensity"].tolist() == [4 / 7] * 7
    assert found.units["period"].unique().tolist() == ["2023-06"]
    trial = trial_data(tables, "offer", since=SINCE, until=UNTIL, design="randomised", seed=1)
    assert trial.arms.observed_propensity
    assert (trial.arms.strata, trial.arms.certain) == (("month",), 1)
    assert not trial_data(
        tables_with(), "offer", since=SINCE, until=UNTIL, design="randomised", seed=1
    ).arms.observed_propensity


def test_a_mixed_assignment_without_a_propensity_is_no_randomised_trial(tables_with):
    assert designs(tables_with("actions.propensity", assignment="mixed"), "offer") == ("observational",)
