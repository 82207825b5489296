"""The rule of the house on every estimate of a report: failed checks, one verdict each, and their columns.

Nothing is fitted here: negative controls come from :mod:`.estimate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ...core.records import RowKind
from ...models.actions.effect import ActionEffect
from ...models.effects.inference import EffectEstimate
from ...models.refutation.multiplicity import adjusted, chance_above, chance_below
from ...models.refutation.stability import detectable_effect
from ...models.refutation.verdict import Among, Verdict, failed_checks, judge
from .estimate import Estimated

__all__ = ["JudgedEstimate", "judged", "refutation_columns"]

_LEVEL = 0.05


@dataclass(frozen=True)
class JudgedEstimate:
    """The verdict on one estimate.

    Parameters
    ----------
    verdict
        By the rule of :mod:`servicelift.models.refutation.verdict`.
    columns
        Columns of the statement that this module adds.
    """

    verdict: Verdict
    columns: dict[str, object]


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
    refuted = _refuted(estimated, controls)
    among = _among(estimated, unit_costs)
    verdicts = []
    for one, cost, control, place in zip(estimated, unit_costs, controls, among, strict=True):
        effect = one.effect
        failed = failed_checks(
            overlap=effect.overlap,
            surrogate=effect.surrogate_check,
            placebo=effect.placebo,
            randomised=one.randomised,
            effect=effect.effect,
            stability=effect.stability,
            random_treatment=effect.random_treatment,
            chosen_untreated=control,
            # Contrasts happen to customers: agents choose nobody for them.
            refuted_elsewhere=[n for n in refuted if n != one.trial.action] if one.kind == RowKind.ACTION else (),
        )
        hidden = None if one.randomised else effect.sensitivity
        verdict = judge(effect.effect, cost, failed=failed, among=place, hidden=hidden)
        columns = refutation_columns(effect, cost, control, place, randomised=one.randomised)
        verdicts.append(JudgedEstimate(verdict, columns))
    return verdicts


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


def _refuted(estimated: Sequence[Estimated], controls: Sequence[EffectEstimate | None]) -> list[str]:
    """Return the actions whose held-out customers show that the choice looks at more than the features do.

    Two tests share the level: all controls pooled by their precision, for agents who look at the same thing whatever
    they choose for, and each alone by Holm's rule (1979).
    """
    checked = {one.trial.action: c for c, one in zip(controls, estimated, strict=True) if c is not None}
    if not checked:
        return []
    weight = {name: c.std_error**-2 for name, c in checked.items()}
    pooled = sum(weight[name] * c.estimate for name, c in checked.items()) / sum(weight.values()) ** 0.5
    if 2 * float(stats.norm.sf(abs(pooled))) <= _LEVEL / 2:
        return sorted(checked)
    p = sorted((2 * float(stats.t.sf(abs(c.estimate) / c.std_error, c.dof)), name) for name, c in checked.items())
    refuted: list[str] = []
    for rank, (value, name) in enumerate(p):
        if value > _LEVEL / 2 / (len(p) - rank):
            break
        refuted.append(name)
    return sorted(refuted)


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
