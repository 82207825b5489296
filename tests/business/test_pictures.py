"""Pictures draw the numbers they are given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.business.pictures import (
    Interval,
    arms_plot,
    bar_plot,
    curve_plot,
    histogram_plot,
    interval_plot,
)


def test_intervals_stand_from_top_to_bottom_with_their_marks():
    (axes,) = interval_plot([Interval("a", 2, 1, 3, 1.5), Interval("b", -1, -2, 0)], "title", "EUR", "cost").axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    assert axes.get_yticks().tolist() == [1, 0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["cost"]


def test_missing_values_are_left_out_of_a_histogram():
    first, second = histogram_plot({"x": np.array([1.0, np.nan, 2.0]), "y": np.arange(5.0)}, "title").axes
    assert sum(bar.get_height() for bar in first.patches) == 2
    assert sum(bar.get_height() for bar in second.patches) == 5


def test_bars_are_as_long_as_their_values():
    (axes,) = bar_plot({"a": 3.0, "b": 5.0}, "title", "rows").axes
    assert [bar.get_width() for bar in axes.patches] == [3.0, 5.0]


def test_a_curve_has_its_point():
    (axes,) = curve_plot(np.arange(3.0), np.arange(3.0), "title", ("x", "y"), (1.0, 1.0)).axes
    assert axes.lines[1].get_xydata().tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize("arms", [[1, 0, 0], [1, 1, 1]])
def test_arms_are_counted_by_month(arms):
    units = pd.DataFrame({"period": ["2024-01", "2024-01", "2024-02"], "treated": arms})
    (axes,) = arms_plot(units, "title").axes
    heights = [bar.get_height() for bar in axes.patches]
    assert sum(heights) == 3
    assert heights[:2] == [float(np.sum(np.array(arms[:2]) == 1)), float(arms[2] == 1)]
