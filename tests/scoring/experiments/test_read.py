"""What a reading says of the hypothesis, and whether it is complete, in both languages."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from servicelift.core.locale import Locale
from servicelift.core.records import ClvInputs, StudyDesign, TrialData
from servicelift.models.actions.effect import AverageOutcome
from servicelift.models.effects.inference import EffectEstimate
from servicelift.scoring.experiments.read import ExperimentReading, _compared, _conclusions, _page


def trial(treated: int, control: int, cost: float) -> TrialData:
    arm = np.repeat([1, 0], [treated, control])
    units = pd.DataFrame({"treated": arm, "cost": np.where(arm == 1, cost, 0.0)})
    empty = pd.DataFrame(index=range(len(arm)))
    return TrialData(
        "iban_switch", StudyDesign.RANDOMISED, units, empty, empty, ClvInputs(empty, None, {}), empty,
        *[np.zeros(len(arm))] * 2, 1, 1, 12, 0,
    )  # fmt: skip


def estimate(low: float, high: float) -> AverageOutcome:
    middle = (low + high) / 2
    effect = EffectEstimate(middle, 1.0, low, high, "treated", 9, 9, 9.0, 9.0, 0.0, 0.0, 1.0)
    return AverageOutcome(effect, None, np.empty(0))


@pytest.mark.parametrize(
    ("low", "high", "codes"),
    [
        (3.0, 9.0, ["pays", "within"]),
        (1.0, 9.0, ["shown", "within"]),
        (-3.0, 9.0, ["nothing", "within"]),
        (-3.0, 1.0, ["loses", "outside"]),
    ],
)
def test_what_a_reading_concludes(a_plan, low, high, codes):
    ends = {"low": low, "high": high}
    assert _conclusions(a_plan(), (low, high), ends, 2.0, 630) == codes
    assert _conclusions(a_plan(), (low, high), ends, 2.0, 500) == [*codes, "early"]
    assert _conclusions(a_plan(), None, ends, 2.0, 500) == ["before_looks", "early"]


def test_planned_stands_beside_observed(a_plan, tmp_path):
    table, conclusion = _compared(a_plan(), trial(500, 60, 2.0), estimate(3.0, 9.0), Locale("en"))
    observed = dict(zip(table["figure"], table["observed"], strict=True))
    assert observed["customers contacted"] == "500 matured, 12 not yet"
    assert observed["effect"] == "€6.00 (€3.00 to €9.00)"
    assert observed["return"] == "200% (50% to 350%)"
    assert conclusion == (
        "the effect is shown, and it exceeds its cost; the effect hoped for lies within the interval; 130 contacts of"
        " the plan have not matured, so this reading is early"
    )
    lines = ExperimentReading(table, conclusion, tmp_path / "plan.reading.md").lines()
    assert lines[1] == "customers held out: planned 70, observed 60"
    assert lines[-1].startswith("reading: ")
    assert _page(a_plan(), table, conclusion, Locale("en")).startswith("# Reading: iban switch (press)")


def test_a_plan_with_looks_speaks_by_the_boundary_of_its_look(a_plan, a_look):
    plan = a_plan(looks=(a_look(200, 4.33), a_look(500, 2.96), a_look(700, 2.01)), inflation=1.02)
    sure, at = estimate(3.0, 9.0), trial(500, 60, 2.0)
    table, conclusion = _compared(plan, at, sure, Locale("en"))
    row = table.set_index("figure").loc["boundary of the look"]
    assert row.tolist() == ["look 2 of 3: 2.96 standard errors", "€3.04 to €8.96"]
    assert conclusion.startswith("the effect is shown, and it exceeds its cost")
    early = _compared(plan, trial(250, 50, 2.0), sure, Locale("en"))[1]
    assert early.startswith("an effect is shown, but not that it differs from its cost")
    before, said = _compared(plan, trial(150, 40, 2.0), sure, Locale("fr"))
    assert said.replace("\u00a0", " ").startswith("la première lecture du plan demande 200 clients, rien n'est donc")
    assert "seuil de la lecture" not in before["figure"].tolist()


def test_a_french_reading_is_french(a_plan):
    locale = Locale("fr")
    plan = a_plan(when="les conseillers le proposent", then="resteront", action="virement")
    table, conclusion = _compared(plan, trial(500, 60, 0.0), estimate(3.0, 9.0), locale)
    page = _page(plan, table, conclusion, locale)
    assert "| grandeur | prévu | observé |" in page
    assert "aucun coût constaté" in page
    assert "6,00\u00a0€ (de 3,00\u00a0€ à 9,00\u00a0€)" in page
    assert not re.search(r"\b(the|customers|held|cost|with|and|of|effect|planned)\b", page)
