"""The table of checks: a column a design, what could not be checked said so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.locale import Locale
from servicelift.scoring.statement.page.checks import checks_of, checks_table

EN = Locale("en")


def test_each_design_has_its_column(statement_row):
    rows = pd.DataFrame([statement_row(design="randomised"), statement_row()])
    table = checks_table(rows, EN)
    assert [cell.text for cell in table.head] == ["check", "randomised", "observational"]
    assert {len(row) for row in table.rows} == {3}
    assert len(table.rows) == len(checks_of(rows.iloc[0], EN))


def test_hidden_causes_are_held_beside_the_strongest_feature(statement_row):
    assert checks_of(pd.Series(statement_row()), EN)["hidden"] == (
        "3.0% of what is left to explain; 1.5 times tenure_days. Whether there is one, the tables cannot tell"
    )
    assert checks_of(pd.Series(statement_row(hidden_times=np.inf)), EN)["hidden"] == (
        "3.0% of what is left to explain. Whether there is one, the tables cannot tell"
    )
    assert checks_of(pd.Series(statement_row(design="randomised")), EN)["hidden"] == "none: chance decided"
    assert checks_of(pd.Series(statement_row(robustness_value=np.nan)), EN)["hidden"] == "not known"


@pytest.mark.parametrize(
    ("language", "young", "invisible", "few"),
    [
        ("en", "no decision is old enough", "cannot be seen", "too few to try"),
        ("fr", "aucune décision n'est assez ancienne", "non observable", "trop peu pour essayer"),
    ],
)
def test_what_could_not_be_checked_is_said(statement_row, language, young, invisible, few):
    results = checks_of(pd.Series(statement_row(random_treatment_found=np.nan)), Locale(language))
    assert (results["surrogate"], results["negative_control"], results["random_treatment"]) == (young, invisible, few)


@pytest.mark.parametrize(
    ("times", "complete", "language", "said"),
    [
        (0.0, True, "en", "0"),
        (3.0, False, "en", "at least 3"),
        (3.0, False, "fr", "au moins 3"),
        (np.nan, False, "en", "not known: the store is older than the record of readings"),
    ],
)
def test_how_often_it_was_read_is_told_and_unknown_is_no_zero(statement_row, times, complete, language, said):
    row = pd.Series(statement_row(earlier_readings=times, earlier_readings_complete=complete))
    results = checks_of(row, Locale(language))
    assert results["read_before"] == said
    assert results["always"].startswith("-0.50 to" if language == "en" else "de -0,50")


def test_without_contracts_there_are_no_late_hazards(statement_row):
    none = statement_row(late_hazard_low=np.nan, late_hazard_high=np.nan)
    names = [row[0].text for row in checks_table(pd.DataFrame([none]), EN).rows]
    both = [row[0].text for row in checks_table(pd.DataFrame([none, statement_row()]), EN).rows]
    assert set(both) - set(names) == {"effect with late hazards 20% higher or lower"}
