"""The tables at a glance: figures with their intervals, only items that cost anything, no return of contrasts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from servicelift.core.locale import Locale
from servicelift.scoring.statement.page.glance import contrasts_table, overview_table, totals_table
from servicelift.scoring.statement.totals import totals

EN, FR = Locale("en"), Locale("fr")


def test_the_overview_holds_verdict_and_intervals(statement_row):
    rows = pd.DataFrame([statement_row(), statement_row(payback_month=np.nan, verdict="pays", initiative="spring")])
    table = overview_table(rows, EN)
    first, second = table.rows
    assert len(first) == len(table.head)
    assert (first[1].text, first[1].colour) == ("not proven", "v unproven")
    assert (second[1].text, second[1].colour) == ("pays", "v pays")
    assert (first[4].text, first[4].below) == ("40", "10 to 70")
    assert (first[6].text, second[6].text) == ("month 18", "no")
    assert second[0].text == "gift (spring)"
    assert overview_table(rows, FR).rows[0][1].text == "non prouvé"


def test_totals_show_only_items_that_cost_anything(statement_row):
    rows = pd.DataFrame([statement_row(cost_tools=3.0), statement_row(initiative="spring")])
    table = totals_table(totals(rows, [np.arange(5.0)] * 2), EN)
    heads = [cell.text for cell in table.head]
    assert "tools" in heads
    assert "salaries" not in heads
    assert [row[0].text for row in table.rows] == ["without initiative", "spring", "all"]
    assert {len(row) for row in table.rows} == {len(heads)}


def test_contrasts_claim_no_return(statement_row):
    row = statement_row(kind="contrast", headline=False, cost=np.nan, verdict="effect not shown")
    table = contrasts_table(pd.DataFrame([row]), FR)
    assert [cell.text for cell in table.rows[0]][1:] == ["effet non démontré", "10", "30", "4,00", "10,00"]
    assert not any("retour" in cell.text for cell in table.head)
