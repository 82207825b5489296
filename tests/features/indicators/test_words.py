"""Every indicator has words in both languages, and every word has its indicator."""

from __future__ import annotations

import pytest
from servicelift.core.locale import LANGUAGES, Locale
from servicelift.features.indicators.catalogue import INDICATORS
from servicelift.features.indicators.word_tables.around import AROUND
from servicelift.features.indicators.word_tables.customers import CUSTOMERS
from servicelift.features.indicators.word_tables.service import SERVICE
from servicelift.features.indicators.word_tables.text import words
from servicelift.features.indicators.words import WORDS, title_of


def test_words_and_indicators_are_the_same_names():
    assert set(WORDS) == set(INDICATORS)
    assert len(WORDS) == len(SERVICE) + len(CUSTOMERS) + len(AROUND)


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_differ_from_each_other(language):
    titles = [title_of(name, Locale(language)) for name in INDICATORS]
    assert len(set(titles)) == len(titles)


def test_the_business_may_name_an_indicator():
    assert title_of("csat", Locale("fr", names={"csat": "Note client"})) == "Note client"


def test_words_hold_both_languages():
    made = words(("a", "b"), ("c", "d"), ("e", "f"))
    assert (made.title.en, made.formula.fr, made.trap.en) == ("a", "d", "e")
