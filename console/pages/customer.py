"""The page of one customer: search, scores, why on the list, what each action would change, one time line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ...core.locale import Locale
from ...core.messages import capitalised
from ..charts import intervals, lanes, line
from ..desk import Desk
from ..page import Content, Shell, sayer
from ..reading import customers
from ..reading.history import KINDS, Event, history
from ..reading.places import Places
from ..words.customer import CUSTOMER
from ..words.shell import SHELL
from ..words.targets import TARGETS
from .targets import with_decision

__all__ = ["customer_page"]

_SHOWN = 200


def customer_page(desk: Desk, shell: Shell, customer: str) -> Content:
    """Return what is known of a customer; without one, the search."""
    places, locale = desk.places(), shell.locale
    t = sayer(CUSTOMER, locale)
    found = customers.scores(desk.engine, places, customer) if customer else None
    tables = desk.tables.opened(_key(places), wait=shell.links.files)
    listed = desk.target_list(places)
    rows = [] if listed is None or not customer else listed.customer(customer)
    known = bool(found or rows) or (tables is not None and bool(customer) and desk.tables.exists(tables, customer))
    values: dict[str, Any] = {
        "t": t,
        "customer": customer,
        "asked": bool(customer),
        "near": [] if known or not customer else customers.begins_with(desk.engine, places, customer),
        "copied": sorted(shell.links.customers),
        "missing": [] if places.scores else [desk.missing("scores", locale)],
    }
    if not known:
        status = 404 if customer else 200
        return Content("search.html.j2", SHELL.say(locale, "customer"), values, status)
    held = customers.is_held_out(desk.engine, places, customer)
    actions = [] if held else customers.action_values(desk.engine, places, customer)
    nights = customers.over_time(desk.engine, places, customer)
    made = desk.decisions.of_customer(customer)
    values |= {
        "tt": sayer(TARGETS, locale),
        "held": held,
        "scores": found,
        "tiles": [] if found is None else _tiles(found, desk, locale),
        "reasons": [] if found is None else [found.get(f"reason_{n}") for n in (1, 2, 3) if found.get(f"reason_{n}")],
        "rows": with_decision(rows, desk.decisions.latest([row["action_id"] for row in rows])),
        "actions": actions,
        "picture": _actions_picture(actions, locale),
        "nights": nights,
        "line": line([(row["day"], row["churn_probability"]) for row in nights], 1.0),
        "missing_nights": desk.missing("nights", locale) if not places.nights else None,
        "decisions": made,
        **_history(desk, tables, customer, places, locale),
    }
    return Content("customer.html.j2", t("title", customer=customer), values)


def _key(places: Places) -> str:
    return str(places.facts.get("as_of", ""))


def _tiles(found: Mapping[str, Any], desk: Desk, locale: Locale) -> list[dict[str, str]]:
    """Return the scores as figures."""
    t = sayer(CUSTOMER, locale)
    config = desk.config
    tiles = [(t("risk", days=config.churn.horizon_days), found.get("churn_probability"), None)]
    tiles += [(t(kind), found.get(f"churn_probability_{kind}"), None) for kind in ("voluntary", "involuntary")]
    shown = [{"name": name, "value": locale.percent(_number(value), 1), "interval": ""} for name, value, _ in tiles]
    ends = [_number(found.get(f"clv{end}")) for end in ("", "_low", "_high")]
    between = SHELL.say(locale, "to", low=locale.money(ends[1], 0), high=locale.money(ends[2], 0))
    name = t("clv", months=config.value.horizon_months)
    return [*shown, {"name": name, "value": locale.money(ends[0], 0), "interval": between}]


def _number(value: object) -> float:
    return float("nan") if value is None else float(str(value))


def _actions_picture(actions: Sequence[Mapping[str, Any]], locale: Locale) -> Any:
    rows = [
        (
            capitalised(locale.named(str(row["action"]))),
            _number(row["incremental_clv"]),
            _number(row["incremental_clv_low"]),
            _number(row["incremental_clv_high"]),
            _number(row["cost"]),
            "",
        )
        for row in actions
    ]
    return intervals(rows, locale)


def _history(desk: Desk, tables: Any, customer: str, places: Places, locale: Locale) -> dict[str, Any]:
    """Return the time line and its table, or why there is none yet."""
    if tables is None:
        fault = desk.tables.fault
        waits = desk.missing("tables", locale, reason=fault) if fault else desk.missing("opening", locale)
        return {"waits": waits, "events": [], "lanes": [], "years": [], "timeline": "", "at": None, "total": 0}
    at = pd.Timestamp(places.facts["as_of"]) if "as_of" in places.facts else tables.data_until
    at = at.tz_convert("UTC").tz_localize(None) if at.tzinfo is not None else at
    events = history(desk.tables, tables, customer, at, CUSTOMER, locale)
    drawn = _lanes(events, at, locale) if events else {"lanes": [], "years": [], "timeline": ""}
    return {"waits": None, "events": events[:_SHOWN], "total": len(events), "at": at, **drawn}


def _lanes(events: Sequence[Event], at: pd.Timestamp, locale: Locale) -> dict[str, Any]:
    first = min(event.at for event in events)
    t = sayer(CUSTOMER, locale)
    kinds = [
        (t(kind), [(event.at.timestamp(), f"{locale.date(event.at)}: {event.text}", event.bad) for event in of])
        for kind in KINDS
        if (of := [event for event in events if event.kind == kind])
    ]
    start, end = first.timestamp(), max(at, max(event.at for event in events)).timestamp()
    years = list(range(first.year + 1, at.year + 1))
    marks = lanes([("", [(pd.Timestamp(year, 1, 1).timestamp(), str(year), False) for year in years])], start, end)
    return {
        "lanes": lanes(kinds, start, end),
        "years": marks[0].marks,
        "timeline": t("timeline", n=len(events), first=first, last=at),
    }
