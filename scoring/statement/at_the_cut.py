"""What an action earns at the cut of its lists: what one more customer, just beyond the budget, would have brought.

``targets`` leaves beside each list the score and the cut of everybody who could have been on it. Just above and just
below the cut customers are alike, so the jump of their value there is the effect on them
(:func:`servicelift.effects.threshold_effect`), by a design that asks for no holdout.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import stats

from ...core.action_cost import ActionCost
from ...core.config.business import Config
from ...core.errors import DataError, ServiceliftError
from ...core.records import TrialData
from ...core.refusals import OTHER, REFUSALS, reason_of
from ...core.time import local_day
from ...features.outcomes.action_cost import costs_of_actions
from ...features.tables.tables import Tables
from ...features.trials.listed import listed_trial
from ...models.actions.effect import outcomes_of, settings_of
from ...models.designs.threshold import ThresholdEffect, threshold_effect
from ...models.portfolio import ClvModel
from ...models.refutation.verdict import Ruling

__all__ = ["CUT_COLUMNS", "effects_at_cuts", "read_lists"]

_NEEDED = ("customer_id", "action", "as_of", "score", "cut", "instead")
_LEVEL = 0.95
_MOST = 20_000
"""Customers nearest to the cut that are followed: those far away say nothing of it."""

CUT_COLUMNS = (
    "action",
    "lists",
    "n_left",
    "n_right",
    "bandwidth",
    "share_moved",
    "effect_at_cut",
    "effect_at_cut_low",
    "effect_at_cut_high",
    "std_error",
    "density_p",
    "bunched",
    "cost_per_treated",
    "verdict",
    "not_estimated",
    "not_estimated_code",
)


def read_lists(
    files: Sequence[Path], config: Config, since: pd.Timestamp, until: pd.Timestamp
) -> dict[str, pd.DataFrame]:
    """Return, by action, everybody who could have been on a list made in [since, until): who compares with nothing.

    Columns customer_id, as_of (naive UTC) and ``distance`` (score less cut, in money); those whom the list gave
    something else below its cut are left out.

    Raises
    ------
    DataError
        A file is missing or no such file, an action is not one of the config's, or no list was made in the period.
    """
    kept = [_read(file) for file in files]
    rows = pd.concat(kept, ignore_index=True)
    inside = rows[(rows["as_of"] >= since) & (rows["as_of"] < until)]
    inside = inside.drop_duplicates(["customer_id", "action", "as_of"])  # a file that was named twice
    if inside.empty:
        days = [local_day(moment, config.timezone) for moment in (since, until)]
        made = sorted({str(local_day(moment, config.timezone)) for moment in rows["as_of"].unique()})
        raise DataError(
            f"expected a list made from {days[0]} until before {days[1]} in the files of --threshold, got lists of"
            f" {', '.join(made) or 'no day'}; name others, or change the period"
        )
    unknown = sorted(set(inside["action"].astype(str)) - set(config.incremental.actions))
    if unknown:
        raise DataError(
            f"expected lists of this business's actions, got {', '.join(unknown)}; name them under"
            " incremental: actions:"
        )
    alone = inside[inside["instead"].isna()]
    alone = alone.assign(distance=(alone["score"] - alone["cut"]).astype(float))
    return {
        str(action): own[["customer_id", "as_of", "distance"]].reset_index(drop=True)
        for action, own in alone.groupby("action", sort=True)
    }


def _read(file: Path) -> pd.DataFrame:
    try:
        rows = pq.read_table(file).to_pandas()
    except FileNotFoundError:
        raise DataError(
            f"expected a file that `servicelift targets` wrote beside a list, got no file '{file}'"
        ) from None
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"'{file}': expected a Parquet file that `servicelift targets` wrote, got another") from error
    lacking = [name for name in _NEEDED if name not in rows]
    if lacking:
        raise DataError(
            f"'{file}': expected the columns {', '.join(_NEEDED)}, got none called {' or '.join(lacking)};"
            " take the file <name>.threshold.parquet beside a list"
        )
    instants = pd.to_datetime(rows["as_of"], utc=True).dt.tz_localize(None)
    kept: pd.DataFrame = rows.assign(as_of=instants)[list(_NEEDED)]
    return kept


def effects_at_cuts(tables: Tables, clv: ClvModel, lists: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one row an action, with :data:`CUT_COLUMNS`.

    ``effect_at_cut`` is money over the horizon for one customer whom the cut moved, to be held against
    ``cost_per_treated``; ``share_moved`` the jump of the share treated; ``density_p``
    and ``bunched`` whether scores bunch at the cut.
    The verdict is `pays` (a longer list would), `loses` (the list goes too far) or `not proven`; ``not_estimated``
    says why there is none.

    Parameters
    ----------
    tables
        The business's tables.
    clv
        Its CLV model, which gives the value beyond the follow-up.
    lists
        Of :func:`read_lists`.
    """
    costs = costs_of_actions(tables)
    rows = [_row(tables, clv, action, listed, costs[action]) for action, listed in lists.items()]
    return pd.DataFrame(rows, columns=list(CUT_COLUMNS)).astype(
        {"verdict": "str", "not_estimated": "str", "not_estimated_code": "str"}
    )


def _row(tables: Tables, clv: ClvModel, action: str, listed: pd.DataFrame, cost: ActionCost) -> dict[str, Any]:
    facts: dict[str, Any] = {"action": action, "lists": listed["as_of"].nunique(), "cost_per_treated": cost.unit}
    nearest = np.argsort(listed["distance"].abs().to_numpy(), kind="stable")[:_MOST]
    try:
        trial = listed_trial(tables, action, listed.iloc[np.sort(nearest)].reset_index(drop=True))
        effect, low, high, error = _effect(trial, clv, tables.config)
    except ServiceliftError as why:
        return facts | _reason(why, tables.config)
    return facts | {
        "n_left": effect.n_left,
        "n_right": effect.n_right,
        "bandwidth": effect.bandwidth,
        "share_moved": effect.treated_jump,
        "effect_at_cut": effect.estimate,
        "effect_at_cut_low": low,
        "effect_at_cut_high": high,
        "std_error": error,
        "density_p": effect.density_p,
        "bunched": effect.density.suspicious,
        "verdict": _verdict(low, high, cost.unit, bunched=effect.density.suspicious),
    }


def _reason(why: ServiceliftError, config: Config) -> dict[str, str]:
    """Return why an effect is not told, in the business's language where the reason has its sentence, and its code."""
    reason = reason_of(why)
    coded = reason.code != OTHER and config.locale.language != "en"
    return {
        "not_estimated": REFUSALS.write(config.locale, reason) if coded else str(why),
        "not_estimated_code": reason.code,
    }


def _effect(trial: TrialData, clv: ClvModel, config: Config) -> tuple[ThresholdEffect, float, float, float]:
    """Return the effect at the cut, its interval and its error, with that of the CLV model inside."""
    units = trial.units
    outcome, draws = outcomes_of(trial, clv, settings_of(config, trial.action), draws=len(clv.bootstrap))
    at = units["distance"].to_numpy(), trial.treated
    groups = units["customer_id"].astype(str).to_numpy()
    effect = threshold_effect(*at, outcome, 0.0, groups=groups)
    widths = effect.bandwidth, effect.bias_bandwidth
    moved = [threshold_effect(*at, draw, 0.0, groups=groups, bandwidth=widths).estimate for draw in draws]
    of_model = float(np.var(moved, ddof=1)) if len(moved) > 1 else 0.0
    further = float(stats.norm.ppf(0.5 + _LEVEL / 2)) ** 2 * of_model
    low = effect.estimate - np.sqrt((effect.estimate - effect.low) ** 2 + further)
    high = effect.estimate + np.sqrt((effect.high - effect.estimate) ** 2 + further)
    return effect, float(low), float(high), float(np.sqrt(effect.std_error**2 + of_model))


def _verdict(low: float, high: float, cost: float, *, bunched: bool) -> Ruling:
    if bunched or low <= cost <= high:
        return Ruling.NOT_PROVEN
    return Ruling.PAYS if low > cost else Ruling.LOSES
