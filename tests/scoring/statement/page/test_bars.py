"""The geometry of the bars: one scale, steps that begin where the last ended, nothing drawn that is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.locale import Locale
from servicelift.scoring.pages.drawings import Bar, BarPicture, bars, ticks
from servicelift.scoring.statement.page.bars import bridge_bars, forest, path_bars

EN, FR = Locale("en"), Locale("fr")


def ends(picture: BarPicture) -> np.ndarray:
    """Begin and end of every bar that is drawn."""
    return np.array([(bar.x, bar.x + bar.width) for bar in picture.bars if bar.x is not None])


def labels(picture: BarPicture) -> list[str]:
    return [bar.label for bar in picture.bars]


def test_bars_share_one_scale():
    drawn = ends(bars([Bar("a", 0, 10, "red", "10"), Bar("b", 0, 5, "red", "5"), Bar("c", 5, 10, "red", "")], "x"))
    width = drawn[:, 1] - drawn[:, 0]
    assert width[0] == pytest.approx(2 * width[1], abs=0.2)
    assert drawn[2] == pytest.approx([drawn[1, 1], drawn[0, 1]], abs=0.2)
    assert bars([Bar("a", np.nan, np.nan, "red", "")], "x") is None


def test_whiskers_stand_where_the_interval_is_known():
    sure, unsure = bars([Bar("a", 0, 10, "red", "", 5, 15), Bar("b", 0, 10, "red", "")], "x").bars
    assert unsure.whiskers is None
    assert sure.whiskers[0] < sure.x + sure.width < sure.whiskers[1]


def test_each_step_of_the_bridge_begins_where_the_last_one_ended(statement_row):
    naive, selection, mean, effect, twice, programme = ends(bridge_bars(pd.Series(statement_row()), EN))
    assert selection[1] == pytest.approx(naive[1], abs=0.2)
    assert mean[1] == pytest.approx(selection[0], abs=0.2)
    assert effect[1] == pytest.approx(mean[0], abs=0.2)
    assert twice[0] == pytest.approx(effect[1], abs=0.2)
    assert programme[1] == pytest.approx(twice[1], abs=0.2)


def test_only_chance_leaves_a_step_that_nobody_saw(statement_row):
    assert "what nobody saw" not in labels(bridge_bars(pd.Series(statement_row()), EN))
    assert "what nobody saw" in labels(bridge_bars(pd.Series(statement_row(design="randomised")), EN))
    assert "ce que personne n'a vu" in labels(bridge_bars(pd.Series(statement_row(design="randomised")), FR))


def test_steps_that_are_not_known_are_left_out(statement_row):
    unknown = dict.fromkeys(
        ("bridge_selection", "bridge_regression_to_mean", "bridge_double_counting", "programme_incremental_clv"), np.nan
    )
    assert len(ends(bridge_bars(pd.Series(statement_row(**unknown)), EN))) == 2
    assert len(path_bars(pd.Series(statement_row(path_spend=np.nan)), EN).bars) == 6


def test_figures_beside_the_bars_are_those_of_the_language(statement_row):
    row = pd.Series(statement_row(path_spend=12345.0, path_spend_low=5.0, path_spend_high=15.0))
    (english,) = [bar.beside for bar in path_bars(row, EN).bars if bar.label == "spends more"]
    (french,) = [bar.beside for bar in path_bars(row, FR).bars if bar.label == "dépense plus"]
    assert english == "1,234.50 (0.50 to 1.50)"
    assert french == "1\u202f234,50 (de 0,50 à 1,50)"


def test_the_forest_holds_every_figure_on_one_axis(statement_row):
    rows = pd.DataFrame([statement_row(), statement_row(cost=np.nan, naive_incremental_clv=np.nan)])
    picture = forest(rows, EN)
    first, second = picture.rows
    assert first.low < first.effect < first.high
    assert picture.zero < first.cost < first.effect < first.naive
    assert (second.cost, second.naive) == (None, None)
    assert [text for _, text in picture.axis][:2] == ["0", "2"]
    empty = dict.fromkeys(
        ("incremental_clv", "incremental_clv_low", "incremental_clv_high", "naive_incremental_clv", "cost"), np.nan
    )
    assert forest(pd.DataFrame([statement_row(**empty)]), EN) is None


def test_ticks_are_round_and_inside():
    assert ticks(-3.0, 12.0) == [0.0, 5.0, 10.0]
    assert ticks(-0.4, 0.7) == pytest.approx([-0.4, -0.2, 0.0, 0.2, 0.4, 0.6])


def test_without_contracts_no_path_of_retention_is_drawn(statement_row):
    """Exactly 0 because no loss can take it: a bar of 0 would look measured."""
    drawn = labels(path_bars(pd.Series(statement_row(late_hazard_low=np.nan)), EN))
    assert len(drawn) == 5
    assert not any(label.startswith("stays") for label in drawn)
