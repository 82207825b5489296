"""What happened to one customer, from the business's tables, as it was known at an instant: one line an event."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ...core.locale import Locale
from ...core.messages import Catalogue
from ...features.tables.tables import Tables
from ...scoring.statement.words import METHODS
from .tables import OpenedTables

__all__ = ["KINDS", "Event", "history"]

KINDS = ("subscriptions", "payments", "contacts", "surveys", "offers")
"""Kinds of events, in the order of the time line."""


@dataclass(frozen=True)
class Event:
    """One event: when (naive UTC), of which kind, in words, and whether it is drawn apart."""

    at: pd.Timestamp
    kind: str
    text: str
    bad: bool = False


def history(
    opened: OpenedTables, tables: Tables, customer: str, as_of: pd.Timestamp, words: Catalogue, locale: Locale
) -> list[Event]:
    """Return the events of a customer that were known before ``as_of`` (naive UTC), the latest first."""
    readers: dict[str, Callable[[Mapping[str, Any], Catalogue, Locale], Iterator[Event]]] = {
        "subscriptions": _subscription,
        "payments": _payment,
        "contacts": _contact,
        "surveys": _survey,
        "actions": _offer,
    }
    found = [
        event
        for table, read in readers.items()
        for row in opened.rows(tables, table, customer, as_of).to_dict("records")
        for event in read({str(name): value for name, value in row.items()}, words, locale)
        if not pd.isna(event.at)
    ]
    return sorted(found, key=lambda event: event.at, reverse=True)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _there(value: Any) -> bool:
    return value is not None and not pd.isna(value)


def _coded(row: Mapping[str, Any], name: str, locale: Locale) -> str:
    return locale.named(str(row[name])) if _there(row.get(name)) else ""


def _subscription(row: Mapping[str, Any], words: Catalogue, locale: Locale) -> Iterator[Event]:
    product, price = _coded(row, "product", locale), row.get("price")
    paid = locale.money(float(str(price))) if _there(price) else ""
    yield Event(row["started_at"], "subscriptions", _joined(words.say(locale, "started"), product, paid))
    if _there(row.get("cancel_requested_at")):
        text = _joined(words.say(locale, "asked_to_end"), product)
        yield Event(row["cancel_requested_at"], "subscriptions", text, bad=True)
    if _there(row.get("ended_at")):
        text = _joined(words.say(locale, "ended"), product, _coded(row, "end_reason", locale))
        yield Event(row["ended_at"], "subscriptions", text, bad=True)


def _payment(row: Mapping[str, Any], words: Catalogue, locale: Locale) -> Iterator[Event]:
    amount, method = float(row["amount"]), str(row.get("method"))
    failed = row.get("status") == "failed" or _there(row.get("failed_at"))
    refund = math.copysign(1, amount) < 0
    state = words.say(locale, "failed") if failed else words.say(locale, "refund") if refund else ""
    by = METHODS.say(locale, method) if method in METHODS else ""
    yield Event(row["paid_at"], "payments", _joined(locale.money(amount), by, state), bad=failed or refund)


def _contact(row: Mapping[str, Any], words: Catalogue, locale: Locale) -> Iterator[Event]:
    complaint = _there(row.get("is_complaint")) and bool(row["is_complaint"])
    solved = ""
    if _there(row.get("resolved")):
        solved = words.say(locale, "solved" if row["resolved"] else "unsolved")
    text = _joined(
        _coded(row, "channel", locale),
        _coded(row, "reason", locale),
        words.say(locale, "complaint") if complaint else "",
        solved,
    )
    yield Event(row["opened_at"], "contacts", text, bad=complaint)


def _survey(row: Mapping[str, Any], words: Catalogue, locale: Locale) -> Iterator[Event]:
    del words
    if _there(row.get("score")) and _there(row.get("responded_at")):
        text = f"{str(row['metric']).upper()} {locale.short(float(row['score']))}"
        yield Event(row["responded_at"], "surveys", text)


def _offer(row: Mapping[str, Any], words: Catalogue, locale: Locale) -> Iterator[Event]:
    """Yield an offer that was made; of a customer held out nothing was offered."""
    if row.get("arm") != "treated":
        return
    state = words.say(locale, "offered")
    if _there(row.get("accepted")):
        state = words.say(locale, "accepted" if row["accepted"] else "offered")
    yield Event(row["decided_at"], "offers", _joined(_coded(row, "action", locale), state))
