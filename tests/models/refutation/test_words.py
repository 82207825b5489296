"""Every verdict, failed check and reason has its sentence, for actions and for contrasts, in both languages."""

from __future__ import annotations

import pytest
from servicelift.core.locale import Locale
from servicelift.core.messages import Message
from servicelift.models.refutation.verdict import Check, Reason, Ruling, Verdict
from servicelift.models.refutation.words import CONTRAST_REASONS, REASONS, RULINGS, reasons_in_words, sentence

FIGURES = {
    "low": 6.0, "high": 10.0, "cost": 5.0, "judged": 6, "p": 0.06, "limit": 0.05, "feature": "tenure_days", "bias": 1.1,
    "times": 4.0, "controls": 12.0, "trimmed_share": 0.25, "share": 0.3, "actions": ("retention_offer", "gift"),
}  # fmt: skip


def verdict(code: str, ruling: Ruling = Ruling.NOT_PROVEN) -> Verdict:
    return Verdict(ruling, False, None, None, None, (Message.of(code, **FIGURES),))


def test_every_code_has_a_sentence():
    assert set(REASONS) == set(CONTRAST_REASONS) == {*Check, *Reason}
    assert set(RULINGS) == set(Ruling)


@pytest.mark.parametrize("code", [*Check, *Reason])
def test_every_sentence_can_be_said_of_both_kinds_in_both_languages(code):
    said = {
        (language, contrast): reasons_in_words(verdict(code), Locale(language), contrast=contrast)
        for language in ("en", "fr")
        for contrast in (False, True)
    }
    assert said["en", False] != said["fr", False]
    assert (said["en", False] == said["en", True]) == (code in set(Check))
    assert "cost" not in said["en", True]
    assert "coût" not in said["fr", True]
    assert "action" not in said["fr", True].replace("retention offer", "")


def test_the_sentence_of_a_verdict():
    plain = {"\u00a0": " ", "\u202f": " "}
    assert sentence(verdict(Reason.ABOVE_COST, Ruling.PAYS), Locale("en")) == (
        "Pays: even the low end of €6.00 to €10.00 is above the cost of €5.00."
    )
    assert sentence(verdict(Check.NEGATIVE_CONTROL_ELSEWHERE), Locale("fr")).translate(str.maketrans(plain)) == (
        "Non prouvé : là où l'on peut le vérifier (retention offer et gift), le choix tient compte de plus que ce que"
        " montrent les tables (contrôle négatif)."
    )
    assert "6,00 € à 10,00 €" in sentence(verdict(Reason.BELOW_COST), Locale("fr")).translate(str.maketrans(plain))


def test_a_strong_hidden_cause_is_not_called_unlikely():
    """Surviving the strongest feature observed is no sign of safety, and the sentence must not read as one."""
    english = reasons_in_words(verdict(Reason.UNSEEN, Ruling.PAYS), Locale("en"))
    assert "no check here can see a cause that the tables leave out" in english
    assert "4.0 times" in english
    assert "held out at random" in english
    french = reasons_in_words(verdict(Reason.UNSEEN, Ruling.PAYS), Locale("fr"))
    assert "aucun contrôle ne voit une cause absente des tables" in french
    assert "tirés au sort" in french
