"""Figures as people of each language write them; days of their own time zone; a CSV that their spreadsheet opens."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from servicelift.core.locale import Locale, people_csv

THIN, NO_BREAK = "\u202f", "\u00a0"
EN, FR = Locale("en"), Locale("fr")


def test_numbers_have_the_marks_of_the_language():
    assert EN.number(1234567.891, 2) == "1,234,567.89"
    assert FR.number(1234567.891, 2) == f"1{THIN}234{THIN}567,89"
    assert EN.number(np.float64(-0.126), 2) == "-0.13"
    assert (EN.signed(1.5), FR.signed(-1.5)) == ("+1.50", "-1,50")
    assert (EN.number(np.nan), FR.money(np.nan), EN.percent(None)) == ("–", "–", "–")
    assert (EN.number(np.inf), EN.number(-np.inf)) == ("∞", "-∞")


def test_shares_are_per_cent():
    assert (EN.percent(0.1234), EN.percent(0.1234, 1)) == ("12%", "12.3%")
    assert FR.percent(12.345, 1) == f"1{THIN}234,5{NO_BREAK}%"


@pytest.mark.parametrize(
    ("currency", "english", "french"),
    [
        ("EUR", "€1,234.50", f"1{THIN}234,50{NO_BREAK}€"),
        ("CHF", f"1,234.50{NO_BREAK}CHF", f"1{THIN}234,50{NO_BREAK}CHF"),
        ("points", f"1,234.50{NO_BREAK}points", f"1{THIN}234,50{NO_BREAK}points"),
    ],
)
def test_money_has_its_currency(currency, english, french):
    assert [Locale(language, currency).money(1234.5) for language in ("en", "fr")] == [english, french]


def test_money_without_decimals():
    assert (EN.money(1234.4, 0), FR.money(1234.4, 0)) == ("€1,234", f"1{THIN}234{NO_BREAK}€")


def test_yen_have_no_decimals():
    assert Locale("en", "JPY").money(1234.4) == "¥1,234"
    assert "," not in Locale("fr", "JPY").money(1234.4)


def test_a_day_is_the_local_one():
    midnight_in_paris = pd.Timestamp("2023-12-31 23:00")
    assert Locale("fr", timezone="Europe/Paris").date(midnight_in_paris) == "1er janvier 2024"
    assert Locale("en", timezone="UTC").date(midnight_in_paris) == "December 31, 2023"
    assert Locale("fr").date(dt.date(2024, 1, 11)) == "11 janvier 2024"
    aware = pd.Timestamp("2024-01-01 00:30", tz="Europe/Paris")
    assert Locale("en", timezone="Europe/Paris").date(aware) == "January 1, 2024"
    assert Locale("en", timezone="America/New_York").date(dt.date(2024, 1, 1)) == "January 1, 2024"


def test_zero_is_singular_in_french_and_plural_in_english():
    assert [FR.plural(n) for n in (0, 1, 1.5, 2, 1_000_000)] == ["one", "one", "one", "other", "many"]
    assert [EN.plural(n) for n in (0, 1, 2, 1_000_000)] == ["other", "one", "other", "other"]


def test_lists_and_names():
    assert (EN.listed(["a", "b", "c"]), FR.listed(["a", "b"])) == ("a, b, and c", "a et b")
    assert (EN.listed(["a", "b"], choice=True), FR.listed(["a", "b"], choice=True)) == ("a or b", "a ou b")
    assert Locale(names={"retention_offer": "offre"}).named("retention_offer") == "offre"
    assert EN.named("retention_offer") == "retention offer"
    assert (EN.currency_name, FR.currency_name, Locale(currency="points").currency_name) == ("euros", "euros", "points")


@pytest.mark.parametrize(
    ("locale", "separator", "decimal", "first"), [(EN, ",", ".", b"name,"), (FR, ";", ",", b"\xef\xbb\xbfname;")]
)
def test_a_csv_for_people_is_read_back_by_their_spreadsheet(tmp_path, locale, separator, decimal, first):
    frame = pd.DataFrame({"name": ["Zoé; Noël", 'a "b", c'], "value": [1234.5, -0.25], "n": [1, 20000]})
    path = tmp_path / "list.csv"
    people_csv(frame, path, locale)
    assert path.read_bytes().startswith(first)
    pd.testing.assert_frame_equal(pd.read_csv(path, sep=separator, decimal=decimal), frame)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_text_of_a_csv_for_people_is_a_formula(tmp_path, language):
    locale, path = Locale(language), tmp_path / "list.csv"
    texts = ["=1+1", "+33 1", "-5", "@SUM(A1)", "\t=1", "a=1", "", None]
    people_csv(pd.DataFrame({"customer_id": texts, "value": [-1.5] * len(texts)}), path, locale)
    separator, decimal = (";", ",") if language == "fr" else (",", ".")
    read = pd.read_csv(path, sep=separator, decimal=decimal, keep_default_na=False)
    assert read["customer_id"].tolist() == ["'=1+1", "'+33 1", "'-5", "'@SUM(A1)", "'\t=1", "a=1", "", ""]
    assert read["value"].eq(-1.5).all()


def test_a_short_number_has_the_decimals_that_count():
    english = Locale("en")
    assert [english.short(x) for x in (0.0, 0.001, 0.35, -0.0123456, 2.5, 1234.567)] == [
        "0", "0.001", "0.35", "-0.0123", "2.5", "1,234.57",
    ]  # fmt: skip
    assert Locale("fr").short(0.001) == "0,001"


def test_figures_of_any_size_are_written():
    english = Locale("en")
    assert english.number(1e30).startswith("1,000,000,000,000,000,")
    for write in (english.number, english.short, english.signed, english.percent, english.money):
        for value in (1e28, -3e45, 1e300):
            assert write(value)
