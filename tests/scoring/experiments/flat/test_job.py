"""An experiment from file to files: the tables, the facts, the lines and the page say the same, in both languages."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import servicelift as sl
from servicelift.core.locale import Locale
from servicelift.core.progress import no_progress
from servicelift.scoring.experiments.flat.lines import amount, p_text

FILES = ["balance", "choices", "differences", "effects", "rules"]


@pytest.fixture(scope="module")
def written(offers, tmp_path_factory, command):
    folder = tmp_path_factory.mktemp("experiment")
    offers.to_csv(folder / "offers.csv", index=False)
    (folder / "offer.yaml").write_text(
        "experiment: spring_offer\ntable: offers.csv\narm: group\ncontrol: none\nassignment: random\n"
        "shares: {none: 1, mail: 1, call: 1}\noutcomes: {spend: money}\ncosts: {call: 0.5, mail: 0.1}\n"
        "drop: [back]\n"
    )
    return folder, command("experiment", folder / "offer.yaml", "--out", folder / "out").stdout


def test_files_are_whole_and_facts_are_plain(written):
    folder, _ = written
    names = sorted(file.name for file in (folder / "out").iterdir())
    assert names == sorted([*(f"{name}.parquet" for name in FILES), "experiment.html", "experiment.json"])
    facts = json.loads((folder / "out" / "experiment.json").read_text())
    assert (facts["believed"], facts["advice"], facts["control"]) == (True, "personal", "none")
    rules = pd.read_parquet(folder / "out" / "rules.parquet")
    assert rules["rule"].tolist() == ["personal", "one_arm", "one_arm", "nobody"]
    assert rules["arm"].fillna("by customer").tolist() == ["by customer", "call", "mail", "none"]


def test_lines_and_page_say_the_figures_of_the_table(written):
    folder, said = written
    row = pd.read_parquet(folder / "out" / "effects.parquet").iloc[0]
    page = (folder / "out" / "experiment.html").read_text()
    for end in ("estimate", "low", "high"):
        figure = f"€{row[end]:.2f}"
        assert figure in said
        assert figure in page
    assert "split: as planned" in said
    assert "adjusted for all other columns of the table: tenure and plan;" in said
    assert "advice: choose the arm by customer" in said
    assert "spend, mail: no evidence that customers differ" in said


def test_the_page_stands_alone_and_holds_no_customer(written, offers):
    folder, _ = written
    page = (folder / "out" / "experiment.html").read_text()
    assert page.count('class="drawn"') == 1
    assert "<b>|</b>" not in page  # the mark of a cost, of which no effect has one
    assert "http" not in page.replace("http-equiv", "")
    assert "src=" not in page
    assert str(offers["customer_id"].iloc[-1]) not in page


def test_a_french_page_is_french(offers):
    keys = {
        "experiment": "offre",
        "arm": "group",
        "control": "none",
        "propensity": {"mail": "p", "call": "p"},
        "outcomes": {"back": "yes_no"},
        "language": "fr",
        "covariates": [],
    }
    found = sl.experiment(keys, table=offers.assign(p=1 / 3), progress=no_progress)
    text = found.summary() + found.page
    assert '<html lang="fr">' in text
    for english in ("effect shown", "no effect", "arms", "customers", "against", "advice", "balance:"):
        assert english not in text
    assert "aucun effet démontré" in text
    assert found.rules is None


def test_an_experiment_with_a_broken_split_gives_no_advice(offers, config):
    lost = (offers["group"] == "call") & (offers["tenure"] < -0.5)
    found = sl.experiment(config(covariates=[]), table=offers[~lost], progress=no_progress)
    assert "do not believe what follows" in found.summary()
    assert "advice: none; the arms are not alike" in found.summary()
    assert "arms not alike" in found.page
    assert not found.facts["believed"]


def test_a_wrong_configuration_is_one_line_and_leaves_nothing(tmp_path, command):
    (tmp_path / "e.yaml").write_text("table: t.csv\narm: a\ncontrol: c\noutcomes: {y: money}\n")
    error = command("experiment", tmp_path / "e.yaml", "--out", tmp_path / "out", code=2).stderr
    assert error.count("\n") == 1
    assert "expected random, or a propensity column" in error
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("value", "kind", "error", "text"),
    [(0.0765896, "yes_no", 0.0034, "7.66 points"), (0.769827, "money", 0.14, "€0.77"), (1234.5, "number", 30, "1,234")],
)
def test_figures_are_as_exact_as_their_error_makes_sense(value, kind, error, text):
    assert amount(value, kind, Locale(), error) == text


def test_a_p_value_is_never_nothing():
    assert [p_text(p, Locale()) for p in (0.0, 0.0004, 0.0006, 0.04)] == ["< 0.001", "< 0.001", "0.001", "0.040"]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_browser_finds_nothing_wrong_with_the_page(offers, config, faults_of, language):
    found = sl.experiment(config(language=language), table=offers, progress=no_progress)
    assert faults_of(found.page) == []


@pytest.mark.slow
def test_a_browser_is_not_blind(faults_of):
    found = " ".join(
        faults_of(
            '<html lang="xx"><title>a</title><img src=""><p style="color:#ccc">hardly there<p style="width:2000px">c'
        )
    )
    for fault in ("image-alt", "color-contrast", "html-lang-valid", "landmark-one-main", "scrolls sideways"):
        assert fault in found
