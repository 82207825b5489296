"""Beside money: counts with their intervals, what is avoided turned round, what is not known named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.locale import Locale
from servicelift.scoring.statement.engagement import Engagement
from servicelift.scoring.statement.page.beside import beside_money, engagement_sentence

EN, FR = Locale("en"), Locale("fr")
CONTACTS = {"side_contacts": -12.0, "side_contacts_low": -20.0, "side_contacts_high": -4.0}


def test_fewer_contacts_are_contacts_avoided(statement_row):
    beside = beside_money(pd.DataFrame([statement_row(**CONTACTS)]), 180, "", EN)
    heads = [cell.text for cell in beside.table.head]
    cell = beside.table.rows[0][heads.index("contacts avoided")]
    assert (cell.text, cell.below) == ("+12.0", "4.0 to 20.0")
    assert any("has left calls no more" in note for note in beside.notes)


def test_what_the_tables_do_not_hold_is_named_and_never_a_zero(statement_row):
    row = statement_row(referral=np.nan, **CONTACTS)
    beside = beside_money(pd.DataFrame([row]), 180, "", FR)
    lacks = next(note for note in beside.notes if note.startswith("Non indiqué"))
    for name in ("table referrals", "métrique nps", "reviews.revised_rating", "table interactions"):
        assert name in lacks
    assert "table contacts" not in lacks
    nothing = dict.fromkeys(("referral", "path_cost_to_serve"), np.nan)
    assert beside_money(pd.DataFrame([statement_row(**nothing)]), 180, "told", EN).table is None


@pytest.mark.parametrize("locale", [EN, FR])
def test_engagement_is_told_and_never_called_an_effect(locale):
    text = engagement_sentence(Engagement(7.0, 6.0, 8.0, 3, 6.5), locale)
    assert locale.number(7.0, 2) in text
    assert locale.number(6.5, 2) in text
    assert ("proves no effect" if locale is EN else "ne prouve aucun effet") in text
    alone = engagement_sentence(Engagement(7.0, np.nan, np.nan, 1, np.nan), locale)
    assert "nan" not in alone
    assert "–" not in alone
    assert "agent_surveys" in engagement_sentence(None, locale)


def test_no_case_is_no_certain_zero(statement_row):
    row = statement_row(side_reviews_raised=0.0, side_reviews_raised_low=0.0, side_reviews_raised_high=0.0)
    beside = beside_money(pd.DataFrame([row]), 180, "", EN)
    heads = [cell.text for cell in beside.table.head]
    cell = beside.table.rows[0][heads.index("public reviews revised upwards")]
    assert (cell.text, cell.below) == ("–", "no case seen")
