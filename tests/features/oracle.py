"""Every feature and label once more, by brute force in plain Python: one customer, one instant, loops.

It shares nothing with the package but the config: what is known when is written down again in ``past.py``.
"""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from fractions import Fraction
from typing import Any

from feature_oracle_around import around
from feature_oracle_service import service
from feature_oracle_terms import a_month, boundaries, boundary, months, pays, terms, trials_and_pauses
from feature_past import (
    DAY,
    HOUR,
    Row,
    average,
    broke_at,
    clock_days,
    days,
    everybody,
    fell_through,
    given_back,
    is_made,
    is_paid,
    is_refund,
    known_at,
    local,
    money,
    past,
    ratio,
    refunds,
    since,
    utc,
    value_known,
    within_year,
)

__all__ = ["boundaries", "boundary", "features", "known_at", "labels", "value_known"]


def customer(rows: list[Row], as_of: dt.datetime, config: Any) -> Row:
    out: Row = {name: rows[0].get(name) if rows else None for name in config.static}
    out["acquisition_cost"] = rows[0].get("acquisition_cost") if rows else None
    return out | {"tenure_days": since(as_of, [row["signed_up_at"] for row in rows])}


def subscription(rows: list[Row], as_of: dt.datetime, config: Any) -> Row:
    rows = sorted(rows, key=lambda r: (r["started_at"], r["subscription_id"]))
    running = [r for r in rows if r["ended_at"] is None]
    pending = [r for r in running if r["cancel_requested_at"] and not r["cancel_withdrawn_at"]]
    by_id = {r["subscription_id"]: r for r in rows}
    pairs = [(r, by_id.get(r.get("previous_subscription_id"))) for r in rows]
    pairs = [(new, old) for new, old in pairs if old]
    grace = dt.timedelta(days=config.churn.grace_days)
    restarts = 0
    for n, row in enumerate(rows):
        ends = [r["ended_at"] or dt.datetime.max for r in rows[:n]]
        restarts += bool(ends) and row["started_at"] - max(ends) > grace
    out: Row = {
        "subscriptions_running": len(running),
        "restarts": restarts,
        "cancel_pending": int(bool(pending)),
        "cancellations_withdrawn": sum(r["cancel_withdrawn_at"] is not None for r in rows),
        "product_changes": sum(new["product"] != old["product"] for new, old in pairs),
        "price_change_last": None,
        "price_per_month": sum(map(a_month, running)) if running else None,
        "price_versus_first": None,
        "products_running": len({r["product"] for r in running}),
        "subscriptions_ever": len(rows),
        "days_since_subscription_end": since(as_of, [r["ended_at"] for r in rows if r["ended_at"]]),
        "payment_failure_ends": sum(r.get("end_reason") == "payment_failure" for r in rows),
        "days_subscribed": days(covered(rows, as_of)) if rows else None,
        "terms_done": sum(boundaries(r, r["ended_at"] or as_of, config.timezone) for r in rows),
        "days_to_first_renewal": min(
            (terms(r, as_of, config.timezone)["days_to_renewal"] for r in running), default=None
        ),
    }
    if running:
        first, last = rows[0], running[-1]
        out["price_versus_first"] = a_month(last) - a_month(first)
    if pairs:
        new, old = pairs[-1]
        out["price_change_last"] = a_month(new) - a_month(old)
    main = running[-1] if running else {}
    for name in ("product", "price", "auto_renew"):
        out[name] = main.get(name)
    out["term_months"] = months(main) if main else None
    return out | terms(main, as_of, config.timezone) | trials_and_pauses(rows, as_of)


def covered(rows: list[Row], as_of: dt.datetime) -> dt.timedelta:
    """Time in which at least one subscription ran, from one start or end to the next."""
    spans = [(r["started_at"], r["ended_at"] or as_of) for r in rows]
    edges = sorted({edge for span in spans for edge in span})
    parts = [(a, b) for a, b in itertools.pairwise(edges) if any(start <= a and b <= end for start, end in spans)]
    return sum((b - a for a, b in parts), dt.timedelta(0))


def payment(rows: list[Row], as_of: dt.datetime, config: Any) -> Row:
    out: Row = {}
    failed = [r for r in rows if fell_through(r) and not is_refund(r)]
    back = refunds(rows)
    for w in config.features.windows_days:
        recent = [r for r in rows if r["paid_at"] >= as_of - w * DAY]
        out[f"payments_{w}d"] = sum(map(is_paid, recent))
        out[f"amount_paid_{w}d"] = money([r["amount"] for r in recent if is_paid(r)])
        out[f"payments_failed_{w}d"] = sum(broke_at(r) >= as_of - w * DAY for r in failed)
        out[f"refunds_{w}d"] = sum(moment >= as_of - w * DAY for moment, _ in back)
    made = [r for r in rows if is_paid(r)]
    year = as_of - 365 * DAY
    late = [Decimal(str(r["amount"])) for r in made if r["paid_at"] >= as_of - 90 * DAY]
    early = [Decimal(str(r["amount"])) for r in made if as_of - 180 * DAY <= r["paid_at"] < as_of - 90 * DAY]
    return (
        out
        | {
            "days_since_failed_payment": since(as_of, [broke_at(r) for r in failed]),
            "days_since_payment": since(as_of, [r["paid_at"] for r in made]),
            "days_since_refund": since(as_of, [moment for moment, _ in back]),
            "amount_trend_90d": float(sum(late) - sum(early)),
            "amount_mean_365d": average([Decimal(str(r["amount"])) for r in made if r["paid_at"] >= year]),
            "amount_refunded_365d": money([amount for moment, amount in back if moment >= year]),
        }
        | failures(failed, made, year)
    )


def failures(failed: list[Row], made: list[Row], year: dt.datetime) -> Row:
    row = [f for f in failed if not any(p["paid_at"] > broke_at(f) for p in made)]
    good = [f for f in failed if broke_at(f) >= year and f.get("subscription_id") is not None]
    good = [
        f
        for f in good
        if any(
            p["subscription_id"] == f["subscription_id"]
            for p in made
            if broke_at(f) < p["paid_at"] <= broke_at(f) + 14 * DAY
        )
    ]
    return {
        "failed_in_a_row": len(row),
        "last_payment_failed": int(bool(row)),
        "payments_recovered_365d": len(good),
    }


def method(methods: list[Row], payments: list[Row], as_of: dt.datetime, zone: str) -> Row:
    history = sorted((r["valid_from"], 0, r["method"], r.get("expires_on")) for r in methods)
    if not history:
        paid = [r for r in payments if is_made(r)]
        history = sorted((r["paid_at"], r["payment_id"], r["method"], None) for r in paid)
    starts = [new[0] for old, new in itertools.pairwise([(None,) * 4, *history]) if old[2] != new[2]]
    switches = [new[0] for old, new in itertools.pairwise(history) if old[2] != new[2]]
    last = history[-1] if history else (None, None, None, None)
    return {
        "method": last[2],
        "method_switches": len(switches),
        "days_since_method_switch": since(as_of, switches),
        "methods_used": len({entry[2] for entry in history}),
        "days_with_method": since(as_of, starts),
        "card_expires_in_days": clock_days(utc(last[3], zone), as_of, zone) if last[2] == "card" and last[3] else None,
    }


def contacts(rows: list[Row], signed: list[Row], as_of: dt.datetime, config: Any) -> Row:
    complaints = [r for r in rows if r.get("is_complaint")]
    early = [r for r in rows for c in signed if 0 * DAY <= r["opened_at"] - c["signed_up_at"] < 30 * DAY]
    out: Row = {
        "contacts_open": sum(r["closed_at"] is None for r in rows),
        "days_since_contact": since(as_of, [r["opened_at"] for r in rows]),
        "days_since_complaint": since(as_of, [r["opened_at"] for r in complaints]),
        "contact_first_30_days": int(bool(early)),
        "contact_channel_last_365d": last_text(within_year(rows, as_of), "channel"),
        "contact_reason_last_365d": last_text(within_year(rows, as_of), "reason"),
        **handling(rows, complaints, as_of),
    }
    quarter = [r for r in rows if r["opened_at"] >= as_of - 90 * DAY]
    before = [r for r in rows if as_of - 180 * DAY <= r["opened_at"] < as_of - 90 * DAY]
    out["contacts_trend_90d"] = len(quarter) - len(before)
    for direction in ("inbound", "outbound"):
        out[f"{direction}_contacts_90d"] = sum(r.get("direction") == direction for r in quarter)
    for column, names in (("channel", config.features.channels), ("reason", config.features.reasons)):
        for name in names:
            out[f"{name}_contacts_365d"] = sum(r.get(column) == name for r in within_year(rows, as_of))
    for w in config.features.windows_days:
        recent = [r for r in rows if r["opened_at"] >= as_of - w * DAY]
        reasons = [r["reason"] for r in recent if r.get("reason") is not None]
        answered = [r["answered_at"] - r["opened_at"] for r in recent if r["answered_at"]]
        closed = [r["closed_at"] - r["opened_at"] for r in recent if r["closed_at"]]
        handled = [Decimal(str(r["handle_seconds"])) for r in recent if r["handle_seconds"] is not None]
        out[f"contacts_{w}d"] = len(recent)
        out[f"complaints_{w}d"] = sum(r in complaints for r in recent)
        out[f"contacts_unresolved_{w}d"] = sum(r["resolved"] is False for r in recent)
        out[f"repeat_contacts_{w}d"] = len(reasons) - len(set(reasons))
        out[f"hours_to_answer_mean_{w}d"] = average(answered, HOUR)
        out[f"hours_to_close_mean_{w}d"] = average(closed, HOUR)
        out[f"handle_seconds_mean_{w}d"] = average(handled)
        out[f"contact_cost_{w}d"] = money([r["cost"] for r in recent if r["cost"] is not None])
    return out


def last_text(rows: list[Row], column: str) -> str | None:
    found = [(r["opened_at"], r[column]) for r in rows if r.get(column) is not None]
    return max(found)[1] if found else None


def handling(rows: list[Row], complaints: list[Row], as_of: dt.datetime) -> Row:
    year = within_year(rows, as_of)
    waits = [(r["answered_at"] - r["opened_at"]) / HOUR for r in year if r["answered_at"]]
    handled = [Decimal(str(r["handle_seconds"])) for r in year if r["handle_seconds"] is not None]
    unsolved = [r for r in rows if r["resolved"] is False]
    waiting = [as_of - r["opened_at"] for r in rows if r["closed_at"] is None]
    return {
        "hours_to_answer_max_365d": max(waits, default=None),
        "handle_seconds_365d": float(sum(handled)),
        "resolved_share_365d": ratio([r["resolved"] for r in year if r["resolved"] is not None]),
        "complaints_unresolved_365d": sum(r in complaints and (r in unsolved or not r["closed_at"]) for r in year),
        "days_open_oldest": days(max(waiting, default=None)),
        "days_since_unresolved_contact": since(as_of, [r["opened_at"] for r in unsolved]),
        "cost_to_serve": money([r["cost"] for r in rows if r["cost"] is not None]),
    }


def satisfaction(rows: list[Row], as_of: dt.datetime, config: Any) -> Row:
    answers = [r for r in rows if r["responded_at"] is not None]
    out: Row = {"days_since_survey_answer": since(as_of, [r["responded_at"] for r in answers])}
    for w in config.features.windows_days:
        sent = [r for r in rows if r.get("sent_at") and r["sent_at"] >= as_of - w * DAY]
        out[f"surveys_sent_{w}d"] = len(sent)
        out[f"surveys_unanswered_{w}d"] = sum(r["responded_at"] is None for r in sent)
    sent = [r for r in rows if r.get("sent_at") and r["sent_at"] >= as_of - 365 * DAY]
    out["survey_response_rate_365d"] = ratio([r["responded_at"] for r in sent])
    for metric in ("csat", "nps", "ces"):
        scored = [r for r in answers if r["metric"] == metric and r["score"] is not None]
        scored.sort(key=lambda r: (r["responded_at"], r["survey_id"]))
        out[f"{metric}_last"] = scored[-1]["score"] if scored else None
        for w in config.features.windows_days:
            scores = [r["score"] for r in scored if r["responded_at"] >= as_of - w * DAY]
            out[f"{metric}_mean_{w}d"] = average(scores)
        year = [r["score"] for r in scored if r["responded_at"] >= as_of - 365 * DAY]
        out[f"{metric}_min_365d"] = min(year, default=None)
        out[f"{metric}_answers_365d"] = len(year)
        out[f"{metric}_low_share_365d"] = ratio([score <= {"csat": 2, "nps": 6, "ces": 3}[metric] for score in year])
        out[f"days_since_{metric}_answer"] = since(as_of, [r["responded_at"] for r in scored])
        earlier = [Fraction(r["score"]) for r in scored[:-1]]
        trend = Fraction(scored[-1]["score"]) - sum(earlier) / len(earlier) if earlier else None
        out[f"{metric}_trend"] = None if trend is None else float(trend)
    return out


def purchases(rows: list[Row], as_of: dt.datetime, config: Any, kind: str | None = "one_off") -> Row:
    out: Row = {}
    for w in config.features.windows_days:
        recent = [r for r in rows if r["paid_at"] >= as_of - w * DAY and is_paid(r)]
        bought = [r["amount"] for r in recent if r.get("kind") in ("one_off", "upsell", "cross_sell")]
        out[f"purchases_{w}d"] = len(bought)
        out[f"purchases_amount_{w}d"] = money(bought)
    beside = [r for r in rows if is_paid(r) and r.get("kind") in ("one_off", "upsell", "cross_sell")]
    recent = [r["kind"] for r in beside if r["paid_at"] >= as_of - 365 * DAY]
    out["upsells_365d"], out["cross_sells_365d"] = recent.count("upsell"), recent.count("cross_sell")
    out["days_since_purchase"] = since(as_of, [r["paid_at"] for r in beside])
    totals: dict[dt.date, Decimal] = {}
    given = given_back(rows)
    for r in rows:
        if is_paid(r) and kind in (None, r.get("kind")):
            day = local(r["paid_at"], config.timezone).date()
            net = Decimal(str(r["amount"])) - given.get(r["payment_id"], Decimal(0))
            if net > 0 or r["payment_id"] not in given:
                totals[day] = totals.get(day, Decimal(0)) + net
    found = sorted(totals)
    later = [totals[day] for day in found[1:]]
    return out | {
        "purchases_frequency": len(later),
        "purchases_recency_days": (found[-1] - found[0]).days if found else None,
        "purchases_T_days": (local(as_of, config.timezone).date() - found[0]).days if found else None,
        "purchases_monetary": (float(sum(later)) / len(later) if later else 0.0) if found else None,
    }


def actions(rows: list[Row], as_of: dt.datetime, config: Any) -> Row:
    chosen, rows = rows, [r for r in rows if r["arm"] == "treated"]
    accepted = [r for r in rows if r["accepted_at"] and r.get("accepted") is not False]
    out: Row = {"days_since_action": since(as_of, [r["decided_at"] for r in rows])}
    year = [r for r in rows if r["decided_at"] >= as_of - 365 * DAY]
    out["action_kinds_365d"] = len({r["action"] for r in year})
    out["actions_accepted_share_365d"] = ratio([r in accepted for r in year])
    for w in config.features.windows_days:
        out[f"actions_{w}d"] = sum(r["decided_at"] >= as_of - w * DAY for r in rows)
    for a in config.incremental.actions:
        offers = [r["decided_at"] for r in rows if r["action"] == a]
        takes = [r["accepted_at"] for r in accepted if r["action"] == a]
        decided = [r["decided_at"] for r in chosen if r["action"] == a]
        out[f"days_since_{a}_decided"] = since(as_of, decided)
        out[f"days_since_{a}_offered"] = since(as_of, offers)
        out[f"days_since_{a}_accepted"] = since(as_of, takes)
        for w in config.features.windows_days:
            out[f"{a}_decided_{w}d"] = sum(moment >= as_of - w * DAY for moment in decided)
            out[f"{a}_offered_{w}d"] = sum(moment >= as_of - w * DAY for moment in offers)
            out[f"{a}_accepted_{w}d"] = sum(moment >= as_of - w * DAY for moment in takes)
    return out


def referrals(world: Any, who: Any, as_of: dt.datetime) -> Row:
    rows = everybody(world, "referrals", as_of)
    made = [r["referred_at"] for r in rows if r["referrer_id"] == who]
    return {
        "referrals_made": len(made),
        "referrals_made_365d": sum(moment >= as_of - 365 * DAY for moment in made),
        "days_since_referral": since(as_of, made),
        "was_referred": int(any(r["referred_id"] == who for r in rows)),
    }


def features(world: Any, who: Any, as_of: dt.datetime) -> Row:
    """Every feature of one customer at one instant; None where there is nothing to tell."""
    config = world.config

    def rows(table: str) -> list[Row]:
        return past(world, table, who, as_of)

    return {
        **customer(rows("customers"), as_of, config),
        **subscription(rows("subscriptions"), as_of, config),
        **method(rows("payment_methods"), rows("payments"), as_of, config.timezone),
        **payment(rows("payments"), as_of, config),
        **contacts(rows("contacts"), rows("customers"), as_of, config),
        **service(world, rows("contacts"), as_of),
        **satisfaction(rows("surveys"), as_of, config),
        **purchases(rows("payments"), as_of, config),
        **actions(rows("actions"), as_of, config),
        **referrals(world, who, as_of),
        **around(world, who, as_of),
    }


def labels(world: Any, who: Any, as_of: dt.datetime, data_until: dt.datetime) -> Row:
    """The churn label of one customer at one instant, from the facts."""
    churn = world.config.churn
    h, grace = churn.horizon_days * DAY, churn.grace_days * DAY
    observed = as_of + h + grace <= data_until
    if not world.has("subscriptions"):
        before = [r for r in past(world, "payments", who, as_of) if is_paid(r)]
        facts = [r for r in world.seen("payments") if r["customer_id"] == who and is_paid(r)]
        lost = not any(as_of <= r["paid_at"] <= as_of + h for r in facts)
        return _label(bool(before), observed, lost, False)
    known = subscription(past(world, "subscriptions", who, as_of), as_of, world.config)
    paying = [r for r in past(world, "subscriptions", who, as_of) if r["ended_at"] is None and pays(r, as_of)]
    at_risk = bool(paying) and not known["cancel_pending"]
    facts = [r for r in world.seen("subscriptions") if r["customer_id"] == who]
    facts = [{**r, "end": r.get("ended_at") or dt.datetime.max} for r in facts]
    facts = [r for r in facts if r["end"] > r["started_at"]]
    begun = [r for r in facts if r["started_at"] <= as_of + h]
    if not begun:
        return _label(at_risk, observed, False, False)
    last = max(begun, key=lambda r: (r["end"], r["subscription_id"]))
    gone = last["end"] <= as_of + h
    back = any(last["end"] < r["started_at"] <= last["end"] + grace for r in facts) if gone else False
    return _label(at_risk, observed, gone and not back, last.get("end_reason") == "payment_failure")


def _label(at_risk: bool, observed: bool, lost: bool, unpaid: bool) -> Row:
    churned = int(at_risk and observed and lost)
    involuntary = int(churned and unpaid)
    return {
        "at_risk": at_risk,
        "observed": observed,
        "churned": churned,
        "voluntary": churned - involuntary,
        "involuntary": involuntary,
    }
