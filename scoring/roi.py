"""What each action earned against what it cost, per initiative and design, with an honest interval."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from ..core.config import Config
from ..core.errors import ConfigError, DataError, ServiceliftError
from ..core.exchange import TrialData
from ..core.files import complete_folder
from ..core.progress import Say, silent
from ..features.catalogue import lasting_names
from ..features.followup import PERIOD, trial_data
from ..features.sources import Tables, open_tables
from ..features.trials import OBSERVATIONAL, designs
from ..models.bridge import Bridge, bridge_between, lasting_effect
from ..models.effect import ActionEffect, estimate_action, settings_of
from ..models.portfolio import ClvModel
from ..models.programme import programme_effects
from ..models.verdict import doubts_of, judge
from ..tracking import Tracker
from .accounts import account_columns, bridge_columns
from .costs import acquisition_cost, treated_costs
from .report import PageFacts, roi_page
from .totals import ALL, totals
from .warnings import business_warnings, trial_warnings

__all__ = ["RoiOutcome", "roi"]

ROWS = "roi.parquet"
TOTALS = "roi_totals.parquet"
PAGE = "roi.html"


@dataclass(frozen=True)
class _Estimated:
    """One action x initiative x design, estimated."""

    initiative: str | None
    headline: bool
    trial: TrialData
    effect: ActionEffect

    @property
    def key(self) -> tuple[str, str | None]:
        """Action and initiative: rows of both designs share it."""
        return self.trial.action, self.initiative


@dataclass(frozen=True)
class _Period:
    """The period of a statement, and what holds for all of it."""

    tables: Tables
    since: pd.Timestamp
    until: pd.Timestamp
    acquisition: float
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, tables: Tables, since: pd.Timestamp, until: pd.Timestamp) -> _Period:
        """Read what the tables say of the period."""
        return cls(
            tables, since, until, acquisition_cost(tables, since, until), business_warnings(tables, since, until)
        )


@dataclass(frozen=True)
class RoiOutcome:
    """The statement: one row an action x initiative x design, totals, and what could not be estimated and why.

    ``judged`` holds, row by row, the action_id of every treated decision that the row rests on.
    """

    out: Path
    rows: pd.DataFrame
    left_out: dict[str, str]
    judged: tuple[tuple[str, ...], ...] = field(default=())
    totals: pd.DataFrame = field(default_factory=pd.DataFrame)

    def lines(self) -> list[str]:
        """Return one line an action, and where the page is."""
        headline = self.rows[self.rows["headline"]]
        return [
            *(
                f"{row['action']}: {row['verdict']}. {_in_short(row)} {row['sentence']}"
                for _, row in headline.iterrows()
            ),
            *(_total_in_short(row) for _, row in self.totals.iterrows() if row["initiative"] == ALL),
            *(f"{name}: not estimated: {reason}" for name, reason in self.left_out.items()),
            f"statement: {self.out / PAGE}, {self.out / ROWS}",
        ]


def roi(config: Config, since: pd.Timestamp, until: pd.Timestamp, out: Path, say: Say = silent) -> RoiOutcome:
    """Write roi.parquet and roi.html for the decisions in [since, until).

    Nuisances are cross-fitted on the period's own decisions; only the CLV of the surrogate is the champion's.

    Raises
    ------
    ServiceliftError
        The period is empty, the tables break the contract, there is no CLV champion, or no action can be
        estimated.
    """
    if since >= until:
        raise ConfigError(f"expected --since before --until, got {since:%Y-%m-%d} and {until:%Y-%m-%d}")
    say("tables: open and check")
    tables = open_tables(config)
    if not config.incremental.actions or not tables.has("actions"):
        raise DataError("expected an actions table and actions under incremental: actions:, found none; add them")
    loaded = Tracker.of(config).load(config.model_name("clv"))
    estimated, left_out = _estimate_all(tables, loaded.model, since, until, say)
    if not estimated:
        raise DataError(f"no action can be estimated: {'; '.join(f'{k}: {v}' for k, v in left_out.items())}")
    say("statement: write")
    period = _Period.of(tables, since, until)
    rows = _rows(period, estimated)
    headline = rows["headline"].to_numpy(dtype=bool)
    summed = totals(rows[headline], [one.effect.draws for one in estimated if one.headline])
    facts = PageFacts(
        business=config.business,
        since=f"{since:%Y-%m-%d}",
        until=f"{until:%Y-%m-%d}",
        data_until=f"{tables.data_until:%Y-%m-%d}",
        currency=config.currency,
        horizon_months=config.value.horizon_months,
        follow_up_days=config.incremental.follow_up_days,
        clv_version=loaded.version,
        warnings=period.warnings,
    )
    with complete_folder(out) as folder:
        rows.to_parquet(folder / ROWS, index=False)
        summed.to_parquet(folder / TOTALS, index=False)
        (folder / PAGE).write_text(roi_page(rows, summed, facts), encoding="utf-8")
    judged = tuple(tuple(one.trial.units.loc[one.trial.treated == 1, "action_id"].astype(str)) for one in estimated)
    return RoiOutcome(out, rows, left_out, judged, summed)


def _estimate_all(
    tables: Tables, clv: ClvModel, since: pd.Timestamp, until: pd.Timestamp, say: Say
) -> tuple[list[_Estimated], dict[str, str]]:
    config = tables.config
    estimated: list[_Estimated] = []
    left_out: dict[str, str] = {}
    for action in config.incremental.actions:
        try:
            allowed = designs(tables, action)
        except ServiceliftError as error:
            left_out[action] = str(error)
            continue
        for design in allowed:
            say(f"effect: {action} ({design})")
            try:
                whole = trial_data(tables, action, since=since, until=until, design=design, seed=config.seed)
                for initiative, trial in _by_initiative(whole):
                    headline = design == allowed[0]
                    effect = estimate_action(trial, clv, settings_of(config, action), account=headline)
                    estimated.append(_Estimated(initiative, headline, trial, effect))
            except ServiceliftError as error:
                left_out[f"{action} ({design})"] = str(error)
    return estimated, left_out


def _by_initiative(trial: TrialData) -> list[tuple[str | None, TrialData]]:
    """Return the trial of each initiative; controls without one serve every initiative of the action."""
    of = trial.units["initiative"]
    treated = of[trial.treated == 1]
    names = [None if pd.isna(name) else str(name) for name in treated.unique()]
    if len(names) == 1:
        return [(names[0], trial)]
    parts = []
    for name in names:
        own = of.isna() if name is None else of.astype(str) == name
        parts.append((name, trial.take((own | ((trial.treated == 0) & of.isna())).to_numpy())))
    return parts


def _rows(period: _Period, estimated: list[_Estimated]) -> pd.DataFrame:
    programme, naive = _programme(estimated), _naive(estimated)
    rows = []
    for one in estimated:
        bridge = _bridge(period.tables, one, estimated, naive[one.key], programme)
        rows.append(_row(period, one, bridge))
    return pd.DataFrame(rows)


def _bridge(
    tables: Tables, one: _Estimated, estimated: list[_Estimated], naive: float, programme: dict[str, float]
) -> Bridge:
    """Return the bridge from the naive figure to a headline; of other rows only its ends."""
    twin = next((e for e in estimated if e.key == one.key and e.trial.design == OBSERVATIONAL), None)
    lasting = np.nan
    if one.headline and twin is not None:
        config = tables.config
        names = [*lasting_names(tables), PERIOD]
        folds = config.incremental.folds
        lasting = lasting_effect(twin.trial, twin.effect.outcome, names, folds=folds, seed=config.seed)
    return bridge_between(
        naive=naive,
        lasting=lasting,
        adjusted=np.nan if twin is None else twin.effect.effect.estimate,
        effect=one.effect.effect.estimate,
        programme=programme.get(one.trial.action, np.nan) if one.headline else np.nan,
        randomised=one.trial.design != OBSERVATIONAL,
    )


def _naive(estimated: list[_Estimated]) -> dict[tuple[str, str | None], float]:
    """Return the plain difference between the treated and untreated customers like any other, by action.

    Held-out controls are no naive comparison; they serve only where no other customer can be drawn.
    """
    chosen = sorted(estimated, key=lambda one: one.trial.design == "observational")
    return {one.key: one.effect.effect.naive for one in chosen}


def _programme(estimated: list[_Estimated]) -> dict[str, float]:
    """Return the effect of one decision with all later actions set to none, by action (headline rows)."""
    headline = {one.trial.action: one for one in estimated if one.headline}
    return programme_effects(
        {action: one.effect for action, one in headline.items()},
        {action: one.trial.later for action, one in headline.items()},
    )


def _row(period: _Period, one: _Estimated, bridge: Bridge) -> dict[str, object]:
    tables, trial, found = period.tables, one.trial, one.effect
    effect = found.effect
    treated = int(trial.treated.sum())
    costs = treated_costs(tables, trial, one.initiative, period.since, period.until)
    cost = sum(costs.values())
    doubts = doubts_of(
        overlap=found.overlap,
        surrogate=found.surrogate_check,
        placebo=found.placebo,
        randomised=trial.design == "randomised",
    )
    said = judge(effect, cost / treated, doubts=doubts, currency=tables.config.currency)
    later = trial.units.loc[trial.treated == 0, "treated_later"].astype(float)
    return {
        "kind": "action",
        "action": trial.action,
        "initiative": one.initiative,
        "design": trial.design,
        "headline": one.headline,
        "n_treated": treated,
        "n_control": len(trial.treated) - treated,
        "n_immature": trial.immature,
        "n_ineligible": trial.ineligible,
        "cost": cost,
        "incremental_clv": effect.estimate * treated,
        "incremental_clv_low": effect.low * treated,
        "incremental_clv_high": effect.high * treated,
        "roi_percent": said.roi_percent,
        "roi_percent_low": said.roi_percent_low,
        "roi_percent_high": said.roi_percent_high,
        "effect_shown": said.effect_shown,
        "verdict": said.verdict,
        "naive_incremental_clv": bridge.naive * treated,
        "programme_incremental_clv": bridge.programme * treated,
        "effect_per_treated": effect.estimate,
        "effect_per_treated_low": effect.low,
        "effect_per_treated_high": effect.high,
        **_checks(found),
        "treated_later_share": float(later.mean()),
        **{f"cost_{item}": spent for item, spent in costs.items()},
        **account_columns(found.account, treated, cost, period.acquisition),
        **bridge_columns(bridge, treated),
        "warnings": "; ".join((*period.warnings, *trial_warnings(trial, found.overlap))),
        "sentence": _sentence(tables.config, one, cost / treated, bridge.naive, said.sentence),
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


def _in_short(row: pd.Series) -> str:
    """Return cost, return and payback of a row in a few words."""
    back = f"paid back in month {row['payback_month']:.0f}" if pd.notna(row["payback_month"]) else "not paid back"
    return f"{_earned(row)}, {back}."


def _total_in_short(row: pd.Series) -> str:
    return f"all actions together: {_earned(row)}."


def _earned(row: pd.Series) -> str:
    returned = (
        f"return {row['roi_percent']:,.0f}% ({row['roi_percent_low']:,.0f} to {row['roi_percent_high']:,.0f}%)"
        if pd.notna(row["roi_percent"])
        else "no return without a cost"
    )
    return (
        f"{row['cost']:,.0f} spent, {row['incremental_clv']:,.0f} earned, of it"
        f" {row['realised_incremental_clv']:,.0f} realised so far; {returned}"
    )


def _sentence(config: Config, one: _Estimated, unit_cost: float, naive: float, verdict: str) -> str:
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
