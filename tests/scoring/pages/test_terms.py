"""Terms: the longest form wins, each text links a term once, definitions of what was linked and of what they speak."""

from __future__ import annotations

import pytest
from servicelift.core.errors import ModelError
from servicelift.core.locale import Locale
from servicelift.scoring.pages.terms import Glossary, term
from servicelift.scoring.statement.page.check_terms import CHECK_TERMS
from servicelift.scoring.statement.page.terms import TERMS

WORDS = Glossary(
    {
        "control": term("control", "témoin", ("controls?",), ("témoins?",), ("Left alone.", "Laissé de côté.")),
        "effective": term(
            "effective control", "témoin équivalent", ("effective controls?",), ("témoins? équivalents?",),
            ("As many controls.", "Autant de témoins."),
        ),
    }
)  # fmt: skip


def test_the_longest_form_is_the_one_that_is_meant():
    link = WORDS.linker(Locale())
    assert link("3 effective controls") == '3 <a class="term" href="#term-effective">effective controls</a>'
    assert link("Controls") == '<a class="term" href="#term-control">Controls</a>'
    assert link("uncontrolled") == "uncontrolled"


def test_a_text_links_a_term_once_and_escapes_the_rest():
    linked = WORDS.linker(Locale())("control <b> & control")
    assert linked.count("<a ") == 1
    assert linked.endswith("&lt;b&gt; &amp; control")


def test_spaces_that_do_not_break_are_spaces():
    assert "<a" in WORDS.linker(Locale("fr"))("témoins\u00a0équivalents")


def test_only_what_was_linked_is_defined_and_what_that_speaks_of():
    link = WORDS.linker(Locale("fr"))
    assert link.definitions() == []
    link("un témoin équivalent")
    assert [one.anchor for one in link.definitions()] == ["term-control", "term-effective"]


def test_two_terms_may_not_claim_one_form():
    with pytest.raises(ModelError, match=r"each form once"):
        Glossary(dict.fromkeys(("a", "b"), WORDS.terms["control"]))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_term_of_the_statement_links_its_own_name_and_means_something(language):
    for code, one in TERMS.terms.items():
        forms = getattr(one, language)
        assert forms
        meaning = one.meaning.template(language)
        assert meaning.endswith(".")
        assert 40 < len(meaning) < 330, code
    assert set(CHECK_TERMS) < set(TERMS.terms)


def test_no_term_of_the_statement_hides_in_another():
    french, english = TERMS.linker(Locale("fr")), TERMS.linker(Locale())
    assert 'href="#term-regression">retour à la moyenne' in french("à quel moment (retour à la moyenne)")
    assert 'href="#term-returned">retour<' in french("un retour de 12 %")
    assert 'href="#term-equivalent">effective controls' in english("3 effective controls")
