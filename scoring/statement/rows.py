"""The rows of a return-on-investment statement, one for each estimate: figures and codes, arranged and not fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ...core.contract_state import LAPSED, RUNNING
from ...core.messages import Message
from ...core.records import RowKind, TrialData
from ...core.short_repr import ShortRepr
from ...features.tables.tables import Tables
from ...models.actions.bridge import Bridge, bridge_between
from ...models.actions.effect import ActionEffect
from ...models.actions.programme import ProgrammeEffect
from ...models.refutation.verdict import Verdict
from .combined_columns import combined_columns
from .contrasts import ContrastRuling, ruling_of
from .costs import acquisition_cost, cost_rule, no_costs, treated_costs
from .estimate import Estimated, Estimates, observational_of
from .finance_columns import bridge_columns, finance_columns
from .forecast_columns import forecast_columns
from .readings import Key, Readings, reading_columns
from .settling import months_between, settling_columns
from .verdicts import JudgedEstimate, judged
from .warnings import business_warnings, trial_warnings

__all__ = ["Arranged", "Period", "key_of", "statement_rows"]


@dataclass(frozen=True)
class Period:
    """The period of a statement, and what holds for all of it."""

    tables: Tables
    since: pd.Timestamp
    until: pd.Timestamp
    acquisition: float
    warnings: tuple[Message, ...]
    readings: Readings = field(default_factory=Readings)

    @property
    def months(self) -> float:
        """Months of decisions in it, none of them after the end of the data."""
        return months_between(self.since, min(self.until, self.tables.data_until))

    @classmethod
    def of(cls, tables: Tables, since: pd.Timestamp, until: pd.Timestamp, readings: Readings | None = None) -> Period:
        """Read what the tables say of the period; ``readings`` are the earlier ones, None: nobody knows."""
        acquisition, warnings = acquisition_cost(tables, since, until), business_warnings(tables, since, until)
        return cls(tables, since, until, acquisition, warnings, readings or Readings())


@dataclass(frozen=True)
class Arranged(ShortRepr):
    """The rows of a statement, and what their sentences are made of.

    Parameters
    ----------
    rows
        One row for each estimate, in their order: codes and figures.
    verdicts
        The verdict on each.
    warnings
        What readers have to know of each estimate alone; what holds for all stands in :class:`Period`.
    """

    rows: pd.DataFrame
    verdicts: tuple[Verdict, ...]
    warnings: tuple[tuple[Message, ...], ...]


def statement_rows(period: Period, estimates: Estimates) -> Arranged:
    """Arrange one row for each estimate, in their order."""
    estimated = estimates.estimated
    naive = _naive(estimated)
    costs = [_costs(period, one) for one in estimated]
    unit_costs = [_unit_cost(one, spent) for one, spent in zip(estimated, costs, strict=True)]
    judgements = judged(estimated, unit_costs, estimates.negative_controls)
    combined = combined_columns(estimated, unit_costs, estimates.negative_controls)
    rows = []
    for one, spent, judgement, lasting, both in zip(
        estimated, costs, judgements, estimates.lasting, combined, strict=True
    ):
        later = estimates.programme.get(one.trial.action) if one.headline else None
        bridge = _bridge(one, estimated, naive[one.key], lasting, later)
        rows.append(_row(period, one, spent, judgement, bridge, later) | both)
    return Arranged(
        pd.DataFrame(rows),
        tuple(judgement.verdict for judgement in judgements),
        tuple(
            trial_warnings(one.trial, one.effect.overlap, not_drawn=_not_drawn(period, one, estimated))
            for one in estimated
        ),
    )


def _not_drawn(period: Period, one: Estimated, estimated: Sequence[Estimated]) -> bool:
    """Return whether chance alone decides whom an action treats, and an observational row of it stands there, too."""
    actions = period.tables.config.incremental.actions
    drawn = {name for name, terms in actions.items() if terms.assignment == "random"}
    both = {other.trial.design for other in estimated if other.trial.action == one.trial.action}
    return one.kind == RowKind.ACTION and one.trial.action in drawn and len(both) > 1


def key_of(one: Estimated) -> Key:
    """Return by what an estimate is known again in a later statement."""
    return one.kind.value, one.trial.action, one.initiative, str(one.trial.design)


def _costs(period: Period, one: Estimated) -> dict[str, float]:
    """Return the cost of the treated by item."""
    if one.kind != RowKind.ACTION:
        return no_costs()
    return treated_costs(period.tables, one.trial, one.initiative, period.since, period.until)


def _unit_cost(one: Estimated, spent: dict[str, float]) -> float:
    """Return what one treated customer cost; a contrast is judged against nothing."""
    return sum(spent.values()) / int(one.trial.treated.sum()) if one.kind == RowKind.ACTION else 0.0


def _bridge(
    one: Estimated, estimated: Sequence[Estimated], naive: float, lasting: float, later: ProgrammeEffect | None
) -> Bridge:
    """Return the bridge from the naive figure to a headline; of other rows only its ends."""
    observed = observational_of(one, estimated)
    return bridge_between(
        naive=naive,
        lasting=lasting,
        adjusted=np.nan if observed is None else observed.effect.uncorrected.estimate,
        effect=one.effect.effect.estimate,
        forecast=0.0 if one.effect.rectification is None else one.effect.rectification.correction,
        programme=np.nan if later is None else later.estimate,
        randomised=one.randomised,
    )


def _naive(estimated: Sequence[Estimated]) -> dict[tuple[str, str | None], float]:
    """Return the plain difference between the treated and untreated customers like any other, by action.

    Held-out controls are no naive comparison; they serve only where no other customer can be drawn.
    """
    chosen = sorted(estimated, key=lambda one: not one.randomised)
    return {one.key: one.effect.effect.naive for one in chosen}


def _row(
    period: Period,
    one: Estimated,
    costs: dict[str, float],
    judgement: JudgedEstimate,
    bridge: Bridge,
    later: ProgrammeEffect | None,
) -> dict[str, object]:
    trial, fitted, verdict = one.trial, one.effect, judgement.verdict
    effect, treated = fitted.effect, int(trial.treated.sum())
    acts, cost = one.kind == RowKind.ACTION, sum(costs.values())
    unit_cost = cost / treated if acts else 0.0
    tightest_at = period.tables.config.incremental.readings_tightest_at
    ruling = verdict.verdict if acts else ruling_of(verdict)
    return {
        "kind": one.kind.value,
        "action": trial.action,
        "initiative": one.initiative,
        "design": str(trial.design),
        "headline": one.headline,
        "state": _state(trial),
        "n_treated": treated,
        "n_control": len(trial.treated) - treated,
        "n_immature": trial.immature,
        "n_ineligible": trial.ineligible,
        "cost": cost,
        **cost_rule(trial, acts),
        "incremental_clv": effect.estimate * treated,
        "incremental_clv_low": effect.low * treated,
        "incremental_clv_high": effect.high * treated,
        "roi_percent": verdict.roi_percent,
        "roi_percent_low": verdict.roi_percent_low,
        "roi_percent_high": verdict.roi_percent_high,
        "effect_shown": verdict.effect_shown if acts else ruling == ContrastRuling.SHOWN,
        "verdict": ruling.value,
        "naive_incremental_clv": bridge.naive * treated,
        "programme_incremental_clv": bridge.programme * treated,
        "programme_incremental_clv_low": np.nan if later is None else later.low * treated,
        "programme_incremental_clv_high": np.nan if later is None else later.high * treated,
        "effect_per_treated": effect.estimate,
        "effect_per_treated_low": effect.low,
        "effect_per_treated_high": effect.high,
        **_checks(fitted),
        **forecast_columns(fitted, unit_cost),
        **judgement.columns,
        **reading_columns(fitted, treated, verdict, unit_cost, tightest_at, period.readings, key_of(one)),
        **settling_columns(one, verdict, judgement.doubt, unit_cost, period.months),
        "treated_later_share": float(trial.units.loc[trial.treated == 0, "treated_later"].astype(float).mean()),
        **{f"cost_{item}": spent for item, spent in costs.items()},
        **finance_columns(fitted.decomposition, treated, cost, period.acquisition),
        **bridge_columns(bridge, treated),
    }


def _state(trial: TrialData) -> str | None:
    """Return whether the customers' subscriptions ran or had ended at the decision; None without contracts."""
    if trial.state.contract is None:
        return None
    return LAPSED if trial.lapsed else RUNNING


def _checks(effect: ActionEffect) -> dict[str, float]:
    """Return the diagnostics of an estimate; NaN where a check could not be made."""
    check = effect.surrogate_check
    beyond = (np.nan,) * 3 if check is None else (check.effect.estimate, check.effect.low, check.effect.high)
    return {
        "effective_controls": effect.overlap.effective_controls,
        "trimmed_share": effect.overlap.trimmed_share,
        "largest_imbalance_before": effect.balance.worst_before,
        "largest_imbalance": effect.balance.worst_after,
        "placebo": effect.placebo.estimate,
        "placebo_low": effect.placebo.low,
        "placebo_high": effect.placebo.high,
        "surrogate_check": beyond[0],
        "surrogate_check_low": beyond[1],
        "surrogate_check_high": beyond[2],
        "late_hazard_low": min(effect.late_hazard or (np.nan,)),
        "late_hazard_high": max(effect.late_hazard or (np.nan,)),
        "cross_fits": len(effect.fitted.nuisances_),
        "cross_fit_error": effect.fitted.cross_fit_error(),
        "draws": len(effect.draws),
        "draws_error": effect.draws_error,
    }
