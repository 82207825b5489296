"""Each page in both languages, and what is said where there is nothing to show yet."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from servicelift.console.app import Console
from servicelift.console.page import PAGES
from servicelift.console.pages.returns import colour_of

from .conftest import HELD, PERIODS, Browser, beside_the_list, made_up, past_statement


def plain(text: str) -> str:
    """A page without the spaces that keep words together."""
    return text.translate({0xA0: " ", 0x202F: " "})


def address(name: str) -> str:
    return "/" if name == "today" else f"/{name}"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_answers_in_its_language(browser, name, language):
    answer = browser.get(f"{address(name)}?lang={language}")
    assert answer.status == 200
    assert f'<html lang="{language}">' in answer.text
    assert answer.text.count("<h1") == 1
    assert answer.text.count('aria-current="page"') == 1
    assert HELD not in answer.text
    other = "fr" if language == "en" else "en"
    assert f'hreflang="{other}"' in answer.text


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_its_input_names_the_command_that_makes_it(desk_folder, name, language):
    config = made_up(desk_folder)
    if name == "customer":
        (desk_folder / "payments.parquet").unlink()
    for each in ("roi", "scores"):
        shutil.rmtree(desk_folder / each)
    for file in desk_folder.glob("targets*"):
        file.unlink()
    answer = Browser(Console(config, "shop/b.yaml")).get(f"{address(name)}?lang={language}")
    assert answer.status == 200
    assert re.search(r"<code>servicelift \w+ shop/b.yaml", answer.text)


def test_every_link_of_a_page_leads_somewhere(browser):
    for name in PAGES:
        text = browser.get(address(name)).text
        for link in set(re.findall(r'(?:href|src)="(/[^"#]*)', text)):
            assert browser.get(link.replace("&amp;", "&")).status == 200, link


def test_today_says_three_sentences_and_what_to_decide(browser):
    text = browser.get("/").text
    said = re.findall(r"<p>(.+?)</p>", text.partition('<div class="sentences">')[2].partition("</div>")[0])
    assert len(said) == 3
    assert said[0].startswith("64 customers are worth a contact: it costs €320")
    assert "€1,000 spent, €2,600 earned over 36 months (95% interval €900 to €4,300); 1 of 2 actions" in said[1]
    assert "grade B" in said[2]
    assert "Retention offer pays: do more of it?" in text
    assert "Iban switch: not proven. Plan the experiment" in text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ["64 customers are on the list: it costs €320", "It is not shown that choosing", "of the list, or nobody?"],
        ),
        ("fr", ["64 clients sont sur la liste", "pas démontré", "de la liste, ou personne"]),
    ],
)
def test_today_doubts_a_list_whose_policy_is_not_shown_to_be_better(desk_folder, browser, language, said):
    (desk_folder / "targets.list.json").write_text(json.dumps(beside_the_list()), encoding="utf-8")
    text = plain(browser.get(f"/?lang={language}").text)
    assert all(each in text for each in said), text


def test_return_says_hypothesis_effect_verdict_and_what_would_settle_it(browser):
    text = browser.get("/returns").text
    assert "Coaching &amp; care" in text
    assert "When agents call back, then customers stay. Since March 1, 2023." in text
    assert "€20.00" in text
    assert "€9.00 to €31.00" in text
    assert "What would settle it: of 400 customers" in text
    french = browser.get("/returns?lang=fr").text
    assert "rentable" in french
    assert '<span lang="en">It pays' in french
    assert "Ce qui trancherait" in french


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["No better than contacting nobody: on decisions held", "failed a check: placebo", "€0.80 to €34.30"]),
        ("fr", ["Pas mieux que ne contacter personne", "contrôle non passé", "de 0,80"]),
    ],
)
def test_above_the_list_stand_its_policy_and_the_verdict_of_each_action(desk_folder, browser, language, said):
    (desk_folder / "targets.list.json").write_text(json.dumps(beside_the_list()), encoding="utf-8")
    above, _, _ = plain(browser.get(f"/targets?lang={language}").text).partition("<form")
    places = [above.find(text) for text in said]
    assert -1 not in places
    assert places[0] == min(places), "what the policy is worth comes first"
    assert {"en": "pays", "fr": "rentable"}[language] in above
    assert f'<a href="/returns{"?lang=fr" if language == "fr" else ""}#retention_offer">' in above
    assert above.find("/returns") < above.find("<svg"), "the verdicts stand above the curve"


def test_what_is_beside_another_list_is_not_taken_for_this_one(desk_folder, browser):
    (desk_folder / "targets.list.json").write_text(json.dumps(beside_the_list(contacted=65)), encoding="utf-8")
    text = browser.get("/targets").text
    assert "speaks of another one" in text
    assert "No better than" not in text
    assert ">C1<" in text


def test_an_action_that_no_statement_knows_says_so(desk_folder, browser):
    shutil.rmtree(desk_folder / "roi")
    (desk_folder / "targets.list.json").write_text(json.dumps(beside_the_list()), encoding="utf-8")
    above, _, _ = browser.get("/targets").text.partition("<form")
    assert above.count("in no statement yet") == 2
    assert "93%" in above


def test_past_statements_are_called_by_their_period(desk_folder):
    config = made_up(desk_folder).model_copy(update={"timezone": "Europe/Paris"})
    for name, span in {**PERIODS, "again": PERIODS["a"], "of-old": (None, None)}.items():
        past_statement(desk_folder, name, *span)
    browser = Browser(Console(config))
    english = plain(browser.get("/returns").text)
    assert '<th scope="row">January 1, 2023 to June 30, 2023</th>' in english
    assert '<th scope="row">January 1, 2024 to June 30, 2024 (a)</th>' in english
    assert '<th scope="row">January 1, 2024 to June 30, 2024 (again)</th>' in english
    assert '<th scope="row">of-old</th>' in english
    assert english.index("June 30, 2023<") < english.index("December 31, 2023<") < english.index("June 30, 2024 (a)<")
    assert '<th scope="row">Du 1er janvier 2023 au 30 juin 2023</th>' in plain(browser.get("/returns?lang=fr").text)


def test_the_statement_says_which_decisions_it_is_about(desk_folder, browser):
    past_statement(desk_folder, "a", *PERIODS["a"])
    shutil.copy(desk_folder / "statements" / "a" / "roi.json", desk_folder / "roi" / "roi.json")
    assert "Decisions from December 31, 2023 to June 30, 2024." in plain(browser.get("/returns").text)
    assert "Décisions du 31 décembre 2023 au 30 juin 2024." in plain(browser.get("/returns?lang=fr").text)


def test_a_file_that_cannot_be_read_is_said_on_the_page(desk_folder, browser):
    (desk_folder / "targets.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    answer = browser.get("/targets")
    assert answer.status == 500
    assert "is no list that `targets` wrote" in answer.text
    assert browser.get("/returns").status == 200


def test_scores_of_another_business_are_not_shown(desk_folder, browser):
    run = desk_folder / "scores" / "run.json"
    run.write_text(run.read_text(encoding="utf-8").replace("press", "shop"), encoding="utf-8")
    assert "grade B" not in browser.get("/").text


def test_an_event_that_takes_value_away_is_not_shown_as_good():
    assert colour_of("effect shown", -11.37) == "bad"
    assert colour_of("effect shown", 5.0) == "good"
    assert colour_of("effect not shown", -11.37) == "open"
