"""The model card: pictures inside, values escaped, a description that the registry can hold."""

from __future__ import annotations

import re
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.locale import Locale
from servicelift.mlflow_run import Run
from servicelift.training import train as job
from servicelift.training.card.model_card import card_page, meaning_of, model_card, version_description
from servicelift.training.card.words import CARD_WORDS, FIGURES, PICTURES
from servicelift.training.judged import JudgedModel

JUDGED = JudgedModel(
    "press-churn", 3, "champion", "log loss", 0.31, None, {"AUC": 0.8}, ("grade <B>",), "first model", True
)


@pytest.fixture
def run():
    return SimpleNamespace(
        run_id="r1",
        locale=Locale("en"),
        marks={"business": "press", "data_until": "2024-07-01"},
        facts={"Learnt from": "12 snapshots, 2023-01-01 to 2023-12-01: 900 rows of 300 customers"},
        figures={"importance": b"\x89PNG picture", "gain": b"\x89PNG other"},
        measured={"held_out_loss": 0.31},
        segments=pd.DataFrame({"segment": ["plan"], "value": ["a&b"], "rows": [40.0], "AUC": [np.nan]}),
        strongest=["tenure_days", "method"],
    )


def test_the_page_holds_its_pictures_period_counts_and_segments(run):
    html = card_page(JUDGED, run)
    assert html.count('src="data:image/png;base64,') == 2
    assert not re.search(r'src="(?!data:)|<script|https?:', html)
    assert "12 snapshots, 2023-01-01 to 2023-12-01" in html
    assert "a&amp;b" in html
    assert "grade &lt;B&gt;" in html
    assert html.count("<caption>") == html.count("<table>") == 4
    assert 'alt="importance"' in html


def test_the_markdown_says_the_same(run):
    text = model_card(JUDGED, run)
    assert "- Learnt from: 12 snapshots" in text
    assert "| plan | a&b | 40 | - |" in text
    assert "![importance](plots/importance.png)" in text


def test_a_description_tells_the_version_and_fits_the_store(run):
    text = version_description(JUDGED, run)
    assert text.startswith(meaning_of("press-churn", run.locale))
    assert "| AUC | 0.8 |" in text
    assert "**Champion**: first model." in text
    assert "`tenure_days`, `method`" in text
    run.facts |= {f"Decisions on {n}": "x" * 200 for n in range(40)}
    assert len(version_description(JUDGED, run)) < 5_000


def test_a_french_business_has_french_cards(run):
    run.locale, run.facts = Locale("fr"), {"Appris de": "12 photographies"}
    page, text, told = (write(JUDGED, run) for write in (card_page, model_card, version_description))
    assert '<html lang="fr">' in page
    assert '<li lang="en">grade &lt;B&gt;</li>' in page
    for written in (page, text, told):
        shown = re.sub(r"<style>.*?</style>|<[^>]*>", " ", written.replace("grade <B>", ""), flags=re.DOTALL)
        words = set(re.findall(r"[A-Za-z]+", shown.replace("first model", "")))
        assert words & {"the", "of", "and", "Use", "Data", "Judgement", "lower", "figure", "Champion"} == set()
        assert "0,31" in written
        assert "1er juillet 2024" in written.replace("\u00a0", " ")
    assert "importance des variables" in page


def test_every_sentence_is_written_in_both_languages():
    for catalogue in (CARD_WORDS, FIGURES, PICTURES):
        for code, sentence in catalogue.items():
            assert sentence.figures("en") == sentence.figures("fr"), code
            assert sentence.en != sentence.fr or code in {"importance", "segment"}, code


def test_without_segments_and_pictures_there_are_no_headings_of_them(run):
    run.segments, run.figures, run.strongest = None, {}, []
    assert "Segments" not in card_page(JUDGED, run)
    assert "Pictures" not in model_card(JUDGED, run)
    assert "most with" not in version_description(JUDGED, run)


def test_cards_are_written_in_the_language_of_the_business(monkeypatch):
    french = Config.model_validate({"tables": {"customers": "-", "payments": "-"}, "language": "fr"})
    written = []

    class Store:
        @contextmanager
        def run(self, name, **more):
            yield Run(None, name, {})

        def versions(self, name):
            return []

    monkeypatch.setitem(job._JOBS, "churn", lambda tables, tracker, run, say: written.append(run.locale.language))
    job._models(SimpleNamespace(config=french), Store(), {"servicelift.job": "j"}, "churn", print)
    assert written == ["fr"]
