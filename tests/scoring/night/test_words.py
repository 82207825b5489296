"""What a night says, in both languages."""

from __future__ import annotations

import pytest
from servicelift.core.locale import Locale
from servicelift.scoring.night.words import NIGHT_WORDS

PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " "})
TABLE = {"name": "payments", "now": 1_201, "before": 1_200}


@pytest.mark.parametrize(
    ("code", "figures", "english", "french"),
    [
        (
            "made",
            {"day": "2024-06-01", "n": 1, "pairs": 2, "folder": "out"},
            "2024-06-01: 1 customer scored, 2 customer-action values: out",
            "2024-06-01 : 1 client évalué, 2 valeurs d'action par client : out",
        ),
        ("table", TABLE, "payments (1,201 rows, 1,200 before)", "payments (1 201 lignes, 1 200 auparavant)"),
        (
            "removed",
            {"n": 2, "keep": 30},
            "2 nights beyond the 30 days that are kept removed",
            "2 nuits supprimées au-delà des 30 jours conservés",
        ),
        (
            "resumed",
            {"day": "2024-06-01", "steps": ["score", "targets"]},
            "2024-06-01: went on where an earlier run had stopped; done already: score and targets",
            "2024-06-01 : reprise là où un passage précédent s'était arrêté ; déjà fait : score et targets",
        ),
    ],
)
def test_sentences_read_as_they_should(code, figures, english, french):
    assert NIGHT_WORDS.say(Locale("en"), code, **figures) == english
    assert NIGHT_WORDS.say(Locale("fr"), code, **figures).translate(PLAIN) == french


def test_both_languages_tell_the_same_figures():
    for sentence in NIGHT_WORDS.values():
        assert sentence.figures("en") == sentence.figures("fr")
