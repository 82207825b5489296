"""What would settle an action is said with the same figures in both languages, and of open actions only."""

from __future__ import annotations

import pytest
from servicelift.core.locale import Locale
from servicelift.models.targeting.settling_words import SETTLING, settling_sentence

ROW = {
    "settle": "experiment",
    "settle_months": 3.0,
    "settle_customers": 900.0,
    "settle_held_out": 180.0,
    "settle_chance": 0.83,
    "settle_forgone": 540.0,
    "settle_worth": 1_230.0,
}


@pytest.mark.parametrize("code", SETTLING)
def test_both_languages_tell_the_same_figures(code):
    assert SETTLING[code].figures("en") == SETTLING[code].figures("fr")


def test_an_experiment_or_none_is_said():
    assert settling_sentence(ROW, Locale("en")) == (
        "What would settle it: of 900 customers decided upon in 3 months, hold out 180. It is expected to cost €540"
        " against the better choice as known today, and gives a verdict with a chance of 83%. Knowing is worth €1,230"
        " for each year of such decisions."
    )
    assert settling_sentence({**ROW, "settle": "none"}, Locale("en")).startswith("No experiment of this size can")
    assert settling_sentence({**ROW, "settle": ""}, Locale("en")) == ""
    assert "garder 180 témoins" in settling_sentence(ROW, Locale("fr")).replace("\u00a0", " ")
