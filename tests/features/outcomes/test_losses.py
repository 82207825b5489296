"""The course of a follow-up, case by case."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.contract_state import ContractState
from servicelift.features.outcomes.churn_labels import churn_labels
from servicelift.features.outcomes.landmarks import lead_outcomes
from servicelift.features.outcomes.losses import losses_of
from servicelift.features.outcomes.realised_value import realised_value
from servicelift.features.timeline.contract_state import contract_state
from servicelift.features.timeline.spells import spell_at

MONTH = pd.Timedelta(days=365.25 / 12)
AS_OF = pd.Timestamp("2022-06-01")


def look(tables_of, subscriptions, **rows):
    """The course of customer 1 over the 180 days from June 2022."""
    base = {"product": "paper", "term_months": 1, "price": 10}
    subscriptions = [{"subscription_id": k, **base, **row} for k, row in enumerate(subscriptions)]
    tables = tables_of({"subscriptions": subscriptions, **rows}, churn={"horizon_days": 90, "grace_days": 20})
    spine = pd.DataFrame({"customer_id": [1], "as_of": pd.to_datetime([AS_OF]).astype("datetime64[us]")})
    until = spine["as_of"] + pd.Timedelta(days=180)
    state = ContractState.of(contract_state(tables, spine.assign(as_of=until)))
    return losses_of(tables, spine, until, state, realised_value(tables, spine, until)), tables


def paid(*days):
    return [
        {"payment_id": k, "paid_at": day, "amount": 10, "method": "card", "kind": "renewal"}
        for k, day in enumerate(days)
    ]


def test_who_stays_is_not_lost_and_all_that_came_came_before(tables_of):
    losses, _ = look(tables_of, [{"started_at": "2022-01-01"}], payments=paid("2022-07-01", "2022-08-01"))
    assert np.isnan(losses.lost_months).all()
    assert not losses.involuntary.any()
    assert losses.before["subscription"].iloc[0] == pytest.approx(
        sum(10 * 1.1 ** (-(pd.Timestamp(day) - AS_OF).days / 365.25) for day in ("2022-07-01", "2022-08-01"))
    )


@pytest.mark.parametrize("reason", ["voluntary", "payment_failure"])
def test_a_loss_has_its_instant_and_its_cause_and_a_later_start_does_not_undo_it(tables_of, reason):
    rows = [
        {"started_at": "2022-01-01", "ended_at": "2022-07-15", "end_reason": reason},
        {"started_at": "2022-10-01"},
    ]
    losses, _ = look(tables_of, rows, payments=paid("2022-07-01", "2022-10-01"))
    assert losses.lost_months[0] == pytest.approx((pd.Timestamp("2022-07-15") - AS_OF) / MONTH)
    assert losses.involuntary[0] == (reason == "payment_failure")
    assert losses.before["subscription"].iloc[0] == pytest.approx(10 * 1.1 ** (-30 / 365.25), rel=1e-6)


def test_a_change_of_product_and_a_gap_within_the_grace_period_are_no_loss(tables_of):
    rows = [
        {"started_at": "2022-01-01", "ended_at": "2022-07-01", "end_reason": "other"},
        {"started_at": "2022-07-15", "previous_subscription_id": 0},
    ]
    assert np.isnan(look(tables_of, rows)[0].lost_months).all()


def test_who_is_in_such_a_gap_at_the_end_of_the_follow_up_is_lost_as_far_as_is_known(tables_of):
    end = AS_OF + pd.Timedelta(days=180)
    rows = [
        {"started_at": "2022-01-01", "ended_at": end - pd.Timedelta(days=5), "end_reason": "payment_failure"},
        {"started_at": end + pd.Timedelta(days=5)},
    ]
    losses, _ = look(tables_of, rows)
    assert losses.lost_months[0] == pytest.approx(pd.Timedelta(days=175) / MONTH, abs=1e-6)
    assert losses.involuntary[0]


def test_an_end_after_the_follow_up_is_not_in_it(tables_of):
    rows = [{"started_at": "2022-01-01", "ended_at": "2023-01-15", "end_reason": "voluntary"}]
    assert np.isnan(look(tables_of, rows)[0].lost_months).all()


def test_referrals_count_from_the_decision_to_the_end(tables_of):
    made = [
        {"referrer_id": 1, "referred_id": 100 + k, "referred_at": at}
        for k, at in enumerate(["2022-05-31", "2022-06-01", "2022-06-02", "2022-11-27", "2023-02-01"])
    ]
    assert look(tables_of, [{"started_at": "2022-01-01"}], referrals=made)[0].referrals.tolist() == [2.0]
    assert look(tables_of, [{"started_at": "2022-01-01"}])[0].referrals is None


def test_without_contracts_nobody_is_seen_to_leave(tables_of):
    tables = tables_of({"payments": paid("2022-07-01")})
    spine = pd.DataFrame({"customer_id": [1], "as_of": pd.to_datetime([AS_OF]).astype("datetime64[us]")})
    until = spine["as_of"] + pd.Timedelta(days=180)
    losses = losses_of(tables, spine, until, None, realised_value(tables, spine, until))
    assert np.isnan(losses.lost_months).all()
    assert losses.contract is None


@pytest.mark.parametrize(
    ("back", "churn", "loss"),
    [
        (None, 1, True),
        ("2022-07-20", 0, False),  # 19 days later: within the grace period of 20, no end at all
        ("2022-08-10", 0, True),  # 40 days later: a loss and a reactivation; the label forgives it at the 90 days
        ("2022-09-10", 1, True),  # after the horizon, and more than the grace period after the end
    ],
)
def test_churn_forgives_a_return_within_the_horizon_and_a_loss_does_not(tables_of, back, churn, loss):
    rows = [{"started_at": "2022-01-01", "ended_at": "2022-07-01"}, *([{"started_at": back}] if back else [])]
    _, tables = look(tables_of, rows)
    spine = pd.DataFrame({"customer_id": [1], "as_of": [AS_OF]})
    assert churn_labels(tables, spine)["churned"].item() == churn
    assert (spell_at(tables, spine)["ends"] <= AS_OF + pd.Timedelta(days=90)).item() is loss
    leads = lead_outcomes(tables, spine, 2)
    assert (leads["cause"].max() > 0) == loss


def test_who_had_lapsed_already_cannot_be_lost(tables_of):
    """Neither at once nor by the end of a subscription that was started since."""
    gone = {"started_at": "2022-01-01", "ended_at": "2022-04-01", "end_reason": "payment_failure"}
    back = {"started_at": "2022-07-01", "ended_at": "2022-08-01", "end_reason": "voluntary"}
    for rows in ([gone], [gone, back]):
        losses, _ = look(tables_of, rows, payments=paid("2022-07-01"))
        assert np.isnan(losses.lost_months).all()
        assert not losses.involuntary.any()
        assert losses.before["subscription"].iloc[0] > 0
