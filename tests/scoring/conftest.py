"""One row of a statement and value by month, to draw pages from; what a browser finds wrong with a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from servicelift.models.actions.mechanisms import PATHS
from servicelift.scoring.statement.costs import ITEMS

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


WHY = "needs pip install 'servicelift[browser]'"


@pytest.fixture(scope="session")
def faults_of(tmp_path_factory: pytest.TempPathFactory, chromium: Any) -> Callable[[str], list[str]]:
    """What a browser finds wrong with a page, everything unfolded, on a desk and on a phone.

    That is what axe-core finds (WCAG 2.2 AA and best practices), a page that scrolls sideways, and a script.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason=WHY)
    file = tmp_path_factory.mktemp("looked") / "page.html"

    def look(width: int) -> list[str]:
        page = chromium.new_page(viewport={"width": width, "height": 900})
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        scripts = page.locator("script").count()
        violations = axe.Axe().run(page).response["violations"]
        page.close()
        told = [f"{each['id']}: {node['html'][:160]}" for each in violations for node in each["nodes"]]
        return [f"{width}: {fault}" for fault in [*told, *["scrolls sideways"] * wide, *["script"] * scripts]]

    def faults(html: str) -> list[str]:
        file.write_text(html, encoding="utf-8")
        return [fault for width in (1280, 390) for fault in look(width)]

    return faults


@pytest.fixture(scope="session")
def statement_row() -> Callable[..., dict[str, object]]:
    return _row


def _row(**changes: object) -> dict[str, object]:
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
        "evidence": "observational",
        "chance_pays": 0.87,
        "settle": "experiment",
        "settle_months": 3.0,
        "settle_customers": 900.0,
        "settle_held_out": 180.0,
        "settle_chance": 0.83,
        "settle_forgone": 540.0,
        "settle_worth": 1_230.0,
        "sentence": "What happened.",
        "effect_per_treated": 4.0,
        "effect_per_treated_low": 1.0,
        "effect_per_treated_high": 7.0,
        "effect_per_treated_always_low": -0.5,
        "effect_per_treated_always_high": 8.5,
        "earlier_readings": 2.0,
        "earlier_readings_complete": True,
        **dict.fromkeys(("late_hazard_low", "late_hazard_high", "placebo_low", "placebo_high"), 1.0),
        **dict.fromkeys(("surrogate_check", "surrogate_check_low", "surrogate_check_high"), np.nan),
        **dict.fromkeys(("combined_per_treated", "combined_per_treated_low", "combined_per_treated_high"), np.nan),
        **dict.fromkeys(("forecast_correction", "forecast_error_window", "forecast_error_beyond"), np.nan),
        "bridge_forecast": 0.0,
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


@pytest.fixture(scope="session")
def months_of() -> Callable[[pd.DataFrame], pd.DataFrame]:
    return _months


def _months(rows: pd.DataFrame) -> pd.DataFrame:
    """Value that grows by 1 a month over three years; the first five came in."""
    month = np.arange(37)
    parts = [
        pd.DataFrame({"month": month, "cumulated_incremental_clv": month * 1.0, "realised": month <= 5}).assign(
            kind=r["kind"], action=r["action"], initiative=r["initiative"], cost=r["cost"]
        )
        for _, r in rows.iterrows()
    ]
    return pd.concat(parts, ignore_index=True)
