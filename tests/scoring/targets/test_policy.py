"""The value of the policy on held-out decisions: read at the list's budget, and asked about where it is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.locale import Locale
from servicelift.scoring.targets.policy import (
    NoBetterError,
    PolicyValue,
    Standing,
    check_policy,
    policy_value,
    read_curve,
)
from servicelift.scoring.targets.words import LIST_WORDS

CONFIG = Config(tables={"customers": "c", "payments": "p"})


def curve(at_budget, unlimited=(5.0, 1.0, 9.0)):
    rows = [("servicelift", 0.0, 0.0, 0.0, 0.0), ("servicelift", 0.05, *at_budget), ("servicelift", 1.0, *unlimited)]
    rows += [("highest CLV", share, 1.0, -1.0, 3.0) for share in (0.05, 1.0)]
    return pd.DataFrame(rows, columns=["policy", "budget_share", "value", "low", "high"])


@pytest.mark.parametrize(
    ("at_budget", "unlimited", "standing"),
    [
        ((2.0, 0.5, 3.5), (5.0, 1.0, 9.0), Standing.BETTER),
        ((-1.0, -4.0, 2.0), (5.0, -1.0, 9.0), Standing.UNPROVEN),
        ((-1.0, -4.0, 2.0), (-0.1, -4.0, 4.0), Standing.NO_BETTER),
        ((-3.0, -5.0, -1.0), (5.0, 1.0, 9.0), Standing.NO_BETTER),
    ],
)
def test_how_it_stands_against_nobody(at_budget, unlimited, standing):
    found = read_curve(curve(at_budget, unlimited), 0.06)
    assert (found.standing, found.value, found.budget_share) == (standing, at_budget[0], 0.05)
    assert found.others == {"highest CLV": (1.0, -1.0, 3.0)}
    assert found.facts()["standing"] == standing.value


def test_the_budget_nearest_to_the_list_s_is_read_and_never_that_of_nobody():
    assert read_curve(curve((2.0, 0.5, 3.5)), 0.0).budget_share == 0.05
    assert read_curve(curve((2.0, 0.5, 3.5)), 0.9).budget_share == 1.0
    assert read_curve(curve((2.0, 0.5, 3.5)).iloc[:1], 0.5).standing is Standing.UNKNOWN


def test_a_policy_that_is_no_better_asks(tmp_path):
    worse = read_curve(curve((-3.0, -5.0, -1.0)), 0.05)
    with pytest.raises(
        NoBetterError, match=r"no better than contacting nobody.*-€3\.00 a decision.*give --anyway"
    ) as raised:
        check_policy(CONFIG, worse, anyway=False)
    assert raised.value.exit_code == 2
    check_policy(CONFIG, worse, anyway=True)
    check_policy(CONFIG, PolicyValue(Standing.UNKNOWN), anyway=False)


def test_scores_that_name_no_model_have_a_policy_that_nobody_knows():
    found = policy_value(CONFIG, {}, 0.1)
    assert found.standing is Standing.UNKNOWN
    assert found.facts()["value"] is None
    assert np.isnan(found.value)


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_standing_has_words(standing, language):
    assert LIST_WORDS.write(Locale(language), PolicyValue(standing, 1.0, 0.5, 2.0, 0.1, 3.0).message())
