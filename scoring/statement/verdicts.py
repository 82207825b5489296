"""The rule of the house on every estimate of a report: failed checks, one verdict each, and their columns.

Nothing is fitted here: negative controls come from :mod:`.estimate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...core.records import RowKind
from ...models.actions.correction import binding_check
from ...models.actions.doubts import doubt_of, findings_of
from ...models.actions.effect import ActionEffect
from ...models.effects.doubt import Doubt
from ...models.effects.inference import EffectEstimate
from ...models.refutation.multiplicity import adjusted, chance_above, chance_below
from ...models.refutation.negative_control import refuted_by
from ...models.refutation.stability import detectable_effect
from ...models.refutation.verdict import Among, Verdict, failed_checks, judge
from .estimate import Estimated

__all__ = ["JudgedEstimate", "judged", "refutation_columns"]


@dataclass(frozen=True)
class JudgedEstimate:
    """The verdict on one estimate.

    Parameters
    ----------
    verdict
        By the rule of :mod:`servicelift.models.refutation.verdict`.
    columns
        Columns of the statement that this module adds.
    doubt
        What its checks take off it.
    """

    verdict: Verdict
    columns: dict[str, object]
    doubt: Doubt


def judged(
    estimated: Sequence[Estimated],
    unit_costs: Sequence[float],
    controls: Sequence[EffectEstimate | None],
) -> list[JudgedEstimate]:
    """Return the verdict on each estimate of a report, in their order.

    Rows that speak for their action (headline) are judged as one family, the observational estimates beside them as
    another and contrasts as a third: p-values are adjusted for the number of rows of the family.

    Parameters
    ----------
    estimated
        All estimates of the report.
    unit_costs
        Cost of one treated customer of each.
    controls
        Their negative controls (:func:`.estimate.negative_controls`); None where none can be seen.
    """
    seen = {one.trial.action: c for one, c in zip(estimated, controls, strict=True) if c is not None}
    refuted = refuted_by(seen)
    among = _among(estimated, unit_costs)
    verdicts = []
    for one, cost, control, place in zip(estimated, unit_costs, controls, among, strict=True):
        effect = one.effect
        failed = failed_checks(
            overlap=effect.overlap,
            surrogate=binding_check(effect, cost),
            placebo=effect.placebo,
            randomised=one.randomised,
            effect=effect.uncorrected,
            stability=effect.stability,
            random_treatment=effect.random_treatment,
            chosen_untreated=control,
            # Contrasts happen to customers: agents choose nobody for them.
            refuted_elsewhere=[n for n in refuted if n != one.trial.action] if one.kind == RowKind.ACTION else (),
        )
        hidden = None if one.randomised else effect.sensitivity
        verdict = judge(effect.effect, cost, failed=failed, among=place, hidden=hidden)
        findings = findings_of(effect, [check.code for check in failed], randomised=one.randomised)
        doubt = doubt_of(findings, own=control, elsewhere=[c for name, c in seen.items() if name != one.trial.action])
        columns = refutation_columns(effect, cost, control, place, randomised=one.randomised)
        verdicts.append(JudgedEstimate(verdict, columns | doubt_columns(one, doubt, cost), doubt))
    return verdicts


def doubt_columns(one: Estimated, doubt: Doubt, unit_cost: float) -> dict[str, object]:
    """Return what an estimate rests on, what is left of it for one treated customer, and the chance that it pays.

    The chance holds the bias terms of :class:`~servicelift.models.effects.doubt.Doubt`: it is that of the corrected
    effect to exceed its cost, by Student's t of the same estimate as the interval; NaN of a contrast, which has none.
    """
    effect = one.effect.effect
    left = doubt.of(effect)
    return {
        "evidence": doubt.evidence.value,
        "chance_pays": doubt.chance_above(unit_cost, effect.dof) if one.kind == RowKind.ACTION else np.nan,
        "corrected_per_treated": left.estimate,
        "corrected_per_treated_low": left.low,
        "corrected_per_treated_high": left.high,
    }


def refutation_columns(
    effect: ActionEffect, unit_cost: float, control: EffectEstimate | None, among: Among, *, randomised: bool
) -> dict[str, object]:
    """Return the refutation of one estimate as columns; NaN (or None) where a check could not be made."""
    hidden, still = effect.sensitivity, effect.stability
    nothing = (np.nan,) * 3
    choice = nothing if control is None else (control.estimate, control.low, control.high)
    return {
        "p_adjusted": min(among.pays, among.loses),
        "judged_together": among.actions,
        "minimum_detectable": detectable_effect(effect.effect),
        "sparse_share": effect.overlap.sparse_share,
        "largest_weight": effect.overlap.largest_weight,
        "stability_low": still.low,
        "stability_high": still.high,
        "fold_low": still.fold_low,
        "fold_high": still.fold_high,
        "random_treatment_found": effect.random_treatment.share_of_effects if effect.random_treatment else np.nan,
        "negative_control": choice[0],
        "negative_control_low": choice[1],
        "negative_control_high": choice[2],
        "robustness_value": np.nan if randomised else hidden.robustness_value(unit_cost),
        "strongest_feature": None if randomised or hidden.strongest is None else hidden.strongest.features[0],
        "hidden_bias": np.nan if randomised else hidden.bias,
        "hidden_times": np.nan if randomised else hidden.times(unit_cost),
    }


def _among(estimated: Sequence[Estimated], unit_costs: Sequence[float]) -> list[Among]:
    """Return how each row stands among the rows of its family.

    An action is asked whether it pays, a contrast whether it does anything at all: there both sides count.
    """
    places: dict[int, Among] = {}
    for kind, headline in sorted({(one.kind, one.headline) for one in estimated}):
        family = [i for i, one in enumerate(estimated) if (one.kind, one.headline) == (kind, headline)]
        effects = [estimated[i].effect.effect for i in family]
        costs = [unit_costs[i] for i in family]
        sides = 1 if kind == RowKind.ACTION else 2
        above, below = (
            adjusted([min(sides * chance(e, c), 1.0) for e, c in zip(effects, costs, strict=True)])
            for chance in (chance_above, chance_below)
        )
        for i, pays, loses in zip(family, above, below, strict=True):
            places[i] = Among(len(family), float(pays), float(loses))
    return [places[i] for i in range(len(estimated))]
