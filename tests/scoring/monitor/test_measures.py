"""Measures are judged by their rule, and share the false alarms that the config allows."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.core.config.monitoring import MonitorConfig
from servicelift.models.evaluation.run_length import log_evidence_of_shift
from servicelift.scoring.monitor.measures import COLUMNS, Level, Looks, Measure, judged


def level(chance, large=True, group="inputs", subject="t"):
    return Measure(group, "rows_day", subject, 1.0, rule=Level(chance, large))


def test_levels_of_a_year_of_nights_add_up_to_the_false_alarms_allowed():
    config = MonitorConfig(false_alarms_a_year=2)
    measures = [level(0.5, subject=str(n)) for n in range(7)]
    measures += [level(0.5, group=group) for group in ("drift", "accuracy", "outcomes", "effects")]
    watch = judged(measures, config, spacing=1.0)
    assert 365.25 * watch.rows["limit"].sum() == pytest.approx(2.0)
    assert watch.false_alarms_a_year == pytest.approx(2.0)
    weekly = judged(measures, config, spacing=7.0)
    assert weekly.rows["limit"].sum() == pytest.approx(7 * watch.rows["limit"].sum())


def test_groups_without_a_measure_that_rings_spend_nothing():
    watch = judged([level(0.5)], MonitorConfig(), spacing=1.0)
    assert watch.false_alarms_a_year == pytest.approx(2 / 5)
    assert list(watch.run_lengths) == ["inputs"]


def test_what_is_beyond_its_level_and_large_rings():
    config = MonitorConfig(measures=("inputs",))
    rows = judged([level(1e-9), level(1e-9, large=False), level(0.2)], config, spacing=1.0).rows
    assert rows["alarm"].tolist() == [True, False, False]
    assert tuple(rows.columns) == COLUMNS


def test_what_accumulates_rings_at_the_run_length():
    looks = Looks((1.0,) * 6, tuple(log_evidence_of_shift(z) for z in (0, 0, 1, 2, 4, 5)))
    watch = judged([Measure("outcomes", "calibration_so_far", "1", 1.2, rule=looks)], MonitorConfig(), spacing=1.0)
    (row,) = watch.rows.itertuples()
    assert row.limit == pytest.approx(365.25 * 5 / 2)
    assert row.alarm == (row.evidence >= row.limit)
    assert row.alarm
    assert watch.alarms["subject"].tolist() == ["1"]


@pytest.mark.parametrize(("since", "rings"), [(10, True), (20, True), (21, False)])
def test_what_rang_rings_on_for_a_while(since, rings):
    looks = Looks((1.0, 30.0, 5.0), tuple(log_evidence_of_shift(z) for z in (0, 9, 0)), since=since, hold=25)
    (row,) = judged(
        [Measure("outcomes", "calibration_so_far", "1", 1.2, rule=looks)], MonitorConfig(), 1.0
    ).rows.itertuples()
    assert row.alarm == rings
    assert (row.evidence > row.limit) == rings


def test_groups_that_are_not_watched_are_left_out_and_nothing_is_a_table_too():
    assert judged([level(0.1)], MonitorConfig(measures=("drift",)), spacing=1.0).rows.empty
    empty = judged([], MonitorConfig(), spacing=1.0)
    assert empty.alarms.empty
    assert empty.rows["alarm"].dtype == np.bool_
