"""The flat table of an experiment: arms with their chances, outcomes, covariates, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ....core.arrays import Bools, Floats, Positions
from ....core.config.experiment import ExperimentConfig
from ....core.errors import ConfigError, DataError, did_you_mean
from ....core.messages import Message
from ....core.short_repr import ShortRepr
from ....features.sources.flat import NO, YES, identifier_of, numbers_of, read_flat, why_no_feature, words_of

__all__ = ["TIME", "Assigned", "assigned", "read_assigned"]

TIME = "days_since_start"
"""Covariate made of the date: days since the first assignment."""

_MOST_ARMS = 12
_FEWEST = 20
_SHOWN = 5
_PERIODS = 10
_A_PERIOD = 50


@dataclass(frozen=True)
class Assigned(ShortRepr):
    """n customers of an experiment.

    Parameters
    ----------
    customers
        Name of each, (n,); ``identifier`` says of which column.
    arms
        Names of the arms, the control first.
    codes, chances
        Place of each customer's arm, (n,), and the planned chance of every arm, (n, arms).
    X
        Covariates, (n, columns).
    outcomes
        Values by name, (n,); NaN where a value is missing.
    periods
        Period of the assignment, (n,); None without a date.
    notes
        What was left out or assumed.
    """

    customers: pd.Series[Any]
    identifier: str
    arms: tuple[str, ...]
    codes: Positions
    chances: Floats
    X: pd.DataFrame
    outcomes: dict[str, Floats]
    periods: Positions | None
    notes: tuple[Message, ...]

    def take(self, rows: Bools) -> Assigned:
        """Return the customers of a mask, (n,)."""
        return replace(
            self,
            customers=self.customers[rows].reset_index(drop=True),
            codes=self.codes[rows],
            chances=self.chances[rows],
            X=self.X[rows].reset_index(drop=True),
            outcomes={name: values[rows] for name, values in self.outcomes.items()},
            periods=None if self.periods is None else self.periods[rows],
        )


def read_assigned(config: ExperimentConfig) -> Assigned:
    """Return the table that a configuration names; see :func:`assigned`.

    Raises
    ------
    ConfigError, DataError
        The configuration names no table, or as :func:`assigned`.
    """
    if config.table is None:
        raise ConfigError("table: expected the path of a CSV, Parquet or Excel file, found none; add it")
    return assigned(read_flat(config.folder / config.table), config)


def assigned(frame: pd.DataFrame, config: ExperimentConfig) -> Assigned:
    """Return the customers of a flat table, one a row.

    Raises
    ------
    ConfigError
        A column or an arm that is named is not there.
    DataError
        A customer stands in two rows, an arm is too small, an outcome or a chance cannot be read, or a column looks
        personal.
    """
    frame = frame.rename(columns=str)
    propensities = _propensity_columns(config)
    named = [config.arm, *config.outcomes, *config.drop, *(config.covariates or ()), *propensities.values()]
    for name in [*named, *(column for column in (config.id, config.date) if column is not None)]:
        if name not in frame.columns:
            near = did_you_mean(name, frame.columns)
            raise ConfigError(f"expected a column '{name}', the table has {', '.join(frame.columns)}{near}")
    notes: list[Message] = []
    known = frame[config.arm].notna()
    if not known.all():
        notes.append(Message.of("without_arm", n=int((~known).sum()), column=config.arm))
        frame = frame[known].reset_index(drop=True)
    arms, codes = _arms(frame[config.arm], config)
    customers, identifier = _customers(frame, config)
    taken = (config.arm, *config.outcomes, identifier, config.date, *propensities.values())
    X = _covariates(frame, config, tuple(name for name in taken if name), notes)
    periods = None
    if config.date is not None:
        days = _days(frame[config.date], config.date)
        X = X.assign(**{TIME: days})
        periods = _periods(days, len(arms))
    chances = _chances(frame, config, arms, propensities, notes)
    outcomes = {name: _outcome(frame[name], name, config) for name in config.outcomes}
    return Assigned(customers, identifier, arms, codes, chances, X, outcomes, periods, tuple(notes))


def _propensity_columns(config: ExperimentConfig) -> dict[str, str]:
    """Return the columns of chances by arm; "" stands for the only other arm."""
    if config.propensity is None:
        return {}
    return {"": config.propensity} if isinstance(config.propensity, str) else dict(config.propensity)


def _arms(column: pd.Series[Any], config: ExperimentConfig) -> tuple[tuple[str, ...], Positions]:
    words = words_of(column)
    found = sorted(set(words))
    if config.control not in found:
        near = did_you_mean(config.control, found)
        raise ConfigError(f"control: '{config.arm}' is never '{config.control}'; it holds {_some(found)}{near}")
    if not 2 <= len(found) <= _MOST_ARMS:
        raise DataError(f"expected 2 to {_MOST_ARMS} arms in '{config.arm}', got {len(found)}: {_some(found)}")
    arms = (config.control, *(word for word in found if word != config.control))
    codes = words.map({word: place for place, word in enumerate(arms)}).to_numpy(dtype=np.intp)
    sizes = np.bincount(codes)
    if sizes.min() < _FEWEST:
        small = arms[int(sizes.argmin())]
        raise DataError(f"expected at least {_FEWEST} customers in every arm, got {sizes.min()} in '{small}'")
    for key, names in (("shares", config.shares), ("costs", config.costs)):
        unknown = [name for name in names if name not in arms]
        if unknown:
            raise ConfigError(f"{key}: unknown arm '{unknown[0]}'{did_you_mean(unknown[0], arms)}")
    if config.costs.get(config.control, 0.0) != 0:
        raise ConfigError("costs: the control costs nothing; give each arm what it costs more than the control")
    return arms, codes


def _some(values: list[str]) -> str:
    shown = ", ".join(f"'{value}'" for value in values[:_SHOWN])
    return shown if len(values) <= _SHOWN else f"{shown}, ..."


def _customers(frame: pd.DataFrame, config: ExperimentConfig) -> tuple[pd.Series[Any], str]:
    taken = (config.arm, *config.outcomes, *(config.covariates or ()))
    identifier = config.id or identifier_of(frame, but=taken)
    if identifier is None:
        return pd.Series(np.arange(1, len(frame) + 1), name="row"), ""
    customers = frame[identifier]
    bad = int(customers.isna().sum()), int(customers.duplicated().sum())
    if any(bad):
        raise DataError(
            f"expected one row a customer, got {bad[0]:,} without '{identifier}' and {bad[1]:,} that stand again; sum"
            " outcomes up to one row a customer first"
        )
    return customers, identifier


def _covariates(
    frame: pd.DataFrame, config: ExperimentConfig, taken: tuple[str, ...], notes: list[Message]
) -> pd.DataFrame:
    """Return the covariates: those of the config, else all that can be learnt from and have no other role."""
    asked = config.covariates
    names = list(asked) if asked is not None else [n for n in frame.columns if n not in (*taken, *config.drop)]
    kept = {}
    for name in names:
        values = numbers_of(frame[name], config.decimal)
        why = why_no_feature(values)
        if why is None:
            kept[name] = values
        elif why.code == "personal":
            raise DataError(f"'{name}' looks like {why.figures['kind']}; leave it out with drop: ['{name}']")
        elif why.code == "decimal_comma":
            raise DataError(f"'{name}' looks like numbers with a decimal comma; say so with decimal: ','")
        else:
            notes.append(Message.of(why.code, column=name, **why.figures))
    if asked is None and kept:
        notes.append(Message.of("all_others", columns=tuple(kept)))
    return pd.DataFrame(kept, index=frame.index)


def _days(column: pd.Series[Any], name: str) -> pd.Series[Any]:
    """Return days since the first assignment."""
    try:
        when = pd.to_datetime(column, format=None if column.dtype.kind == "M" else "ISO8601", utc=True)
    except (ValueError, TypeError):
        raise DataError(f"date: expected days such as 2024-06-30 in '{name}', got others; write them so") from None
    if when.isna().any():
        raise DataError(f"date: expected a day in every row of '{name}', {int(when.isna().sum()):,} are missing")
    return (when.dt.normalize() - when.min().normalize()).dt.days.astype("float64")


def _periods(days: pd.Series[Any], arms: int) -> Positions | None:
    """Return periods of about as many customers each, a day never in two; None where there is but one."""
    n = int(min(_PERIODS, len(days) // (_A_PERIOD * arms)))
    edges = np.unique(np.quantile(days, np.arange(1, n) / n)) if n > 1 else np.empty(0)
    periods = np.unique(np.searchsorted(edges, days, side="left"), return_inverse=True)[1].astype(np.intp)
    return periods if periods.max() > 0 else None


def _chances(
    frame: pd.DataFrame,
    config: ExperimentConfig,
    arms: tuple[str, ...],
    columns: dict[str, str],
    notes: list[Message],
) -> Floats:
    """Return the planned chance of each arm for each customer, (n, arms)."""
    if not columns:
        if not config.shares:
            notes.append(Message.of("equal_shares", n=len(arms)))
        absent = [arm for arm in arms if arm not in config.shares] if config.shares else []
        if absent:
            raise ConfigError(f"shares: expected one for each arm, none for '{absent[0]}'")
        shares = np.array([config.shares.get(arm, 1.0) for arm in arms])
        return np.tile(shares / shares.sum(), (len(frame), 1))
    if "" in columns:
        if len(arms) != 2:
            raise ConfigError(f"propensity: expected a column for each of {', '.join(arms[1:])}, got one for all")
        columns = {arms[1]: columns[""]}
    if set(columns) != set(arms[1:]):
        raise ConfigError(f"propensity: expected a column for each of {', '.join(arms[1:])} and no other")
    given = np.column_stack([_chance(frame[columns[arm]], columns[arm], config) for arm in arms[1:]])
    control = 1 - given.sum(axis=1)
    if not ((given > 0).all() and (control > 1e-9).all()):
        raise DataError(
            "propensity: expected chances above 0 that leave one for the control in every row; leave out customers who"
            " could not have been in every arm"
        )
    return np.column_stack([control, given])


def _chance(column: pd.Series[Any], name: str, config: ExperimentConfig) -> Floats:
    values = numbers_of(column, config.decimal)
    if not pd.api.types.is_numeric_dtype(values) or values.isna().any():
        raise DataError(f"propensity: expected a number in every row of '{name}'")
    return values.to_numpy(dtype=np.float64)


def _outcome(column: pd.Series[Any], name: str, config: ExperimentConfig) -> Floats:
    """Return an outcome as numbers, (n,): yes as 1 and no as 0, NaN where it is missing."""
    outcome = config.outcomes[name]
    if outcome.kind == "yes_no":
        return _yes_no(column, name, outcome.yes_is)
    values = numbers_of(column, config.decimal)
    if not pd.api.types.is_numeric_dtype(values):
        raise DataError(f"outcome '{name}': expected numbers, got texts; is the decimal mark another (decimal:)?")
    numbers = values.to_numpy(dtype=np.float64)
    if np.isinf(numbers).any():
        raise DataError(f"outcome '{name}': expected finite numbers, {int(np.isinf(numbers).sum()):,} are not")
    if np.isnan(numbers).all():
        raise DataError(f"outcome '{name}': expected numbers, every row is blank")
    return numbers


def _yes_no(column: pd.Series[Any], name: str, yes: str | None) -> Floats:
    words = words_of(column)
    found = sorted(set(words.dropna()))
    if yes is not None:
        if yes not in found:
            raise ConfigError(f"outcomes.{name}.yes_is: the column is never '{yes}'; it holds {_some(found)}")
        truth = {word: float(word == yes) for word in found}
        if len(found) > 2:
            raise DataError(f"outcome '{name}': expected two words, got {len(found)}: {_some(found)}")
    else:
        truth = {w: 1.0 if w.lower() in YES else 0.0 for w in found if w.lower() in YES | NO}
        if len(truth) < len(found) or not found:
            raise ConfigError(
                f"outcome '{name}': which of {_some(found)} means yes? Say so with"
                f" {name}: {{kind: yes_no, yes_is: WORD}}"
            )
    return words.map(truth).to_numpy(dtype=np.float64)
