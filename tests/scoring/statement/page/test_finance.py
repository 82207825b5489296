"""What finance asks for, case by case: known, not known, and nobody retained."""

from __future__ import annotations

import numpy as np
import pandas as pd
from servicelift.core.locale import Locale
from servicelift.scoring.statement.page.finance import finance_table


def facts(row: dict[str, object], language: str = "en") -> dict[str, str]:
    table = finance_table(pd.Series(row), Locale(language), horizon_months=36, follow_up_days=180)
    return {name.text: value.text for name, value in table.rows}


def test_what_is_known_is_told_with_its_interval(statement_row):
    told = facts(statement_row(cost_tools=5.0))
    assert told["cost"] == "20 (own cost 20, tools 5)"
    assert told["return"] == "10% (5% to 15%)"
    assert told["paid back, by the estimate"] == "in month 18"
    assert told["more customers after 180 days"] == "10.0 (5.0 to 15.0)"
    assert told["realised over all 36 months"] == "10 (5 to 15) on 60 decisions"


def test_what_is_not_known_is_said(statement_row):
    told = facts(
        statement_row(**dict.fromkeys(("payback_month", "customers_retained", "referral", "roi_percent"), np.nan))
    )
    assert told["paid back, by the estimate"] == "not within 36 months"
    assert list(told.values()).count("not known") == 2
    old = facts(statement_row(full_realised_incremental_clv=np.nan, n_full_realised=1))
    assert old["realised over all 36 months"] == "1 decision is old enough, too few"
    assert facts(statement_row(cost_actions=0.0))["cost"] == "20 (nothing)"


def test_where_nobody_was_retained_no_cost_is_claimed(statement_row):
    cost = "cost of a customer really retained"
    assert "perhaps nobody was retained" in facts(statement_row(cost_per_customer_retained_high=np.nan))[cost]
    assert "no customer retained" in facts(statement_row(cost_per_customer_retained=np.nan))[cost]


def test_the_same_in_french(statement_row):
    told = facts(statement_row(), "fr")
    assert told["coût"] == "20 (coût propre 20)"
    assert told["retour"] == "10\u00a0% (de 5\u00a0% à 15\u00a0%)"
    assert told["amorti, selon l'estimation"] == "au mois 18"


def test_where_nobody_has_a_contract_nobody_is_retained(statement_row):
    """The lines are left out: "not known" would say that there is something to know."""
    gone = dict.fromkeys(("customers_retained", "cost_per_customer_retained", "late_hazard_low"), np.nan)
    told = facts(statement_row(**gone))
    assert "more customers after 180 days" not in told
    assert "cost of a customer really retained" not in told
    assert set(facts(statement_row())) - set(told) == {
        "more customers after 180 days",
        "cost of a customer really retained",
    }
