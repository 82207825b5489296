"""The matured decisions of an action, with all that an effect is estimated from.

Trials are followed several at a time: whatever is asked of a decision, its features, its value, its losses, is asked of
the decisions of all of them in one question, for a question costs more than its rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ...core.arrays import Floats
from ...core.errors import DataError, ServiceliftError
from ...core.records import ArmCounts, TrialData
from ...core.refusals import other_state, refusal, within
from ...core.time import DAYS_PER_MONTH, local_day
from ..catalogue.catalogue import build_features
from ..expressions import Rows
from ..outcomes.clv_inputs import clv_inputs
from ..outcomes.losses import losses_of
from ..outcomes.realised_value import realised_value
from ..tables.tables import Tables
from ..timeline.look_ahead import ROW, discount_factor, is_treated, spine_table
from ..timeline.waiting import waiting
from .arms import arm_counts
from .study import Study, action_study

__all__ = ["PERIOD", "follow", "follow_each", "later_actions", "trial_data"]

PERIOD = "period"
"""Covariate of a trial: months since the first period, because conditions change with time."""

_ROWS_AT_ONCE = 20_000
"""Decisions from which on a question costs by its rows: more at once would only take more memory."""


def trial_data(
    tables: Tables,
    action: str,
    *,
    since: pd.Timestamp,
    until: pd.Timestamp,
    design: str,
    seed: int,
    beyond_days: int = 180,
    decomposition: bool = True,
    most: int | None = None,
) -> TrialData:
    """Return the decisions on ``action`` in [since, until) whose follow-up is over.

    Parameters
    ----------
    tables, action, since, until, design, seed, decomposition, most
        As for :func:`action_study`.
    beyond_days
        Length of the window after the follow-up on which the surrogate is checked.

    Raises
    ------
    DataError
        No treated or no control decision is left.
    """
    study = action_study(
        tables, action, since=since, until=until, design=design, seed=seed, decomposition=decomposition, most=most
    )
    return follow(tables, study, beyond_days=beyond_days)


def follow(tables: Tables, study: Study, *, beyond_days: int = 180) -> TrialData:
    """Return the units of one trial whose follow-up is over, with all that an effect is estimated from.

    Raises
    ------
    DataError
        No treated or no control unit is left.
    """
    (found,) = follow_each(tables, [study], beyond_days=beyond_days)
    if isinstance(found, ServiceliftError):
        raise found
    return found


def follow_each(
    tables: Tables, studies: Iterable[Study | ServiceliftError], *, beyond_days: int = 180
) -> Iterator[TrialData | ServiceliftError]:
    """Yield for each of several trials what :func:`follow` returns, or the error that it raises, in their order.

    Trials are followed together until they hold some 20,000 units: memory holds those, whatever comes behind them.

    Parameters
    ----------
    tables
        The business's tables.
    studies
        The trials, made as they are asked for; an error stands for a trial that could not be drawn, and comes back.
    beyond_days
        Length of the window after the follow-up on which the surrogate is checked.
    """
    gathered: list[Study | ServiceliftError] = []
    rows = 0
    for study in studies:
        ready = study if isinstance(study, ServiceliftError) else _ripe(tables, study)
        gathered.append(ready)
        rows += 0 if isinstance(ready, ServiceliftError) else len(ready.units)
        if rows >= _ROWS_AT_ONCE:
            yield from _in_order(tables, gathered, beyond_days)
            gathered, rows = [], 0
    yield from _in_order(tables, gathered, beyond_days)


def _in_order(
    tables: Tables, studies: Sequence[Study | ServiceliftError], beyond_days: int
) -> Iterator[TrialData | ServiceliftError]:
    """Yield the trials of the studies, followed together, each error at its place."""
    followed = iter(_followed(tables, [one for one in studies if isinstance(one, Study)], beyond_days))
    for one in studies:
        yield one if isinstance(one, ServiceliftError) else next(followed)


def _ripe(tables: Tables, study: Study) -> Study | DataError:
    """Return the study without units whose follow-up is not over, or why no comparison is left."""
    units = study.units
    follow_up = pd.Timedelta(days=tables.config.incremental.follow_up_days)
    ripe = units["as_of"] + follow_up <= tables.data_until
    end = local_day(tables.data_until, tables.config.timezone)
    try:
        if study.elsewhere and not (ripe & (units["treated"] == 1)).any():
            raise other_state(study.name, left=0, elsewhere=study.elsewhere, lapsed=study.lapsed)
        _check_arms(units["treated"], ripe, study.ineligible, follow_up.days, end)
    except DataError as error:
        return within(error, study.where)
    return replace(
        study,
        units=units[ripe].reset_index(drop=True),
        known_before=study.known_before[ripe].reset_index(drop=True),
        extra=None if study.extra is None else study.extra[ripe].reset_index(drop=True),
        immature=int(units.loc[~ripe, "treated"].sum()),
    )


def _followed(tables: Tables, studies: Sequence[Study], beyond_days: int) -> list[TrialData | ServiceliftError]:
    """Return the trials of ripe studies, all asked for together; one that cannot be answered spoils no other."""
    if not studies:
        return []
    try:
        return [*_trials(tables, studies, beyond_days)]
    except ServiceliftError as error:
        if len(studies) == 1:
            return [within(error, studies[0].where)]
        return [trial for study in studies for trial in _followed(tables, [study], beyond_days)]


def _trials(tables: Tables, studies: Sequence[Study], beyond_days: int) -> Iterator[TrialData]:
    """Yield the trial of each ripe study."""
    of = np.repeat(np.arange(len(studies)), [len(study.units) for study in studies])
    together = _together(tables, studies, beyond_days)
    detailed = np.array([study.decomposition for study in studies])[of]
    account = _with_account(tables, together.take(detailed)) if detailed.any() else together
    ends = together.units.assign(as_of=together.units["as_of"] + pd.Timedelta(days=together.follow_up_days))
    waits = (waiting(tables, ends) != "").to_numpy()
    for place, study in enumerate(studies):
        own = of == place
        trial = account.take(own[detailed]) if study.decomposition else together.take(own)
        arms = ArmCounts()
        if study.propensities is not None:
            arms = arm_counts(tables, study.name, study.units, study.propensities, waits[own])
        yield replace(
            trial,
            action=study.name,
            design=study.design,
            units=study.units,
            features=_covariates(trial.features, study.units[PERIOD], study.extra),
            immature=study.immature,
            ineligible=study.ineligible,
            elsewhere=study.elsewhere,
            lapsed=study.lapsed,
            left_out=study.left_out,
            arms=arms,
        )


def _together(tables: Tables, studies: Sequence[Study], beyond_days: int) -> TrialData:
    """Return the decisions of all studies as one trial, without an account; its units are customers and instants."""
    follow_up = pd.Timedelta(days=tables.config.incremental.follow_up_days)
    spine = pd.concat([study.units[["customer_id", "as_of"]] for study in studies], ignore_index=True)
    look = spine.assign(as_of=np.concatenate([study.known_before.to_numpy() for study in studies]))
    state = spine.assign(as_of=spine["as_of"] + follow_up)
    # Both instants of every decision in one pass: compiling the catalogue costs more than its rows.
    known = build_features(tables, pd.concat([look, state], ignore_index=True))
    return TrialData(
        action="",
        design=studies[0].design,
        units=spine,
        features=known.iloc[: len(spine)],
        realised=realised_value(tables, spine, state["as_of"]),
        state=clv_inputs(tables, state, known.iloc[len(spine) :].reset_index(drop=True)),
        later=later_actions(tables, spine, state["as_of"]),
        before=_before(tables, look, follow_up),
        beyond=_realised_over(tables, state, beyond_days),
        beyond_days=beyond_days,
        follow_up_days=follow_up.days,
        immature=0,
        ineligible=0,
    )


def _with_account(tables: Tables, trial: TrialData) -> TrialData:
    """Return the trial with course, months and full horizon of its decisions."""
    spine = trial.units[["customer_id", "as_of"]]
    until = spine["as_of"] + pd.Timedelta(days=trial.follow_up_days)
    return replace(
        trial,
        losses=losses_of(tables, spine, until, trial.state.contract, trial.realised),
        monthly=_monthly(tables, spine, trial.follow_up_days),
        full=_realised_over(tables, spine, tables.config.value.horizon_months * DAYS_PER_MONTH),
    )


def _check_arms(treated: pd.Series, ripe: pd.Series, ineligible: int, days: int, end: dt.date) -> None:
    """Stop where an arm is empty, and say why: none at all, none eligible, or none whose follow-up is over."""
    for arm, one in ((1, "treated"), (0, "control")):
        of_arm = treated == arm
        if (of_arm & ripe).any():
            continue
        if of_arm.any():
            raise refusal(DataError, "immature", arm=one, days=days, end=end, n=int(of_arm.sum()))
        if arm and ineligible:
            raise refusal(DataError, "ineligible", n=ineligible)
        raise refusal(DataError, f"no_{one}")


def _covariates(known: pd.DataFrame, period: pd.Series, further: pd.DataFrame | None) -> pd.DataFrame:
    """Return features with months since the first period, and further columns where there are any."""
    months = pd.PeriodIndex(period, freq="M")
    features = known.copy()
    features[PERIOD] = (months.year * 12 + months.month).to_numpy(dtype=float)
    features[PERIOD] -= features[PERIOD].min()
    return features if further is None else pd.concat([features, further], axis=1)


def _before(tables: Tables, look: pd.DataFrame, follow_up: pd.Timedelta) -> Floats:
    """Return realised value over the follow-up's length that ends just before each look, (n,)."""
    instant_before = look["as_of"] - pd.Timedelta(1, "us")
    before = realised_value(tables, look.assign(as_of=instant_before - follow_up), instant_before)
    return before["value"].to_numpy()


def _monthly(tables: Tables, spine: pd.DataFrame, days: int) -> Floats:
    """Return realised value cumulated to the end of each whole month within ``days``, (n, months)."""
    months = int(days / DAYS_PER_MONTH)
    if months == 0:
        return np.empty((len(spine), 0))
    ends = [spine["as_of"] + pd.Timedelta(days=month * DAYS_PER_MONTH) for month in range(1, months + 1)]
    value = realised_value(tables, pd.concat([spine] * months, ignore_index=True), pd.concat(ends, ignore_index=True))
    return value["value"].to_numpy().reshape(months, len(spine)).T


def _realised_over(tables: Tables, spine: pd.DataFrame, days: float) -> Floats:
    """Return realised value over the ``days`` after each spine row, NaN where the data end before, (n,)."""
    ends = spine["as_of"] + pd.Timedelta(days=days)
    over = ends <= tables.data_until
    value = np.full(len(spine), np.nan)
    if over.any():
        value[over.to_numpy()] = realised_value(tables, spine[over], ends[over])["value"]
    return value


def later_actions(tables: Tables, spine: pd.DataFrame, until: pd.Series) -> pd.DataFrame:
    """Return the discounted count of treated decisions in (as_of, until], one column an action.

    Columns are the config's actions in order; index as ``spine``.
    """
    names = list(tables.config.incremental.actions)
    if not tables.has("actions") or not len(spine):
        return pd.DataFrame(0.0, index=spine.index, columns=names)
    rows: Rows = spine_table(tables, spine, until=until)
    acts = tables["actions"]
    acts = acts.filter(is_treated(acts)).select(acting="customer_id", at="decided_at", action="action")
    met = rows.inner_join(acts, [rows.customer_id == acts.acting, acts.at > rows.as_of, acts.at <= rows.until])
    factor = discount_factor(met["at"], met["as_of"], tables.config.value.annual_discount_rate)
    summed = met.group_by(ROW).aggregate(
        **{f"n{i}": factor.cast("decimal(30, 8)").sum(where=met["action"] == n) for i, n in enumerate(names)}
    )
    found = tables.execute(summed).set_index(ROW).reindex(range(len(spine)))
    return found.astype("float64").fillna(0.0).set_axis(names, axis=1).set_axis(spine.index)
