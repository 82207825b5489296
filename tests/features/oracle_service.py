"""The oracle of the service behind a year's contacts: what followed them, and how good the agents were then."""

from __future__ import annotations

import datetime as dt
from typing import Any

from feature_past import DAY, Row, average, everybody, ratio, within_year


def service(world: Any, rows: list[Row], as_of: dt.datetime) -> Row:
    week = 7 * DAY

    def followed(r: Row) -> bool:
        return any(r["opened_at"] < s["opened_at"] < r["opened_at"] + week and s["reason"] == r["reason"] for s in rows)

    year = within_year(rows, as_of)
    reasoned = [r for r in year if r.get("reason") is not None]
    over = [r for r in reasoned if r["resolved"] is not None and r["opened_at"] <= as_of - week]
    agents = {r["agent_id"]: r.get("trained_at") for r in everybody(world, "agents", as_of)}
    listed = [r for r in year if r.get("agent_id") is not None and r["agent_id"] in agents]
    trained = [agents[r["agent_id"]] for r in listed]
    return {
        "contacts_followed_365d": sum(map(followed, reasoned)),
        "first_contact_resolved_share_365d": ratio([r["resolved"] and not followed(r) for r in over]),
        "trained_agent_share_365d": ratio(
            [bool(at) and at < r["opened_at"] for at, r in zip(trained, listed, strict=True)]
        ),
        **records(world, year, as_of.replace(day=1, hour=0, minute=0, second=0, microsecond=0)),
    }


def records(world: Any, rows: list[Row], month: dt.datetime) -> Row:
    """The mean record of the agents of ``rows``, from what was known when the month began, in millionths."""
    contacts = [r for r in everybody(world, "contacts", month) if r.get("agent_id") is not None]
    handled_by = {r["contact_id"]: r["agent_id"] for r in contacts}
    solved: dict[Any, list[int]] = {}
    liked: dict[Any, list[int]] = {}
    for r in contacts:
        if r["resolved"] is not None:
            solved.setdefault(r["agent_id"], []).append(int(r["resolved"]))
    for s in everybody(world, "surveys", month):
        if s["metric"] == "csat" and s["score"] is not None and s.get("contact_id") in handled_by:
            liked.setdefault(handled_by[s["contact_id"]], []).append(int(s["score"]))
    out: Row = {}
    for name, record in (("agent_resolved_share_365d", solved), ("agent_csat_365d", liked)):
        found = [record[r["agent_id"]] for r in rows if r.get("agent_id") in record]
        out[name] = average([sum(values) * 10**6 // len(values) for values in found], 10**6)
    return out
