"""The oracle of what stands around a customer: prospects, reviews, the engagement of teams, self-service."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from feature_past import DAY, Row, average, days, everybody, local, money, past, ratio, since

KINDS = ("page", "bot", "app")


def around(world: Any, who: Any, as_of: dt.datetime) -> Row:
    """Every feature of these tables."""
    return {
        **prospects(world, who, as_of),
        **reviews([r for r in everybody(world, "reviews", as_of) if r.get("customer_id") == who], as_of),
        **engagement(world, past(world, "contacts", who, as_of), as_of),
        **self_service(past(world, "interactions", who, as_of), past(world, "contacts", who, as_of), as_of, world),
    }


def prospects(world: Any, who: Any, as_of: dt.datetime) -> Row:
    rows = [r for r in everybody(world, "prospects", as_of) if r.get("converted_customer_id") == who]
    if not world.has("prospects", "converted_at"):
        signed = [r["signed_up_at"] for r in past(world, "customers", who, as_of)]
        rows = [r | {"converted_at": signed[0]} for r in rows if signed]
    named = [r for r in rows if r.get("channel") is not None]
    first = min((r["created_at"] for r in named), default=None)
    costs = [r["cost"] for r in rows if r.get("cost") is not None]
    begun = [r["created_at"] for r in rows]
    return {
        "prospect_channel": max((r["channel"] for r in named if r["created_at"] == first), default=None),
        "prospect_cost": money(costs) if costs else None,
        "days_as_prospect": days(min(r["converted_at"] for r in rows) - min(begun)) if rows else None,
    }


def reviews(rows: list[Row], as_of: dt.datetime) -> Row:
    def rating(row: Row) -> float:
        revised = row.get("revised_rating")
        return row["rating"] if revised is None else revised

    def raised(row: Row) -> bool:
        there = all(row.get(c) is not None for c in ("answered_at", "revised_at", "revised_rating"))
        return there and row["revised_rating"] > row["rating"] and row["answered_at"] < row["revised_at"]

    year = [r for r in rows if r["posted_at"] >= as_of - 365 * DAY]
    last = max(rows, key=lambda r: (r["posted_at"], r["review_id"]), default=None)
    return {
        "reviews_365d": len(year),
        "review_rating_last": rating(last) if last else None,
        "review_rating_mean_365d": average([Decimal(str(rating(r))) for r in year]),
        "review_answered_last": float(last.get("answered_at") is not None) if last else None,
        "reviews_revised_up_365d": sum(map(raised, year)),
        "reviews_unasked_365d": sum(r.get("asked") is False for r in year),
        "days_since_review": since(as_of, [r["posted_at"] for r in rows]),
    }


def engagement(world: Any, contacts: list[Row], as_of: dt.datetime) -> Row:
    """Of each contact's team the latest survey up to the contact's month, of those known by now, within a year."""
    zone = world.config.timezone
    teams = {r["agent_id"]: r.get("team") for r in everybody(world, "agents", as_of)}
    surveys = everybody(world, "agent_surveys", as_of)
    found = []
    for r in contacts:
        team = r.get("team") or teams.get(r.get("agent_id"))
        ages = [(month(local(r["opened_at"], zone)) - month(s["month"]), s) for s in surveys if s["team"] == team]
        ages = [(age, s) for age, s in ages if 0 <= age < 12]
        if team and ages and r["opened_at"] >= as_of - 365 * DAY:
            survey = min(ages, key=lambda pair: pair[0])[1]
            found.append((r["opened_at"], r["contact_id"], survey["engagement"]))
    return {
        "team_engagement_365d": average([Decimal(str(value)) for *_, value in found]),
        "team_engagement_last_365d": max(found)[2] if found else None,
    }


def month(moment: dt.datetime) -> int:
    return moment.year * 12 + moment.month


def self_service(visits: list[Row], contacts: list[Row], as_of: dt.datetime, world: Any) -> Row:
    out: Row = {"days_since_self_service": since(as_of, [r["at"] for r in visits])}
    for w in world.config.features.windows_days:
        for kind in KINDS:
            recent = [r for r in visits if r["at"] >= as_of - w * DAY]
            out[f"{kind}_interactions_{w}d"] = sum(r["kind"] == kind for r in recent)
    year = [r for r in visits if r["at"] >= as_of - 365 * DAY]
    theirs = [r for r in contacts if r["opened_at"] >= as_of - 365 * DAY and r.get("direction") != "outbound"]
    tried = [r for r in theirs if any(v["at"] <= r["opened_at"] <= v["at"] + 2 * DAY for v in visits)]
    return out | {
        "self_service_solved_share_365d": ratio([r["solved"] for r in year if r.get("solved") is not None]),
        "self_service_share_365d": ratio([True] * len(year) + [False] * len(theirs)),
        "contacts_after_self_service_365d": len(tried),
    }
