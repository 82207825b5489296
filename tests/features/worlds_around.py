"""What stands around the customers of a random small world: prospects, reviews, surveys of agents, self-service."""

from __future__ import annotations

import datetime as dt
from typing import Any

Row = dict[str, Any]
TICK = dt.timedelta(microseconds=1)
TEAMS = ("north", "south", "east")
MONTHS = [(team, dt.datetime(2021 + n // 12, n % 12 + 1, 1)) for team in TEAMS for n in range(3, 36)]


def around(maker: Any, made: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The tables by name, drawn after all others; contacts and agents are given teams."""
    for row in made["contacts"]:
        row["team"] = maker.maybe(maker.rng.choice(TEAMS), 0.4)
    for row in made["agents"]:
        row["team"] = maker.maybe(maker.rng.choice(TEAMS))
    rows = {
        "prospects": [prospect(maker, n) for n in range(2 * maker.size)],
        "reviews": [review(maker, n) for n in range(3 * maker.size)],
        "agent_surveys": [agent_survey(maker, *each) for each in maker.rng.sample(MONTHS, 40)],
        "interactions": [interaction(maker, made["contacts"]) for _ in range(5 * maker.size)],
    }
    return {table: [row | maker.recorded(table) for row in found] for table, found in rows.items()}


def prospect(maker: Any, number: int) -> Row:
    owner = maker.rng.randrange(maker.size - 2)
    before = maker.signed[owner] - dt.timedelta(days=maker.rng.randrange(90))
    created = maker.rng.choice([maker.moment(), before])
    return {
        "prospect_id": maker.key(number),
        "created_at": created,
        "channel": maker.maybe(maker.rng.choice(["web", "fair"])),
        "converted_customer_id": maker.maybe(maker.key(owner)),
        "converted_at": maker.maybe(maker.after(created, 100)),
        "cost": maker.maybe(maker.rng.choice([0.1, 0.2, 35.0])),
    }


def review(maker: Any, number: int) -> Row:
    posted = maker.moment()
    return {
        "review_id": maker.key(number),
        "customer_id": maker.maybe(maker.key(maker.rng.randrange(maker.size - 2))),
        "platform": "maps",
        "posted_at": posted,
        "rating": float(maker.rng.randrange(1, 6)),
        "asked": maker.maybe(maker.rng.random() < 0.5),
        "answered_at": maker.maybe(maker.after(posted, 60), 0.6),
        "revised_at": maker.maybe(maker.after(posted, 120), 0.6),
        "revised_rating": maker.maybe(float(maker.rng.randrange(1, 6))),
    }


def agent_survey(maker: Any, team: str, month: dt.datetime) -> Row:
    return {"team": team, "month": month, "engagement": maker.rng.randrange(10_000) / 1000, "respondents": 5}


def interaction(maker: Any, contacts: list[Row]) -> Row:
    """Self-service, much of it on the edge of what counts as before a contact."""
    gaps = (dt.timedelta(days=-2), dt.timedelta(days=-2) - TICK, dt.timedelta(0), TICK, dt.timedelta(hours=-5))
    called = maker.rng.choice(contacts)
    before = (called["customer_id"], called["opened_at"] + maker.rng.choice(gaps))
    who, moment = maker.rng.choice([before, (maker.key(maker.rng.randrange(maker.size - 2)), maker.moment())])
    return {
        "customer_id": who,
        "at": moment,
        "kind": maker.rng.choice(["page", "page", "bot", "app"]),
        "solved": maker.maybe(maker.rng.random() < 0.7),
    }
