"""The instants training looks from, and whom it looks at."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.tables.tables import tables_from_frames
from servicelift.training.snapshots import sample_customers, snapshot_instants, snapshot_spine


def tables(**settings):
    customers = pd.DataFrame({"customer_id": [1, 2], "signed_up_at": pd.to_datetime(["2019-05-05", "2023-01-01"])})
    subscriptions = pd.DataFrame(
        {
            "subscription_id": [10, 20],
            "customer_id": [1, 2],
            "product": "daily",
            "started_at": pd.to_datetime(["2019-05-05", "2023-01-01"]),
            "ended_at": pd.to_datetime(["2023-09-15", None]),
            "term_months": 1,
            "price": 10.0,
        }
    )
    payments = pd.DataFrame(
        {
            "payment_id": [1, 2],
            "customer_id": [1, 2],
            "paid_at": pd.to_datetime(["2023-02-10", "2023-12-20"]),
            "amount": 10.0,
            "method": "iban",
        }
    )
    config = Config(tables={"customers": "c", "payments": "p"}, data_until="2024-01-01", **settings)
    frames = {"customers": customers, "subscriptions": subscriptions, "payments": payments}
    return tables_from_frames(frames, config)


def test_by_default_months_begin_ninety_days_into_the_logs():
    found = snapshot_instants(tables())
    assert found[0] == pd.Timestamp("2023-06-01")  # 10 February + 90 days = 11 May
    assert found[-1] == pd.Timestamp("2024-01-01")
    assert len(found) == 8


def test_a_row_after_the_end_of_the_data_does_not_move_the_first_snapshot():
    """A log whose one row is planned for later has not begun: the others decide."""
    plain = tables()
    late = pd.DataFrame({"contact_id": [1], "customer_id": [1], "opened_at": [pd.Timestamp("2024-03-01")]})
    found = {name: plain.execute(plain[name]) for name in plain.frames}
    later = tables_from_frames({**found, "contacts": late.assign(channel="phone")}, plain.config)
    assert snapshot_instants(later) == snapshot_instants(plain)


def test_months_begin_at_midnight_of_the_zone():
    """Rows of 10 February until the end of 2023, in Paris as in UTC: the same local dates, an hour or two earlier."""
    found = snapshot_instants(tables(timezone="Europe/Paris"))
    local = [moment.tz_localize("UTC").tz_convert("Europe/Paris") for moment in found]
    assert [f"{day:%Y-%m-%d %H:%M}" for day in local] == [
        f"{day:%Y-%m-%d %H:%M}" for day in snapshot_instants(tables())
    ]


def test_the_config_decides():
    found = snapshot_instants(tables(snapshots={"first": "2023-03-01", "last": "2023-09-01", "every_months": 3}))
    assert found == [pd.Timestamp(d) for d in ("2023-03-01", "2023-06-01", "2023-09-01")]


def test_snapshots_after_the_data_are_refused():
    with pytest.raises(ValueError, match=r"snapshots\.first: expected a day no later than data_until"):
        snapshot_instants(tables(snapshots={"first": "2024-02-01", "last": "2024-03-01"}))


def test_running_subscribers_are_looked_at():
    spine = snapshot_spine(tables(), [pd.Timestamp("2023-09-01"), pd.Timestamp("2023-10-01")], 100, 1)
    assert list(zip(spine["customer_id"], spine["as_of"].dt.month, strict=True)) == [(1, 9), (2, 9), (2, 10)]


def test_sampling_keeps_whole_customers():
    spine = pd.DataFrame({"customer_id": [c for c in range(1000) for _ in range(5)], "as_of": pd.Timestamp(0)})
    kept = sample_customers(spine, 1000, 7)
    assert (kept.groupby("customer_id").size() == 5).all()
    assert 700 < len(kept) < 1300
    pd.testing.assert_frame_equal(kept, sample_customers(spine, 1000, 7))
    assert len(sample_customers(spine, 5000, 7)) == 5000
