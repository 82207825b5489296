"""What one action's held-out customers say of the choice bears on every action that was chosen, and on no other."""

from __future__ import annotations

import pytest
from servicelift.models.actions.doubts import Findings
from servicelift.models.effects.doubt import Evidence
from servicelift.models.effects.inference import EffectEstimate
from servicelift.training.action_doubts import Checked, doubts, refusal_notes


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


def test_without_a_sign_of_such_a_choice_nothing_is_refused():
    found = doubts({"offer": checked(0.5, randomised=True), "switch": checked()})
    assert found["switch"].evidence == Evidence.OBSERVATIONAL
    assert refusal_notes(found) == []
    own = doubts({"switch": checked(failed=("placebo",))})
    assert own["switch"].evidence == Evidence.REFUSED
