"""The page of the statement: pictures on one scale, nothing claimed that is not known, names escaped."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from servicelift.models.actions.mechanisms import PATHS
from servicelift.scoring.statement.costs import ITEMS
from servicelift.scoring.statement.page.bars import Bar, bars, bridge_bars, path_bars
from servicelift.scoring.statement.page.month_line import month_line
from servicelift.scoring.statement.page.page import PageFacts, roi_page
from servicelift.scoring.statement.totals import totals

MONEY = (
    *(f"path_{name}" for name in PATHS),
    "realised_incremental_clv",
    "predicted_incremental_clv",
    "full_realised_incremental_clv",
    "customers_retained",
    "cost_per_customer_retained",
    "referral",
    "roi_percent",
)


def row(**changes: object) -> dict[str, object]:
    """Ten treated: naive 100, of which 60 are selection and regression to the mean, and no unseen step."""
    return {
        "kind": "action",
        "action": "gift",
        "initiative": None,
        "design": "observational",
        "headline": True,
        "n_treated": 10,
        "n_control": 30,
        "n_immature": 0,
        "cost": 20.0,
        **{f"cost_{item}": 0.0 for item in ITEMS},
        "cost_actions": 20.0,
        "incremental_clv": 40.0,
        "incremental_clv_low": 10.0,
        "incremental_clv_high": 70.0,
        "naive_incremental_clv": 100.0,
        "bridge_selection": -50.0,
        "bridge_regression_to_mean": -10.0,
        "bridge_unseen": 0.0,
        "bridge_double_counting": 5.0,
        "programme_incremental_clv": 45.0,
        **{f"{name}{end}": value for name in MONEY for end, value in (("", 10.0), ("_low", 5.0), ("_high", 15.0))},
        "n_full_realised": 60,
        "cost_per_customer_acquired": 30.0,
        "payback_month": 18.0,
        "verdict": "not proven",
        "sentence": "What happened.",
        "warnings": "few controls: 9",
        "effect_per_treated": 4.0,
        "effect_per_treated_low": 1.0,
        "effect_per_treated_high": 7.0,
        **dict.fromkeys(("late_hazard_low", "late_hazard_high", "placebo_low", "placebo_high"), 1.0),
        **dict.fromkeys(("surrogate_check", "surrogate_check_low", "surrogate_check_high"), np.nan),
        **dict.fromkeys(("negative_control", "negative_control_low", "negative_control_high"), np.nan),
        **dict.fromkeys(("minimum_detectable", "p_adjusted", "stability_low", "stability_high"), 0.5),
        "judged_together": 1,
        "random_treatment_found": 0.05,
        "robustness_value": 0.03,
        "hidden_times": 1.5,
        "strongest_feature": "tenure_days",
        "effective_controls": 30.0,
        "trimmed_share": 0.0,
        "largest_imbalance_before": 0.3,
        "largest_imbalance": 0.1,
        "treated_later_share": 0.2,
        **changes,
    }


def months(rows: pd.DataFrame) -> pd.DataFrame:
    """Value that grows by 1 a month over three years; the first five came in."""
    month = np.arange(37)
    parts = [
        pd.DataFrame({"month": month, "cumulated_incremental_clv": month * 1.0, "realised": month <= 5}).assign(
            kind=r["kind"], action=r["action"], initiative=r["initiative"], cost=r["cost"]
        )
        for _, r in rows.iterrows()
    ]
    return pd.concat(parts, ignore_index=True)


def page(*rows: dict[str, object], **facts: object) -> str:
    frame = pd.DataFrame(list(rows))
    headline = frame[frame["headline"]]
    summed = totals(headline, [np.arange(5.0)] * len(headline)) if len(headline) else pd.DataFrame()
    base = {
        "business": "a<b",
        "since": "2023-01-01",
        "until": "2024-01-01",
        "data_until": "2024-07-01",
        "currency": "EUR",
        "horizon_months": 36,
        "follow_up_days": 180,
        "clv_version": 1,
    }
    return roi_page(frame, summed, months(frame), PageFacts(**{**base, **facts}))


def rectangles(svg: str) -> np.ndarray:
    """Begin and end of every bar in the picture."""
    found = [(float(x), float(w)) for x, w in re.findall(r"<rect x=([\d.]+) y=[\d.]+ width=([\d.]+)", svg)]
    return np.array([(x, x + w) for x, w in found])


def test_bars_share_one_scale():
    drawn = rectangles(
        bars([Bar("a", 0, 10, "red", "10"), Bar("b", 0, 5, "red", "5"), Bar("c", 5, 10, "red", "")], "x")
    )
    width = drawn[:, 1] - drawn[:, 0]
    assert width[0] == pytest.approx(2 * width[1], abs=0.2)
    assert drawn[2] == pytest.approx([drawn[1, 1], drawn[0, 1]], abs=0.2)
    assert bars([Bar("a", np.nan, np.nan, "red", "")], "x") == ""


def test_each_step_of_the_bridge_begins_where_the_last_one_ended():
    naive, selection, mean, effect, twice, programme = rectangles(bridge_bars(pd.Series(row())))
    assert selection[1] == pytest.approx(naive[1], abs=0.2)
    assert mean[1] == pytest.approx(selection[0], abs=0.2)
    assert effect[1] == pytest.approx(mean[0], abs=0.2)
    assert twice[0] == pytest.approx(effect[1], abs=0.2)
    assert programme[1] == pytest.approx(twice[1], abs=0.2)
    assert "what nobody saw" not in bridge_bars(pd.Series(row()))
    assert "what nobody saw" in bridge_bars(pd.Series(row(design="randomised")))


def test_steps_that_cannot_be_told_are_left_out():
    unknown = row(bridge_selection=np.nan, bridge_regression_to_mean=np.nan, programme_incremental_clv=np.nan)
    assert len(rectangles(bridge_bars(pd.Series({**unknown, "bridge_double_counting": np.nan})))) == 2
    assert path_bars(pd.Series(row(path_spend=np.nan))).count("<rect") == 6


def test_the_page_tells_what_finance_asks_and_escapes_names():
    text = page(row(action="a&b"), warnings=("only <10%>",))
    assert "a&lt;b" in text
    assert "a&amp;b" in text
    assert "only &lt;10%&gt;" in text
    assert "few controls: 9" in text
    assert "in month 18" in text
    assert "own cost 20" in text
    assert "salaries" not in text
    assert "http" not in text


def test_what_is_not_known_is_said():
    text = page(row(**dict.fromkeys(("payback_month", "customers_retained", "referral", "roi_percent"), np.nan)))
    assert "not within 36 months" in text
    assert text.count("not known") == 2
    perhaps = page(row(cost_per_customer_retained_high=np.nan))
    assert "perhaps nobody was retained" in perhaps
    assert "no customer retained" in page(row(cost_per_customer_retained=np.nan))


def test_value_by_month_is_solid_as_far_as_it_came_in():
    frame = pd.DataFrame([row()])
    drawn = month_line(months(frame), "EUR")
    solid, dashed = (
        [tuple(map(float, point.split(","))) for point in points.split()]
        for points in re.findall(r"<polyline points='([^']*)'", drawn)
    )
    assert (len(solid), len(dashed)) == (6, 32)
    assert solid[-1] == dashed[0]
    assert "stroke-dasharray" in drawn
    assert ">cost<" in drawn
    assert ">cost<" not in month_line(months(frame.assign(cost=np.nan)), "EUR")
    assert month_line(months(frame).iloc[:0], "EUR") == ""


def test_what_was_not_estimated_is_listed():
    assert "<li>gift: too &lt;few&gt;" in page(row(), left_out=("gift: too <few>",))
    assert "Not estimated" not in page(row())


def test_doubts_stand_in_the_page():
    text = page(row())
    assert "3.0% of what is left to explain; 1.5 times tenure_days" in text
    assert "no decision is old enough" in text
    assert "cannot be seen" in text
    assert "none: chance decided" in page(row(design="randomised"))


def test_contrasts_stand_apart_and_claim_no_return():
    contrast = row(kind="contrast", action="card_to_iban", headline=False, cost=np.nan, verdict="effect shown")
    text = page(row(), contrast)
    assert "card to iban: <span class='v pays'>effect shown" in text
    assert "no return is claimed" in text
    after = text[text.index("Beyond actions") :]
    assert "paid back" not in after
    assert "Beyond actions" not in page(row())
    assert "By initiative" not in page(contrast)
