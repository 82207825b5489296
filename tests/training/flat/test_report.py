from __future__ import annotations

import numpy as np
import pandas as pd
from servicelift.models.evaluation.customer_profit import CustomerProfit
from servicelift.models.evaluation.grade import grade
from servicelift.models.evaluation.metrics import churn_metrics
from servicelift.training.flat.report import Judgement, flat_reasons, flat_report_page


def test_reasons_are_the_columns_that_raise_the_risk_most():
    added = pd.DataFrame({"MonthlyCharges": [0.5, -1.0], "plan_tier": [0.7, 0.001], "x": [-0.1, 0.3]})
    values = pd.DataFrame({"MonthlyCharges": [70.35, 20.0], "plan_tier": ["pro", None], "x": [np.nan, np.nan]})
    found = flat_reasons(added, values)
    assert found.iloc[0].tolist() == ["plan tier: pro", "monthly charges: 70.35", None]
    assert found.iloc[1].tolist() == ["x: missing", None, None]


def test_the_page_says_how_it_was_judged_and_what_was_left_out():
    rng = np.random.default_rng(0)
    p = rng.uniform(size=400)
    y = (rng.uniform(size=400) < p).astype(int)
    reports = {name: churn_metrics(y, risk) for name, risk in (("lightgbm", p), ("logistic", p / 2 + 0.2))}
    reports["rate"] = churn_metrics(y, np.full(400, y.mean()))
    judged = Judgement(
        "At random.",
        reports,
        grade(*reports.values()),
        {"lightgbm": CustomerProfit(1.25, 0.4, -2, 3)},
        400,
        int(y.sum()),
    )
    page = flat_report_page("telco-flat-churn", judged, ["Contract"], ["'x' left out"])
    assert "At random." in page
    assert "| LightGBM | 1.25 | 40.0% | -2.00 | 3.00 |" in page
    assert "1. Contract" in page
    assert "- 'x' left out" in page
