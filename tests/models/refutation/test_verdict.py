"""The verdict rule, its reasons and its return."""

from __future__ import annotations

from dataclasses import replace

import pytest
from servicelift.core.errors import ModelError
from servicelift.core.locale import Locale
from servicelift.core.messages import Message
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.effects.surrogate import SurrogateCheck
from servicelift.models.refutation.negative_control import RandomTreatment
from servicelift.models.refutation.overlap import Overlap
from servicelift.models.refutation.sensitivity import Sensitivity, Strength
from servicelift.models.refutation.stability import Stability
from servicelift.models.refutation.verdict import Among, Check, Reason, failed_checks, judge
from servicelift.models.refutation.words import sentence

EN = Locale("en")
GOOD = Overlap(trimmed_share=0.0, sparse_share=0.0, effective_controls=900.0, largest_weight=0.01)


def estimate(low, high):
    middle = (low + high) / 2
    return EffectEstimate(middle, (high - low) / 3.92, low, high, "treated", 500, 900, 500, 900, 0.0, 20.0, 1.0)


@pytest.mark.parametrize(
    ("low", "high", "cost", "verdict", "shown"),
    [
        (6, 10, 5, "pays", True),
        (4, 10, 5, "not proven", True),
        (1, 4, 5, "loses", True),
        (-1, 4, 5, "loses", False),
        (-4, -1, 0, "loses", True),
        (-1, 1, 0, "not proven", False),
        (5, 9, 5, "not proven", True),
        (0.5, 2, 0, "pays", True),
    ],
)
def test_the_rule(low, high, cost, verdict, shown):
    found = judge(estimate(low, high), cost, failed=())
    assert (found.verdict, found.effect_shown) == (verdict, shown)
    assert sentence(found, EN).lower().startswith(verdict)


def test_any_failed_check_forbids_a_verdict_and_is_the_reason():
    failed = (Message.of(Check.PLACEBO),)
    found = judge(estimate(6, 10), 5, failed=failed)
    assert (found.verdict, found.effect_shown, found.reasons) == ("not proven", False, failed)
    assert sentence(found, EN) == ("Not proven: treated and controls differed already before the decision (placebo).")


def test_return_on_investment():
    found = judge(estimate(6, 10), 4, failed=())
    assert (found.roi_percent, found.roi_percent_low, found.roi_percent_high) == (100, 50, 150)
    free = judge(estimate(6, 10), 0, failed=())
    assert free.roi_percent is None


def test_an_accepted_offer_without_effect_never_pays():
    """75% say yes, the effect is nil: with a certain cost it loses, and no effect is shown."""
    found = judge(estimate(-2, 2), 6, failed=())
    assert (found.verdict, found.effect_shown) == ("loses", False)


def test_failed_checks_are_those_that_fail():
    none = failed_checks(overlap=GOOD, surrogate=None, placebo=estimate(-1, 1), randomised=False)
    assert none == ()
    failed = SurrogateCheck(estimate(1, 2), 200, 200, 0.5)
    every = failed_checks(
        overlap=replace(GOOD, effective_controls=12.0), surrogate=failed, placebo=estimate(1, 2), randomised=False
    )
    assert [message.code for message in every] == [Check.OVERLAP, Check.PLACEBO, Check.SURROGATE]
    assert every[0].figures["controls"] == 12
    assert failed_checks(overlap=GOOD, surrogate=None, placebo=estimate(1, 2), randomised=True) == ()


def test_checks_of_the_estimator_and_of_the_choice():
    found = estimate(6, 10)
    every = failed_checks(
        overlap=GOOD,
        surrogate=None,
        placebo=None,
        randomised=False,
        effect=found,
        stability=Stability(5, 11, 3.0, 7.5, 8.5),
        random_treatment=RandomTreatment(0.3, 0.0, 200),
        chosen_untreated=estimate(1, 2),
        refuted_elsewhere=("other",),
    )
    assert [message.code for message in every] == [Check.RANDOM_TREATMENT, Check.STABILITY, Check.NEGATIVE_CONTROL]


def test_choice_is_suspected_where_another_action_refutes_it_and_its_own_check_is_missing():
    def failed(own, randomised=False):
        return failed_checks(
            overlap=GOOD,
            surrogate=None,
            placebo=None,
            randomised=randomised,
            chosen_untreated=own,
            refuted_elsewhere=("retention_offer",),
        )

    assert failed(None)[0].figures["actions"] == ("retention_offer",)
    assert failed(estimate(-1, 1)) == ()
    assert failed(None, randomised=True) == ()
    assert failed(estimate(1, 2), randomised=True) == ()


def _hidden(bias):
    return Sensitivity(estimate(6, 10), 100.0, Strength(("tenure_days",), 0.01, 0.01, bias))


def test_a_confounder_no_stronger_than_the_strongest_feature_forbids_a_verdict():
    safe = judge(estimate(6, 10), 5, failed=(), hidden=_hidden(0.9))
    assert (safe.verdict, safe.effect_shown) == ("pays", True)
    explained = judge(estimate(6, 10), 5, failed=(), hidden=_hidden(1.1))
    assert (explained.verdict, explained.effect_shown) == ("not proven", True)
    assert explained.reasons[0].figures["feature"] == "tenure_days"
    assert explained.reasons[0].figures["bias"] == pytest.approx(1.1)
    gone = judge(estimate(6, 10), 5, failed=(), hidden=_hidden(6.5))
    assert (gone.verdict, gone.effect_shown) == ("not proven", False)
    harmful = judge(estimate(6, 10), 11, failed=(), hidden=_hidden(1.5))
    assert harmful.verdict == "not proven"


def test_a_verdict_on_chosen_assignment_says_what_no_check_can_see():
    """The strongest feature is a yardstick: it says nothing of a cause that the tables leave out."""
    pays = judge(estimate(6, 10), 5, failed=(), hidden=_hidden(0.25))
    assert [m.code for m in pays.reasons] == [Reason.ABOVE_COST, Reason.UNSEEN]
    assert pays.reasons[1].figures["feature"] == "tenure_days"
    assert pays.reasons[1].figures["times"] == pytest.approx((6 - 5) / 0.25)
    loses = judge(estimate(6, 10), 12, failed=(), hidden=_hidden(0.25))
    assert [m.code for m in loses.reasons] == [Reason.BELOW_COST, Reason.UNSEEN]
    assert loses.reasons[1].figures["times"] == pytest.approx((12 - 10) / 0.25)
    nothing = judge(estimate(6, 10), 5, failed=(), hidden=Sensitivity(estimate(6, 10), 100.0, None))
    assert [m.code for m in nothing.reasons] == [Reason.ABOVE_COST, Reason.UNSEEN_NO_MEASURE]
    weak = judge(estimate(6, 10), 5, failed=(), hidden=_hidden(0.0))
    assert [m.code for m in weak.reasons] == [Reason.ABOVE_COST, Reason.UNSEEN_NO_MEASURE]
    assert [m.code for m in judge(estimate(6, 10), 5, failed=()).reasons] == [Reason.ABOVE_COST]


def test_among_many_actions_one_needs_more_evidence():
    alone = judge(estimate(5.1, 10), 5, failed=())
    assert alone.verdict == "pays"
    many = judge(estimate(5.1, 10), 5, failed=(), among=Among(6, 0.06, 1.0))
    assert many.verdict == "not proven"
    assert [(m.code, m.figures["judged"]) for m in many.reasons] == [(Reason.CHANCE_ABOVE, 6)]
    assert judge(estimate(5.1, 10), 5, failed=(), among=Among(6, 0.04, 1.0)).verdict == "pays"
    assert judge(estimate(1, 4), 5, failed=(), among=Among(6, 1.0, 0.06)).verdict == "not proven"


def test_bad_figures_are_refused():
    with pytest.raises(ModelError, match="unit_cost"):
        judge(estimate(1, 2), -1, failed=())
    with pytest.raises(ModelError, match="unit_cost"):
        judge(estimate(1, 2), float("nan"), failed=())
    with pytest.raises(ModelError, match="interval"):
        judge(replace(estimate(1, 2), low=float("nan")), 1, failed=())
