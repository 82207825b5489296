"""Churn by lead is the label of that horizon, as far as the lead is over."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.features.outcomes.churn_by_lead import churn_by_lead
from servicelift.features.outcomes.churn_labels import churn_labels

ENDS = ("2024-01-20", "2024-02-20", "2024-03-20", None)


def world(ends):
    customers = [{"customer_id": n, "signed_up_at": "2020-01-01"} for n in range(len(ends))]
    rows = [
        {"subscription_id": n, "customer_id": n, "started_at": "2023-01-15", "ended_at": end}
        | {"product": "paper", "term_months": 1, "price": 10.0}
        for n, end in enumerate(ends)
    ]
    return {"customers": customers, "subscriptions": rows}


@pytest.fixture
def by_lead(tables_of):
    tables = tables_of(world(ENDS), data_until="2024-06-01", churn={"horizon_days": 90, "grace_days": 10})

    def look(until, as_of=("2024-01-01",)):
        spine = pd.DataFrame(
            {
                "customer_id": list(range(len(ENDS))) * len(as_of),
                "as_of": np.repeat(pd.to_datetime(list(as_of)), len(ENDS)),
            }
        )
        return churn_by_lead(tables, spine, (30, 60, 90), pd.Timestamp(until)), tables, spine

    return look


def test_each_lead_is_the_label_of_its_horizon(by_lead):
    found, tables, spine = by_lead("2024-06-01")
    assert found.churned.astype(int).tolist() == [[1, 1, 1], [0, 1, 1], [0, 0, 1], [0, 0, 0]]
    assert found.seen.all()
    assert found.at_risk.all()
    labels = churn_labels(tables, spine)
    assert (found.churned[:, -1] == labels["churned"].to_numpy()).all()
    assert (found.gone == found.churned).all()


def test_a_lead_is_seen_when_it_is_over_with_the_grace_period(by_lead):
    found, *_ = by_lead("2024-03-11")  # 60 + 10 days after 2024-01-01, a leap year
    assert found.seen[0].tolist() == [True, True, False]
    assert found.churned[:, 2].sum() == 0
    early, *_ = by_lead("2024-03-10")
    assert early.seen[0].tolist() == [True, False, False]


def test_instants_of_one_spine_are_looked_at_each_by_itself(by_lead):
    found, *_ = by_lead("2024-06-01", as_of=("2024-01-01", "2024-02-01"))
    assert found.at_risk.tolist() == [True] * 4 + [False, True, True, True]
    assert found.churned[4:].astype(int).tolist() == [[0, 0, 0], [1, 1, 1], [0, 1, 1], [0, 0, 0]]
    assert found.take(found.at_risk).churned.shape == (7, 3)


def test_nobody_is_nobody(by_lead):
    _, tables, spine = by_lead("2024-06-01")
    found = churn_by_lead(tables, spine, (30,), pd.Timestamp("2024-01-02"))
    assert not found.seen.any()
    assert not found.churned.any()
