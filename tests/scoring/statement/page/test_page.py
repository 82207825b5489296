"""The page as a whole: names escaped, whole sections, one language, nothing fetched from elsewhere."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from servicelift.core.locale import Locale
from servicelift.models.refutation.words import CONTRAST_REASONS, REASONS
from servicelift.scoring.statement.page.beside_words import BESIDE
from servicelift.scoring.statement.page.facts import PageFacts
from servicelift.scoring.statement.page.first_words import FIRST
from servicelift.scoring.statement.page.page import roi_page
from servicelift.scoring.statement.page.terms import TERMS
from servicelift.scoring.statement.page.together_words import TOGETHER
from servicelift.scoring.statement.page.words import CHECKS, HOW_TO_READ, MONEY, PAGE, PICTURES
from servicelift.scoring.statement.totals import totals
from servicelift.scoring.statement.words import VERDICTS

CATALOGUES = (REASONS, CONTRAST_REASONS, VERDICTS, PAGE, HOW_TO_READ, MONEY, CHECKS, PICTURES, FIRST, TOGETHER, BESIDE)


@pytest.fixture(scope="session")
def page(statement_row, months_of):
    def made(*rows: dict[str, object], language: str = "en", cuts: pd.DataFrame | None = None, **facts: object) -> str:
        frame = pd.DataFrame(list(rows) or [statement_row()])
        headline = frame[frame["headline"]]
        summed = totals(headline, [np.arange(5.0)] * len(headline)) if len(headline) else pd.DataFrame()
        base = {
            "business": "a<b",
            "since": pd.Timestamp("2022-12-31 23:00"),
            "until": pd.Timestamp("2023-12-31 23:00"),
            "data_until": pd.Timestamp("2024-06-30 22:00"),
            "horizon_months": 36,
            "follow_up_days": 180,
            "clv_version": 1,
            "locale": Locale(language, timezone="Europe/Paris"),
        }
        return roi_page(frame, summed, months_of(frame), PageFacts(**{**base, **facts}), cuts)

    return made


def text_of(html: str) -> str:
    """What a reader sees, and what is read aloud of pictures."""
    shown = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    spoken = " ".join(re.findall(r'aria-label="([^"]*)"', shown))
    return unescape(re.sub(r"<[^>]*>", " ", shown) + " " + spoken)


def unlinked(html: str) -> str:
    """The page without its links."""
    return re.sub(r"</?a\b[^>]*>", "", html)


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-zàâçéèêëîïôûùüœ]+", text.lower()))


class Tags(HTMLParser):
    """Counts what is opened and not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_is_whole_and_self_contained(page, statement_row, language):
    contrast = statement_row(kind="contrast", headline=False, cost=np.nan, verdict="effect shown", action="moved")
    text = page(statement_row(), contrast, language=language)
    assert text.lstrip().startswith("<!doctype html>")
    assert f'<html lang="{language}">' in text
    assert '<meta name="viewport"' in text
    parser = Tags()
    parser.feed(text.split("<!doctype html>")[1])
    assert parser.open == []
    assert "http" not in text
    assert "<script" not in text
    assert text.count("<caption>") == len(re.findall(r"<table\b", text)) == 9
    assert text.count('scope="col"') > 20


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_link_leads_to_something_on_the_page_and_every_id_is_one_of_its_own(page, statement_row, language):
    contrast = statement_row(kind="contrast", headline=False, cost=np.nan, verdict="effect shown", action="moved")
    text = page(statement_row(), statement_row(action="call"), contrast, language=language, left_out={"x": "y"})
    ids, links = re.findall(r' id="([^"]+)"', text), re.findall(r' href="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in links} <= set(ids)
    defined = {one for one in ids if one.startswith("term-")}
    assert {f"#{one}" for one in defined} <= set(links), "what nothing leads to is no term of this page"
    assert len(defined) > 25
    assert text.index('class="first"') < text.index("<nav") < text.index('id="details"') < text.index('id="terms"')


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_first_screen_speaks_plainly(page, statement_row, language):
    """Jargon stands below; what is left above is linked to its definition."""
    text = page(statement_row(), statement_row(action="call", verdict="pays"), language=language)
    first = text[text.index('class="first"') : text.index("<nav")]
    assert first.count('class="point"') == 3
    jargon = {"en": "CLV|randomi|observational|naive|placebo|control", "fr": "CLV|tirage|observation|brut|placebo"}
    assert not re.search(jargon[language], text_of(first), re.IGNORECASE)
    assert 'href="#term-interval"' in first
    assert 'href="#term-returned"' in first


def test_names_and_warnings_are_escaped(page, statement_row):
    text = page(statement_row(action="a&b"), warnings=("only <10%>",), row_warnings=("few controls: 9",))
    assert "a&lt;b" in text
    assert "a&amp;b" in text
    assert "only &lt;10%&gt;" in text
    assert "few controls: 9." in unlinked(text)


def test_days_are_local_and_the_end_is_the_last_day(page):
    assert "Decisions from January 1, 2023 to December 31, 2023" in page()
    assert "Data until July 1, 2024" in page()
    assert "Décisions du 1er janvier 2023 au 31 décembre 2023" in page(language="fr")


def test_what_was_not_estimated_is_listed(page):
    assert "<li>gift: too &lt;few&gt;</li>" in page(left_out={"gift": "too <few>"}, left_out_english={"gift"})
    french = page(left_out={"gift": "too <few>", "call": "trop peu"}, left_out_english={"gift"}, language="fr")
    assert 'gift\xa0: <span lang="en">too &lt;few&gt;</span></li>' in french
    assert "call\xa0: trop peu</li>" in french
    assert "Not estimated" not in page()


def test_young_decisions_are_counted(page, statement_row):
    assert "1 further decision is too recent to judge: its 180 days" in unlinked(page(statement_row(n_immature=1)))
    assert "2 further decisions are too recent" in page(statement_row(n_immature=2))
    assert "leurs 180 jours de suivi ne sont pas écoulés" in unlinked(page(statement_row(n_immature=2), language="fr"))
    assert "too recent" not in page()


def test_contrasts_stand_apart_and_claim_no_return(page, statement_row):
    contrast = statement_row(
        kind="contrast", action="card_to_iban", headline=False, cost=np.nan, verdict="effect shown"
    )
    text = page(statement_row(), contrast)
    assert '<h3>card to iban: <span class="v pays">effect shown' in text
    after = unlinked(text[text.index('id="contrasts"') : text.index('id="how"')])
    assert "no return is claimed" in after
    assert "paid back" not in after
    assert "Beyond actions" not in page()
    assert "By initiative" not in page(contrast)
    assert "No action could be judged" in page(contrast)


def test_a_french_page_holds_no_english(page, statement_row):
    rows = [
        statement_row(sentence="Une phrase.", action="cadeau", n_immature=2, strongest_feature="anciennete"),
        statement_row(
            sentence="Une phrase.", action="cadeau", design="randomised", headline=False, strongest_feature=None
        ),
        statement_row(
            sentence="Une phrase.", action="virement", kind="contrast", headline=False, cost=np.nan,
            verdict="effect not shown", strongest_feature="anciennete",
        ),
    ]  # fmt: skip
    facts = {"left_out": {"x": "y"}, "warnings": ("Une phrase",), "row_warnings": ("Une phrase",) * 3}
    english = words_of(text_of(page(*rows, language="en", **facts)))
    templates = " ".join(sentence.fr for catalogue in CATALOGUES for sentence in catalogue.values())
    templates += " ".join(f"{term.name.fr} {term.meaning.fr}" for term in TERMS.terms.values())
    written_french = words_of(re.sub(r"\{\w+(:[a-z]*\d?\})?", " ", templates))
    english_only = (
        english - written_french - {"une", "phrase", "cadeau", "virement", "anciennete", "euros", "a", "b", "x", "y"}
    )
    assert {"the", "of", "treated", "not", "month", "interval", "decisions", "seeds", "care"} <= english_only
    assert english_only & words_of(text_of(page(*rows, language="fr", **facts))) == set()


def test_french_figures_have_french_marks(page, statement_row):
    text = text_of(page(statement_row(incremental_clv=1234567.0), language="fr"))
    assert "1\u202f234\u202f567" in text
    assert "4,00" in text
    assert not re.search(r"\d\.\d", text)


@pytest.mark.parametrize(("language", "caption"), [("en", "At the cut of the lists"), ("fr", "À la limite des listes")])
def test_what_lists_bring_at_their_cut_is_a_table_of_its_own(page, language, caption):
    row = {"action": "call", "verdict": "pays", "bunched": False, "effect_at_cut": 8.0, "effect_at_cut_low": 3.5}
    row |= {"effect_at_cut_high": 12.5, "cost_per_treated": 2.0, "n_left": 40, "n_right": 30, "share_moved": 0.9}
    lacking = {"action": "gift", "verdict": None, "not_estimated": "too few"}
    drawn = page(language=language, cuts=pd.DataFrame([row, lacking]))
    assert caption in drawn
    assert drawn.count("30, 40") == 1, "what was not estimated is no row of the table"
    assert caption not in page(language=language)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_browser_finds_nothing_wrong_with_it(page, statement_row, faults_of, language):
    contrast = statement_row(kind="contrast", headline=False, cost=np.nan, verdict="effect shown", action="moved")
    drawn = [statement_row(), statement_row(design="randomised", headline=False), contrast]
    drawn += [statement_row(action="call", initiative="coaching", verdict="loses", n_immature=2)]
    row = {"action": "call", "verdict": "pays", "bunched": False, "effect_at_cut": 8.0, "effect_at_cut_low": 3.5}
    row |= {"effect_at_cut_high": 12.5, "cost_per_treated": 2.0, "n_left": 40, "n_right": 30, "share_moved": 0.9}
    facts = {"left_out": {"x": "y"}, "left_out_english": {"x"}, "warnings": ("A warning",), "mature": "So far."}
    more = {"row_warnings": ("few controls: 9",) * 4, "cuts": pd.DataFrame([row])}
    assert faults_of(page(*drawn, language=language, **facts, **more)) == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_term_of_the_first_screen_leads_to_a_definition_that_is_seen(
    page, statement_row, chromium, tmp_path, language, width
):
    file = tmp_path / "roi.html"
    file.write_text(page(statement_row(verdict="pays", settle=""), statement_row(action="call"), language=language))
    seen = chromium.new_page(viewport={"width": width, "height": 900})
    seen.goto(file.as_uri())
    links = seen.locator(".first a.term")
    assert links.count() >= 3
    for place in range(links.count()):
        seen.goto(file.as_uri())
        link, target = links.nth(place), links.nth(place).get_attribute("href").removeprefix("#")
        link.click()
        word, meaning = seen.locator(f"#{target}"), seen.locator(f"#{target} + dd")
        assert word.is_visible()
        assert meaning.is_visible(), f"{target}: the definitions stay folded"
        assert word.evaluate("each => each.getBoundingClientRect().top >= 0")
        assert word.evaluate("each => each.getBoundingClientRect().bottom <= window.innerHeight")
        code = next(code for code in TERMS.terms if target == f"term-{code.replace('_', '-')}")
        said = " ".join(meaning.inner_text().split())
        assert said == " ".join(TERMS.terms[code].meaning.template(language).split())
    for sentence in seen.locator(".first .point").all():
        spoken = {code for code, _ in TERMS.found(sentence.inner_text(), language)}
        assert sentence.locator("a.term").count() == len(spoken), "a word of the trade has no link"
    seen.close()
