"""What each action earned against what it cost, per initiative and design, with an honest interval."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ...core.action_cost import CONFIGURED
from ...core.config.business import Config
from ...core.errors import ConfigError, DataError, ServiceliftError
from ...core.files import complete_folder
from ...core.progress import Say, silent
from ...core.records import TrialData
from ...core.short_repr import ShortRepr
from ...features.tables.tables import Tables, open_tables
from ...features.trials.contrasts import contrast_trial
from ...features.trials.decisions import designs
from ...features.trials.follow_up import trial_data
from ...models.actions.effect import estimate_action, settings_of
from ...models.portfolio import ClvModel
from ...tracking import Tracker
from .by_month import effects_by_month
from .page.page import PageFacts, roi_page
from .rows import ACTION, CONTRAST, Estimated, Period, statement_rows
from .totals import ALL, totals

__all__ = ["RoiOutcome", "roi"]

ROWS = "roi.parquet"
TOTALS = "roi_totals.parquet"
MONTHS = "roi_by_month.parquet"
PAGE = "roi.html"


@dataclass(frozen=True)
class RoiOutcome(ShortRepr):
    """The statement: one row an action x initiative x design, contrasts, totals, what was not estimated and why.

    ``judged`` holds, row by row, the action_id of every treated decision that the row rests on; none of a contrast.
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
            *(
                f"{row['action']}: {row['verdict']}. {row['sentence']}"
                for _, row in self.rows[self.rows["kind"] == CONTRAST].iterrows()
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
    acts = bool(config.incremental.actions) and tables.has("actions")
    if not acts and not config.incremental.contrasts:
        raise DataError("expected an actions table and actions under incremental: actions:, found none; add them")
    loaded = Tracker.of(config).load(config.model_name("clv"))
    estimated, left_out = _estimate_all(tables, loaded.model, since, until, say) if acts else ([], {})
    contrasts, unknown = _estimate_contrasts(tables, loaded.model, since, until, say)
    estimated, left_out = [*estimated, *contrasts], left_out | unknown
    if not estimated:
        raise DataError(f"nothing can be estimated: {'; '.join(f'{k}: {v}' for k, v in left_out.items())}")
    say("statement: write")
    period = Period.of(tables, since, until)
    rows = statement_rows(period, estimated, loaded.model)
    headline = rows["headline"].to_numpy(dtype=bool)
    draws = [one.effect.draws for one in estimated if one.headline]
    summed = totals(rows[headline], draws) if draws else pd.DataFrame()
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
        left_out=tuple(f"{name}: {reason}" for name, reason in left_out.items()),
    )
    months = effects_by_month(estimated, rows)
    with complete_folder(out) as folder:
        rows.to_parquet(folder / ROWS, index=False)
        summed.to_parquet(folder / TOTALS, index=False)
        months.to_parquet(folder / MONTHS, index=False)
        (folder / PAGE).write_text(roi_page(rows, summed, months, facts), encoding="utf-8")
    judged = tuple(_decisions(one) for one in estimated)
    return RoiOutcome(out, rows, left_out, judged, summed)


def _decisions(one: Estimated) -> tuple[str, ...]:
    ids = one.trial.units.loc[one.trial.treated == 1, "action_id"]
    return tuple(ids.astype(str)) if one.kind == ACTION else ()


def _estimate_all(
    tables: Tables, clv: ClvModel, since: pd.Timestamp, until: pd.Timestamp, say: Say
) -> tuple[list[Estimated], dict[str, str]]:
    config = tables.config
    estimated: list[Estimated] = []
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
                headline = design == allowed[0]
                whole = trial_data(
                    tables, action, since=since, until=until, design=design, seed=config.seed, decomposition=headline
                )
                for initiative, trial in _by_initiative(whole):
                    effect = estimate_action(trial, clv, settings_of(config, action), decomposition=headline)
                    estimated.append(Estimated(ACTION, initiative, headline, trial, effect))
            except ServiceliftError as error:
                left_out[f"{action} ({design})"] = str(error)
    return estimated, left_out


def _estimate_contrasts(
    tables: Tables, clv: ClvModel, since: pd.Timestamp, until: pd.Timestamp, say: Say
) -> tuple[list[Estimated], dict[str, str]]:
    config = tables.config
    estimated: list[Estimated] = []
    left_out: dict[str, str] = {}
    for name in config.incremental.contrasts:
        say(f"contrast: {name}")
        try:
            trial = contrast_trial(tables, name, since=since, until=until, seed=config.seed)
            effect = estimate_action(trial, clv, settings_of(config, name))
        except ServiceliftError as error:
            left_out[name] = str(error)
            continue
        estimated.append(Estimated(CONTRAST, None, False, trial, effect))
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


def _in_short(row: pd.Series) -> str:
    """Return cost, return and payback of a row in a few words."""
    back = f"payback in month {row['payback_month']:.0f}" if pd.notna(row["payback_month"]) else "no payback in time"
    return f"{_earned(row)}, {back} by the estimate; {_cost_basis(row)}."


def _cost_basis(row: pd.Series) -> str:
    """Return which rule the unit costs follow, and over how many decisions."""
    own, treated = int(row["n_cost_recorded"]), int(row["n_treated"])
    if row["cost_source"] == CONFIGURED:
        return f"costs of offers as configured, none of {treated:,} decisions carries one"
    gaps = f", {treated - own:,} without one filled by the rule" if own < treated else ""
    return f"costs of offers as recorded over {own:,} decisions{gaps}"


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
