"""A year has 365.25 days wherever money is discounted, and one module alone says so."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from servicelift.core.time import DAYS_PER_MONTH, discount
from servicelift.models.subscriptions.contract import read_contract
from servicelift.models.subscriptions.monthly_money import MoneySpread
from servicelift.models.subscriptions.reactivation import month_discount

ROOMS = ("models", "training", "scoring", "features", "simulation")
OTHER_YEARS = re.compile(r"365(\.\d+)?\s*[*/]|[*/]\s*365|\b30\.4\d*|\b30\s*\*\s*12|\b52\s*\*\s*7")


def test_a_year_ahead_is_worth_the_yearly_rate_on_every_road():
    assert discount(365.25, 0.1) == pytest.approx(1 / 1.1)
    assert month_discount(12, 0.1) == pytest.approx(1 / 1.1)
    assert pytest.approx(365.25) == 12 * DAYS_PER_MONTH
    contract = pd.DataFrame(
        {
            "running": [True],
            "term_months": 12.0,
            "price": 1.0,
            "months_to_renewal": 12.0,
            "renewals_done": 0,
            "months_since_start": 0.0,
            "months_since_end": np.nan,
            "cancel_pending": False,
            "ended_involuntary": False,
        }
    )
    state = read_contract(contract, 1)
    due = state.discounted_payments(state.boundaries(24), 0.1)
    assert due[0, [11, 23]] == pytest.approx([1 / 1.1, 1 / 1.21])
    spread = MoneySpread(24.0)
    spread.within_, spread.between_ = 1.0, 0.0
    months = np.linspace(0, 12, 120_001)
    exact = np.trapezoid(1.1 ** (-months / 6), months)
    assert spread.deviation(np.array([12.0]), 0.1)[0] ** 2 == pytest.approx(exact, rel=1e-6)


def test_no_module_holds_a_year_of_its_own(pytestconfig):
    """Windows of 365 days count events and discount nothing; years and months come from core.time."""
    files = [file for room in ROOMS for file in sorted((Path(pytestconfig.rootpath) / room).rglob("*.py"))]
    assert len(files) > 50
    for file in files:
        code = re.sub(r'"""(?s:.*?)"""|``[^`]*``', "", file.read_text(encoding="utf-8"))
        assert not OTHER_YEARS.search(code), file.name
