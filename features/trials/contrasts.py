"""Contrasts: trials on what is no action with an arm, such as a move to direct debit or a quick answer.

The discipline is that of actions: one time zero for both arms, eligibility from what was known before it, covariates
from before the exposure, the same outcome. The design is observational, always.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...core.arrays import Bools
from ...core.config.contrasts import ContrastConfig
from ...core.errors import ConfigError, did_you_mean
from ...core.records import TrialData
from ...core.time import local_months
from ..catalogue.catalogue import build_features
from ..tables.tables import Tables
from .controls import draw_controls, first_of_month
from .decisions import OBSERVATIONAL, finished_units
from .eligibility import Condition, present
from .exposures import COVARIATES, EXPOSURES, Moments
from .follow_up import follow
from .study import Study, sampled, span

__all__ = ["contrast_config", "contrast_study", "contrast_trial", "contrast_units"]


def contrast_config(tables: Tables, name: str) -> ContrastConfig:
    """Return the config of the contrast ``name``.

    Raises
    ------
    ConfigError
        The config has no such contrast, or an action of that name.
    """
    contrasts = tables.config.incremental.contrasts
    if name not in contrasts:
        if not contrasts:
            raise ConfigError(f"no contrast is configured, got '{name}'; write it under incremental: contrasts:")
        near = did_you_mean(name, contrasts)
        raise ConfigError(f"incremental.contrasts: expected one of {', '.join(contrasts)}, got '{name}'{near}")
    return contrasts[name]


def contrast_trial(tables: Tables, name: str, *, since: pd.Timestamp, until: pd.Timestamp, seed: int) -> TrialData:
    """Return the moments of a contrast in [since, until) whose follow-up is over, as of an action's decisions.

    Raises
    ------
    ConfigError
        As :func:`contrast_config`, or its condition is none on features that these tables give.
    DataError
        The tables lack what the exposure is known from, or an arm is empty.
    """
    return follow(tables, contrast_study(tables, name, since=since, until=until, seed=seed))


def contrast_study(tables: Tables, name: str, *, since: pd.Timestamp, until: pd.Timestamp, seed: int) -> Study:
    """Return the moments of a contrast in [since, until), which wait to be followed.

    Raises
    ------
    ConfigError
        As :func:`contrast_trial`.
    DataError
        The tables lack what the exposure is known from.
    """
    units = contrast_units(tables, name, since=since, until=until, seed=seed)
    covariates = [column for column in COVARIATES if column in units]
    return Study(
        name,
        OBSERVATIONAL,
        units.drop(columns=["known_before", *covariates]),
        units["known_before"],
        where=f"contrast '{name}', from {span(tables, since, until)}",
        extra=units[covariates],
    )


def contrast_units(tables: Tables, name: str, *, since: pd.Timestamp, until: pd.Timestamp, seed: int) -> pd.DataFrame:
    """Return the eligible moments of a contrast: columns of :class:`Decisions`, known_before and covariates.

    Eligible is who runs at time zero with nothing pending (without contracts: has signed up) and met the contrast's
    condition before the exposure. Nobody is contacted, so whether one may be, and when one last was, plays no part.
    Where there are more moments than ``most_units``, customers are sampled by a hash that ``seed`` salts.

    Raises
    ------
    ConfigError, DataError
        As :func:`contrast_trial`.
    """
    contrast = contrast_config(tables, name)
    moments = EXPOSURES[contrast.exposure](tables, contrast, since, until)
    lead = pd.Timedelta(days=contrast.lead_days)
    units = moments.units
    if "known_before" not in units:
        units = units.assign(known_before=units["as_of"] - lead)
    most = contrast.most_units
    if moments.drawn:
        most = int(most / (1 + tables.config.incremental.controls_per_treated))
    units = sampled(units, most, f"{seed}/{name}/sample")
    units = units[_fit(tables, name, contrast, moments, units)]
    timezone = tables.config.timezone
    units = units.assign(period=local_months(units["as_of"], timezone))
    if moments.drawn and len(units):
        controls, _ = draw_controls(
            tables,
            f"{seed}/{name}",
            units,
            first_of_month(moments.exposures, timezone),
            lambda rows: _fit(tables, name, contrast, moments, rows.assign(known_before=rows["as_of"] - lead)),
        )
        controls = controls.assign(treated=0, known_before=controls["as_of"] - lead)
        units = pd.concat([units, controls], ignore_index=True)
    return finished_units(tables, units, name, OBSERVATIONAL, moments.exposures)


def _fit(tables: Tables, name: str, contrast: ContrastConfig, moments: Moments, rows: pd.DataFrame) -> Bools:
    """Return which rows (customer_id, as_of, known_before) are eligible, (n,)."""
    rows = rows.reset_index(drop=True)
    look = rows[["customer_id"]].assign(as_of=rows["known_before"])
    condition = Condition(f"incremental.contrasts.{name}.eligible", contrast.eligible)
    fits = condition.narrowed(tables, look, lambda: present(tables, rows))
    if moments.origin and fits.any():
        at = np.flatnonzero(fits)
        method = build_features(tables, rows.iloc[at], ["method"])["method"]
        fits[at] = method.isin(moments.origin).to_numpy()
    return fits
