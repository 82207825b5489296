"""What a follow-up brings beside money, beside a count by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.outcomes.side_outcomes import SIDES, side_outcomes
from servicelift.features.tables.tables import tables_from_frames

START, END = pd.Timestamp("2023-03-01"), pd.Timestamp("2023-09-01")
RNG = np.random.default_rng(5)
N = 60


def instants(n):
    """Times around the follow-up, its two ends among them."""
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(RNG.integers(0, 365, n), unit="D")
    return pd.Series(days).mask(RNG.random(n) < 0.1, START).mask(RNG.random(n) < 0.1, END)


def frames():
    who = RNG.integers(1, 4, (4, N))
    answered = instants(N).mask(RNG.random(N) < 0.3)
    rating = RNG.integers(1, 6, N).astype(float)
    return {
        "customers": pd.DataFrame({"customer_id": [1, 2, 3], "signed_up_at": pd.to_datetime(["2022-01-01"] * 3)}),
        "payments": pd.DataFrame(
            {"payment_id": [1], "customer_id": [1], "paid_at": [START], "amount": [5.0], "method": ["iban"]}
        ),
        "surveys": pd.DataFrame(
            {"survey_id": range(N), "customer_id": who[0], "sent_at": pd.Timestamp("2022-12-01"),
             "responded_at": answered, "metric": RNG.choice(["nps", "csat"], N),
             "score": RNG.integers(0, 11, N).astype(float)}
        ),
        "reviews": pd.DataFrame(
            {"review_id": range(N), "customer_id": who[1], "platform": "p", "posted_at": pd.Timestamp("2022-12-01"),
             "rating": rating, "revised_at": instants(N).mask(RNG.random(N) < 0.3),
             "revised_rating": RNG.integers(1, 6, N).astype(float)}
        ),
        "contacts": pd.DataFrame(
            {"contact_id": range(N), "customer_id": who[2], "opened_at": instants(N), "channel": "phone",
             "direction": RNG.choice(["inbound", "outbound", None], N)}
        ),
        "interactions": pd.DataFrame({"customer_id": who[3], "at": instants(N), "kind": "app"}),
    }  # fmt: skip


FRAMES = frames()


def opened(names=tuple(FRAMES), **config):
    kept = {name: FRAMES[name] for name in names}
    base = {"tables": dict.fromkeys(kept, "-"), "data_until": "2024-06-01", **config}
    return tables_from_frames(kept, Config.model_validate(base))


def counted(tables):
    spine = pd.DataFrame({"customer_id": [3, 1], "as_of": [START, START]}).astype({"as_of": "datetime64[us]"})
    until = pd.Series([END, pd.Timestamp("2023-04-01")]).astype("datetime64[us]")
    return side_outcomes(tables, spine, until)


def by_hand(name, customer, until):
    """One row after the other."""

    def inside(at):
        return pd.notna(at) and START < at <= until

    total = 0
    if name == "promoters":
        for row in FRAMES["surveys"].itertuples():
            if row.customer_id == customer and row.metric == "nps" and inside(row.responded_at):
                total += 1 if row.score >= 9 else -1 if row.score <= 6 else 0
    if name == "reviews_raised":
        for row in FRAMES["reviews"].itertuples():
            total += row.customer_id == customer and inside(row.revised_at) and row.revised_rating > row.rating
    if name == "contacts":
        for row in FRAMES["contacts"].itertuples():
            total += row.customer_id == customer and inside(row.opened_at) and row.direction != "outbound"
    if name == "self_service":
        total = sum(row.customer_id == customer and inside(row.at) for row in FRAMES["interactions"].itertuples())
    return float(total)


@pytest.mark.parametrize("name", SIDES)
def test_each_count_is_that_by_hand_after_the_decision_and_to_the_end_of_the_follow_up(name):
    expected = [by_hand(name, 3, END), by_hand(name, 1, pd.Timestamp("2023-04-01"))]
    assert counted(opened())[name].tolist() == expected
    assert any(expected)


def test_what_the_tables_cannot_tell_is_absent_and_never_zero():
    assert counted(opened(("customers", "payments"))) == {}
    assert "promoters" not in counted(opened(scales={"nps": [1, 5]})), "another scale has other promoters"
