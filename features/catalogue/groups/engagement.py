"""Features of the teams behind a year's contacts: how engaged they were when they served the customer.

A team's engagement at a contact is that of the contact's month, or where that is not known at ``as_of``, of the last
month before it that is, at most eleven months back. Months are those of the config's ``timezone``.
"""

from __future__ import annotations

import ibis

from ...contract.local_time import wall_clock
from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.known import KNOWN_AT, known_rows
from ...timeline.spine import Keys, known_events
from ..declare import Group, mean, thousandths, within

__all__ = ["ENGAGEMENT"]

_YEAR = 365
_MONTHS = 12
"""How many months, its own included, a survey tells of."""


def _lacks(tables: Tables) -> str | None:
    """Say what is missing to know which team served a contact."""
    named = tables.has("contacts", "team") or (tables.has("contacts", "agent_id") and tables.has("agents", "team"))
    return None if named else "needs contacts.team, or contacts.agent_id and agents.team"


def _rows(tables: Tables, keys: Keys) -> Rows:
    """Return each pair's known contacts of a year whose team's ``engagement`` is known."""
    e = known_events(tables, keys, "contacts")
    e = e.filter(within(e.opened_at_age, _YEAR))
    e = _with_team(tables, e)
    e = e.mutate(contact_month=_month(wall_clock(e.opened_at, tables.config.timezone)))
    told = tables.once("team_engagement", lambda: _by_contact_month(tables))
    return e.inner_join(
        told,
        [
            e.served_by == told.survey_team,
            e.contact_month == told.told_month,
            told.survey_known < e.as_of,
            ibis.coalesce(told.later_known >= e.as_of, True),
        ],
    )


def _with_team(tables: Tables, e: Rows) -> Rows:
    """Return contacts with ``served_by``: their own team, else that of their agent, once listed."""
    teams = [e.team] if "team" in e.columns else []
    if tables.has("contacts", "agent_id") and tables.has("agents", "team"):
        agents = known_rows(tables, "agents")
        agents = agents.select(
            listed_agent=agents.agent_id.cast(e.agent_id.type()), agent_team="team", listed_known=KNOWN_AT
        )
        e = e.left_join(agents, e.agent_id == agents.listed_agent).drop("listed_agent")
        nobody = ibis.null(e.agent_team.type())
        teams = [e.team] if "team" in e.columns else []
        teams.append(ibis.ifelse(e.listed_known < e.as_of, e.agent_team, nobody))
    return e.mutate(served_by=ibis.coalesce(*teams))


def _month(moment: Value) -> Value:
    """Return the calendar month as a whole number that grows by one a month."""
    return moment.year().cast("int64") * 12 + moment.month().cast("int64")


def _by_contact_month(tables: Tables) -> Rows:
    """Return each survey for each month of contacts that it may tell of, with when a better one was known.

    Of the surveys of a team for one month of contacts the one of the latest month counts, once it is known:
    ``later_known`` is the first instant at which one of a later month was.
    """
    rows = known_rows(tables, "agent_surveys")
    rows = rows.select(
        survey_team="team", survey_month=_month(rows.month), engagement="engagement", survey_known=KNOWN_AT
    )
    rows = rows.mutate(ahead=ibis.range(_MONTHS)).unnest("ahead")
    rows = rows.mutate(told_month=rows.survey_month + rows.ahead.cast("int64")).drop("ahead")
    later = ibis.window(group_by=["survey_team", "told_month"], order_by=ibis.desc("survey_month"), rows=(None, -1))
    return rows.mutate(later_known=rows.survey_known.min().over(later)).drop("survey_month")


ENGAGEMENT = Group("engagement", _rows, _lacks, "`contacts.team`, or `contacts.agent_id` and `agents.team`")
_SOURCES = ("agent_surveys.engagement", "contacts.opened_at")
_KNOWN = "opened_at, end of the survey's month"


@ENGAGEMENT.feature(unit="score", sources=_SOURCES, known=_KNOWN, windows=(_YEAR,))
def team_engagement(e: Rows, days: int) -> Value:
    """Engagement of the teams that served the contacts opened in the window, mean over these contacts: each team's is
    that of the contact's month on the clocks of the config's timezone, or of the last month before that is known, at
    most eleven months back.
    """
    return mean(thousandths(e.engagement), 1000.0, within(e.opened_at_age, days))


@ENGAGEMENT.feature(unit="score", sources=_SOURCES, known=_KNOWN, windows=(_YEAR,))
def team_engagement_last(e: Rows, days: int) -> Value:
    """Engagement of the team that served the last contact opened in the window for which it is known."""
    order = ibis.struct({"age": -e.opened_at_age, "key": e.contact_id})
    return e.engagement.argmax(order, where=within(e.opened_at_age, days))
