"""One plan of an experiment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from servicelift.scoring.experiments.plan_file import PlanFile, PlannedLook


@pytest.fixture(scope="session")
def a_plan() -> Callable[..., PlanFile]:
    return _plan


@pytest.fixture(scope="session")
def a_look() -> Callable[[int, float], PlannedLook]:
    """A look by the customers it reads and its boundary; its month is told by neither."""
    return lambda customers, boundary: PlannedLook(
        month=1, on=dt.date(2025, 2, 1), customers=customers, information=customers / 700, boundary=boundary, effect=9.5
    )


def _plan(**changes: object) -> PlanFile:
    fields = {
        "business": "press", "action": "iban_switch", "currency": "EUR", "horizon_months": 36, "follow_up_days": 180,
        "when": "agents propose direct debit", "then": "stay longer", "effect": 8.0, "cost": 2.0, "prove": "effect",
        "holdout": 0.1, "power": 0.8, "level": 0.05, "assigned": "customer", "agents": None, "icc": 0.0,
        "spread": 60.0, "spread_left": 40.0, "wider": 1.4, "measured_on": 900, "eligible_now": 500,
        "eligible_monthly": 40.0, "customers": 700, "treated": 630, "control": 70, "months": 6,
        "detectable_in_a_year": 6.5, "starts_on": dt.date(2024, 7, 1), "enrolled_on": dt.date(2025, 1, 1),
        "result_on": dt.date(2025, 6, 30), "gain": 5040.0, "spent": 1260.0, "return_percent": 300.0,
        "return_low": 20.0, "return_high": 580.0,
    }  # fmt: skip
    return PlanFile(**{**fields, **changes})
