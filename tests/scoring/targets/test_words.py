"""What is said of a list tells the same figures in every language."""

from __future__ import annotations

from pathlib import Path

import pytest
from servicelift.core.action_cost import DecisionCounts, action_cost
from servicelift.core.locale import Locale
from servicelift.scoring.targets.outcome import TargetsOutcome
from servicelift.scoring.targets.words import LIST_WORDS


def outcome(**changes):
    rule = action_cost(DecisionCounts(12, 12, 30.0), cost=0.0, cost_if_accepted=0.0, configured=False)
    fields = {
        "out": Path("t.csv"), "holdout": Path("t.holdout.csv"), "contacted": 1200, "held_out": 1, "cost": 1234.5,
        "net_value": 9876.5, "gap": 0.0012, "exact": False, "budget_price": 1.5, "balance": "evenly", "currency": "EUR",
        "costs": {"iban_switch": rule}, "people": (Path("t.people.csv"),),
    }  # fmt: skip
    return TargetsOutcome(**{**fields, **changes})


@pytest.mark.parametrize("code", LIST_WORDS)
def test_both_languages_tell_the_same_figures(code):
    assert LIST_WORDS[code].figures("en") == LIST_WORDS[code].figures("fr")


def test_a_list_in_english():
    lines = outcome().lines()
    assert lines[0] == "1,200 customers to contact for €1,234.50: t.csv"
    assert "€9,876.50, at most 0.12% below the best plan; €1 more of budget would add €1.50;" in lines[1]
    assert lines[2] == "1 customer to leave alone: t.holdout.csv; evenly"
    assert lines[3] == "cost of iban switch: €2.50 an offer, recorded over 12 matured decisions"
    assert "the best plan there is; the budget is not used up" in outcome(exact=True, budget_price=0.0).lines()[1]


def test_a_list_in_french_has_no_english_word():
    text = " ".join(outcome(locale=Locale("fr")).lines()).replace("\u202f", " ").replace("\u00a0", " ")
    assert "1 200 clients à contacter pour 1 234,50 € : t.csv" in text
    assert "au plus 0,12 % sous le meilleur plan" in text
    assert "coût de l'action « iban switch » : 2,50 € par offre" in text
    assert not {"the", "of", "customers", "offer"} & set(text.split())
