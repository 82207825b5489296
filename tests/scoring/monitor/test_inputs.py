"""Inputs: a table that stops, comes twice, loses values or speaks new words stands out; an unchanged one does not."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.core.config.monitoring import MonitorConfig
from servicelift.features.tables.tables import tables_from_frames
from servicelift.scoring.monitor.inputs import input_measures, new_levels
from servicelift.scoring.monitor.measures import judged

AT = pd.Timestamp("2024-01-01")


@pytest.fixture(scope="module")
def rings(frames, config):
    def look(**changed):
        tables = tables_from_frames({**frames, **changed}, config)
        watch = judged(input_measures(tables, AT), MonitorConfig(), spacing=1.0)
        return {(row.measure, row.subject) for row in watch.alarms.itertuples()}, watch.rows, tables

    return look


def test_nothing_rings_where_nothing_changed(rings):
    found, rows, _ = rings()
    assert found == set()
    assert {"silence_days", "rows_week", "rows_day", "new_level_share"} <= set(rows["measure"])


def test_a_table_that_stops_ten_days_early_rings(rings, frames):
    payments = frames["payments"]
    found, rows, _ = rings(payments=payments[payments["paid_at"] < AT - pd.Timedelta(days=10)])
    assert {("silence_days", "payments"), ("rows_week", "payments")} <= found
    silence = rows[(rows["measure"] == "silence_days") & (rows["subject"] == "payments")].iloc[0]
    assert silence["value"] == 10


def test_rows_that_come_twice_ring(rings, frames):
    payments = frames["payments"]
    last = payments[payments["paid_at"] >= AT - pd.Timedelta(days=7)]
    twice = pd.concat([payments, last.assign(payment_id=lambda f: f["payment_id"] + 10**6)], ignore_index=True)
    assert ("rows_week", "payments") in rings(payments=twice)[0]


@pytest.fixture(scope="module")
def debited(frames):
    """Payments of which two of three are debited on the fifth, or on the Monday after a weekend."""
    payments = frames["payments"]
    at = payments["paid_at"].dt.normalize()
    fifth = at - pd.to_timedelta(at.dt.day - 5, unit="D")
    fifth += pd.to_timedelta((7 - fifth.dt.day_of_week) % 7 * (fifth.dt.day_of_week >= 5), unit="D")
    chosen = (payments["customer_id"].map(str).map(hash_of) % 3 > 0) & (fifth <= at.max())
    return payments.assign(paid_at=payments["paid_at"].mask(chosen, fifth + pd.Timedelta(hours=6)))


def hash_of(text: str) -> int:
    return sum(ord(letter) * (place + 1) for place, letter in enumerate(text))


@pytest.mark.parametrize("night", ["2023-11-04", "2023-11-07", "2023-12-06", "2023-12-12", "2024-01-01"])
def test_debits_on_a_fixed_day_of_the_month_ring_on_no_night(frames, config, debited, night):
    at = pd.Timestamp(night)
    known = debited[debited["paid_at"] < at]
    tables = tables_from_frames({**frames, "payments": known}, config)
    watch = judged(input_measures(tables, at), MonitorConfig(), spacing=1.0)
    volumes = watch.rows[(watch.rows["subject"] == "payments") & watch.rows["measure"].str.startswith("rows")]
    assert {"rows_week", "rows_day"} == set(volumes["measure"])
    assert not ({"rows_week", "rows_day"} & set(watch.alarms.loc[watch.alarms["subject"] == "payments", "measure"]))


def test_a_debit_that_does_not_come_rings_although_the_week_is_like_those_without_one(frames, config, debited):
    at = pd.Timestamp("2023-12-10")
    day = debited["paid_at"].dt.normalize() == pd.Timestamp("2023-12-05")
    assert day.any()
    tables = tables_from_frames({**frames, "payments": debited[(debited["paid_at"] < at) & ~day]}, config)
    watch = judged(input_measures(tables, at), MonitorConfig(), spacing=1.0)
    assert ("rows_week", "payments") in {(row.measure, row.subject) for row in watch.alarms.itertuples()}


def test_values_that_go_missing_ring(rings, frames):
    payments = frames["payments"].assign(kind="renewal")
    assert rings(payments=payments)[0] == set()
    late = payments["paid_at"] >= AT - pd.Timedelta(days=7)
    assert rings(payments=payments.assign(kind=payments["kind"].mask(late)))[0] == {("missing_share", "payments.kind")}


def test_a_new_word_rings_and_is_named(rings, frames):
    payments = frames["payments"]
    late = payments["paid_at"] >= AT - pd.Timedelta(days=3)
    found, _, tables = rings(payments=payments.assign(method=payments["method"].mask(late, "wallet")))
    assert ("new_level_share", "payments.method") in found
    assert new_levels(tables, AT) == {"payments.method": "wallet"}
