"""Results show themselves in words, as HTML and as a picture, and never a customer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from servicelift.business.pictures import Picture
from servicelift.business.results import (
    ExperimentPlan,
    Scores,
    Statement,
    Summary,
    Targets,
    Training,
    Validation,
)

IDS = [f"C{i:05d}" for i in range(40)]
CUSTOMERS = pd.DataFrame({"customer_id": IDS, "churn_probability": np.linspace(0, 0.4, 40), "clv": np.nan})
LISTED = pd.DataFrame({"customer_id": IDS, "rank": range(1, 41), "cost": 2.0, "net_value": np.linspace(9, 1, 40)})
ROWS = pd.DataFrame(
    {
        "action": ["offer", "offer"],
        "headline": [True, False],
        "n_treated": [10, 12],
        "cost": [30.0, 36.0],
        "incremental_clv": [90.0, 10.0],
        "incremental_clv_low": [20.0, -50.0],
        "incremental_clv_high": [160.0, 80.0],
    }
)
PLAN = {"spread_left": 40.0, "wider": 1.4, "holdout": 0.2, "power": 0.8, "level": 0.05, "agents": None, "icc": 0.0}
TRAINED = pd.DataFrame({"name": ["a", "b"], "version": [1, 2], "loss": [0.2, 9.0], "champion_loss": [np.nan, 10.0]})
RESULTS = [
    Validation(lines=("0 errors",), findings=pd.DataFrame({"level": []}), rows={"customers": 40, "payments": 900}),
    Training(lines=("a version 1",), models=TRAINED, not_trained={}),
    Scores(lines=("40 customers",), out=Path("x"), customers=CUSTOMERS, action_values=CUSTOMERS, facts={}),
    Targets(lines=("40 to contact",), out=Path("x"), contact=LISTED, holdout=LISTED.head(0), currency="EUR"),
    Statement(
        lines=("offer: pays",), out=Path("x"), rows=ROWS, totals=ROWS, months=ROWS, page="", judged=(tuple(IDS), ()),
        currency="EUR",
    ),
    ExperimentPlan(lines=("needed: 900",), out=Path("x"), figures=PLAN | {"customers": 900, "currency": "EUR"}),
]  # fmt: skip


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: type(result).__name__)
def test_a_result_has_words_a_page_and_a_picture(result):
    assert result.summary() == "\n".join(result.lines)
    assert f"<div>{result.lines[0]}</div>" in result._repr_html_()
    picture = result.plot()
    assert isinstance(picture, Picture)
    assert picture._repr_png_().startswith(b"\x89PNG")
    assert "C000" not in repr(result) + result._repr_html_()


def test_words_are_escaped():
    assert "<b>" not in Summary(lines=("a <b> c",))._repr_html_().replace("<b>Summary</b>", "")


def test_a_statement_draws_headlines_for_one_treated_customer():
    (axes,) = RESULTS[4].plot().axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["offer"]
    spans = [line.get_xdata() for line in axes.lines]
    assert [2.0, 16.0] in [list(span) for span in spans]
    assert [3.0] in [list(span) for span in spans]


def test_a_measure_that_is_missing_is_not_drawn():
    assert [axes.get_xlabel() for axes in RESULTS[2].plot().axes] == ["churn probability"]
