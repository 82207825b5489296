"""Effects of several actions corrected together: the accounts still add up, and few actions teach nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
from servicelift.models.actions.correction import binding_check, corrected, spread_of
from servicelift.models.actions.decomposition import Decomposition
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.effects.rectified import Rectification
from servicelift.models.effects.surrogate import SurrogateCheck
from servicelift.models.refutation.sensitivity import Sensitivity

TRIAL = SimpleNamespace(follow_up_days=180, beyond_days=180)


def estimate(value, error=1.0):
    return EffectEstimate(
        value, error, value - 1.96 * error, value + 1.96 * error, "treated", 99, 99, 99, 99, 0.0, 0.0, 1.0
    )


@dataclass(frozen=True)
class Plain:
    """The fields of an action's effect that a correction reads."""

    effect: EffectEstimate
    surrogate_check: SurrogateCheck | None
    sensitivity: Sensitivity
    decomposition: Decomposition | None = None
    rectification: Rectification | None = None


def plain(seen, effect=12.0):
    check = None if seen is None else SurrogateCheck(estimate(seen), 300, 300, 2.8, discount=0.95, beyond=2.0)
    return Plain(estimate(effect), check, Sensitivity(estimate(effect), 10.0, None))


def course():
    months = np.linspace(0, 12, 37)
    return Decomposition({}, estimate(3.0), estimate(9.0), None, 0, None, None, months)


def test_parts_and_months_add_up_to_the_corrected_effect():
    effects = [replace(plain(6.0), decomposition=course()), plain(-5.0), plain(5.0)]
    first = corrected(effects, [TRIAL] * 3)[0]
    assert first.effect.estimate > 12.0
    assert first.decomposition.realised == estimate(3.0)
    assert 3.0 + first.decomposition.predicted.estimate == pytest.approx(first.effect.estimate)
    by_month = first.decomposition.by_month
    assert by_month[-1] == pytest.approx(first.effect.estimate)
    np.testing.assert_allclose(by_month[:6], course().by_month[:6])  # what came in is not corrected
    assert first.sensitivity.effect == first.effect
    assert first.rectification.before == estimate(12.0)


def test_fewer_than_three_checks_teach_no_spread_and_none_without_a_check_is_touched():
    assert spread_of([plain(9.0).surrogate_check, None, plain(-9.0).surrogate_check]) == 0.0
    assert spread_of([plain(x).surrogate_check for x in (9.0, -9.0, 0.0)]) > 5.0
    young = plain(None)
    assert corrected([young, plain(9.0), plain(9.0), plain(9.0)], [TRIAL] * 4)[0] == young


def test_a_check_binds_where_it_could_move_the_verdict():
    pair = corrected([plain(-4.0), plain(4.0)], [TRIAL] * 2)
    assert [binding_check(one, 5.0) is not None for one in pair] == [True, False]
    assert binding_check(plain(4.0), 5.0) is not None  # not corrected yet: the finding stands alone
