"""LaLonde's training programme: published effects, a placebo that fails, and failed checks that say so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.locale import Locale
from servicelift.models.effects.average import AverageEffect
from servicelift.models.refutation.overlap import overlap
from servicelift.models.refutation.verdict import Check, failed_checks, judge
from servicelift.models.refutation.words import sentence

COVARIATES = ["age", "education", "black", "hispanic", "married", "nodegree", "re74", "re75"]
PUBLISHED = {"cps": (1550, 721), "psid": (1512, 780)}


def people_of(data_dir, controls):
    folder = data_dir / "uplift" / "lalonde"
    trained = pd.read_stata(folder / "nsw_dw.dta").query("treat == 1")
    return pd.concat([trained, pd.read_stata(folder / f"{controls}_controls.dta")], ignore_index=True)


def effect_on(people, outcome, *, repeats, seed=0):
    before = [name for name in COVARIATES if name != outcome]
    fit = AverageEffect(repeats=repeats, seed=seed)
    return fit.fit(people[before], people["treat"], people[outcome], groups=people.index)


def judged(effect, placebo):
    failed = failed_checks(overlap=overlap(effect), surrogate=None, placebo=placebo.summary(), randomised=False)
    return judge(effect.summary(), 0.0, failed=failed)


def test_psid_is_near_the_published_effect_and_flagged_for_overlap(data_dir):
    people = people_of(data_dir, "psid")
    effect = effect_on(people, "re78", repeats=3)
    value, error = PUBLISHED["psid"]
    assert effect.summary().naive < -15_000
    assert abs(effect.estimate() - value) < 0.5 * error
    assert not overlap(effect).holds()
    found = judged(effect, effect_on(people, "re75", repeats=1))
    assert found.verdict == "not proven"
    assert Check.OVERLAP in {reason.code for reason in found.reasons}


def test_cps_is_near_the_published_effect_and_not_proven_for_its_placebo(data_dir):
    people = people_of(data_dir, "cps")
    effect, before = (effect_on(people, outcome, repeats=1) for outcome in ("re78", "re75"))
    value, error = PUBLISHED["cps"]
    assert abs(effect.estimate() - value) < 0.5 * error
    assert overlap(effect).holds()
    assert before.summary().high < 0
    assert before.estimate() == pytest.approx(-1265, abs=0.5 * 263)
    assert sentence(judged(effect, before), Locale("en")) == (
        "Not proven: treated and controls differed already before the decision (placebo)."
    )


@pytest.mark.slow
@pytest.mark.parametrize("controls", ["cps", "psid"])
def test_seeds_hardly_move_the_median(data_dir, controls):
    people = people_of(data_dir, controls)
    value, error = PUBLISHED[controls]
    estimates = np.array([effect_on(people, "re78", repeats=3, seed=seed).estimate() for seed in range(3)])
    print(controls, estimates.round(0))
    assert (np.abs(estimates - value) < 0.5 * error).all()
    assert estimates.std() < 150
