"""The first screen: what was spent and earned, what is proven, what to decide; nothing is said that the rows do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.locale import Locale
from servicelift.scoring.statement.page.first import (
    decide_sentence,
    earned_picture,
    earned_sentence,
    first_sentences,
    proven_sentence,
)
from servicelift.scoring.statement.totals import totals

EN, FR = Locale("en"), Locale("fr")
PAYS = {"verdict": "pays", "settle": ""}
LOSES = {"verdict": "loses", "settle": ""}
NOTHING = pd.DataFrame(columns=["verdict", "action", "initiative"])


@pytest.fixture
def rows(statement_row):
    def made(**by_action: dict[str, object]) -> pd.DataFrame:
        return pd.DataFrame([statement_row(action=name, **changes) for name, changes in by_action.items()])

    return made


def summed(frame: pd.DataFrame) -> pd.DataFrame:
    return totals(frame, [np.arange(5.0)] * len(frame))


def test_cost_gain_interval_and_return_are_those_of_the_total(rows):
    frame = rows(gift=PAYS, call={})
    total = summed(frame).iloc[-1]
    text = earned_sentence(frame, summed(frame), 36, EN)
    assert text.startswith("2 actions cost €40 and brought €80 of margin over 36 months")
    assert f"return of {EN.percent(total['roi_percent'] / 100)}" in text
    assert EN.money(total["incremental_clv_low"], 0) in text
    assert (total["incremental_clv"] - total["cost"]) / total["cost"] == pytest.approx(total["roi_percent"] / 100)


def test_what_a_check_refused_stands_apart(rows):
    frame = rows(gift={}, call={"evidence": "refused"})
    text = earned_sentence(frame, summed(frame), 36, EN)
    assert text.startswith("1 action cost €20 and brought €40")
    assert "left out are €20 spent on call, whose figures failed a check" in text
    none = rows(call={"evidence": "refused"})
    assert "nothing is claimed" in earned_sentence(none, summed(none), 36, EN)


def test_without_a_cost_there_is_no_return(rows):
    frame = rows(gift={"cost": 0.0, "cost_actions": 0.0})
    assert "return" not in earned_sentence(frame, summed(frame), 36, EN)


def test_each_action_is_proven_or_open_and_the_open_share_is_of_the_money(rows):
    frame = rows(gift=PAYS, call=LOSES, mail={"cost": 60.0})
    text = proven_sentence(frame, NOTHING, EN)
    assert text == (
        "Proven: gift earns more than it costs and call costs more than it earns; not proven either way: mail (60% of"
        " the spending)."
    )
    assert proven_sentence(rows(mail={}), NOTHING, EN).startswith("Nothing is proven yet: for mail")
    assert "open" not in proven_sentence(rows(gift=PAYS), NOTHING, EN)
    assert proven_sentence(NOTHING, NOTHING, FR) == "Aucun effet n'est démontré."


def test_what_to_decide_follows_from_the_verdict_and_what_would_settle_it(rows):
    frame = rows(
        gift=PAYS, call=LOSES, mail={"settle_months": 4.0, "settle_forgone": 100.0}, card={"settle_months": 2.0},
        visit={"settle": "none", "chance_pays": 0.8}, song={"settle": "none", "chance_pays": 0.2},
    )  # fmt: skip
    text = decide_sentence(frame, EN)
    assert "go on with gift; stop call;" in text
    assert "into mail and card, hold out customers at random for 4 months at most, which risks €640" in text
    assert "figures speak for visit, and against song" in text
    assert "before" not in decide_sentence(rows(gift=PAYS), EN)
    assert "« visit »" in decide_sentence(frame, FR).replace("\u00a0", " ")


def test_two_initiatives_of_one_action_are_told_apart(rows, statement_row):
    frame = pd.DataFrame([statement_row(initiative=name, **PAYS) for name in ("spring", "autumn")])
    assert "gift (spring) and gift (autumn)" in decide_sentence(frame, EN)


def test_three_sentences_in_each_language(rows):
    frame = rows(gift=PAYS, call={})
    for locale in (EN, FR):
        sentences = first_sentences(frame, summed(frame), NOTHING, 36, locale)
        assert len(sentences) == 3
        assert all(text.endswith(".") for text in sentences)


def test_the_picture_has_a_line_an_action_and_one_for_all(rows):
    frame = rows(gift=PAYS, call={})
    drawn = earned_picture(frame, summed(frame), EN)
    assert [row.label for row in drawn.rows] == ["gift", "call", "all together"]
    assert [row.tag for row in drawn.rows] == ["pays", "not proven", ""]
    gift, _, both = drawn.rows
    assert both.effect - drawn.zero == pytest.approx(2 * (gift.effect - drawn.zero))
    assert len(earned_picture(rows(gift={}), summed(rows(gift={})), EN).rows) == 1
