"""Landmarks: the state of subscriptions at an instant, and what follows month by month."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import numpy as np
import pandas as pd

from ...core.arrays import Bools, Ints
from ...core.errors import ConfigError
from ...core.terms import boundaries_passed
from ..tables.tables import Tables
from ..timeline.contract_state import contract_state
from ..timeline.known import KNOWN_AT, known_rows
from ..timeline.look_ahead import MICROSECONDS_PER_DAY, MONTH, ROW, as_micros, by_row, microseconds, spine_table
from ..timeline.spells import lasting, spell_at, spells
from ..timeline.waiting import waiting
from .realised_value import ends_of, sums_ahead

__all__ = ["contract_state", "landmark_money", "lead_outcomes", "reactivation_outcomes"]


def lead_outcomes(tables: Tables, spine: pd.DataFrame, max_leads: int) -> pd.DataFrame:
    """Return what happens in each month after each landmark that has a running subscription and does not wait.

    Parameters
    ----------
    tables
        The business's tables.
    spine
        Frame with customer_id and as_of, n landmarks.
    max_leads
        Most lead months per landmark.

    Returns
    -------
    pd.DataFrame
        Long, ordered: ``row`` (position in ``spine``), ``lead`` (1, 2, ...; month k is the time from k - 1
        to k months of 365.25 / 12 days after ``as_of``, its end included), ``renewal`` (bool: the term
        boundary of the state at ``as_of``, or one that follows it at whole terms, falls in the month) and
        ``cause`` (0 stays, 1 voluntary end, 2 ended by payment failure). A landmark's last row is its end, or the last
        month that is wholly observed: ``as_of`` + lead + grace <= data_until.

    Raises
    ------
    ConfigError
        ``max_leads`` is below 1.
    DataError
        As for :func:`contract_state`.

    Notes
    -----
    The event is a *loss*: the end of the last running subscription with no start within ``grace_days`` after it; a
    change of subscription is none, nor is a pause; customers who wait at ``as_of`` (:mod:`..timeline.waiting`) are left
    out. A later return is a reactivation, valued as one, where the *churn* label
    (:func:`~.churn_labels.churn_labels`) forgives it if it comes within the horizon. An end at ``as_of`` itself is not
    known there: it falls in the first month, as does one that was recorded late. Boundaries after the first are whole
    terms of 365.25 / 12 day months apart, as a model lays them out that knows no calendar.
    """
    _check_leads(max_leads)
    state = contract_state(tables, spine)
    ends = spell_at(tables, spine)
    as_of = as_micros(spine["as_of"])
    last = as_micros(ends["ends"])
    running = (state["running"] & (waiting(tables, spine) == "")).to_numpy()
    grace = tables.config.churn.grace_days * MICROSECONDS_PER_DAY
    row, lead, event = _months(tables, as_of, last, running, grace, max_leads)
    cause = np.where(event, 1 + ends["failed"].fillna(0).to_numpy(dtype=np.int64)[row], 0)
    renewal = _renews(lead, state.iloc[row])
    return pd.DataFrame({ROW: row, "lead": lead, "renewal": renewal, "cause": cause})


def reactivation_outcomes(tables: Tables, spine: pd.DataFrame, max_leads: int) -> pd.DataFrame:
    """Return whether those whose subscriptions had all ended before ``as_of`` came back, month by month.

    Returns
    -------
    pd.DataFrame
        Long, ordered: ``row`` (position in ``spine``), ``lead`` (as in :func:`lead_outcomes`) and
        ``restarted`` (0 or 1); a landmark's last row is its restart, or the last month wholly observed.

    Raises
    ------
    ConfigError
        ``max_leads`` is below 1.
    DataError
        As for :func:`contract_state`.
    """
    _check_leads(max_leads)
    state = contract_state(tables, spine)
    rows = spine_table(tables, spine)
    starts = lasting(tables, known_rows(tables, "subscriptions")).select("customer_id", "started_at", KNOWN_AT)
    starts = starts.rename(start_customer="customer_id")
    met = rows.inner_join(starts, [rows.customer_id == starts.start_customer, starts[KNOWN_AT] >= rows.as_of])
    first = by_row(tables, met.group_by(ROW).aggregate(starts=met.started_at.min()), spine)
    ended = state["months_since_end"].notna().to_numpy()
    row, lead, event = _months(tables, as_micros(spine["as_of"]), as_micros(first["starts"]), ended, 0, max_leads)
    return pd.DataFrame({ROW: row, "lead": lead, "restarted": event.astype(np.int64)})


def landmark_money(
    tables: Tables,
    spine: pd.DataFrame,
    until: pd.Series | pd.Timestamp,
    *,
    exclude_kinds: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the money beside the contract that follows each landmark, with the time it took.

    Parameters
    ----------
    tables, spine, until, exclude_kinds
        As for :func:`realised_value`.

    Returns
    -------
    pd.DataFrame
        Index of ``spine``: ``exposure_months`` (months of (as_of, until] in which the customer's
        subscriptions ran, gaps within ``grace_days`` included) and, not discounted, over (as_of, until]:
        ``subscription``, ``ancillary`` and ``refunds`` (times margin rate, refunds negative), ``contact_cost``,
        ``action_cost``.

    Raises
    ------
    DataError
        As for :func:`realised_value`.
    """
    ends = ends_of(tables, spine, until)
    sums = sums_ahead(tables, spine, ends, annual_rate=0.0, exclude_kinds=exclude_kinds)
    rows = spine_table(tables, spine, until=ends)
    past = spells(tables).rename(stretch_customer="customer_id")
    met = rows.inner_join(
        past,
        [rows.customer_id == past.stretch_customer, past.begins < rows.until, past.ends > rows.as_of],
    )
    ran = microseconds(ibis.least(met.ends, met.until), ibis.greatest(met.begins, met.as_of))
    months = by_row(tables, met.group_by(ROW).aggregate(ran=ran.sum().cast("int64")), spine)["ran"].fillna(0)
    sums.insert(0, "exposure_months", months.to_numpy(dtype=float) / MONTH)
    return sums


def _check_leads(max_leads: int) -> None:
    if max_leads < 1:
        raise ConfigError(f"max_leads: expected at least 1 lead month, got {max_leads}")


def _months(
    tables: Tables, as_of: Ints, event_at: Ints, at_risk: Bools, grace: int, max_leads: int
) -> tuple[Ints, Ints, Bools]:
    """Return row, lead and whether the event falls in it, for every observed month at risk.

    An event before or at ``as_of`` falls in the first month; a missing one (smallest int64) never happens.
    """
    end = as_micros(pd.Series([tables.data_until]))[0]
    seen = np.clip((end - grace - as_of) // MONTH, 0, max_leads)
    missing = event_at == np.iinfo(np.int64).min
    lead_of = np.where(missing, max_leads + 1, np.maximum(-((as_of - event_at) // MONTH), 1))
    count = np.where(at_risk, np.minimum(seen, lead_of), 0)
    row = np.repeat(np.arange(len(as_of)), count)
    first = np.cumsum(count) - count
    lead = np.arange(len(row)) - np.repeat(first, count) + 1
    return row, lead, lead == lead_of[row]


def _renews(lead: Ints, state: pd.DataFrame) -> Bools:
    """Return whether one of the boundaries months_to_renewal + j x term_months lies in (lead - 1, lead]."""
    ahead, term = state["months_to_renewal"].to_numpy(), state["term_months"].to_numpy()
    return np.asarray(boundaries_passed(lead, ahead, term) > boundaries_passed(lead - 1, ahead, term))
