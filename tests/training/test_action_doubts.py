"""What one action's held-out customers say of the choice bears on every action that was chosen, and on no other."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from servicelift.core.records import StudyDesign
from servicelift.features.trials.study import Study
from servicelift.models.actions.doubts import Findings
from servicelift.models.effects.doubt import Evidence
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.effects.surrogate import SurrogateCheck
from servicelift.models.effects.value_at_risk import EffectParts
from servicelift.models.registered import ActionModel
from servicelift.training import incremental
from servicelift.training.action_doubts import Checked, believed_beside, doubts, refusal_notes, with_beliefs


def estimate(value, error=1.0):
    return EffectEstimate(value, error, value - 2 * error, value + 2 * error, "treated", 99, 99, 99, 99, 0.0, 0.0, 1.0)


def checked(control=None, *, randomised=False, failed=()):
    return Checked(Findings(estimate(20.0), randomised, failed), None if control is None else estimate(control))


def test_held_out_customers_of_one_action_refuse_all_that_were_chosen():
    found = doubts({"offer": checked(8.0, randomised=True), "switch": checked(), "call": checked(randomised=True)})
    assert {name: one.evidence for name, one in found.items()} == {
        "offer": Evidence.RANDOMISED,
        "switch": Evidence.REFUSED,
        "call": Evidence.RANDOMISED,
    }
    assert found["switch"].failed == ("negative_control_elsewhere",)
    assert found["switch"].corrected == pytest.approx(12.0)
    assert found["offer"].corrected == 20.0
    (note,) = refusal_notes(found)
    assert note.startswith("switch: refused (negative_control_elsewhere): effect 20.00, corrected 12.00")


def test_mature_decisions_correct_every_action_and_refuse_only_where_they_could_move_the_verdict():
    def seen(value, cost):
        check = SurrogateCheck(estimate(value), 300, 300, 2.8, beyond=0.2)
        return Checked(Findings(estimate(20.0), True), None, check, cost)

    found = doubts(
        {"worse": seen(-4.0, 12.5), "better": seen(4.0, 12.5), "far": seen(-4.0, 0.1), "dear": seen(-4.0, 20.0)}
    )
    assert {name for name, one in found.items() if one.refused} == {"worse"}
    assert found["worse"].failed == ("surrogate",)
    assert found["better"].corrected == pytest.approx(20.0 + 4.0 * 15 / 16)
    assert found["far"].corrected == pytest.approx(20.0 - 4.0 * 15 / 16)
    assert found["far"].error == pytest.approx((1 + 15 / 16 + 0.04 * 15) ** 0.5)
    alone = doubts({"worse": seen(-4.0, 15.5)})["worse"]
    assert alone.refused
    assert alone.corrected == pytest.approx(16.0)


def test_without_a_sign_of_such_a_choice_nothing_is_refused():
    found = doubts({"offer": checked(0.5, randomised=True), "switch": checked()})
    assert found["switch"].evidence == Evidence.OBSERVATIONAL
    assert refusal_notes(found) == []
    own = doubts({"switch": checked(failed=("placebo",))})
    assert own["switch"].evidence == Evidence.REFUSED


def test_actions_are_believed_beside_each_other_and_refused_ones_as_they_stand():
    found = doubts(
        {
            "lucky": Checked(Findings(estimate(20.0, 6.0), True)),
            "plain": Checked(Findings(estimate(4.0, 6.0), True)),
            "wrong": Checked(Findings(estimate(9.0, 6.0), False, ("placebo",))),
        }
    )
    learnt = {"lucky": 18.0, "plain": 0.0, "wrong": 5.0}
    beside = believed_beside(found, learnt)
    assert 12.0 < beside["lucky"].believed < 18.0
    assert 4.0 < beside["plain"].believed < beside["lucky"].believed
    assert beside["lucky"].learnt == 18.0
    assert beside["wrong"] == found["wrong"]
    alone = {"lucky": found["lucky"], "wrong": found["wrong"]}
    assert believed_beside(alone, learnt) == alone


def early(average, error, learnt):
    """A model that gives each customer a share of ``learnt``."""

    def predict(frame, shared):
        effect = learnt * frame["share"].to_numpy()
        return EffectParts(effect, effect - error, effect + error, np.zeros(len(effect)))

    individual = SimpleNamespace(ate_=average, ate_std_error_=error, shrunken_=learnt, predict_in_parts=predict)
    return ActionModel(individual, 5.0, np.nan, "randomised")


def test_models_that_judge_believe_their_actions_beside_each_other_too():
    found = with_beliefs({"lucky": early(20.0, 6.0, 18.0), "plain": early(4.0, 6.0, 0.0)})
    believed = found["lucky"].doubt.believed
    assert 12.0 < believed < 18.0
    np.testing.assert_allclose(found["lucky"].predict(pd.DataFrame({"share": [0.5, 1.0]})), [believed / 2, believed])
    assert found["plain"].predict(pd.DataFrame({"share": [1.0]})) > 4.0
    alone = with_beliefs({"lucky": early(20.0, 6.0, 18.0)})["lucky"]
    assert alone.predict(pd.DataFrame({"share": [1.0]})) == 18.0


@pytest.mark.parametrize(("held_out", "drawn"), [(99, False), (100, True)])
def test_others_like_the_chosen_are_drawn_only_where_enough_were_held_out(held_out, drawn):
    asked = []

    def study(action, *, design):
        asked.append((action, design))
        units = pd.DataFrame({"treated": [0] * held_out + [1] * 500})
        return Study(action, StudyDesign(design), units, units["treated"], where="")

    given = {"offer": ["randomised", "observational"], "call": ["observational"]}
    found = list(incremental._studied(study, given))
    others = [("offer", "observational")] if drawn else []
    assert asked == [("offer", "randomised"), *others, ("call", "observational")]
    assert [isinstance(one, Study) for one in found] == [True, drawn, True]
