"""Intervals, names and verdicts in both languages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.locale import Locale
from servicelift.models.refutation.verdict import Ruling
from servicelift.scoring.statement.contrasts import ContrastRuling
from servicelift.scoring.statement.page.wording import interval, percent, title, verdict_cell

EN, FR = Locale("en"), Locale("fr", names={"gift": "cadeau"})


def test_intervals_and_shares():
    assert (interval(EN, 1.0, 2000.0), interval(FR, 1.0, 2000.0)) == ("1 to 2,000", "de 1 à 2\u202f000")
    assert (percent(EN, 12.4), percent(FR, np.nan), percent(EN, None)) == ("12%", "–", "–")


def test_names_are_the_businesses_own():
    row = pd.Series({"action": "gift", "initiative": "spring"})
    assert (title(row, EN), title(row, FR)) == ("gift (spring)", "cadeau (spring)")
    assert title(pd.Series({"action": "welcome_call", "initiative": None}), EN) == "welcome call"


@pytest.mark.parametrize("verdict", [*Ruling, *ContrastRuling])
def test_every_verdict_has_words_and_a_colour(verdict):
    assert verdict_cell(verdict.value, EN).text == verdict.value
    assert verdict_cell(verdict.value, FR).text != verdict.value
    assert verdict_cell(verdict.value, EN).colour.split()[1] in ("pays", "loses", "unproven")


def test_an_effect_that_takes_value_away_is_not_green():
    shown = ContrastRuling.SHOWN.value
    assert verdict_cell(shown, EN, -11.37).colour == "v loses"
    assert verdict_cell(shown, EN, 5.0).colour == verdict_cell(shown, EN).colour == "v pays"
    assert verdict_cell(ContrastRuling.NOT_SHOWN.value, EN, -11.37).colour == "v unproven"
