"""Warnings are codes with figures, and have their words in both languages."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from servicelift.core.locale import Locale
from servicelift.core.records import ArmCounts, StudyDesign
from servicelift.models.refutation.overlap import Overlap
from servicelift.scoring.statement.sentences import warnings_in_words
from servicelift.scoring.statement.warnings import (
    JOURNEY,
    Caution,
    business_warnings,
    response_rate,
    split_of,
    trial_warnings,
)
from servicelift.scoring.statement.words import CAUTIONS

ARMS = ArmCounts(
    both_arms=1,
    same_day=2,
    held_out=98,
    treated_soon=57,
    observed_propensity=True,
    strata=("month", "segment"),
    one_sided=True,
    told_apart=True,
    certain=3,
    waiting=4,
)
SINCE, UNTIL = pd.Timestamp("2023-01-01"), pd.Timestamp("2023-07-01")


def test_readers_are_warned_of_what_they_cannot_see(small_tables):
    short = business_warnings(small_tables(value={"horizon_months": 6}), SINCE, UNTIL)
    figures = {warning.code: warning.figures for warning in short}
    assert figures[Caution.SHORT_HORIZON] == {"months": 6, "least": 12}
    assert figures[Caution.FEW_ANSWERS]["share"] == pytest.approx(0.2)
    assert {"service", "referral"} <= set(figures[Caution.NO_DATA]["stages"])
    assert "satisfaction" not in figures[Caution.NO_DATA]["stages"]
    usual = small_tables()
    assert Caution.SHORT_HORIZON not in {warning.code for warning in business_warnings(usual, SINCE, UNTIL)}
    assert response_rate(usual, UNTIL, UNTIL + pd.Timedelta(days=9)) is None


def test_an_estimate_warns_of_young_decisions_and_few_controls(small_trial):
    good = Overlap(0.0, 0.0, 900.0, 0.01)
    assert trial_warnings(small_trial(), good) == ()
    (young,) = trial_warnings(small_trial(immature=1), good)
    assert (young.code, young.figures["share"]) == (Caution.IMMATURE, 0.5)
    (few,) = trial_warnings(small_trial(), Overlap(0.0, 0.0, 60.0, 0.01))
    assert (few.code, few.figures["controls"]) == (Caution.FEW_CONTROLS, 60.0)


def unchosen(trial):
    return dataclasses.replace(trial, design=StudyDesign.OBSERVATIONAL)


def test_controls_that_chance_did_not_decide_on_are_told_beside_a_randomised_row(small_trial):
    good = Overlap(0.0, 0.0, 900.0, 0.01)
    (told,) = trial_warnings(unchosen(small_trial()), good, not_drawn=True)
    assert told.code == Caution.NOT_DRAWN
    assert trial_warnings(unchosen(small_trial()), good) == ()


def drawn(trial, held, months=2, **columns):
    """Return a trial with a persistent holdout: 900 treated, ``held`` left alone, each decided on every month."""
    customers = np.arange(900 + held)
    units = pd.DataFrame({"customer_id": np.tile(customers, months), "treated": np.tile(customers < 900, months) * 1})
    units = units.assign(as_of=np.repeat(np.arange(months), len(customers)), propensity=0.9, **columns)
    return dataclasses.replace(trial, design=StudyDesign.RANDOMISED, units=units)


def test_a_holdout_that_is_not_as_large_as_planned_is_told(small_trial):
    good = Overlap(0.0, 0.0, 900.0, 0.01)
    assert trial_warnings(drawn(small_trial(), held=100), good) == ()
    (lost,) = trial_warnings(drawn(small_trial(), held=60), good)
    assert (lost.code, lost.figures["came"]) == (Caution.SPLIT, 60)
    assert lost.figures["planned"] == pytest.approx(96)


def test_a_customer_counts_once_however_often_decided_on(small_trial):
    once, often = (split_of(drawn(small_trial(), held=80, months=months)) for months in (1, 12))
    assert often.p_value == pytest.approx(once.p_value)
    assert often.holds


def test_a_split_is_not_asked_where_nothing_was_planned(small_trial):
    few = drawn(small_trial(), held=20)
    assert split_of(dataclasses.replace(few, design=StudyDesign.OBSERVATIONAL)) is None
    assert split_of(dataclasses.replace(few, arms=ArmCounts(observed_propensity=True))) is None
    shared = np.where(few.units["treated"] == 1, "spring", None)
    assert split_of(drawn(small_trial(), held=20, initiative=shared)) is None
    assert not split_of(drawn(small_trial(), held=20, initiative=None)).holds


def test_every_warning_and_every_stage_has_its_words(small_tables, small_trial):
    assert set(CAUTIONS) == {*Caution, *JOURNEY}
    both = (
        *business_warnings(small_tables(value={"horizon_months": 6}), SINCE, UNTIL),
        *trial_warnings(small_trial(immature=1), Overlap(0.0, 0.0, 60.0, 0.01)),
        *trial_warnings(dataclasses.replace(small_trial(), arms=ARMS), Overlap(0.0, 0.0, 900.0, 0.01)),
        *trial_warnings(drawn(small_trial(), held=20), Overlap(0.0, 0.0, 900.0, 0.01)),
        *trial_warnings(unchosen(small_trial()), Overlap(0.0, 0.0, 900.0, 0.01), not_drawn=True),
    )
    english, french = (warnings_in_words(both, Locale(language)) for language in ("en", "fr"))
    assert "6 months is under 12" in english
    assert "no data on subscription, service, and referral:" in english
    assert "60 customers left alone" in english
    assert "1 customer treated and held out by the action at the same instant" in english
    assert "2 decisions with another action on the same customer and day" in english
    assert "58% of the held-out customers (57) were treated within 30 days" in english
    assert "57) ont été traités dans les 30 jours" in french
    assert "la part traitée la remplace, par month, segment" in french
    assert "the share treated stands for it, within month, segment" in english
    assert "actions.propensity is on one arm only" in english
    assert "actions.propensity tells the arms apart" in english
    assert "3 decisions of propensity 0 or 1 left out" in english
    assert "20 customers were held out where the recorded propensities plan for 92" in english
    assert "20 clients témoins là où" in french
    assert "observational figures may compare with customers who were not in the draw" in english
    assert "clients hors du tirage au sort" in french
    assert "l'horizon de 6 mois est inférieur à 12" in french
    assert "60 clients laissés de côté" in french
    assert warnings_in_words((), Locale("fr")) == ""


@pytest.mark.parametrize(("lapsed", "caution"), [(False, Caution.LAPSED_LEFT_OUT), (True, Caution.RUNNING_LEFT_OUT)])
def test_decisions_on_customers_in_the_other_state_are_told_where_they_are_many(small_trial, lapsed, caution):
    overlap = Overlap(0.0, 0.0, 1e9, 0.0)
    few, many = (dataclasses.replace(small_trial(), elsewhere=n, lapsed=lapsed) for n in (0, 9))
    assert not trial_warnings(few, overlap)
    (told,) = trial_warnings(many, overlap)
    assert told.code == caution
    assert "state: " in CAUTIONS.write(Locale("en"), told)
    assert "9" in CAUTIONS.write(Locale("fr"), told)
