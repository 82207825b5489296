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
