"""Indicators around the customer: self-service, public reviews, the agents' engagement and turnover."""

from __future__ import annotations

import ibis

from ...expressions import Rows, Value
from ..declare import Lack, Ratio, Source, Unit, only_of, ratio
from ..scope import CLUSTER, MONTH, Scope, key
from .contacts import inbound, with_places

__all__ = ["AGENTS", "REVIEWS", "SELF_SERVICE", "TEAMS"]


def _both_ways(scope: Scope) -> Rows:
    """Return what customers asked for, by themselves (``alone``) or of an agent, and whether it was solved there."""
    parts = []
    if scope.has("contacts.opened_at"):
        calls = scope.within(inbound(scope), "opened_at")
        alone = calls.channel.isin(scope.config.self_service_channels or ("",))
        parts.append(_visit(calls, alone, ibis.null("boolean")))
    if scope.has("interactions.at"):
        visits = scope.within(scope.tables["interactions"], "at")
        solved = visits.solved if "solved" in visits.columns else ibis.null("boolean")
        parts.append(_visit(visits, ibis.literal(True), solved))
    return parts[0] if len(parts) == 1 else parts[0].union(parts[1])


def _visit(rows: Rows, alone: Value, solved: Value) -> Rows:
    return rows.select(MONTH, **{CLUSTER: key(rows.customer_id)}, alone=alone.fill_null(False), solved=solved)


SELF_SERVICE = Source("self-service", _both_ways, ("product", "segment"))


def _any_alone(scope: Scope) -> Lack | None:
    known = scope.has("interactions.at") or bool(scope.config.self_service_channels)
    return None if known else Lack("columns", ("interactions.at or indicators.self_service_channels",))


@SELF_SERVICE.indicator(unit=Unit.SHARE, needs=("contacts.opened_at",), condition=_any_alone)
def self_service_rate(e: Rows, _: Scope) -> Ratio:
    """What customers did by themselves, of all that they asked for."""
    return ratio(e.alone, e.alone.notnull())


@SELF_SERVICE.indicator(unit=Unit.SHARE, needs=("interactions.solved",))
def self_service_solved(e: Rows, _: Scope) -> Ratio:
    """Self-service that solved it there and then, of that which says so."""
    return ratio(e.solved, e.solved.notnull())


def _reviews(scope: Scope) -> Rows:
    rows = scope.tables["reviews"]
    named = ibis.literal("review ") + key(rows.review_id)
    if "customer_id" in rows.columns:
        named = key(rows.customer_id).coalesce(named)
    return scope.within(rows, "posted_at").mutate(**{CLUSTER: named})


REVIEWS = Source("reviews", _reviews)


@REVIEWS.indicator(unit=Unit.POINTS, needs=("reviews.rating",))
def review_rating(e: Rows, _: Scope) -> Ratio:
    """Rating as first posted."""
    return ratio(e.rating, e.rating.notnull())


@REVIEWS.indicator(unit=Unit.SHARE, needs=("reviews.asked",))
def review_asked_share(e: Rows, _: Scope) -> Ratio:
    """Reviews that we had asked for."""
    return ratio(e.asked, e.asked.notnull())


def _review_wait(scope: Scope) -> int:
    return scope.config.review_days


@REVIEWS.indicator(unit=Unit.SHARE, needs=("reviews.answered_at",), wait=_review_wait)
def review_answered_share(e: Rows, scope: Scope) -> Ratio:
    """Reviews that we answered."""
    return ratio(scope.seen(e, "answered_at").notnull(), e.review_id.notnull())


@REVIEWS.indicator(unit=Unit.SHARE, needs=("reviews.answered_at", "reviews.revised_at"), wait=_review_wait)
def review_revised_share(e: Rows, scope: Scope) -> Ratio:
    """Reviews revised after our answer, of those answered."""
    answered, revised = scope.seen(e, "answered_at"), scope.seen(e, "revised_at")
    return ratio((revised > answered).fill_null(False), answered.notnull())


def _teams(scope: Scope) -> Rows:
    """Return each team's answer of a month, weighing as many as answered it."""
    rows = scope.tables["agent_surveys"]
    weight = rows.respondents.cast("float64") if "respondents" in rows.columns else ibis.literal(1.0)
    day = rows[MONTH]
    number = day.year().cast("int64") * 12 + day.month().cast("int64") - 1
    months = scope.calendar
    scores = {name: rows[name] for name in ("engagement", "enps") if name in rows.columns}
    asked = rows.select("team", weight=weight.fill_null(0.0), asked_month=number, **{CLUSTER: rows.team}, **scores)
    return asked.join(months, asked.asked_month == months[MONTH])


TEAMS = Source("agent surveys", _teams, ("team",))


@TEAMS.indicator(unit=Unit.POINTS, needs=("agent_surveys.engagement",))
def agent_engagement(e: Rows, _: Scope) -> Ratio:
    """Engagement of the teams, weighted by how many answered."""
    counts = e.engagement.notnull()
    weight = ibis.ifelse(counts, e.weight, 0.0)
    return only_of(weight * e.engagement.fill_null(0.0), weight)


@TEAMS.indicator(unit=Unit.POINTS, needs=("agent_surveys.enps",))
def agent_nps(e: Rows, _: Scope) -> Ratio:
    """The agents' own NPS, weighted by how many answered."""
    weight = ibis.ifelse(e.enps.notnull(), e.weight, 0.0)
    return only_of(weight * e.enps.fill_null(0.0), weight)


def _agents(scope: Scope) -> Rows:
    """Return the agents of a month's contacts; ``left`` if none of theirs followed."""
    rows = scope.tables["contacts"]
    rows = rows.filter(rows.agent_id.notnull(), rows.opened_at < scope.tables.data_until.to_pydatetime())
    rows = with_places(scope, rows)
    latest = rows.opened_at.max().over(ibis.window(group_by="agent"))
    rows = scope.within(rows.mutate(latest=latest), "opened_at")
    there = {"team": rows.team.max()} if scope.has("agents.team") or "team" in rows.columns else {}
    agents = rows.group_by("agent", MONTH, "ends").aggregate(latest=rows.latest.max(), **there)
    return agents.mutate(left=agents.latest < agents["ends"], **{CLUSTER: agents.agent})


AGENTS = Source("agents", _agents, ("team",))


@AGENTS.indicator(unit=Unit.SHARE, needs=("contacts.agent_id",), wait=lambda scope: scope.config.turnover_days)
def agent_turnover(e: Rows, _: Scope) -> Ratio:
    """Agents who had their last contact in the month, of those who had one in it."""
    return ratio(e.left, e.agent.notnull())
