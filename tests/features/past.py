"""What was known when, written down once more, and the arithmetic that the brute-force oracle shares."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
ROW_KNOWN: dict[str, Callable[[Row], Any]] = {
    "customers": lambda r: r["signed_up_at"],
    "subscriptions": lambda r: r["started_at"],
    "payments": lambda r: r["paid_at"],
    "payment_methods": lambda r: r["valid_from"],
    "contacts": lambda r: r["opened_at"],
    "surveys": lambda r: r.get("sent_at") or r["responded_at"],
    "actions": lambda r: r["decided_at"],
    "agents": lambda r: dt.datetime(1900, 1, 1),
    "referrals": lambda r: r["referred_at"],
    "prospects": lambda r: r["created_at"],
    "reviews": lambda r: r["posted_at"],
    "agent_surveys": lambda r: (r["month"].replace(day=1) + 32 * DAY).replace(day=1, hour=0),
    "interactions": lambda r: r["at"],
}
VALUE_KNOWN = {
    "subscriptions": {
        "ended_at": "ended_at",
        "end_reason": "ended_at",
        "cancel_requested_at": "cancel_requested_at",
        "cancel_withdrawn_at": "cancel_withdrawn_at",
        "paused_from": "paused_from",
        "paused_until": "paused_until",
    },
    "payments": {"failed_at": "failed_at", "refunded_amount": "refunded_at", "refunded_at": "refunded_at"},
    "contacts": {
        "answered_at": "answered_at",
        "closed_at": "closed_at",
        "handle_seconds": "closed_at",
        "resolved": "closed_at",
        "cost": "closed_at",
    },
    "surveys": {"responded_at": "responded_at", "score": "responded_at"},
    "actions": {"accepted": "accepted_at", "accepted_at": "accepted_at"},
    "agents": {"trained_at": "trained_at"},
    "prospects": {"converted_customer_id": "converted_at", "converted_at": "converted_at"},
    "reviews": {"answered_at": "answered_at", "revised_at": "revised_at", "revised_rating": "revised_at"},
}


def known_at(table: str, row: Row) -> Any:
    """When a row was known: the later of its own instant and when it was recorded; None: never."""
    moment = ROW_KNOWN[table](row)
    recorded = row.get("recorded_at")
    return max(moment, recorded) if moment and recorded else moment


def value_known(world: Any, table: str) -> dict[str, str]:
    """The instant that makes each value known; a prospect without one became a customer at the sign-up."""
    if table == "prospects" and not world.has("prospects", "converted_at"):
        return {}
    return VALUE_KNOWN.get(table, {})


def past(world: Any, table: str, customer: Any, as_of: dt.datetime) -> list[Row]:
    """A customer's rows known before ``as_of``, with the values known by then."""
    return [row for row in everybody(world, table, as_of) if row["customer_id"] == customer]


def everybody(world: Any, table: str, as_of: dt.datetime) -> list[Row]:
    """The rows known before ``as_of``, with the values known by then."""
    rows = []
    for row in world.seen(table):
        moment = known_at(table, row)
        if moment is None or moment >= as_of:
            continue
        row = dict(row)
        masked = {}
        for column, instant in value_known(world, table).items():
            seen = row.get(instant) is not None and row[instant] < as_of
            masked[column] = row.get(column) if seen else None
        rows.append({**row, **masked})
    return rows


def local(moment: dt.datetime, zone: str) -> dt.datetime:
    """What the clocks of a zone show at an instant (naive UTC)."""
    return moment.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def utc(clock: dt.datetime, zone: str) -> dt.datetime:
    """The instant (naive UTC) that a local time means: the first of two, later by what is skipped."""
    return clock.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(dt.UTC).replace(tzinfo=None)


def add_months(moment: dt.datetime, months: int, zone: str) -> dt.datetime:
    """The instant (naive UTC) some calendar months after another, at the same time of day in the zone."""
    clock = local(moment, zone)
    year, month = divmod(clock.year * 12 + clock.month - 1 + months, 12)
    day = min(clock.day, calendar.monthrange(year, month + 1)[1])
    return utc(clock.replace(year=year, month=month + 1, day=day, fold=0), zone)


def add_days(moment: dt.datetime, count: int, zone: str) -> dt.datetime:
    """The instant (naive UTC) some days of the zone's calendar after another, at the same time of day."""
    return utc(local(moment, zone) + count * DAY, zone)


def clock_days(later: dt.datetime, earlier: dt.datetime, zone: str) -> float:
    """Days that the clocks of a zone move on between two instants."""
    return (local(later, zone) - local(earlier, zone)) / DAY


def days(delta: dt.timedelta | None) -> float | None:
    return None if delta is None else delta / DAY


def since(as_of: dt.datetime, moments: list[dt.datetime]) -> float | None:
    return days(as_of - max(moments)) if moments else None


def average(values: list[Any], unit: Any = 1) -> float | None:
    return float(sum(values[1:], values[0]) / unit) / len(values) if values else None


def ratio(values: list[Any]) -> float | None:
    """Share of the values that are true."""
    return sum(map(bool, values)) / len(values) if values else None


def money(values: list[float]) -> float:
    return float(sum(Decimal(str(value)) for value in values))


def within_year(rows: list[Row], as_of: dt.datetime) -> list[Row]:
    return [r for r in rows if r["opened_at"] >= as_of - 365 * DAY]


def is_refund(row: Row) -> bool:
    return row["amount"] < 0 or row.get("kind") == "refund"


def fell_through(row: Row) -> bool:
    return row.get("status") == "failed" or row.get("failed_at") is not None


def is_made(row: Row) -> bool:
    return row.get("status") != "failed" and not is_refund(row)


def is_paid(row: Row) -> bool:
    return not fell_through(row) and not is_refund(row)


def broke_at(row: Row) -> dt.datetime:
    """When a payment that failed did so."""
    return row.get("failed_at") or row["paid_at"]


def refunds(rows: list[Row]) -> list[tuple[dt.datetime, Decimal]]:
    """When money was given back, and how much: payments of their own, and parts of others."""
    found = [r for r in rows if not fell_through(r)]
    whole = [(r["paid_at"], abs(Decimal(str(r["amount"])))) for r in found if is_refund(r)]
    parts = [r for r in found if not is_refund(r) and (r.get("refunded_amount") or 0) > 0]
    return whole + [(r["refunded_at"], Decimal(str(r["refunded_amount"]))) for r in parts]


def given_back(rows: list[Row]) -> dict[Any, Decimal]:
    """What was given back of each payment, by key: in its own row, and by refunds that name no payment.

    The history is told again from the start: each refund takes the latest payment of what is left of exactly its
    amount, or else the latest ones, among those that it may be of.
    """
    rows = [r for r in rows if r.get("status") != "failed"]
    rows.sort(key=lambda r: (known_at("payments", r), r["payment_id"]))
    left: dict[Any, Decimal] = {}
    made: list[Row] = []
    parts: list[tuple[Any, Any, Decimal]] = []
    given: dict[Any, Decimal] = {}
    for _, what, n in happened(rows):
        row, key = rows[n], rows[n]["payment_id"]
        if what == "0 made":
            left[key] = Decimal(str(row["amount"]))
            made.append(row)
        elif what == "1 failed":
            made = [r for r in made if r is not row]
        elif what == "2 part":
            given[key] = Decimal(str(row["refunded_amount"]))
            left[key] = max(left[key] - given[key], Decimal(0))
        elif what == "3 refund":
            parts += taken_by(row, made, left)
        else:
            for _, payment, part in [each for each in parts if each[0] == key]:
                left[payment] += part
            parts = [each for each in parts if each[0] != key]
    for _, payment, part in parts:
        given[payment] = given.get(payment, Decimal(0)) + part
    return {key: part for key, part in given.items() if part}


def happened(rows: list[Row]) -> list[tuple[dt.datetime, str, int]]:
    """What became known of payments and when, with the place of the row."""
    found = []
    for n, row in enumerate(rows):
        known = known_at("payments", row)
        found.append((known, "3 refund" if is_refund(row) else "0 made", n))
        if row.get("failed_at"):
            found.append((max(known, row["failed_at"]), "4 undone" if is_refund(row) else "1 failed", n))
        if row.get("refunded_at") and row.get("refunded_amount") is not None and not is_refund(row):
            found.append((max(known, row["refunded_at"]), "2 part", n))
    return sorted(found)


def taken_by(refund: Row, made: list[Row], left: dict[Any, Decimal]) -> list[tuple[Any, Any, Decimal]]:
    """What a refund takes of which payments; what is left of them is less from then on."""
    amount = abs(Decimal(str(refund["amount"])))
    mine = sorted((r for r in made if may_be_of(refund, r)), key=lambda r: r["paid_at"])[::-1]
    exact = [r["payment_id"] for r in mine if left[r["payment_id"]] == amount]
    parts = []
    for key in exact[:1] or [r["payment_id"] for r in mine]:
        part = min(amount, left[key])
        left[key] -= part
        amount -= part
        parts += [(refund["payment_id"], key, part)] if part else []
    return parts


def may_be_of(refund: Row, payment: Row) -> bool:
    """Whether a refund that names no payment may be of it."""
    if payment["paid_at"] > refund["paid_at"]:
        return False
    if refund.get("kind") not in (None, "refund", payment.get("kind")):
        return False
    return refund.get("subscription_id") in (None, payment.get("subscription_id"))
