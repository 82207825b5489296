"""Features of the service behind a year's contacts: whether it took one contact, and how good the agents were then.

What an agent is worth is the agent's record over all customers. It is taken as known when the month (UTC) of
``as_of`` began: one record for each agent and month, whichever instant of the month is asked for.
"""

from __future__ import annotations

import ibis

from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.known import KNOWN_AT, known_rows
from ...timeline.spine import DAY, Keys, known_events
from ..declare import Form, Group, mean, share, thousandths, within

__all__ = ["SERVICE", "agent_records"]

_YEAR = 365
_REPEAT_DAYS = 7
_SOLVED, _LIKED = "agents_solved", "agents_liked"
_MILLION = 1e6


def _rows(tables: Tables, keys: Keys) -> Rows:
    """Return each pair's known contacts of a year, with what followed and who handled them.

    Added columns, where the tables have what they need: ``followed`` (another on the same reason within 7 days is
    known), ``rated`` (the agent is known) and ``trained`` (before the contact), ``solving`` and ``liking`` (the
    agent's share solved and mean CSAT at the beginning of the month of ``as_of``, in millionths).
    """
    e = known_events(tables, keys, "contacts")
    e = e.filter(within(e.opened_at_age, _YEAR))
    if "reason" in e.columns:
        e = _with_follower(e, tables.once("followed_contacts", lambda: _followed(known_rows(tables, "contacts"))))
    if not tables.has("contacts", "agent_id"):
        return e
    if tables.has("agents", "trained_at"):
        e = _with_training(tables, e)
    months = keys.table.select(month=_month(keys.table.as_of)).distinct()
    e = e.mutate(month=_month(e.as_of))
    records = agent_records(tables)
    if _SOLVED in records:
        e = _with_record(e, records[_SOLVED], months, "solving")
    if _LIKED in records:
        e = _with_record(e, records[_LIKED], months, "liking")
    return e


def agent_records(tables: Tables) -> dict[str, Rows]:
    """Return what agents did month by month with whatever customer, by the name under which it is kept.

    Nothing else that features are made of goes across customers.
    """
    records: dict[str, Rows] = {}
    if tables.has("contacts", "agent_id", "closed_at", "resolved"):
        records[_SOLVED] = tables.once(_SOLVED, lambda: _solved(tables))
    if tables.has("contacts", "agent_id") and tables.has("surveys", "contact_id"):
        records[_LIKED] = tables.once(_LIKED, lambda: _liked(tables))
    return records


def _with_follower(e: Rows, followed: Value) -> Rows:
    """Return contacts with ``followed``: another on the same reason within 7 days was known before ``as_of``."""
    e = e.left_join(followed, e.contact_id == followed.followed_id)
    return e.mutate(followed=(e.followed_known < e.as_of).fill_null(False)).drop("followed_id")


def _followed(rows: Rows) -> Rows:
    """Return for the contacts followed by another on the same reason within 7 days when that was known."""
    later = rows.select(
        later_customer="customer_id", later_reason="reason", later_opened="opened_at", later_known=KNOWN_AT
    )
    pairs = rows.inner_join(
        later,
        [
            rows.customer_id == later.later_customer,
            rows.reason == later.later_reason,
            later.later_opened > rows.opened_at,
            later.later_opened < rows.opened_at + ibis.interval(days=_REPEAT_DAYS),
        ],
    )
    return pairs.group_by(followed_id=pairs.contact_id).aggregate(followed_known=pairs.later_known.min())


def _with_training(tables: Tables, e: Rows) -> Rows:
    """Return contacts with ``rated`` (the agent is known at as_of) and ``trained`` (before the contact)."""
    agents = known_rows(tables, "agents")
    agents = agents.select(
        trained_agent=agents.agent_id.cast(e.agent_id.type()), trained_at=agents.trained_at, agent_known=KNOWN_AT
    )
    e = e.left_join(agents, e.agent_id == agents.trained_agent)
    return e.mutate(
        rated=(e.agent_known < e.as_of).fill_null(False),
        trained=(e.trained_at < e.opened_at).fill_null(False),
    ).drop("trained_agent")


def _month(moment: Value) -> Value:
    """Return the calendar month as a whole number that grows by one a month."""
    return moment.year().cast("int64") * 12 + moment.month().cast("int64")


def _solved(tables: Tables) -> Rows:
    """Return each agent's contacts solved (in thousandths) and closed, by the month in which that was known."""
    rows = known_rows(tables, "contacts")
    rows = rows.filter(rows.agent_id.notnull(), rows.closed_at.notnull(), rows.resolved.notnull())
    month = _month(ibis.greatest(rows.closed_at, rows[KNOWN_AT]))
    return rows.group_by(agent=rows.agent_id, known_month=month).aggregate(
        total=(1000 * rows.resolved.cast("int64")).sum().cast("int64"), times=rows.count()
    )


def _liked(tables: Tables) -> Rows:
    """Return the sum (in thousandths) of the CSAT answers about each agent, by the month in which it was known."""
    answers = known_rows(tables, "surveys")
    answers = answers.filter(answers.metric == "csat", answers.responded_at.notnull(), answers.score.notnull())
    answers = answers.mutate(answer_known=ibis.greatest(answers.responded_at, answers[KNOWN_AT]))
    answers = answers.select("contact_id", "score", "answer_known")
    handled = known_rows(tables, "contacts")
    handled = handled.filter(handled.agent_id.notnull()).select(
        handled_id=handled.contact_id.cast(answers.contact_id.type()), agent="agent_id", contact_known=KNOWN_AT
    )
    rows = answers.inner_join(handled, answers.contact_id == handled.handled_id)
    month = _month(ibis.greatest(rows.answer_known, rows.contact_known))
    return rows.group_by("agent", known_month=month).aggregate(
        total=thousandths(rows.score).sum().cast("int64"), times=rows.count()
    )


def _with_record(e: Rows, monthly: Value, months: Value, name: str) -> Rows:
    """Return contacts with the agent's total by times, in millionths, over the months before that of ``as_of``.

    Millionths are whole numbers, so that means of them do not depend on the order of the rows.
    """
    met = months.inner_join(monthly, monthly.known_month < months.month)
    record = met.group_by(record_month=met.month, record_agent=met.agent).aggregate(
        **{name: ((met.total.sum().cast("int64") * 1000) // met.times.sum().cast("int64")).cast("int64")}
    )
    met = e.left_join(record, [e.agent_id == record.record_agent, e.month == record.record_month])
    return met.drop("record_agent", "record_month")


SERVICE = Group("service", _rows)
_REASON = ("contacts.reason",)
_AGENT = "contacts.agent_id"


@SERVICE.feature(unit="contacts", sources=_REASON, known="opened_at of both", form=Form.COUNT, windows=(_YEAR,))
def contacts_followed(e: Rows, days: int) -> Rows:
    """Contacts opened in the window and followed within 7 days by another on the same reason."""
    return e.count(where=e.followed & within(e.opened_at_age, days))


@SERVICE.feature(
    unit="share",
    sources=("contacts.reason", "contacts.closed_at", "contacts.resolved"),
    known="closed_at, 7 days after opened_at",
    windows=(_YEAR,),
)
def first_contact_resolved_share(e: Rows, days: int) -> Value:
    """Share solved at the first contact of the contacts opened in the window: solved, and not followed within 7 days
    by another on the same reason. Contacts opened less than 7 days ago do not count, nor do those without a reason.
    """
    over = (e.opened_at_age >= _REPEAT_DAYS * DAY) & within(e.opened_at_age, days)
    return share(e.resolved & ~e.followed, over & e.resolved.notnull() & e.reason.notnull())


@SERVICE.feature(unit="share", sources=(_AGENT, "agents.trained_at"), known="opened_at", windows=(_YEAR,))
def trained_agent_share(e: Rows, days: int) -> Value:
    """Share handled by an agent trained before of the contacts opened in the window; agents not listed do not count."""
    return share(e.trained, e.rated & within(e.opened_at_age, days))


@SERVICE.feature(
    unit="share",
    sources=(_AGENT, "contacts.closed_at", "contacts.resolved"),
    known="before the month of as_of",
    windows=(_YEAR,),
)
def agent_resolved_share(e: Rows, days: int) -> Value:
    """Share solved by the agents of the contacts opened in the window, mean over these contacts: each agent's share is
    that of all the agent's contacts of any customer known to be closed when the month of as_of began.
    """
    return mean(e.solving, _MILLION, within(e.opened_at_age, days))


@SERVICE.feature(
    unit="score",
    sources=(_AGENT, "surveys.contact_id", "surveys.score"),
    known="before the month of as_of",
    windows=(_YEAR,),
)
def agent_csat(e: Rows, days: int) -> Value:
    """CSAT of the agents of the contacts opened in the window, mean over these contacts: each agent's is the mean of
    all answers of any customer about the agent's contacts known when the month of as_of began.
    """
    return mean(e.liking, _MILLION, within(e.opened_at_age, days))
