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
from ..features.followup import trial_data
from ..features.sources import Tables, open_tables
from ..features.trials import designs
from ..models.effect import ActionEffect, estimate_action, settings_of
from ..models.portfolio import ClvModel
from ..models.programme import ProgrammeEffect
from ..tracking import Tracker
from .costs import treated_cost
from .doubt import Judged, judged
from .programme import programme_of
from .report import PageFacts, roi_page

__all__ = ["RoiOutcome", "roi"]

ROWS = "roi.parquet"
PAGE = "roi.html"


@dataclass(frozen=True)
class _Estimated:
    """One action x initiative x design, estimated."""

    initiative: str | None
    headline: bool
    trial: TrialData
    effect: ActionEffect


@dataclass(frozen=True)
class RoiOutcome:
    """The statement: one row an action x initiative x design, and what could not be estimated and why.

    ``judged`` holds, row by row, the action_id of every treated decision that the row rests on.
    """

    out: Path
    rows: pd.DataFrame
    left_out: dict[str, str]
    judged: tuple[tuple[str, ...], ...] = field(default=())

    def lines(self) -> list[str]:
        """Return one line an action, and where the page is."""
        headline = self.rows[self.rows["headline"]]
        return [
            *(f"{row['action']}: {row['verdict']}. {row['sentence']}" for _, row in headline.iterrows()),
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
    rows = _rows(tables, estimated, loaded.model, since, until)
    facts = PageFacts(
        business=config.business,
        since=f"{since:%Y-%m-%d}",
        until=f"{until:%Y-%m-%d}",
        data_until=f"{tables.data_until:%Y-%m-%d}",
        currency=config.currency,
        horizon_months=config.value.horizon_months,
        follow_up_days=config.incremental.follow_up_days,
        clv_version=loaded.version,
    )
    with complete_folder(out) as folder:
        rows.to_parquet(folder / ROWS, index=False)
        (folder / PAGE).write_text(roi_page(rows, facts), encoding="utf-8")
    judged = tuple(tuple(one.trial.units.loc[one.trial.treated == 1, "action_id"].astype(str)) for one in estimated)
    return RoiOutcome(out, rows, left_out, judged)


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
                    effect = estimate_action(trial, clv, settings_of(config, action))
                    estimated.append(_Estimated(initiative, design == allowed[0], trial, effect))
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


def _rows(
    tables: Tables, estimated: list[_Estimated], clv: ClvModel, since: pd.Timestamp, until: pd.Timestamp
) -> pd.DataFrame:
    naive = _naive(estimated)
    programme = programme_of(estimated, clv, annual_discount_rate=tables.config.value.annual_discount_rate)
    costs = [treated_cost(tables, one.trial, one.initiative, since, until) for one in estimated]
    unit_costs = [cost / int(one.trial.treated.sum()) for one, cost in zip(estimated, costs, strict=True)]
    verdicts = judged(estimated, unit_costs, currency=tables.config.currency, seed=clv.seed)
    return pd.DataFrame(
        [
            _row(tables, one, cost, said, programme, naive[one.trial.action, one.initiative])
            for one, cost, said in zip(estimated, costs, verdicts, strict=True)
        ]
    )


def _naive(estimated: list[_Estimated]) -> dict[tuple[str, str | None], float]:
    """Return the plain difference between the treated and untreated customers like any other, by action.

    Held-out controls are no naive comparison; they serve only where no other customer can be drawn.
    """
    chosen = sorted(estimated, key=lambda one: one.trial.design == "observational")
    return {(one.trial.action, one.initiative): one.effect.effect.naive for one in chosen}


def _row(
    tables: Tables,
    one: _Estimated,
    cost: float,
    judgement: Judged,
    programme: dict[str, ProgrammeEffect],
    naive: float,
) -> dict[str, object]:
    trial, found, said = one.trial, one.effect, judgement.verdict
    effect = found.effect
    treated = int(trial.treated.sum())
    later = trial.units.loc[trial.treated == 0, "treated_later"].astype(float)
    return {
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
        "naive_incremental_clv": naive * treated,
        **_programme(programme.get(trial.action) if one.headline else None, treated),
        "effect_per_treated": effect.estimate,
        "effect_per_treated_low": effect.low,
        "effect_per_treated_high": effect.high,
        **_checks(found),
        **judgement.columns,
        "treated_later_share": float(later.mean()),
        "sentence": _sentence(tables.config, one, cost / treated, naive, said.sentence),
    }


def _programme(found: ProgrammeEffect | None, treated: int) -> dict[str, float]:
    """Return the total with all later actions set to none, and its interval; NaN where it was not estimated."""
    values = (np.nan,) * 3 if found is None else (found.estimate, found.low, found.high)
    names = ("programme_incremental_clv", "programme_incremental_clv_low", "programme_incremental_clv_high")
    return {name: value * treated for name, value in zip(names, values, strict=True)}


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
