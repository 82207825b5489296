"""The rows of a return-on-investment statement, one for each estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...core.config.business import Config
from ...core.records import TrialData
from ...core.short_repr import ShortRepr
from ...features.catalogue.catalogue import lasting_names
from ...features.tables.tables import Tables
from ...features.trials.decisions import OBSERVATIONAL
from ...features.trials.follow_up import PERIOD
from ...models.actions.bridge import Bridge, bridge_between, lasting_effect
from ...models.actions.effect import ActionEffect
from ...models.actions.programme import ProgrammeEffect
from ...models.portfolio import ClvModel
from .contrasts import contrast_sentence, is_shown, shown_or_not
from .costs import acquisition_cost, cost_rule, no_costs, treated_costs
from .finance_columns import bridge_columns, finance_columns
from .programme import programme_of
from .verdicts import JudgedEstimate, judged
from .warnings import business_warnings, trial_warnings

__all__ = ["ACTION", "CONTRAST", "Estimated", "Period", "statement_rows"]

ACTION, CONTRAST = "action", "contrast"
"""Kinds of row: what was decided with an arm, and what happened."""


@dataclass(frozen=True)
class Estimated(ShortRepr):
    """One action x initiative x design, or one contrast, estimated; ``kind`` says which."""

    kind: str
    initiative: str | None
    headline: bool
    trial: TrialData
    effect: ActionEffect

    @property
    def key(self) -> tuple[str, str | None]:
        """Action and initiative: rows of both designs share it."""
        return self.trial.action, self.initiative


@dataclass(frozen=True)
class Period:
    """The period of a statement, and what holds for all of it."""

    tables: Tables
    since: pd.Timestamp
    until: pd.Timestamp
    acquisition: float
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, tables: Tables, since: pd.Timestamp, until: pd.Timestamp) -> Period:
        """Read what the tables say of the period."""
        return cls(
            tables, since, until, acquisition_cost(tables, since, until), business_warnings(tables, since, until)
        )


def statement_rows(period: Period, estimated: list[Estimated], clv: ClvModel) -> pd.DataFrame:
    """Return one row for each estimate, in their order; ``clv`` valued their outcomes."""
    config = period.tables.config
    programme = programme_of(estimated, clv, annual_discount_rate=config.value.annual_discount_rate)
    naive = _naive(estimated)
    costs = [_costs(period, one) for one in estimated]
    unit_costs = [_unit_cost(one, spent) for one, spent in zip(estimated, costs, strict=True)]
    mixed = [name for name, action in config.incremental.actions.items() if action.assignment == "mixed"]
    verdicts = judged(estimated, unit_costs, mixed=mixed, currency=config.currency, seed=clv.seed)
    rows = []
    for one, spent, said in zip(estimated, costs, verdicts, strict=True):
        later = programme.get(one.trial.action) if one.headline else None
        bridge = _bridge(period.tables, one, estimated, naive[one.key], later)
        rows.append(_row(period, one, spent, said, bridge, later))
    return pd.DataFrame(rows)


def _costs(period: Period, one: Estimated) -> dict[str, float]:
    """Return the cost of the treated by item."""
    if one.kind != ACTION:
        return no_costs()
    return treated_costs(period.tables, one.trial, one.initiative, period.since, period.until)


def _unit_cost(one: Estimated, spent: dict[str, float]) -> float:
    """Return what one treated customer cost; a contrast is judged against nothing."""
    return sum(spent.values()) / int(one.trial.treated.sum()) if one.kind == ACTION else 0.0


def _bridge(
    tables: Tables, one: Estimated, estimated: list[Estimated], naive: float, later: ProgrammeEffect | None
) -> Bridge:
    """Return the bridge from the naive figure to a headline; of other rows only its ends."""
    twin = next((e for e in estimated if e.key == one.key and e.trial.design == OBSERVATIONAL), None)
    lasting = np.nan
    if (one.headline or one.kind == CONTRAST) and twin is not None:
        config = tables.config
        names = [*lasting_names(tables), PERIOD]
        folds = config.incremental.folds
        lasting = lasting_effect(twin.trial, twin.effect.outcome, names, folds=folds, seed=config.seed)
    return bridge_between(
        naive=naive,
        lasting=lasting,
        adjusted=np.nan if twin is None else twin.effect.effect.estimate,
        effect=one.effect.effect.estimate,
        programme=np.nan if later is None else later.estimate,
        randomised=one.trial.design != OBSERVATIONAL,
    )


def _naive(estimated: list[Estimated]) -> dict[tuple[str, str | None], float]:
    """Return the plain difference between the treated and untreated customers like any other, by action.

    Held-out controls are no naive comparison; they serve only where no other customer can be drawn.
    """
    chosen = sorted(estimated, key=lambda one: one.trial.design == "observational")
    return {one.key: one.effect.effect.naive for one in chosen}


def _row(
    period: Period,
    one: Estimated,
    costs: dict[str, float],
    judgement: JudgedEstimate,
    bridge: Bridge,
    later: ProgrammeEffect | None,
) -> dict[str, object]:
    tables, trial, found, said = period.tables, one.trial, one.effect, judgement.verdict
    effect, treated = found.effect, int(trial.treated.sum())
    acts, cost = one.kind == ACTION, sum(costs.values())
    return {
        "kind": one.kind,
        "action": trial.action,
        "initiative": one.initiative,
        "design": trial.design,
        "headline": one.headline,
        "n_treated": treated,
        "n_control": len(trial.treated) - treated,
        "n_immature": trial.immature,
        "n_ineligible": trial.ineligible,
        "cost": cost,
        **cost_rule(trial, acts),
        "incremental_clv": effect.estimate * treated,
        "incremental_clv_low": effect.low * treated,
        "incremental_clv_high": effect.high * treated,
        "roi_percent": said.roi_percent,
        "roi_percent_low": said.roi_percent_low,
        "roi_percent_high": said.roi_percent_high,
        "effect_shown": said.effect_shown if acts else is_shown(said),
        "verdict": said.verdict if acts else shown_or_not(said),
        "naive_incremental_clv": bridge.naive * treated,
        "programme_incremental_clv": bridge.programme * treated,
        "programme_incremental_clv_low": np.nan if later is None else later.low * treated,
        "programme_incremental_clv_high": np.nan if later is None else later.high * treated,
        "effect_per_treated": effect.estimate,
        "effect_per_treated_low": effect.low,
        "effect_per_treated_high": effect.high,
        **_checks(found),
        **judgement.columns,
        "treated_later_share": float(trial.units.loc[trial.treated == 0, "treated_later"].astype(float).mean()),
        **{f"cost_{item}": spent for item, spent in costs.items()},
        **finance_columns(found.decomposition, treated, cost, period.acquisition),
        **bridge_columns(bridge, treated),
        "warnings": "; ".join((*period.warnings, *trial_warnings(trial, found.overlap))),
        "sentence": _sentence(tables.config, one, cost / treated, bridge.naive, said.sentence)
        if acts
        else contrast_sentence(tables.config, trial.action, effect, bridge.naive, said),
    }


def _checks(found: ActionEffect) -> dict[str, float]:
    """Return the diagnostics of an estimate; NaN where a check could not be made."""
    check = found.surrogate_check
    beyond = (np.nan,) * 3 if check is None else (check.effect.estimate, check.effect.low, check.effect.high)
    return {
        "effective_controls": found.overlap.effective_controls,
        "trimmed_share": found.overlap.trimmed_share,
        "largest_imbalance_before": found.balance.worst_before,
        "largest_imbalance": found.balance.worst_after,
        "placebo": found.placebo.estimate,
        "placebo_low": found.placebo.low,
        "placebo_high": found.placebo.high,
        "surrogate_check": beyond[0],
        "surrogate_check_low": beyond[1],
        "surrogate_check_high": beyond[2],
        "late_hazard_low": min(found.late_hazard),
        "late_hazard_high": max(found.late_hazard),
    }


def _sentence(config: Config, one: Estimated, unit_cost: float, naive: float, verdict: str) -> str:
    """Return what happened, compared with whom, at what cost, and the verdict, for a reader without statistics."""
    effect = one.effect.effect
    basis = (
        "customers held out at random"
        if one.trial.design == "randomised"
        else "similar customers who were not chosen (observational)"
    )
    return (
        f"Being offered {one.trial.action.replace('_', ' ')} changed a customer's value over"
        f" {config.value.horizon_months} months by {effect.estimate:,.2f} {config.currency} (95% interval"
        f" {effect.low:,.2f} to {effect.high:,.2f}) compared with {basis}; it cost {unit_cost:,.2f}. {verdict}"
        f" The plain difference to untreated customers, {naive:,.2f}, mixes the effect with who was chosen."
    )
