"""A night watched whole: files, lines and page in both languages, without a store and without nights."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest
from servicelift.core.config.monitoring import MonitorConfig
from servicelift.core.files import other_than
from servicelift.core.locale import Locale
from servicelift.scoring.monitor.figures import name_of, written
from servicelift.scoring.monitor.kept import metrics_of
from servicelift.scoring.monitor.measures import COLUMNS
from servicelift.scoring.monitor.monitor import monitor
from servicelift.scoring.monitor.nights import Nights
from servicelift.scoring.monitor.page import PageFacts, monitor_page, night_picture
from servicelift.scoring.monitor.words import GROUPS, HOW_TO_READ, LINES, MEASURES, NOTES, PAGE

AT = pd.Timestamp("2024-01-01")


@pytest.fixture(scope="module")
def watch(tables, config, monthly, night_at, tmp_path_factory):
    def look(nights, *measures, **changed):
        chosen = {"monitor": MonitorConfig(measures=measures)} if measures else {}
        used = config.model_copy(update={**changed, **chosen})
        out = tmp_path_factory.mktemp("out") / "night"
        own = type(tables)(used, tables.connection, tables.frames, tables.data_until, tables.days, tables.planned_days)
        return monitor(used, AT, out, nights, opened=lambda _: own)

    return look


@pytest.fixture(scope="module")
def calm(watch, monthly, night_at):
    return watch([*monthly(), night_at("2024-01-01")])


@pytest.fixture(scope="module")
def loud(watch, monthly, night_at):
    return watch([*monthly(), night_at("2024-01-01", off=2.5)], "accuracy", "outcomes", language="fr")


def test_files_agree_with_each_other(calm):
    rows = pd.read_parquet(calm.out / "monitor.parquet")
    assert tuple(rows.columns) == COLUMNS
    pd.testing.assert_frame_equal(rows, calm.watch.rows, check_dtype=False)
    facts = json.loads((calm.out / "monitor.json").read_text())
    assert facts["nights"] == 12
    assert facts["alarms"] == []
    assert facts["expected_false_alarms_a_year"] <= facts["false_alarms_a_year"] == 2
    assert other_than(facts["files"], calm.out, ("monitor.parquet", "monitor.html")) == []
    assert len(facts["calibration_by_night"]) == len(calm.by_night)


def test_a_calm_night_says_so_and_a_store_that_is_gone_is_one_warning(calm):
    lines = calm.lines()
    assert not calm.alarmed
    assert lines[0].startswith("nothing rings at January 1, 2024")
    assert sum("not kept in MLflow" in line for line in lines) == 1


def test_an_alarm_is_told_in_french(loud):
    lines = loud.lines()
    assert loud.alarmed
    assert "au 1er janvier 2024" in lines[0]
    assert any(line.startswith("alarme\u00a0: taux d'attrition à venir\u00a0: ") for line in lines)
    page = (loud.out / "monitor.html").read_text(encoding="utf-8")
    assert '<html lang="fr">' in page
    assert "taux d&#39;attrition à venir" in page
    facts = json.loads((loud.out / "monitor.json").read_text())
    assert {row["measure"] for row in facts["alarms"]} >= {"expected_rate"}


class Tags(HTMLParser):
    """Collect open tags, to see that each is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.scripts = [], 0

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        if tag not in ("meta", "br", "line"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag == "line"

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("which", ["calm", "loud"])
def test_the_page_is_whole_and_alone(which, request):
    page = (request.getfixturevalue(which).out / "monitor.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert tags.scripts == 0
    assert "http" not in page
    assert "<svg" in page


def test_evidence_without_bounds_is_cut_on_the_page(loud, tables, config, monthly):
    rows = loud.watch.rows
    assert (rows["rule"] == "accumulated").any()
    huge = replace(loud.watch, rows=rows.assign(evidence=rows["evidence"].where(rows["rule"] != "accumulated", 1e40)))
    facts = PageFacts.of(tables, Nights.until(monthly(), AT, 730), ())
    assert "evidence &gt; 1,000,000 of" in monitor_page(huge, loud.by_night, facts)


def test_without_nights_only_tables_are_watched(watch):
    found = watch([])
    assert set(found.watch.rows["group"]) == {"inputs"}
    assert any("no scored night" in line for line in found.lines())
    assert "<svg" not in (found.out / "monitor.html").read_text(encoding="utf-8")


def test_an_older_night_stands_for_tonight_and_says_so(watch, monthly):
    assert any("stands for tonight" in line for line in watch(monthly(), "accuracy").lines())


def test_every_measure_and_note_has_words_and_a_form(calm, loud):
    for outcome in (calm, loud):
        for _, row in outcome.watch.rows.iterrows():
            assert name_of(outcome.locale, row, outcome.titles)
            assert written(outcome.locale, row["measure"], row["value"])
            assert not row["note"] or NOTES[row["note"]]
    assert set(outcome.watch.rows["group"]) <= set(GROUPS)
    for measure in MEASURES:
        assert written(Locale("fr"), measure, 0.5)


def test_features_and_scores_are_named_in_the_language_of_the_business(watch, monthly, night_at):
    """A feature by the words of reasons, with its column small beside it; nothing by a column's name alone."""
    french = watch([*monthly(), night_at("2024-01-01")], "drift", language="fr", names={"call": "appel"})
    names = {row["subject"]: name_of(french.locale, row, french.titles) for _, row in french.watch.rows.iterrows()}
    assert names["tenure_days"].startswith("client depuis …\u00a0: ")
    assert names["churn_probability"].startswith("probabilité d'attrition\u00a0: ")
    page = (french.out / "monitor.html").read_text(encoding="utf-8")
    assert re.search(r'client depuis …\xa0: [^<]+<br> <span class="small">tenure_days</span>', page)
    for subject, name in names.items():
        assert subject not in name
        assert subject.replace("_", " ") not in name


@pytest.mark.parametrize("catalogue", [GROUPS, HOW_TO_READ, LINES, MEASURES, NOTES, PAGE])
def test_both_languages_tell_the_same_figures(catalogue):
    for code, sentence in catalogue.items():
        assert sentence.figures("en") == sentence.figures("fr"), code


def test_metrics_have_names_of_their_own(calm):
    found = metrics_of(calm.watch)
    assert len(found) == len(calm.watch.rows) + 1
    assert found["alarms"] == 0
    assert found["calibration/churn/60d"] == pytest.approx(
        calm.watch.rows.query("measure == 'calibration' and days == 60")["value"].iloc[0]
    )


def test_a_picture_needs_a_night_that_can_be_told(calm):
    picture = night_picture(calm.by_night, calm.locale)
    assert len(picture.marks) == len(calm.by_night)
    assert all(mark.high <= mark.y <= mark.low for mark in picture.marks)  # the vertical axis points down
    assert night_picture(calm.by_night.assign(ratio=float("nan")), calm.locale) is None


@pytest.mark.slow
@pytest.mark.parametrize("which", ["calm", "loud"])
def test_a_browser_finds_nothing_wrong_with_the_page(which, request, faults_of):
    """The calm night is English, the loud one French."""
    assert faults_of((request.getfixturevalue(which).out / "monitor.html").read_text(encoding="utf-8")) == []
