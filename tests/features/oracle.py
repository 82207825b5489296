"""Every feature and label once more, by brute force in plain Python: one customer, one instant, loops.

It shares nothing with the package but the config: what is known when is written down here again.
"""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

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
}
VALUE_KNOWN = {
    "subscriptions": {
        "ended_at": "ended_at",
        "end_reason": "ended_at",
        "cancel_requested_at": "cancel_requested_at",
        "cancel_withdrawn_at": "cancel_withdrawn_at",
    },
    "contacts": {
        "answered_at": "answered_at",
        "closed_at": "closed_at",
        "handle_seconds": "closed_at",
        "resolved": "closed_at",
        "cost": "closed_at",
    },
    "surveys": {"responded_at": "responded_at", "score": "responded_at"},
    "actions": {"accepted": "accepted_at", "accepted_at": "accepted_at"},
}


def known_at(table: str, row: Row) -> Any:
    """When a row was known: the later of its own instant and when it was recorded; None: never."""
    moment = ROW_KNOWN[table](row)
    recorded = row.get("recorded_at")
    return max(moment, recorded) if moment and recorded else moment


def past(world: Any, table: str, customer: Any, as_of: dt.datetime) -> list[Row]:
    """A customer's rows known before ``as_of``, with the values known by then."""
    rows = []
    for row in world.seen(table):
        moment = known_at(table, row)
        if row["customer_id"] != customer or moment is None or moment >= as_of:
            continue
        row = dict(row)
        masked = {}
        for column, instant in VALUE_KNOWN.get(table, {}).items():
            seen = row.get(instant) is not None and row[instant] < as_of
            masked[column] = row.get(column) if seen else None
        rows.append({**row, **masked})
    return rows


def add_months(moment: dt.datetime, months: int) -> dt.datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))


def days(delta: dt.timedelta | None) -> float | None:
    return None if delta is None else delta / DAY


def since(as_of: dt.datetime, moments: list[dt.datetime]) -> float | None:
    return days(as_of - max(moments)) if moments else None


def average(values: list[Any], unit: Any = 1) -> float | None:
    return float(sum(values[1:], values[0]) / unit) / len(values) if values else None


def money(values: list[float]) -> float:
    return float(sum(Decimal(str(value)) for value in values))


def customer(rows: list[Row], as_of: dt.datetime, config: Any) -> Row:
    out: Row = {name: rows[0].get(name) if rows else None for name in config.static}
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
        "price_per_month": sum(r["price"] / r["term_months"] for r in running) if running else None,
    }
    if pairs:
        new, old = pairs[-1]
        out["price_change_last"] = new["price"] / new["term_months"] - old["price"] / old["term_months"]
    main = running[-1] if running else {}
    for name in ("product", "term_months", "price", "auto_renew"):
        out[name] = main.get(name)
    return out | _terms(main, as_of)


def _terms(main: Row, as_of: dt.datetime) -> Row:
    if not main:
        return dict.fromkeys(("days_to_renewal", "renewals_done", "days_since_subscription_start"))
    done = 0
    while (boundary := add_months(main["started_at"], (done + 1) * main["term_months"])) <= as_of:
        done += 1
    return {
        "days_to_renewal": days(boundary - as_of),
        "renewals_done": done,
        "days_since_subscription_start": days(as_of - main["started_at"]),
    }


def is_refund(row: Row) -> bool:
    return row["amount"] < 0 or row.get("kind") == "refund"


def is_paid(row: Row) -> bool:
    return row.get("status") != "failed" and not is_refund(row)


def payment(rows: list[Row], as_of: dt.datetime, config: Any) -> Row:
    out: Row = {}
    failed = [r for r in rows if r.get("status") == "failed"]
    for w in config.features.windows_days:
        recent = [r for r in rows if r["paid_at"] >= as_of - w * DAY]
        out[f"payments_{w}d"] = sum(map(is_paid, recent))
        out[f"amount_paid_{w}d"] = money([r["amount"] for r in recent if is_paid(r)])
        out[f"payments_failed_{w}d"] = sum(r in failed for r in recent)
        out[f"refunds_{w}d"] = sum(is_refund(r) and r not in failed for r in recent)
    return out | {"days_since_failed_payment": since(as_of, [r["paid_at"] for r in failed])}


def method(methods: list[Row], payments: list[Row], as_of: dt.datetime) -> Row:
    history = sorted((r["valid_from"], 0, r["method"], r.get("expires_on")) for r in methods)
    if not history:
        paid = [r for r in payments if is_paid(r)]
        history = sorted((r["paid_at"], r["payment_id"], r["method"], None) for r in paid)
    switches = [new[0] for old, new in itertools.pairwise(history) if old[2] != new[2]]
    last = history[-1] if history else (None, None, None, None)
    return {
        "method": last[2],
        "method_switches": len(switches),
        "days_since_method_switch": since(as_of, switches),
        "card_expires_in_days": days(last[3] - as_of) if last[2] == "card" and last[3] else None,
    }


def contacts(rows: list[Row], signed: list[Row], as_of: dt.datetime, config: Any) -> Row:
    complaints = [r for r in rows if r.get("is_complaint")]
    early = [r for r in rows for c in signed if 0 * DAY <= r["opened_at"] - c["signed_up_at"] < 30 * DAY]
    out: Row = {
        "contacts_open": sum(r["closed_at"] is None for r in rows),
        "days_since_contact": since(as_of, [r["opened_at"] for r in rows]),
        "days_since_complaint": since(as_of, [r["opened_at"] for r in complaints]),
        "contact_first_30_days": int(bool(early)),
    }
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


def satisfaction(rows: list[Row], as_of: dt.datetime, config: Any) -> Row:
    answers = [r for r in rows if r["responded_at"] is not None]
    out: Row = {"days_since_survey_answer": since(as_of, [r["responded_at"] for r in answers])}
    for w in config.features.windows_days:
        sent = [r for r in rows if r.get("sent_at") and r["sent_at"] >= as_of - w * DAY]
        out[f"surveys_sent_{w}d"] = len(sent)
        out[f"surveys_unanswered_{w}d"] = sum(r["responded_at"] is None for r in sent)
    for metric in ("csat", "nps", "ces"):
        scored = [r for r in answers if r["metric"] == metric and r["score"] is not None]
        scored.sort(key=lambda r: (r["responded_at"], r["survey_id"]))
        out[f"{metric}_last"] = scored[-1]["score"] if scored else None
        for w in config.features.windows_days:
            scores = [r["score"] for r in scored if r["responded_at"] >= as_of - w * DAY]
            out[f"{metric}_mean_{w}d"] = average(scores)
        year = [r["score"] for r in scored if r["responded_at"] >= as_of - 365 * DAY]
        out[f"{metric}_min_365d"] = min(year, default=None)
    return out


def purchases(rows: list[Row], as_of: dt.datetime, config: Any, kind: str | None = "one_off") -> Row:
    out: Row = {}
    for w in config.features.windows_days:
        recent = [r for r in rows if r["paid_at"] >= as_of - w * DAY and is_paid(r)]
        bought = [r["amount"] for r in recent if r.get("kind") in ("one_off", "upsell", "cross_sell")]
        out[f"purchases_{w}d"] = len(bought)
        out[f"purchases_amount_{w}d"] = money(bought)
    totals: dict[dt.date, Decimal] = {}
    for r in rows:
        if is_paid(r) and kind in (None, r.get("kind")):
            day = r["paid_at"].date()
            totals[day] = totals.get(day, Decimal(0)) + Decimal(str(r["amount"]))
    found = sorted(totals)
    later = [totals[day] for day in found[1:]]
    return out | {
        "purchases_frequency": len(later),
        "purchases_recency_days": (found[-1] - found[0]).days if found else None,
        "purchases_T_days": (as_of.date() - found[0]).days if found else None,
        "purchases_monetary": (float(sum(later)) / len(later) if later else 0.0) if found else None,
    }


def actions(rows: list[Row], as_of: dt.datetime, config: Any) -> Row:
    chosen, rows = rows, [r for r in rows if r["arm"] == "treated"]
    accepted = [r for r in rows if r["accepted_at"] and r.get("accepted") is not False]
    out: Row = {"days_since_action": since(as_of, [r["decided_at"] for r in rows])}
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


def features(world: Any, who: Any, as_of: dt.datetime) -> Row:
    """Every feature of one customer at one instant; None where there is nothing to tell."""
    config = world.config

    def rows(table: str) -> list[Row]:
        return past(world, table, who, as_of)

    return {
        **customer(rows("customers"), as_of, config),
        **subscription(rows("subscriptions"), as_of, config),
        **method(rows("payment_methods"), rows("payments"), as_of),
        **payment(rows("payments"), as_of, config),
        **contacts(rows("contacts"), rows("customers"), as_of, config),
        **satisfaction(rows("surveys"), as_of, config),
        **purchases(rows("payments"), as_of, config),
        **actions(rows("actions"), as_of, config),
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
    at_risk = known["subscriptions_running"] > 0 and not known["cancel_pending"]
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
