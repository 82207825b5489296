"""The oracle's part on terms, trials and pauses of subscriptions: one customer, one instant, loops."""

from __future__ import annotations

import datetime as dt

from feature_past import DAY, Row, add_days, add_months, clock_days, days, since


def months(row: Row) -> float:
    """The length of a term in months."""
    return row["term_days"] / (365.25 / 12) if row.get("term_days") else row["term_months"]


def a_month(row: Row) -> float:
    return float(row["price"]) / float(months(row))


def pays(row: Row, as_of: dt.datetime) -> bool:
    """Whether a running subscription is neither in its trial nor paused."""
    return not tries(row, as_of) and not rests(row)


def tries(row: Row, as_of: dt.datetime) -> bool:
    return row["ended_at"] is None and row.get("trial_until") is not None and row["trial_until"] > as_of


def rests(row: Row) -> bool:
    return row["ended_at"] is None and row.get("paused_from") is not None and row.get("paused_until") is None


def trials_and_pauses(rows: list[Row], as_of: dt.datetime) -> Row:
    trials = [r for r in rows if r.get("trial_until") and r["trial_until"] > r["started_at"]]
    over = [min(r["trial_until"], r["ended_at"] or as_of) for r in trials]
    over = [moment for r, moment in zip(trials, over, strict=True) if r["ended_at"] or r["trial_until"] <= as_of]
    spans = []
    for r in rows:
        if r.get("paused_from") is None:
            continue
        start = max(r["paused_from"], r["started_at"])
        end = min(moment for moment in (r.get("paused_until"), r["ended_at"], as_of) if moment)
        spans += [(start, end, r)] if start < end else []
    year = as_of - 365 * DAY
    spent = [max(end - max(start, year), dt.timedelta(0)) for start, end, _ in spans]
    return {
        "in_trial": int(any(tries(r, as_of) for r in rows)),
        "days_since_trial_end": since(as_of, over),
        "is_paused": int(any(map(rests, rows))),
        "pauses_365d": sum(start >= year for start, _, _ in spans),
        "days_paused_365d": sum(spent, dt.timedelta(0)) / DAY,
        "days_since_pause_end": since(as_of, [end for _, end, r in spans if end == r.get("paused_until")]),
    }


def boundaries(row: Row, upto: dt.datetime, zone: str) -> int:
    """Terms of a subscription that are over at ``upto``."""
    done = 0
    while boundary(row, done + 1, zone) <= upto:
        done += 1
    return done


def boundary(row: Row, number: int, zone: str) -> dt.datetime:
    """The instant at which some whole terms are over; the first begins when the trial is over."""
    start = max(row["started_at"], row.get("trial_until") or row["started_at"])
    if row.get("term_days"):
        return add_days(start, number * row["term_days"], zone)
    return add_months(start, number * row["term_months"], zone)


def terms(main: Row, as_of: dt.datetime, zone: str) -> Row:
    if not main:
        return dict.fromkeys(("days_to_renewal", "renewals_done", "days_since_subscription_start"))
    done = boundaries(main, as_of, zone)
    ahead = next(moment for n in (0, done + 1) if (moment := boundary(main, n, zone)) > as_of)
    return {
        "days_to_renewal": clock_days(ahead, as_of, zone),
        "renewals_done": done,
        "days_since_subscription_start": days(as_of - main["started_at"]),
    }
