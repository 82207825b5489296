"""Exposures of contrasts: at which moments a customer was exposed to something, or was not.

Each kind of exposure is a function that returns :class:`Moments`. For every moment

- ``as_of``, time zero, is the first instant strictly before which exposure *and* its absence were known (of a move to
  another payment method the move itself, as the decision is of an action). Nobody is followed from before that, so no
  time is lived through because an arm is defined so.
- ``known_before`` lies before the exposure began: what was known strictly before it are the covariates. What the
  exposure itself leaves in the tables is none; what was known of a contact when it was opened is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...core.config.contrasts import ContrastConfig
from ...core.errors import DataError
from ...core.refusals import refusal
from ...core.short_repr import ShortRepr
from ...core.time import local_months
from ..tables.tables import Tables
from ..timeline.known import KNOWN_AT, known_rows

__all__ = ["COVARIATES", "EXPOSURES", "Moments"]

COVARIATES = (
    "contact_channel",
    "contact_reason",
    "contact_is_complaint",
    "contact_hour",
    "contact_weekday",
    "agent_resolved_before",
)
"""Covariates that belong to a moment and are no features of the customer: of the contact at its opening, on the clocks
of the config, and the share that its agent had solved before any agent was trained."""

_TICK = pd.Timedelta(1, "us")
_REPEAT_DAYS, _FIRST_DAYS = 7, 30


@dataclass(frozen=True)
class Moments(ShortRepr):
    """Customers' moments of a contrast.

    Parameters
    ----------
    units
        customer_id, as_of, known_before, treated (0 or 1), and where they apply agent_id and :data:`COVARIATES`.
    exposures
        Every exposure there was, of whom and when: customer_id and at.
    origin
        Payment methods that both arms have at time zero; empty where that plays no part.
    drawn
        Whether controls are still to be drawn among all customers; ``units`` then holds the treated alone.
    """

    units: pd.DataFrame
    exposures: pd.DataFrame
    origin: tuple[str, ...] = ()
    drawn: bool = False


def _payment_method(tables: Tables, contrast: ContrastConfig, since: pd.Timestamp, until: pd.Timestamp) -> Moments:
    """Return the moves to a method; who moved from which one is left to the eligibility at time zero."""
    _need(tables, "payment_methods", "method")
    rows = tables["payment_methods"]
    moves = tables.execute(rows.filter(rows.method == contrast.to).select("customer_id", at="valid_from"))
    units = _between(moves.rename(columns={"at": "as_of"}), since, until).assign(treated=1)
    return Moments(units, moves, contrast.origin or _others(tables, contrast.to), drawn=True)


def _others(tables: Tables, to: str) -> tuple[str, ...]:
    rows = tables["payment_methods"]
    return tuple(name for name in sorted(tables.execute(rows.select("method").distinct())["method"]) if name != to)


def _answered_within(tables: Tables, contrast: ContrastConfig, since: pd.Timestamp, until: pd.Timestamp) -> Moments:
    """Return contacts that the customer began, with whether the first answer came in time."""
    _need(tables, "contacts", "answered_at")
    wait = pd.Timedelta(hours=contrast.hours)
    rows = _contacts(tables, since - wait - _TICK, until)
    quick = rows["answered_at"] <= rows["opened_at"] + wait
    known = np.maximum(rows["opened_at"] + wait, rows[KNOWN_AT]) + _TICK
    return _of_contacts(tables, rows, known, quick, since, until)


def _resolved_at_first_contact(
    tables: Tables, contrast: ContrastConfig, since: pd.Timestamp, until: pd.Timestamp
) -> Moments:
    """Return first contacts on a reason, with whether they solved it: closed as solved, and no other one followed."""
    _need(tables, "contacts", "closed_at", "resolved", "reason")
    window = pd.Timedelta(days=contrast.days or _REPEAT_DAYS)
    rows = _contacts(tables, since - 2 * window - _TICK, until)
    rows = rows[rows["reason"].notna()].sort_values(["customer_id", "reason", "opened_at"], kind="stable")
    opened = rows.groupby(["customer_id", "reason"])["opened_at"]
    first = ~(opened.diff() <= window)
    followed = -opened.diff(-1) <= window
    solved = rows["resolved"].fillna(False).astype(bool) & (rows["closed_at"] <= rows["opened_at"] + window) & ~followed
    known = np.maximum(rows["opened_at"] + window, rows[KNOWN_AT]) + _TICK
    return _of_contacts(tables, rows[first], known[first], solved[first], since, until)


def _contact_in_first_month(
    tables: Tables, contrast: ContrastConfig, since: pd.Timestamp, until: pd.Timestamp
) -> Moments:
    """Return new customers at the end of their first month, with whether they had a contact in it.

    Customers who signed up before the first contact that was ever written down cannot be judged.
    """
    _need(tables, "contacts", "opened_at")
    month = pd.Timedelta(days=contrast.days or _FIRST_DAYS)
    customers = known_rows(tables, "customers")
    customers = customers.select("customer_id", "signed_up_at", KNOWN_AT).filter(customers.signed_up_at.notnull())
    units = tables.execute(customers.filter(customers.signed_up_at < until.to_pydatetime()))
    contacts = tables["contacts"]
    first = tables.execute(contacts.group_by("customer_id").aggregate(at=contacts.opened_at.min()))
    units = units[units["signed_up_at"] >= first["at"].min()]
    units = units.merge(first, on="customer_id", how="left")
    treated = (units["at"] >= units["signed_up_at"]) & (units["at"] <= units["signed_up_at"] + month)
    # A contact before sign-up is no contact of a new customer, and hides the first one after it.
    units = units[~(units["at"] < units["signed_up_at"])]
    known_before = np.maximum(units["signed_up_at"], units[KNOWN_AT]) + _TICK
    known = np.maximum(units["signed_up_at"] + month, units[KNOWN_AT]) + 2 * _TICK
    units = units.assign(as_of=known, known_before=known_before, treated=treated.astype("int64"))
    units = _between(units[["customer_id", "as_of", "known_before", "treated"]], since, until)
    return Moments(units, _exposed(units))


def _agent_training(tables: Tables, _contrast: ContrastConfig, since: pd.Timestamp, until: pd.Timestamp) -> Moments:
    """Return contacts since anybody was trained, with whether their agent was trained before them.

    Trained and untrained agents of the same months are compared, given what share each had solved *before* anybody was
    trained: before and after, trained and untrained.
    """
    _need(tables, "contacts", "agent_id")
    _need(tables, "agents", "trained_at")
    agents = tables["agents"]
    trained = tables.execute(agents.select("agent_id", "trained_at"))
    begun = trained["trained_at"].min()
    if pd.isna(begun) or trained["trained_at"].eq(begun).all():
        raise refusal(DataError, "trained_alike")
    rows = _contacts(tables, max(since, begun) - _TICK, until)
    rows = rows[rows["opened_at"] >= begun]
    kind = rows["agent_id"].dtype
    rows = rows.merge(trained.astype({"agent_id": kind}), on="agent_id", how="inner")
    rows = rows.merge(_solved_before(tables, begun).astype({"agent_id": kind}), on="agent_id", how="left")
    return _of_contacts(tables, rows, rows["opened_at"] + _TICK, rows["trained_at"] < rows["opened_at"], since, until)


def _solved_before(tables: Tables, moment: pd.Timestamp) -> pd.DataFrame:
    """Return the share of the contacts closed before ``moment`` that each agent solved."""
    if not tables.has("contacts", "closed_at", "resolved"):
        return pd.DataFrame({"agent_id": pd.Series(dtype="str"), "agent_resolved_before": pd.Series(dtype="float64")})
    rows = tables["contacts"]
    rows = rows.filter(rows.agent_id.notnull(), rows.closed_at < moment.to_pydatetime(), rows.resolved.notnull())
    share = rows.resolved.cast("int64").sum() / rows.count()
    return tables.execute(rows.group_by("agent_id").aggregate(agent_resolved_before=share.cast("float64")))


EXPOSURES: dict[str, Callable[[Tables, ContrastConfig, pd.Timestamp, pd.Timestamp], Moments]] = {
    "payment_method": _payment_method,
    "answered_within": _answered_within,
    "resolved_at_first_contact": _resolved_at_first_contact,
    "contact_in_first_month": _contact_in_first_month,
    "agent_training": _agent_training,
}
"""How the moments of each kind of exposure are found, for time zeros in [since, until)."""


def _need(tables: Tables, table: str, *columns: str) -> None:
    for column in columns:
        if not tables.has(table, column):
            raise refusal(DataError, "unknown_exposure", column=f"{table}.{column}")


def _contacts(tables: Tables, first: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """Return the contacts that customers began, opened in [first, until), with their covariates."""
    rows = known_rows(tables, "contacts")
    rows = rows.filter(rows.opened_at >= first.to_pydatetime(), rows.opened_at < until.to_pydatetime())
    if tables.has("contacts", "direction"):
        rows = rows.filter(rows.direction.fill_null("inbound") == "inbound")
    wanted = ("customer_id", "opened_at", "answered_at", "closed_at", "resolved", "agent_id", KNOWN_AT)
    covariates = {name: rows[name] for name in wanted if name in rows.columns}
    outcomes: dict[str, Any] = {
        f"contact_{name}": rows[name].cast("float64") if name == "is_complaint" else rows[name]
        for name in ("channel", "reason", "is_complaint")
        if name in rows.columns
    }
    if "reason" in rows.columns:
        covariates["reason"] = rows.reason
    frame = tables.execute(rows.select(**covariates, **outcomes).order_by("opened_at", "customer_id"))
    local = frame["opened_at"].dt.tz_localize("UTC").dt.tz_convert(tables.config.timezone)
    return frame.assign(contact_hour=local.dt.hour.astype(float), contact_weekday=local.dt.day_name().astype("str"))


def _of_contacts(
    tables: Tables, rows: pd.DataFrame, known: pd.Series, treated: pd.Series, since: pd.Timestamp, until: pd.Timestamp
) -> Moments:
    """Return contacts as moments, the first a customer and calendar month; ``known``: when the arm was known."""
    rows = rows.assign(as_of=known, known_before=rows["opened_at"], treated=treated.fillna(False).astype("int64"))
    kept = [c for c in ("customer_id", "as_of", "known_before", "treated", "agent_id", *COVARIATES) if c in rows]
    units = _between(rows[kept], since, until).sort_values(["as_of", "customer_id"], kind="stable")
    again = units.assign(month=local_months(units["as_of"], tables.config.timezone)).duplicated(
        ["customer_id", "month"]
    )
    return Moments(units[~again].reset_index(drop=True), _exposed(units))


def _between(units: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    return units[(units["as_of"] >= since) & (units["as_of"] < until)].reset_index(drop=True)


def _exposed(units: pd.DataFrame) -> pd.DataFrame:
    return units.loc[units["treated"] == 1, ["customer_id", "as_of"]].rename(columns={"as_of": "at"})
