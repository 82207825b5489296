"""What trials and effects say, in both languages, in the singular and in the plural."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.business.words import EFFECT_WORDS, TRIAL_WORDS
from servicelift.core.locale import Locale

PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " "})


@pytest.mark.parametrize(
    ("immature", "ineligible", "english", "french"),
    [
        (
            0,
            1,
            "left out: 0 treated whose follow-up is not over, 1 not eligible",
            "écartées : 0 traitée dont le suivi n'est pas achevé, 1 non éligible",
        ),
        (
            1_500,
            2,
            "left out: 1,500 treated whose follow-up is not over, 2 not eligible",
            "écartées : 1 500 traitées dont le suivi n'est pas achevé, 2 non éligibles",
        ),
    ],
)
def test_what_a_trial_left_out(immature, ineligible, english, french):
    counts = {"immature": immature, "ineligible": ineligible}
    assert TRIAL_WORDS.say(Locale("en"), "left_out", **counts) == english
    assert TRIAL_WORDS.say(Locale("fr"), "left_out", **counts).translate(PLAIN) == french


def test_days_are_those_of_the_business():
    figures = {
        "action": "gift", "design": "randomised", "since": pd.Timestamp("2023-06-30 22:00"),
        "until": pd.Timestamp("2023-12-31 23:00"), "treated": 1, "controls": 1, "days": 1,
    }  # fmt: skip
    english = TRIAL_WORDS.say(Locale("en", timezone="Europe/Paris"), "decisions", **figures)
    assert english == (
        "gift (randomised), decisions from July 1, 2023 to January 1, 2024: 1 treated and 1 control, each followed for"
        " 1 day"
    )


def test_an_effect_and_its_naive_difference():
    figures = {"action": "gift", "design": "tirage au sort", "months": 1}
    money = {"estimate": 1234.5, "low": -3.0, "high": 2000.0, "cost": 2.5}
    assert EFFECT_WORDS.say(Locale("fr"), "effect", **figures, **money).translate(PLAIN) == (
        "gift (tirage au sort) : 1 234,50 € par client traité sur 1 mois (intervalle à 95 % : de -3,00 € à"
        " 2 000,00 €) ; coût 2,50 €"
    )
    assert EFFECT_WORDS.say(Locale("en"), "naive", naive=4.19).startswith("naive difference €4.19: ")
