"""The command's files, page and lines on a small trained world, in both languages; and what a point is worth."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from servicelift.cli_indicators import indicators as command
from servicelift.core.config.business import load_config
from servicelift.core.errors import DataError
from servicelift.core.locale import LANGUAGES, Locale
from servicelift.features.indicators.catalogue import INDICATORS
from servicelift.features.indicators.followed_up import FOLLOW_DAYS, Feedback
from servicelift.features.indicators.measure import measure
from servicelift.features.tables.tables import open_tables
from servicelift.scoring.indicators.job import CSV, PAGE, PEOPLE, ROWS, WORTH, indicators
from servicelift.scoring.indicators.page import indicators_page
from servicelift.scoring.indicators.sparkline import sparkline
from servicelift.scoring.indicators.words import COLUMNS, SECTIONS, STATES
from servicelift.scoring.indicators.worth import WORTH_COLUMNS, worth_rows
from servicelift.scoring.indicators.written import ends_written, people_frame, written

pytestmark = pytest.mark.usefixtures("tables_read_once")
SINCE, UNTIL = pd.Timestamp("2024-03-01"), pd.Timestamp("2024-05-01")


@pytest.fixture(scope="module")
def config(trained_press):
    text = trained_press.read_text(encoding="utf-8").replace("language: en ", "language: fr ")
    place = trained_press.parent / "french.yaml"
    settings = "\nindicators: {service_level: {seconds: 7200}, targets: {csat: 0.99, repeat_rate: 0.5}}\n"
    contrast = (
        "  contrasts: {quick: {exposure: answered_within, hours: 2}, solved: {exposure: resolved_at_first_contact}}\n"
    )
    before, tracking = text.split("\ntracking:")
    place.write_text(f"{before.rstrip()}\n{contrast}\ntracking:{tracking}{settings}", encoding="utf-8")
    return load_config(place)


@pytest.fixture(scope="module")
def statement(tmp_path_factory):
    """A statement in which one contrast is shown and the other is not."""
    folder = tmp_path_factory.mktemp("roi")
    rows = pd.DataFrame(
        {
            "kind": ["contrast", "contrast", "action"], "action": ["solved", "quick", "offer"],
            "effect_per_treated": [12.0, 5.0, 1.0], "effect_per_treated_low": [4.0, -1.0, 0.0],
            "effect_per_treated_high": [20.0, 11.0, 2.0],
            "verdict": ["effect shown", "effect not shown", "pays"],
        }
    )  # fmt: skip
    rows.to_parquet(folder / "roi.parquet")
    return folder


@pytest.fixture(scope="module")
def outcome(config, statement, tmp_path_factory):
    out = tmp_path_factory.mktemp("indicators") / "out"
    return indicators(config, SINCE, UNTIL, out, by=("channel",), roi=statement)


def test_the_files_hold_what_was_agreed(outcome):
    rows = pd.read_parquet(outcome.out / ROWS)
    pd.testing.assert_frame_equal(rows.astype({"month": "object"}), outcome.rows.astype({"month": "object"}))
    assert set(rows["by"]) == {"", "channel", "method"}
    assert set(rows.loc[rows["by"] == "method", "indicator"]) == {"subscription_duration"}
    assert list(pd.read_parquet(outcome.out / WORTH).columns) == list(WORTH_COLUMNS)
    machine = pd.read_csv(outcome.out / CSV)
    assert machine["value"].dtype == float
    assert set(machine["indicator"]) == set(rows["indicator"])


def test_the_file_for_people_is_in_their_language(outcome):
    raw = (outcome.out / PEOPLE).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    people = pd.read_csv(outcome.out / PEOPLE, sep=";", decimal=",", encoding="utf-8-sig")
    assert list(people.columns)[:5] == ["indicateur", "mois", "par", "groupe", "valeur"]
    assert "Résolution au premier contact, brute (RPC)" in set(people["indicateur"])
    assert people["valeur"].dtype == float
    assert "connu" in set(people["état"])


def test_a_point_is_worth_what_is_proven_and_nothing_else(outcome):
    worth = outcome.worth.set_index("contrast")
    solved, quick = worth.loc["solved"], worth.loc["quick"]
    assert (solved["indicator"], quick["indicator"]) == ("fcr_gross", "service_level")
    assert solved["per_point"] == pytest.approx(12.0 * solved["customers_per_point"])
    assert solved["per_point_low"] == pytest.approx(4.0 * solved["customers_per_point"])
    assert np.isnan(quick["per_point"])
    assert quick["reason"] == "not_proven"
    assert any("non démontré" in line for line in outcome.lines())


def test_a_contrast_with_another_limit_says_nothing_of_a_point(config, statement):
    changed = config.indicators.model_copy(update={"fcr_days": 3})
    other = config.model_copy(update={"indicators": changed})
    measured = measure(open_tables(other), SINCE, UNTIL)
    worth = worth_rows(measured, other, statement).set_index("contrast")
    assert worth.loc["solved", "reason"] == "other_limit"
    assert np.isnan(worth.loc["solved", "per_point"])
    assert worth_rows(measured, other, None).empty
    with pytest.raises(DataError, match=r"a folder that `servicelift roi` wrote"):
        worth_rows(measured, other, statement / "elsewhere")


def test_the_page_is_whole_french_and_escaped(outcome):
    page = outcome.page
    assert page == (outcome.out / PAGE).read_text(encoding="utf-8")
    assert '<html lang="fr">' in page
    assert "<script" not in page
    assert "{{" not in page
    assert "Niveau de service" in page
    assert not re.search(r"\b(service level|month before|not known)\b", page)
    assert page.count("<table") == page.count("</table>")


def test_lines_tell_what_is_absent_and_where_the_page_is(outcome):
    lines = outcome.lines()
    assert lines[-1].endswith(str(outcome.out / ROWS))
    assert any(line.startswith("absent") for line in lines)
    assert command.__doc__


def test_the_template_is_drawn_from_rows_alone(outcome, config):
    assert callable(indicators_page)
    shown = people_frame(outcome.rows.head(3), Locale("en"))
    assert shown.columns[0] == "indicator"


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_for_every_source_and_column(language):
    locale = Locale(language)
    assert all(SECTIONS.say(locale, each.source.name) for each in INDICATORS.values())
    assert len({SECTIONS.say(locale, name) for name in SECTIONS}) == len(SECTIONS)
    assert {"known", "unknown", "too_few"} == set(STATES)
    assert all(COLUMNS.say(locale, name) for name in COLUMNS)


def test_figures_as_people_write_them():
    english = Locale("en")
    assert [written(english, "seconds", s) for s in (45.0, 600.0, 7200.0, 200_000.0)] == [
        "45 s",
        "10.0 min",
        "2.0 h",
        "2.3 d",
    ]
    assert written(Locale("fr"), "per_customer", 0.126) == "12,6 pour 100"
    assert ends_written(english, "share", 0.1, 0.2) == ("10.0%", "20.0%")
    assert written(english, "money", float("nan")) == "–"


def test_a_sparkline_needs_two_months():
    assert sparkline([1.0], [0.5], [1.5], "") is None
    drawn = sparkline([1.0, np.nan, 3.0], [0.0, np.nan, 2.0], [2.0, np.nan, np.inf], "up")
    assert drawn is not None
    assert len(drawn.points.split()) == 2
    assert "nan" not in drawn.points + drawn.band
    assert drawn.last[1] < float(drawn.points.split()[0].split(",")[1])


def test_feedback_is_counted_over_a_month():
    assert FOLLOW_DAYS == 30
    assert Feedback(10, 5, 2, None).followed is None
