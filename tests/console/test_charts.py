"""Pictures are plain geometry: nothing leaves its frame, and what is larger stands further."""

from __future__ import annotations

import itertools
import math

import pytest
from servicelift.console.charts import WIDTH, curve, intervals, lanes, line, ticks
from servicelift.core.locale import Locale

EN = Locale("en")


@pytest.mark.parametrize(("low", "high"), [(0, 7), (-30, 55), (0, 1e6), (0.001, 0.004), (-9, -2)])
def test_ticks_are_round_and_inside(low, high):
    found = ticks(low, high)
    assert 2 <= len(found) <= 8
    assert all(low - 1e-9 <= value <= high + 1e-9 for value in found)
    steps = {round((b - a) / (high - low), 9) for a, b in itertools.pairwise(found)}
    assert len(steps) == 1


def test_there_are_no_ticks_of_nothing():
    assert ticks(math.nan, 1.0) == []
    assert ticks(2.0, 2.0) == [2.0]


def test_the_curve_stays_in_its_frame_and_rises_where_value_does():
    drawn = curve([(0, 0), (10, 30), (20, 45), (30, 40)], (20, 45), EN)
    points = [tuple(map(float, pair.split(","))) for pair in drawn.points.split()]
    assert all(drawn.left <= x <= drawn.right and drawn.top <= y <= drawn.bottom for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert points[2][1] == drawn.top == drawn.mark[1]
    assert points[3][1] > points[2][1]
    assert curve([(0, 0), (10, 0)], None, EN) is None


def test_intervals_share_one_scale_that_holds_zero():
    drawn = intervals([("a", 5, 2, 8, 3, ""), ("b", -1, -4, 2, None, ""), ("c", math.nan, 0, 1, 0, "")], EN)
    assert [row.label for row in drawn.rows] == ["a", "b"]
    for row in drawn.rows:
        assert 0 < row.low < row.mid < row.high < WIDTH
    assert drawn.rows[1].mid < drawn.zero < drawn.rows[0].low < drawn.rows[0].cost
    assert intervals([], EN) is None


def test_lanes_leave_out_what_lies_outside():
    (drawn,) = lanes([("payments", [(0.0, "first", False), (5.0, "later", True), (11.0, "outside", False)])], 0.0, 10.0)
    assert [(mark.text, mark.bad) for mark in drawn.marks] == [("first", False), ("later", True)]
    assert drawn.marks[0].x < drawn.marks[1].x


def test_a_line_needs_two_points():
    assert line([("a", 0.5)], 1.0) == ""
    assert len(line([("a", 0.5), ("b", 1.0)], 1.0).split()) == 2
