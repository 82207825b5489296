"""Customers in trial and customers paused: whom labels, landmarks and states leave out, and what they earn."""

import pandas as pd
import pytest
from servicelift.features.outcomes.churn_labels import churn_labels
from servicelift.features.outcomes.landmarks import lead_outcomes
from servicelift.features.outcomes.realised_value import realised_value
from servicelift.features.timeline.contract_state import contract_state
from servicelift.features.timeline.waiting import PAUSED, TRIAL, can_wait, waiting, waiting_line

AS_OF = pd.Timestamp("2023-05-01")
PLAIN = {"product": "paper", "term_months": 1, "price": 10.0, "started_at": "2023-01-01"}
CASES = {
    "pays": ([{}], ""),
    "in trial": ([{"trial_until": "2023-05-02"}], TRIAL),
    "trial over at that instant": ([{"trial_until": "2023-05-01"}], ""),
    "paused": ([{"paused_from": "2023-04-30"}], PAUSED),
    "paused from that instant on": ([{"paused_from": "2023-05-01"}], ""),
    "paused, and over later": ([{"paused_from": "2023-04-01", "paused_until": "2023-05-01"}], PAUSED),
    "paused before": ([{"paused_from": "2023-04-01", "paused_until": "2023-04-30"}], ""),
    "one pays": ([{"trial_until": "2023-06-01"}, {"paused_from": "2023-04-01"}, {}], ""),
    "trial and pause": ([{"trial_until": "2023-06-01"}, {"paused_from": "2023-04-01"}], TRIAL),
    "ended in the pause": ([{"paused_from": "2023-03-01", "ended_at": "2023-04-01"}], ""),
    "none yet": ([{"started_at": "2023-06-01", "trial_until": "2023-07-01"}], ""),
}


@pytest.fixture
def opened(tables_of):
    """Tables in which each case is a customer, and the spine of all at one instant."""

    def make(cases, **options):
        rows = [PLAIN | row | {"customer_id": n} for n, case in enumerate(cases) for row in case]
        rows = [row | {"subscription_id": place} for place, row in enumerate(rows)]
        customers = [{"customer_id": n, "signed_up_at": "2020-01-01"} for n in range(len(cases))]
        config = {"value": {"margin_rate": 1.0, "annual_discount_rate": 0.0}, "data_until": "2024-06-01"} | options
        tables = tables_of({"customers": customers, "subscriptions": rows}, **config)
        return tables, pd.DataFrame({"customer_id": range(len(cases)), "as_of": AS_OF})

    return make


def test_who_waits_is_told_by_what_was_known(opened):
    tables, spine = opened([rows for rows, _ in CASES.values()])
    why = waiting(tables, spine)
    assert dict(zip(CASES, why, strict=True)) == {name: expected for name, (_, expected) in CASES.items()}
    assert waiting_line(why) == "left out, as none of their subscriptions pays: 2 in trial and 2 paused"
    assert waiting_line(why[:1]) == ""


def test_those_who_wait_are_no_churn_population(opened):
    tables, spine = opened([rows for rows, _ in CASES.values()])
    waits = (waiting(tables, spine) != "").to_numpy()
    runs = contract_state(tables, spine)["running"].to_numpy()
    assert churn_labels(tables, spine)["at_risk"].tolist() == (runs & ~waits).tolist()
    assert sorted(set(lead_outcomes(tables, spine, 3)["row"])) == [
        n for n in range(len(CASES)) if runs[n] and not waits[n]
    ]


def test_a_pause_is_no_loss(opened):
    """Paused the day after the look and for good; the twin ended."""
    tables, spine = opened([[{"paused_from": "2023-05-02"}], [{"ended_at": "2023-05-02"}]])
    assert churn_labels(tables, spine)["churned"].tolist() == [0, 1]
    leads = lead_outcomes(tables, spine, 6)
    assert leads.groupby("row")["cause"].max().tolist() == [0, 1]


def test_without_such_columns_nobody_waits(tables_of):
    none = {"subscriptions.trial_until", "subscriptions.paused_from"}
    tables = tables_of({"subscriptions": [PLAIN | {"subscription_id": 1}]}, missing=none)
    assert not can_wait(tables)
    assert waiting(tables, pd.DataFrame({"customer_id": [1], "as_of": AS_OF})).tolist() == [""]


def test_what_is_scheduled_is_not_earned_in_trials_and_pauses(opened):
    """By hand, over the 92 days from 1 May to 1 August (midnight included): due on the first of each month."""
    until = pd.Timestamp("2023-08-01")
    cases = {
        "pays in June, July and August": ([{}], 30.0),
        "paused for June": ([{"paused_from": "2023-05-20", "paused_until": "2023-06-20"}], 20.0),
        "paused from June on": ([{"paused_from": "2023-06-01"}], 0.0),
        "over on 1 July": ([{"paused_from": "2023-05-20", "paused_until": "2023-07-01"}], 20.0),
        "in trial until 10 June, due then and on 10 July": ([{"trial_until": "2023-06-10"}], 20.0),
        "gone before the trial was over": ([{"trial_until": "2023-06-10", "ended_at": "2023-06-09"}], 0.0),
        "28 days: 21 May, 18 June, 16 July": ([{"term_months": None, "term_days": 28}], 30.0),
        "weeks from 7 May on": ([{"term_months": None, "term_days": 7, "price": 1.0}], 13.0),
    }
    tables, spine = opened([rows for rows, _ in cases.values()])
    found = realised_value(tables, spine, until)["subscription"]
    assert dict(zip(cases, found, strict=True)) == {name: expected for name, (_, expected) in cases.items()}


def test_the_state_of_weekly_trial_and_mixed_subscriptions(opened):
    month = 365.25 / 12
    tables, spine = opened(
        [
            [{"term_months": None, "term_days": 7, "price": 3.5}],
            [{"trial_until": "2023-05-11"}],
            [{"price": 8.0}, {"started_at": "2023-04-25", "trial_until": "2023-06-01", "price": 5.0}],
        ]
    )
    state = contract_state(tables, spine)
    # 1 January was a Sunday, as is 7 May.
    assert (state["months_to_renewal"] * month).tolist() == pytest.approx([6, 10, 31])
    assert (state["term_months"] * month).tolist() == pytest.approx([7, month, month])
    assert state["price"].tolist() == pytest.approx([3.5, 10, 8])
    assert state["renewals_done"].tolist() == [17, 0, 4]
    weeks = realised_value(tables, spine, pd.Timestamp("2023-05-07"))["subscription"]
    assert weeks.tolist() == [3.5, 0, 0]


def test_days_are_those_of_the_clocks_of_the_zone(opened):
    """A week from Sunday noon in Paris ends on Sunday noon, though clocks were put forward on 26 March."""
    rows = [{"term_months": None, "term_days": 7, "started_at": "2023-03-19 11:00"}]
    tables, spine = opened([rows], timezone="Europe/Paris")
    looks = [pd.Timestamp("2023-03-26 09:59:59"), pd.Timestamp("2023-03-26 10:00"), pd.Timestamp("2023-04-02 10:00")]
    spine = pd.DataFrame({"customer_id": 0, "as_of": looks})
    assert contract_state(tables, spine)["renewals_done"].tolist() == [0, 1, 2]
