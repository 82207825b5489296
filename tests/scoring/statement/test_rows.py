"""Rows arrange what was fitted: one an estimate, codes and figures, no sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.models.actions.programme import ProgrammeEffect
from servicelift.scoring.statement.estimate import Estimates
from servicelift.scoring.statement.rows import Period, statement_rows
from servicelift.scoring.statement.warnings import Caution

SINCE, UNTIL = pd.Timestamp("2023-01-01"), pd.Timestamp("2023-07-01")


@pytest.fixture(scope="module")
def arranged(fitted_world, small_tables):
    estimated = tuple(fitted_world(0.0))
    period = Period(small_tables(), SINCE, UNTIL, acquisition=np.nan, warnings=())
    programme = {"offer": ProgrammeEffect(90.0, 88.0, 92.0)}
    estimates = Estimates(estimated, (None,) * 3, (120.0, np.nan, np.nan), programme)
    return estimated, statement_rows(period, estimates)


def test_every_estimate_has_its_row_of_codes(arranged):
    _, found = arranged
    assert found.rows["action"].tolist() == ["offer", "offer", "switch"]
    assert found.rows["design"].tolist() == ["randomised", "observational", "observational"]
    assert found.rows["headline"].tolist() == [True, False, True]
    assert set(found.rows["verdict"]) <= {"pays", "loses", "not proven"}
    assert {type(value) for value in (*found.rows["kind"], *found.rows["verdict"], *found.rows["design"])} == {str}
    assert not {"sentence", "warnings"} & set(found.rows.columns)


def test_both_rows_of_an_action_that_chance_alone_assigns_carry_a_warning(fitted_world, small_tables):
    estimated = tuple(fitted_world(0.0))
    for assignment, warned in (("random", [True, True, False]), ("mixed", [False] * 3)):
        actions = {"offer": {"assignment": assignment}, "switch": {"assignment": "random"}}
        period = Period(small_tables(incremental={"actions": actions}), SINCE, UNTIL, acquisition=np.nan, warnings=())
        rows = statement_rows(period, Estimates(estimated, (None,) * 3, (120.0, np.nan, np.nan), {}))
        assert [Caution.NOT_DRAWN in {each.code for each in row} for row in rows.warnings] == warned


def test_totals_are_effects_times_the_treated(arranged):
    estimated, found = arranged
    for one, (_, row) in zip(estimated, found.rows.iterrows(), strict=True):
        treated = int(one.trial.treated.sum())
        assert row["incremental_clv"] == pytest.approx(one.effect.effect.estimate * treated)
        assert row["cost"] == pytest.approx(10 * treated)
        assert row["roi_percent"] == pytest.approx((row["incremental_clv"] / row["cost"] - 1) * 100)


def test_the_bridge_leads_from_the_naive_figure_to_the_effect_and_on_to_the_programme(arranged):
    _, found = arranged
    first = found.rows.iloc[0]
    steps = sum(first[f"bridge_{name}"] for name in ("selection", "regression_to_mean", "unseen", "forecast"))
    assert first["naive_incremental_clv"] + steps == pytest.approx(first["incremental_clv"])
    assert first["incremental_clv"] + first["bridge_double_counting"] == pytest.approx(90.0 * first["n_treated"])
    # Held-out customers are no naive comparison: both designs show the plain difference to the drawn ones.
    rows = found.rows.set_index(["action", "design"])
    naive = rows["naive_incremental_clv"] / rows["n_treated"]
    assert naive["offer", "randomised"] == pytest.approx(naive["offer", "observational"])


def test_the_programme_belongs_to_the_headline_alone(arranged):
    _, found = arranged
    assert found.rows["programme_incremental_clv"].notna().tolist() == [True, False, False]
    assert found.rows["bridge_selection"].notna().tolist() == [True, False, False]
