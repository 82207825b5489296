"""What the checks of a statement say of the effects that lists are made from, so that doubt reaches the lists.

An action's own checks are made where it is learnt. What its held-out customers say of the choice, once they are
compared with customers like any other, bears on every action that was chosen: that is put together at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..core.arrays import Floats
from ..core.errors import ModelError
from ..core.records import StudyDesign, TrialData
from ..core.short_repr import ShortRepr
from ..models.actions.correction import spread_of
from ..models.actions.doubts import Findings, doubt_of, findings_of
from ..models.actions.effect import (
    ActionEffect,
    AverageOutcome,
    EffectSettings,
    average_outcome,
    estimate_action,
    outcomes_of,
)
from ..models.effects.average import AverageEffect
from ..models.effects.beliefs import believed_together
from ..models.effects.doubt import Doubt, Evidence
from ..models.effects.inference import EffectEstimate
from ..models.effects.rectified import Rectification
from ..models.effects.surrogate import SurrogateCheck
from ..models.portfolio import ClvModel
from ..models.refutation.negative_control import FEWEST_CHOSEN, chosen_untreated, refuted_by
from ..models.refutation.verdict import Check, failed_checks
from ..models.registered import ActionModel

__all__ = ["Checked", "believed_beside", "checked_effect", "doubts", "refusal_notes", "with_beliefs"]

_CONTROL_DRAWS = 10
"""Bootstrap models that a negative control is judged by, at most: its interval pays for so few by a wider quantile."""


@dataclass(frozen=True)
class Checked(ShortRepr):
    """What the checks found of an action's average effect.

    Parameters
    ----------
    findings
        Of the checks that concern this action alone.
    control
        What being chosen and held out seems to do; None where it cannot be seen.
    mature
        What mature decisions say of the value beyond the follow-up; None where too few are old enough. What it takes
        off the effect, and whether it refuses it, follows from that of all actions together.
    cost
        Of one treated customer.
    """

    findings: Findings
    control: EffectEstimate | None = None
    mature: SurrogateCheck | None = None
    cost: float = 0.0


@dataclass(frozen=True)
class _Drawn(ShortRepr):
    """Outcomes of customers who were not chosen."""

    outcome: Floats
    bootstrap_outcomes: tuple[Floats, ...]
    fitted: AverageEffect


def checked_effect(
    trial: TrialData, drawn: TrialData | None, clv: ClvModel, settings: EffectSettings
) -> tuple[AverageOutcome, Checked]:
    """Return the average effect of an action, and what the checks found of it.

    Where hardly anybody like the treated was left alone, the effect is the one without checks, and refused for that.

    Raises
    ------
    ModelError
        As :func:`~servicelift.models.actions.effect.average_outcome`.
    """
    randomised = trial.design == StudyDesign.RANDOMISED
    try:
        effect = estimate_action(trial, clv, settings, decomposition=False, late=False)
    except ModelError:
        plain = average_outcome(trial, clv, settings)
        return plain, Checked(Findings(plain.effect, randomised, (str(Check.OVERLAP),), trimmed_share=1.0))
    failed = failed_checks(
        overlap=effect.overlap,
        surrogate=None,
        placebo=effect.placebo,
        randomised=randomised,
        effect=effect.effect,
        stability=effect.stability,
        random_treatment=effect.random_treatment,
    )
    findings = findings_of(effect, [check.code for check in failed], randomised=randomised)
    control = None if drawn is None else _control(trial, effect, drawn, clv, settings)
    cost = float(trial.units.loc[trial.treated == 1, "cost"].mean())
    return effect, Checked(findings, control, effect.surrogate_check, cost)


def _control(
    trial: TrialData, effect: ActionEffect, drawn: TrialData, clv: ClvModel, settings: EffectSettings
) -> EffectEstimate | None:
    """Return what being chosen and held out seems to do; None where too few were."""
    others = drawn.take(drawn.treated == 0)
    if min(int((trial.treated == 0).sum()), len(others.units)) < FEWEST_CHOSEN:
        return None
    made = outcomes_of(others, clv, settings, draws=min(len(effect.bootstrap_outcomes), _CONTROL_DRAWS))
    try:
        return chosen_untreated(trial, effect, others, _Drawn(*made, effect.fitted), seed=clv.seed)
    except ModelError:
        return None


def doubts(checked: Mapping[str, Checked]) -> dict[str, Doubt]:
    """Return the doubt on each action, what the others' held-out customers and mature decisions say included."""
    controls = {action: one.control for action, one in checked.items() if one.control is not None}
    refuted = refuted_by(controls)
    found = {}
    for action, one in checked.items():
        others = {name: control for name, control in controls.items() if name != action}
        findings = _rectified(one, list(checked.values()))
        if not findings.randomised and set(refuted) & set(others):
            findings = replace(findings, failed=(*findings.failed, str(Check.NEGATIVE_CONTROL_ELSEWHERE)))
        found[action] = doubt_of(findings, elsewhere=list(others.values()))
    return found


def _rectified(one: Checked, every: Sequence[Checked]) -> Findings:
    """Return the findings with what mature decisions say of the forecast; failed where they could move the verdict."""
    if one.mature is None:
        return one.findings
    alike = [other.mature for other in every if other.findings.randomised == one.findings.randomised]
    found = Rectification(one.findings.effect, one.mature, spread_of(alike))
    failed = (*one.findings.failed, str(Check.SURROGATE)) if found.could_move(one.cost) else one.findings.failed
    return replace(one.findings, rectification=found, failed=failed)


def believed_beside(found: Mapping[str, Doubt], learnt: Mapping[str, float]) -> dict[str, Doubt]:
    """Return the doubts with what is believed of each action beside all others that were not refused.

    ``learnt`` is what effects of single customers average to, by action. One action alone is believed as it stands.
    """
    beside = [action for action, doubt in found.items() if action in learnt and not doubt.refused and doubt.error > 0]
    if len(beside) < 2:
        return dict(found)
    together = believed_together(
        [found[action].corrected for action in beside], [found[action].error for action in beside]
    )
    moved = {
        action: replace(found[action], learnt=learnt[action], believed=float(value))
        for action, value in zip(beside, together, strict=True)
    }
    return {**found, **moved}


def with_beliefs(models: Mapping[str, ActionModel]) -> dict[str, ActionModel]:
    """Return models that were not checked, by action, with what is believed of each beside the others."""
    alone = {
        action: Doubt(Evidence(model.assignment), model.individual.ate_, model.individual.ate_std_error_)
        for action, model in models.items()
    }
    beside = believed_beside(alone, {action: model.individual.shrunken_ for action, model in models.items()})
    return {action: replace(model, doubt=beside[action]) for action, model in models.items()}


def refusal_notes(found: Mapping[str, Doubt]) -> list[str]:
    """Return a line for each action that lists will not simply spend on."""
    return [
        f"{action}: refused ({', '.join(doubt.failed)}): effect {doubt.estimate:,.2f},"
        f" corrected {doubt.corrected:,.2f}; lists hold a trial of it at most"
        for action, doubt in found.items()
        if doubt.refused
    ]
