"""All actions together: the bridge adds up, what is not known says why, months are summed where all have them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.locale import Locale
from servicelift.scoring.statement.page.together import keeping_table, realised_table, whole_bridge, whole_months

EN, FR = Locale("en"), Locale("fr")


@pytest.fixture
def two(statement_row):
    return pd.DataFrame([statement_row(), statement_row(action="call", design="randomised", bridge_unseen=3.0)])


def test_the_bridge_of_all_adds_up(two):
    drawn = whole_bridge(two, EN)
    assert "would say €200" in drawn.sentence
    assert "by these estimates, is €80" in drawn.sentence
    naive, *_, effect, twice, programme = [
        float(bar.beside.replace("+", "").replace(",", "")) for bar in drawn.drawn.bars
    ]
    assert naive == 200
    assert programme == pytest.approx(effect + twice)
    assert drawn.left_out == ""


def test_an_unknown_step_or_a_failed_check_is_left_out_and_named(two, statement_row):
    more = pd.concat(
        [
            two,
            pd.DataFrame(
                [statement_row(action="mail", bridge_selection=np.nan), statement_row(action="x", evidence="refused")]
            ),
        ],
        ignore_index=True,
    )
    drawn = whole_bridge(more, EN)
    assert "Without mail and x" in drawn.left_out
    assert "€200" in drawn.sentence
    assert whole_bridge(more.iloc[2:], EN) is None


def test_months_are_those_of_all_actions_or_none(two, months_of):
    months = months_of(two)
    assert whole_months(two, months, EN) is not None
    assert whole_months(two.iloc[:1], months, EN) is None, "one action has its own line already"
    assert whole_months(two, months.iloc[:-1], EN) is None, "a month that one of them lacks is no sum"


def test_came_in_and_expected_stand_side_by_side(statement_row):
    table = realised_table(pd.DataFrame([statement_row(incremental_clv=20.0)]), EN)
    assert [cell.text for cell in table.rows[0]] == ["gift", "20", "10", "10", "50%"]
    loses = realised_table(pd.DataFrame([statement_row(incremental_clv=-20.0)]), EN)
    assert loses.rows[0][-1].text == ""


def test_what_keeping_costs_stands_beside_what_winning_costs(statement_row):
    table = keeping_table(pd.DataFrame([statement_row(cost_per_customer_acquired=20.0)]), EN)
    assert [cell.text for cell in table.rows[0]] == ["gift", "10.00", "20.00", "0.5", "not proven"]
    assert table.rows[0][1].below == "5.00 to 15.00"


def test_a_cost_that_is_not_known_says_why(statement_row):
    unknown = statement_row(cost_per_customer_acquired=np.nan, cost_per_customer_retained=np.nan)
    cells = keeping_table(pd.DataFrame([unknown]), EN).rows[0]
    assert [cell.text for cell in cells[1:4]] == ["–"] * 3
    assert cells[1].below == "nobody more stayed, by the estimate"
    assert "prospects.cost" in cells[2].below
    open_end = statement_row(cost_per_customer_retained_high=np.nan)
    assert "perhaps nobody" in keeping_table(pd.DataFrame([open_end]), EN).rows[0][1].below
    assert keeping_table(pd.DataFrame([statement_row(late_hazard_low=np.nan)]), FR) is None, "nobody has a contract"
