"""Monthly looks at an experiment: as many customers as the boundaries need, in the months that bring them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.targeting.power import Terms
from servicelift.scoring.experiments.looks import in_errors, look_reached, monthly_looks, widened

TERMS = Terms(spread=40.0, holdout=0.1)


def evenly(per_month: float):
    return lambda months: per_month * months


def test_customers_grow_by_the_inflation_and_the_last_look_reads_them_all():
    alone = TERMS.customers_for(5.0)
    customers, each = monthly_looks(TERMS, 5.0, evenly(600), 120)
    assert customers == each.customers == pytest.approx(alone * each.looks.inflation, rel=2e-3)
    assert 1.0 < each.looks.inflation < 1.06
    assert each.months == tuple(range(1, int(np.ceil(customers / 600)) + 1))
    assert each.read[-1] == customers
    assert each.looks.fractions == pytest.approx(each.read / customers)
    assert each.effects[-1] == pytest.approx(each.looks.boundaries[-1] * TERMS.std_error(customers))
    assert (np.diff(each.effects) < 0).all()


def test_an_effect_as_assumed_ends_it_sooner_than_none():
    _, each = monthly_looks(TERMS, 5.0, evenly(600), 120)
    assumed, without = each.expected_months(follow_up_days=0)
    assert assumed < without < each.months[-1]
    assert each.expected_months(365)[0] == pytest.approx(assumed + 11.99, abs=0.02)


def test_one_month_is_one_look_and_months_that_add_nothing_are_none():
    customers, each = monthly_looks(TERMS, 5.0, evenly(10_000), 120)
    assert (customers, each.months) == (TERMS.customers_for(5.0), (1,))
    late = monthly_looks(TERMS, 5.0, lambda m: 0.0 if m < 4 else 2_000.0 * (m - 3), 120)[1]
    assert late.months == (4, 5, 6)
    nearly = monthly_looks(TERMS, 5.0, lambda m: min(5_690.0 + m, 5_700.0) if m > 1 else 3_000.0, 120)[1]
    assert len(nearly.months) == 2


def test_what_takes_too_long_or_cannot_be_shown_has_no_looks():
    assert monthly_looks(TERMS, 5.0, evenly(1), 120) == (TERMS.customers_for(5.0), None)
    few = Terms(spread=40.0, holdout=0.5, agents=40, icc=0.05)
    assert monthly_looks(few, 5.0, evenly(600), 120) == (None, None)


def test_agents_hold_back_information_and_widen_the_boundary():
    agents = Terms(spread=40.0, holdout=0.5, agents=60, icc=0.005)
    customers, each = monthly_looks(agents, 8.0, evenly(200), 120)
    assert each.looks.fractions[0] > each.read[0] / customers  # the first customers of an agent tell the most
    z = each.looks.boundaries[-1]
    wide = stats.t.isf(stats.norm.sf(z), 58)
    assert wide > z
    assert in_errors(z, agents) == pytest.approx(wide)
    assert each.effects[-1] == pytest.approx(wide * agents.std_error(customers))
    assert in_errors(z, TERMS) == z


def test_a_reading_is_held_to_the_look_before_it(a_plan, a_look):
    plan = a_plan(looks=(a_look(200, 4.33), a_look(500, 2.96), a_look(700, 2.01)))
    assert [look_reached(plan, n) for n in (199, 200, 499, 700, 900)] == [None, 0, 0, 2, 2]
    effect = EffectEstimate(6.0, 1.0, 4.0, 8.0, "treated", 9, 9, 9.0, 9.0, 0.0, 0.0, 1.0)
    assert widened(effect, 2.96) == pytest.approx((3.04, 8.96))
