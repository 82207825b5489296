"""Indicators of contacts that customers began: solved at once, handling, answers, service level, cost."""

from __future__ import annotations

import math

import ibis

from ...expressions import Rows, Value
from ...timeline.look_ahead import as_money, microseconds
from ..declare import Kind, Lack, Ratio, Source, Unit, ratio
from ..scope import CLUSTER, MONTH, Scope, key

__all__ = ["BY_CONTACT", "CONTACTS", "contact_cost", "costed", "formula_used", "inbound", "with_places"]

BY_CONTACT = ("channel", "reason", "team", "agent", "product", "segment")
_SECOND = 1e6


def inbound(scope: Scope) -> Rows:
    """Return the contacts that customers began, before the data end; where nobody says who began, all."""
    rows = scope.tables["contacts"]
    rows = rows.filter(rows.opened_at < scope.tables.data_until.to_pydatetime())
    if "direction" in rows.columns:
        rows = rows.filter(rows.direction.fill_null("inbound") == "inbound")
    return rows


def with_places(scope: Scope, rows: Rows) -> Rows:
    """Return contacts with ``team`` (theirs, else their agent's) and ``agent`` where the tables say so."""
    if "agent_id" not in rows.columns:
        return rows
    rows = rows.mutate(agent=key(rows.agent_id))
    agents = [name for name in ("team", "trained_at") if scope.has(f"agents.{name}")]
    if not agents:
        return rows
    known = scope.tables["agents"]
    known = known.select(known_agent=key(known.agent_id), **{f"agents_{name}": known[name] for name in agents})
    rows = rows.left_join(known, rows.agent == known.known_agent)
    if "team" not in agents:
        return rows
    team = ibis.coalesce(rows.team, rows.agents_team) if "team" in rows.columns else rows.agents_team
    return rows.mutate(team=team)


def contact_cost(scope: Scope, rows: Rows) -> Value:
    """Return what each contact cost: its own cost, else the config's ``value.cost_per_contact``."""
    own = scope.tables.config.value.cost_per_contact
    if "cost" not in rows.columns:
        return ibis.literal(own)
    return ibis.coalesce(rows.cost.cast("float64"), ibis.literal(own))


def _neighbours(scope: Scope, rows: Rows, names: tuple[str, ...], mark: str) -> Rows:
    """Add ``<mark>first`` and ``<mark>last``: no other contact alike shortly before, and none shortly after."""
    span = scope.config.fcr_days * 86_400 * _SECOND
    alike = ibis.window(group_by=list(names), order_by=["opened_at", "contact_id"])
    before = microseconds(rows.opened_at, rows.opened_at.lag().over(alike))
    after = microseconds(rows.opened_at.lead().over(alike), rows.opened_at)
    return rows.mutate(
        **{f"{mark}first": ~(before < span).fill_null(False), f"{mark}last": ~(after < span).fill_null(False)}
    )


def _rows(scope: Scope) -> Rows:
    rows = _neighbours(scope, inbound(scope), ("customer_id",), "any_")
    if "reason" in rows.columns:
        rows = _neighbours(scope, rows, ("customer_id", "reason"), "")
    if {"closed_at", "resolved"} <= set(rows.columns):
        closed = scope.seen(rows, "closed_at").notnull()
        known = ibis.ifelse(closed, rows.resolved, ibis.literal(False))  # what is still open is not solved
        rows = rows.mutate(solved=known)
    rows = scope.within(with_places(scope, rows), "opened_at")
    rows = rows.mutate(**{CLUSTER: key(rows.customer_id), MONTH: rows[MONTH]})
    if "answered_at" in rows.columns:
        rows = rows.mutate(waited=microseconds(scope.seen(rows, "answered_at"), rows.opened_at) / _SECOND)
    if "closed_at" in rows.columns:
        rows = rows.mutate(lasted=microseconds(scope.seen(rows, "closed_at"), rows.opened_at) / _SECOND)
    return rows


CONTACTS = Source("contacts", _rows, BY_CONTACT)
_SOLVED = ("contacts.closed_at", "contacts.resolved")
_REASONED = (*_SOLVED, "contacts.reason")


def _window(scope: Scope) -> int:
    return scope.config.fcr_days


@CONTACTS.indicator(unit=Unit.SHARE, needs=_REASONED, wait=_window)
def fcr_gross(e: Rows, _: Scope) -> Ratio:
    """First contacts on a reason, solved and followed by no other on it in time."""
    return ratio(e.solved & e["last"], e["first"] & e.reason.notnull() & e.solved.notnull())


def _unsolvable(scope: Scope) -> Lack | None:
    return None if scope.config.unsolvable_reasons else Lack("setting", ("indicators.unsolvable_reasons",))


@CONTACTS.indicator(unit=Unit.SHARE, needs=_REASONED, wait=_window, condition=_unsolvable)
def fcr_net(e: Rows, scope: Scope) -> Ratio:
    """As gross, without the reasons that cannot be solved at once."""
    counts = e["first"] & e.solved.notnull() & ~e.reason.isin(scope.config.unsolvable_reasons)
    return ratio(e.solved & e["last"], counts)


@CONTACTS.indicator(unit=Unit.SHARE, needs=_SOLVED, wait=_window)
def once_and_done(e: Rows, _: Scope) -> Ratio:
    """As gross, but any other contact counts, whatever its reason and channel."""
    return ratio(e.solved & e.any_last, e.any_first & e.solved.notnull())


@CONTACTS.indicator(unit=Unit.SHARE, needs=("contacts.reason",), wait=_window)
def repeat_rate(e: Rows, _: Scope) -> Ratio:
    """Contacts that another one on the same reason follows in time."""
    return ratio(~e["last"], e.reason.notnull())


def _handled(e: Rows) -> Value:
    return e.handle_seconds.notnull() & e.lasted.notnull()


_HANDLING = ("contacts.handle_seconds", "contacts.closed_at")


@CONTACTS.indicator(unit=Unit.SECONDS, needs=_HANDLING)
def handling_time(e: Rows, _: Scope) -> Ratio:
    """Handling time of the contacts that were handled, their mean."""
    return ratio(e.handle_seconds, _handled(e))


@CONTACTS.indicator(unit=Unit.SECONDS, needs=_HANDLING, kind=Kind.MEDIAN)
def handling_time_median(e: Rows, _: Scope) -> Ratio:
    """Handling time in the middle of all."""
    return ratio(e.handle_seconds, _handled(e))


@CONTACTS.indicator(unit=Unit.SECONDS, needs=("contacts.answered_at",))
def answer_time(e: Rows, _: Scope) -> Ratio:
    """Time to the first answer, mean of the contacts that were answered."""
    return ratio(e.waited, e.waited.notnull())


@CONTACTS.indicator(unit=Unit.SECONDS, needs=("contacts.answered_at",), kind=Kind.MEDIAN)
def answer_time_median(e: Rows, _: Scope) -> Ratio:
    """Time to the first answer in the middle of all."""
    return ratio(e.waited, e.waited.notnull())


def _limit(scope: Scope) -> int:
    """Return the days until a contact that nobody answered counts as unanswered, at least one."""
    return math.ceil(scope.config.service_level.seconds / 86_400)


@CONTACTS.indicator(unit=Unit.SHARE, needs=("contacts.answered_at",), wait=_limit)
def answered_share(e: Rows, _: Scope) -> Ratio:
    """Contacts answered, of all that were opened."""
    return ratio(e.waited.notnull(), e.contact_id.notnull())


@CONTACTS.indicator(unit=Unit.SHARE, needs=("contacts.answered_at",), wait=_limit)
def service_level(e: Rows, scope: Scope) -> Ratio:
    """Contacts answered in time, by the formula that the config names."""
    limit, formula = scope.config.service_level.seconds, formula_used(scope)
    answered = e.waited.notnull()
    quick = (e.waited <= limit).fill_null(False)
    if formula == "opened":
        return ratio(quick, e.contact_id.notnull())
    if formula == "answered":
        return ratio(quick, answered)
    gone = e.abandoned.fill_null(False) & e.lasted.notnull() & ~answered
    early = gone & (e.lasted <= limit).fill_null(False)
    if formula == "in_time":
        return ratio(quick | early, answered | gone)
    return ratio(quick, answered | (gone & ~early) if formula == "late_abandoned" else answered | gone)


def formula_used(scope: Scope) -> str:
    """Return by which formula the service level is counted: the config's, or ``opened`` without abandoned contacts."""
    formula = scope.config.service_level.formula
    can = formula in ("opened", "answered") or scope.has("contacts.abandoned", "contacts.closed_at")
    return formula if can else "opened"


def costed(scope: Scope) -> Lack | None:
    """Return that nobody says what a contact costs, or None."""
    known = scope.has("contacts.cost") or scope.tables.config.value.cost_per_contact > 0
    return None if known else Lack("columns", ("contacts.cost or value.cost_per_contact",))


@CONTACTS.indicator(unit=Unit.MONEY, needs=("contacts.opened_at",), condition=costed)
def cost_per_contact(e: Rows, scope: Scope) -> Ratio:
    """What a contact cost; where the config sets no cost, of those that carry one."""
    known = e.contact_id.notnull()
    if "cost" in e.columns and scope.tables.config.value.cost_per_contact == 0:
        known = e.cost.notnull()
    return ratio(as_money(contact_cost(scope, e)), known)


@CONTACTS.indicator(unit=Unit.SHARE, needs=("contacts.agent_id", "agents.trained_at"))
def trained_share(e: Rows, _: Scope) -> Ratio:
    """Contacts whose agent was trained before them."""
    return ratio((e.agents_trained_at < e.opened_at).fill_null(False), e.known_agent.notnull())
