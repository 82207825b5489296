from __future__ import annotations

import pytest
from servicelift.core.contract import CONTRACT
from servicelift.onboarding.codes import BOOLS, CODE_WORDS, code_words, folded, propose_codes


def test_words_of_three_languages_become_codes():
    counts = {"PRLV": 5, "CB": 3, "CHQ": 2, "Visa": 1, "Lastschrift": 4, "prélèvement": 1, "carte": 1}
    proposed = propose_codes("payments", "method", counts)
    assert proposed.codes == {
        "iban": ("Lastschrift", "prélèvement", "PRLV"),
        "card": ("carte", "CB", "Visa"),
        "cheque": ("CHQ",),
    }
    assert proposed.share == 1.0


def test_an_unknown_word_is_asked_with_its_rows():
    proposed = propose_codes("payments", "method", {"SEPA": 8, "Bitcoin": 2})
    assert proposed.unknown == {"Bitcoin": 2}
    assert proposed.share == 0.8


def test_what_the_contract_reads_by_itself_needs_no_code():
    assert propose_codes("payments", "method", {"IBAN": 1, "card": 2}).codes == {}
    assert propose_codes("contacts", "resolved", {"TRUE": 1, "0": 2}).codes == {}


def test_yes_and_no_in_other_languages_need_codes():
    assert propose_codes("contacts", "resolved", {"oui": 1, "non": 2}).codes == {"true": ("oui",), "false": ("non",)}


def test_words_of_terms_become_months():
    proposed = propose_codes("subscriptions", "term_months", {"Month-to-month": 3, "annuel": 1, "24": 1})
    assert proposed.codes == {"1": ("Month-to-month",), "12": ("annuel",)}


@pytest.mark.parametrize("words", [*CODE_WORDS.values(), BOOLS])
def test_no_word_means_two_codes(words):
    every = [folded(word) for text in words.values() for word in text.split(",")]
    assert len(every) == len(set(every))


def test_every_code_is_one_of_the_contracts():
    for table in CONTRACT.values():
        for column in table.columns:
            if column.codes:
                assert set(code_words(table.name, column.name).values()) == set(column.codes), column.name
