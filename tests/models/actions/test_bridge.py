"""The bridge from the naive figure: it adds up, and each step is found where it was planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from servicelift.core.records import ClvInputs, TrialData
from servicelift.models.actions.bridge import bridge_between, lasting_effect
from servicelift.models.effects.average import AverageEffect


def trial(seed: int, *, by_trait: float, by_moment: float, n: int = 4_000) -> tuple[TrialData, np.ndarray]:
    """Chosen by a lasting trait and by the last month's trouble, which lowers value and fades; the action adds 1."""
    rng = np.random.default_rng(seed)
    trait, trouble = rng.normal(size=(2, n))
    treated = (rng.uniform(size=n) < 1 / (1 + np.exp(-by_trait * trait - by_moment * trouble))).astype(int)
    outcome = 3 * trait + 2 * trouble + treated + rng.normal(size=n)
    empty = pd.DataFrame(index=range(n))
    data = TrialData(
        action="a",
        design="observational",
        units=pd.DataFrame({"customer_id": np.arange(n), "treated": treated}),
        features=pd.DataFrame({"trait": trait, "trouble_30d": trouble}),
        realised=empty,
        state=ClvInputs(empty, None, {}),
        later=empty,
        before=np.zeros(n),
        beyond=np.zeros(n),
        beyond_days=180,
        follow_up_days=180,
        immature=0,
        ineligible=0,
    )
    return data, outcome


def bridged(data: TrialData, outcome: np.ndarray):
    full = AverageEffect(folds=3, repeats=1, seed=1).fit(
        data.features, data.treated, outcome, groups=data.units["customer_id"]
    )
    found = full.summary()
    lasting = lasting_effect(data, outcome, ["trait"], folds=3, seed=1)
    return bridge_between(
        naive=found.naive, lasting=lasting, adjusted=found.estimate, effect=0.9, programme=0.7, randomised=True
    )


def test_the_steps_add_up_from_the_naive_figure_to_the_effect_and_the_programme():
    bridge = bridged(*trial(1, by_trait=1, by_moment=1))
    effect = bridge.naive + bridge.selection + bridge.regression_to_mean + bridge.unseen
    assert effect == pytest.approx(bridge.effect, rel=1e-12)
    assert effect + bridge.double_counting == pytest.approx(bridge.programme, rel=1e-12)


def test_choice_by_a_trait_is_selection_and_choice_by_the_moment_is_regression_to_the_mean():
    by_trait = bridged(*trial(1, by_trait=1, by_moment=0))
    assert by_trait.selection < -2
    assert abs(by_trait.regression_to_mean) < 0.3
    by_moment = bridged(*trial(2, by_trait=0, by_moment=1))
    assert by_moment.regression_to_mean < -1
    assert abs(by_moment.selection) < 0.5


def test_an_observational_headline_sees_nothing_unseen():
    figures = {"naive": 5.0, "lasting": 3.0, "adjusted": 2.0, "effect": 2.0, "programme": 1.5}
    assert bridge_between(**figures, randomised=False).unseen == 0
    assert np.isnan(bridge_between(**{**figures, "lasting": np.nan}, randomised=False).selection)


def test_lasting_columns_that_are_not_there_are_left_out():
    data, outcome = trial(3, by_trait=1, by_moment=0, n=1_000)
    found = [lasting_effect(data, outcome, names, folds=3, seed=1) for names in (["trait"], ["trait", "static"])]
    assert found[0] == found[1]
    assert replace(data, features=data.features[["trait"]]).features.shape[1] == 1
