"""Indicators of surveys: satisfaction, recommendation, effort, and who answers at all."""

from __future__ import annotations

from collections.abc import Callable

import ibis

from ...expressions import Rows, Value
from ..declare import Kind, Lack, Ratio, Source, Unit, ratio
from ..scope import CLUSTER, Scope, key
from .contacts import BY_CONTACT, with_places

__all__ = ["SURVEYS", "survey_rows", "threshold"]

_PROMOTERS, _DETRACTORS = 9, 6
_NPS_SCALE = (0.0, 10.0)


def survey_rows(scope: Scope) -> Rows:
    """Return one row a survey in the month it was sent, else answered, with what is known of the contact behind it.

    Added: ``asked`` (it was sent), ``answered`` (before the data end).
    """
    rows = scope.tables["surveys"]
    answered = scope.seen(rows, "responded_at").notnull() & rows.score.notnull()
    sent = rows.sent_at if "sent_at" in rows.columns else ibis.null("timestamp(6)")
    rows = rows.mutate(asked=sent.notnull(), answered=answered, at=ibis.coalesce(sent, rows.responded_at))
    if "contact_id" in rows.columns and scope.has("contacts.contact_id"):
        rows = _with_contact(scope, rows)
    return scope.within(rows, "at").mutate(**{CLUSTER: key(rows.customer_id)})


def _with_contact(scope: Scope, rows: Rows) -> Rows:
    contacts = with_places(scope, scope.tables["contacts"])
    wanted = ("channel", "reason", "team", "agent", "is_complaint", "opened_at", "answered_at", "closed_at", "resolved")
    there = {name: contacts[name] for name in wanted if name in contacts.columns}
    contacts = contacts.select(about=contacts.contact_id, **there)
    return rows.left_join(contacts, rows.contact_id == contacts.about)


SURVEYS = Source("surveys", survey_rows, BY_CONTACT)
_SCORED = ("surveys.score",)


def _wait(scope: Scope) -> int:
    return scope.config.answer_days if scope.has("surveys.sent_at") else 0


def threshold(scope: Scope, metric: str) -> float:
    """Return the score at which a customer counts as satisfied (csat) or as one for whom it was easy (ces)."""
    config, scales = scope.config, scope.tables.config.scales
    low, high = (float(end) for end in getattr(scales, metric))
    if metric == "csat":
        return low + 0.75 * (high - low) if config.csat_top is None else config.csat_top
    if config.ces_easy is not None:
        return config.ces_easy
    return low + (2 / 3 if config.ces_version == "2.0" else 0.25) * (high - low)


def _answers(e: Rows, metric: str) -> Value:
    return (e.metric == metric) & e.answered


@SURVEYS.indicator(unit=Unit.SHARE, needs=_SCORED, wait=_wait, survey="csat")
def csat(e: Rows, scope: Scope) -> Ratio:
    """Answers in the top boxes."""
    return ratio(e.score >= threshold(scope, "csat") - 1e-9, _answers(e, "csat"))


def _nps_scale(scope: Scope) -> Lack | None:
    low, high = scope.tables.config.scales.nps
    return None if (low, high) == _NPS_SCALE else Lack("scale", ("scales.nps",))


@SURVEYS.indicator(unit=Unit.POINTS, needs=_SCORED, kind=Kind.NPS, wait=_wait, condition=_nps_scale, survey="nps")
def nps(e: Rows, _: Scope) -> Ratio:
    """Promoters less detractors, of 100 answers."""
    points = ibis.ifelse(e.score >= _PROMOTERS, 100.0, ibis.ifelse(e.score <= _DETRACTORS, -100.0, 0.0))
    return ratio(points, _answers(e, "nps"))


def _of_version(version: str) -> Callable[[Scope], Lack | None]:
    def lack(scope: Scope) -> Lack | None:
        return None if scope.config.ces_version == version else Lack("version", (scope.config.ces_version,))

    return lack


@SURVEYS.indicator(unit=Unit.SHARE, needs=_SCORED, wait=_wait, condition=_of_version("2.0"), survey="ces")
def ces(e: Rows, scope: Scope) -> Ratio:
    """Answers that it was made easy."""
    return ratio(e.score >= threshold(scope, "ces") - 1e-9, _answers(e, "ces"))


@SURVEYS.indicator(unit=Unit.SHARE, needs=_SCORED, wait=_wait, condition=_of_version("1.0"), survey="ces")
def ces_effort(e: Rows, scope: Scope) -> Ratio:
    """Answers that it took little effort: the first version of the question, where low is good."""
    return ratio(e.score <= threshold(scope, "ces") + 1e-9, _answers(e, "ces"))


def _response(metric: str) -> None:
    @SURVEYS.indicator(unit=Unit.SHARE, needs=("surveys.sent_at",), wait=_wait, name=f"{metric}_response_rate")
    def response_rate(e: Rows, _: Scope) -> Ratio:
        """Surveys answered of those sent."""
        return ratio(e.answered, (e.metric == metric) & e.asked)


for _metric in ("csat", "nps", "ces"):
    _response(_metric)
