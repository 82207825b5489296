"""Trials that wait to be followed: who was treated, who was not, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ...core.contract_state import LAPSED
from ...core.errors import ServiceliftError
from ...core.hashing import uniform_hash
from ...core.records import StudyDesign
from ...core.short_repr import ShortRepr
from ...core.time import local_day
from ..tables.tables import Tables
from .decisions import decisions
from .eligibility import action_config
from .propensities import Propensities

__all__ = ["Study", "action_study", "drawn_or_why", "sampled", "span"]


@dataclass(frozen=True)
class Study(ShortRepr):
    """The units of a trial that wait to be followed.

    Parameters
    ----------
    name, design
        The action or contrast, and its design.
    units
        Columns as of :class:`Decisions`, n rows.
    known_before
        Instant of each unit (n,), at or before its ``as_of``, strictly before which its features must have been known.
    where
        What an error is led by: the trial and its period.
    decomposition
        Whether to bring what the account of an effect needs: the course, months and full horizon of its decisions.
    extra
        Further covariates, n rows.
    ineligible, elsewhere, lapsed, left_out
        As of :class:`~servicelift.core.records.TrialData`; ``immature`` is counted when the units are followed.
    propensities
        What recorded propensities are worth; None where no arm is recorded: then nothing is counted of the arms.
    """

    name: str
    design: StudyDesign
    units: pd.DataFrame
    known_before: pd.Series
    where: str
    decomposition: bool = True
    extra: pd.DataFrame | None = None
    ineligible: int = 0
    elsewhere: int = 0
    lapsed: bool = False
    left_out: int = 0
    immature: int = 0
    propensities: Propensities | None = None


def action_study(
    tables: Tables,
    action: str,
    *,
    since: pd.Timestamp,
    until: pd.Timestamp,
    design: str,
    seed: int,
    decomposition: bool = True,
    most: int | None = None,
) -> Study:
    """Return the decisions on ``action`` in [since, until), which wait to be followed.

    Parameters
    ----------
    tables
        The business's tables.
    action
        One of the config's actions.
    since, until
        Period of the decisions, naive UTC; the end is left out.
    design
        ``randomised`` (held-out controls) or ``observational`` (controls by sequential trials).
    seed
        Seed of the drawn controls.
    decomposition
        Whether to bring what the account of an effect needs: the course, months and full horizon of its decisions.
    most
        About how many decisions are kept at most, those of whole customers; the same ones under every design. None:
        all of them.

    Raises
    ------
    ConfigError
        The action is unknown, or the design is not one of its designs.
    """
    drawn = decisions(tables, action, since, until, seed, design)
    units = drawn.units
    if most is not None:
        units = sampled(units, most, f"{seed}/{action}/sample").reset_index(drop=True)
    return Study(
        action,
        StudyDesign(design),
        units,
        units["as_of"],
        where=f"action '{action}' ({design}), decisions from {span(tables, since, until)}",
        decomposition=decomposition,
        ineligible=drawn.ineligible_treated,
        elsewhere=drawn.elsewhere,
        lapsed=action_config(tables, action).state == LAPSED,
        left_out=len(drawn.units) - len(units),
        propensities=drawn.propensities,
    )


def drawn_or_why(study: Callable[..., Study], *arguments: Any, **named: Any) -> Study | ServiceliftError:
    """Return what ``study`` returns, or the error that it raises: what cannot be drawn stops no other trial."""
    try:
        return study(*arguments, **named)
    except ServiceliftError as error:
        return error


def sampled(units: pd.DataFrame, most: int, salt: str) -> pd.DataFrame:
    """Return the rows of a sample of customers that keeps some ``most`` of them, by a hash that ``salt`` varies."""
    if len(units) <= most:
        return units
    return units[uniform_hash(units["customer_id"], salt) < most / len(units)]


def span(tables: Tables, since: pd.Timestamp, until: pd.Timestamp) -> str:
    """Return a period as the business's local days, as ``2024-01-01 to 2024-07-01``."""
    return " to ".join(str(local_day(moment, tables.config.timezone)) for moment in (since, until))
