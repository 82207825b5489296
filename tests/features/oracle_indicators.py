"""Service indicators by brute force: plain Python loops over plain rows, no engine and no frame."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
FOREVER = dt.datetime(9999, 1, 1)
DAY = dt.timedelta(days=1)
NONE = "(none)"


class Oracle:
    """Rows of every indicator of a world: month, customer, numerator, denominator, and what they can be split by."""

    def __init__(self, world: Any, until: dt.datetime, months: list[tuple[int, int]]) -> None:
        self.world, self.until = world, until
        self.config = world.config.indicators
        self.zone = ZoneInfo(world.config.timezone)
        self.months = {m: (self.instant(*m), self.instant(*next_month(*m))) for m in months}
        self.agents = {row["agent_id"]: row for row in world.seen("agents")}
        self.contacts = [
            row for row in world.seen("contacts")
            if row["opened_at"] < until and (row.get("direction") or "inbound") == "inbound"
        ]  # fmt: skip
        self.contacts.sort(key=lambda row: (row["opened_at"], row["contact_id"]))
        self.by_id = {row["contact_id"]: row for row in world.seen("contacts")}
        self.subs = [row for row in world.seen("subscriptions") if (row.get("ended_at") or FOREVER) > row["started_at"]]

    def instant(self, year: int, month: int) -> dt.datetime:
        local = dt.datetime(year, month, 1, tzinfo=self.zone)
        return local.astimezone(dt.UTC).replace(tzinfo=None)

    def month(self, at: dt.datetime | None) -> tuple[int, int] | None:
        if at is None or at >= self.until:
            return None
        return next((m for m, (begin, end) in self.months.items() if begin <= at < end), None)

    def seen(self, row: Row, column: str) -> dt.datetime | None:
        at = row.get(column)
        return at if at is not None and at < self.until else None

    def team(self, contact: Row) -> Any:
        agent = self.agents.get(contact.get("agent_id"))
        return contact.get("team") or (agent.get("team") if agent else None)

    def values(self, name: str, by: str) -> dict[tuple[tuple[int, int], str], tuple[float, int]]:
        """Return value and number of rows by month and group."""
        sums: dict[Any, list[list[float]]] = defaultdict(list)
        for month, customer, num, den, dims in getattr(self, name)():
            if month is not None and (num or den):
                group = "" if not by else self.group(by, dims, customer, month)
                sums[month, group].append([num, den])
        found = {}
        for place, rows in sums.items():
            if name.endswith("_median"):
                values = sorted(num for num, _ in rows)
                n = len(values)
                found[place] = ((values[(n - 1) // 2] + values[n // 2]) / 2, n)
            else:
                below = sum(den for _, den in rows)
                value = sum(num for num, _ in rows) / below if below else None
                found[place] = (value, sum(1 for _, den in rows if den))
        return found

    def group(self, by: str, dims: Row, customer: Any, month: tuple[int, int]) -> str:
        if by == "product":
            begin, end = self.months[month]
            own = [
                row for row in self.subs
                if row["customer_id"] == customer and row["started_at"] < end
                and (row.get("ended_at") or FOREVER) > begin
            ]  # fmt: skip
            own.sort(key=lambda row: (row["started_at"], str(row["subscription_id"])))
            return own[-1]["product"] if own else NONE
        if by == "segment":
            own = [row for row in self.world.seen("customers") if row["customer_id"] == customer]
            return (own[0].get(self.config.segment) if own else None) or NONE
        value = dims.get(by)
        return NONE if value is None else str(value)

    def contact_rows(self) -> Iterator[tuple[Any, Row, Row]]:
        for row in self.contacts:
            dims = {"channel": row["channel"], "reason": row.get("reason"), "team": self.team(row)}
            yield self.month(row["opened_at"]), row, dims

    def close(self, row: Row, alike: Any, step: int) -> bool:
        """Whether the next contact alike, before or after, is less than the window away."""
        own = [r for r in self.contacts if r["customer_id"] == row["customer_id"] and alike(r, row)]
        place = next(i for i, r in enumerate(own) if r is row) + step
        if not 0 <= place < len(own):
            return False
        return abs(own[place]["opened_at"] - row["opened_at"]) < self.config.fcr_days * DAY

    def solved(self, row: Row) -> bool | None:
        return row["resolved"] if self.seen(row, "closed_at") else False

    def _fcr(self, alike: Any, skip: tuple[str, ...] = (), reasoned: bool = True) -> Iterator[tuple[Any, ...]]:
        for month, row, dims in self.contact_rows():
            if (reasoned and row["reason"] is None) or row.get("reason") in skip or self.solved(row) is None:
                continue
            if not self.close(row, alike, -1):
                good = self.solved(row) and not self.close(row, alike, 1)
                yield month, row["customer_id"], float(bool(good)), 1.0, dims

    def fcr_gross(self) -> Any:
        return self._fcr(same_reason)

    def fcr_net(self) -> Any:
        return self._fcr(same_reason, self.config.unsolvable_reasons)

    def once_and_done(self) -> Any:
        return self._fcr(lambda *_: True, reasoned=False)

    def repeat_rate(self) -> Any:
        for month, row, dims in self.contact_rows():
            if row["reason"] is not None:
                yield month, row["customer_id"], float(self.close(row, same_reason, 1)), 1.0, dims

    def handling_time(self) -> Any:
        for month, row, dims in self.contact_rows():
            if row["handle_seconds"] is not None and self.seen(row, "closed_at"):
                yield month, row["customer_id"], row["handle_seconds"], 1.0, dims

    def answer_time(self) -> Any:
        for month, row, dims in self.contact_rows():
            if at := self.seen(row, "answered_at"):
                yield month, row["customer_id"], (at - row["opened_at"]).total_seconds(), 1.0, dims

    handling_time_median, answer_time_median = handling_time, answer_time

    def answered_share(self) -> Any:
        for month, row, dims in self.contact_rows():
            yield month, row["customer_id"], float(self.seen(row, "answered_at") is not None), 1.0, dims

    def service_level(self) -> Any:
        limit, formula = self.config.service_level.seconds, self.config.service_level.formula
        for month, row, dims in self.contact_rows():
            at, gone = self.seen(row, "answered_at"), self.seen(row, "closed_at")
            quick = at is not None and (at - row["opened_at"]).total_seconds() <= limit
            left = at is None and bool(row.get("abandoned")) and gone is not None
            early = left and (gone - row["opened_at"]).total_seconds() <= limit
            counts = {
                "opened": True, "answered": at is not None, "offered": at is not None or left,
                "in_time": at is not None or left, "late_abandoned": at is not None or (left and not early),
            }  # fmt: skip
            used = formula if self.world.has("contacts", "abandoned", "closed_at") else "opened"
            used = formula if formula == "answered" else used
            good = quick or (used == "in_time" and early)
            if counts[used]:
                yield month, row["customer_id"], float(good), 1.0, dims

    def _cost(self, row: Row) -> float:
        cost = row.get("cost")
        return self.world.config.value.cost_per_contact if cost is None else float(cost)

    def cost_per_contact(self) -> Any:
        for month, row, dims in self.contact_rows():
            if row.get("cost") is not None or self.world.config.value.cost_per_contact > 0:
                yield month, row["customer_id"], self._cost(row), 1.0, dims

    def trained_share(self) -> Any:
        for month, row, dims in self.contact_rows():
            agent = self.agents.get(row["agent_id"])
            if agent is not None:
                at = agent["trained_at"]
                yield month, row["customer_id"], float(at is not None and at < row["opened_at"]), 1.0, dims

    def spells(self) -> Iterator[tuple[Any, dt.datetime, dt.datetime, bool]]:
        grace = self.world.config.churn.grace_days * DAY
        own: dict[Any, list[Row]] = defaultdict(list)
        for row in self.subs:
            own[row["customer_id"]].append(row)
        for customer, rows in own.items():
            rows.sort(key=lambda row: (row["started_at"], row["subscription_id"]))
            parts: list[list[Row]] = []
            for row in rows:
                ends = max(((r.get("ended_at") or FOREVER) for part in parts for r in part), default=None)
                if ends is None or row["started_at"] > ends + grace:
                    parts.append([])
                parts[-1].append(row)
            for part in parts:
                last = max(part, key=lambda r: ((r.get("ended_at") or FOREVER), r["subscription_id"]))
                unpaid = last.get("end_reason") == "payment_failure"
                yield customer, part[0]["started_at"], last.get("ended_at") or FOREVER, unpaid

    def spell_months(self) -> Iterator[tuple[Any, ...]]:
        for customer, begins, ends, unpaid in self.spells():
            for month, (first, end) in self.months.items():
                if begins < end and ends > first:
                    lived = (min(ends, end) - max(begins, first)).total_seconds()
                    lost = ends <= end and ends < self.until
                    method = self.method(customer, min(ends, end))
                    yield month, customer, begins < first, lost, lost and unpaid, lived, (end - first), method

    def method(self, customer: Any, at: dt.datetime) -> str | None:
        own = [
            row for row in self.world.seen("payment_methods")
            if row["customer_id"] == customer and row["valid_from"] < at
        ]  # fmt: skip
        return max(own, key=lambda row: row["valid_from"])["method"] if own else None

    def _lost(self, which: Any) -> Any:
        for month, customer, start, lost, unpaid, _, _, method in self.spell_months():
            if start:
                yield month, customer, float(which(lost, unpaid)), 1.0, {"method": method}

    def churn_rate(self) -> Any:
        return self._lost(lambda lost, _: lost)

    def churn_voluntary(self) -> Any:
        return self._lost(lambda lost, unpaid: lost and not unpaid)

    def churn_involuntary(self) -> Any:
        return self._lost(lambda _, unpaid: unpaid)

    def retention_rate(self) -> Any:
        return self._lost(lambda lost, _: not lost)

    def subscription_duration(self) -> Any:
        for month, customer, _, lost, _, lived, _, method in self.spell_months():
            yield month, customer, lived / 86_400, float(lost), {"method": method}

    def _shared(self, events: Any) -> Any:
        for month, customer, _, _, _, lived, length, _ in self.spell_months():
            yield month, customer, 0.0, lived / length.total_seconds(), {}
        for at, customer, amount in events:
            yield self.month(at), customer, amount, 0.0, {}

    def contacts_per_customer(self) -> Any:
        return self._shared((row["opened_at"], row["customer_id"], 1.0) for row in self.contacts)

    def contact_rate(self) -> Any:
        first = {}
        for row in self.contacts:
            first.setdefault((row["customer_id"], self.month(row["opened_at"])), row)
        return self._shared((row["opened_at"], row["customer_id"], 1.0) for row in first.values())

    def complaint_rate(self) -> Any:
        return self._shared(
            (row["opened_at"], row["customer_id"], float(bool(row["is_complaint"]))) for row in self.contacts
        )

    def cost_to_serve(self) -> Any:
        return self._shared((row["opened_at"], row["customer_id"], self._cost(row)) for row in self.contacts)

    def referral_rate(self) -> Any:
        rows = self.world.seen("referrals")
        return self._shared((row["referred_at"], row["referrer_id"], 1.0) for row in rows)

    def reviews_posted(self) -> Any:
        rows = self.world.seen("reviews")
        return self._shared((row["posted_at"], row["customer_id"], 1.0) for row in rows)

    def _running(self) -> Iterator[tuple[Any, Any, int]]:
        for month, (first, _) in self.months.items():
            products: dict[Any, set[str]] = defaultdict(set)
            for row in self.subs:
                if row["started_at"] < first < (row.get("ended_at") or FOREVER):
                    products[row["customer_id"]].add(row["product"])
            for customer, held in products.items():
                yield month, customer, len(held)

    def multi_product_rate(self) -> Any:
        for month, customer, held in self._running():
            yield month, customer, float(held > 1), 1.0, {}

    def direct_debit_share(self) -> Any:
        for month, customer, _ in self._running():
            method = self.method(customer, self.months[month][0])
            if method is not None:
                yield month, customer, float(method == "iban"), 1.0, {}


def same_reason(one: Row, other: Row) -> bool:
    return one["reason"] == other["reason"] and one["reason"] is not None


def next_month(year: int, month: int) -> tuple[int, int]:
    return (year + month // 12, month % 12 + 1)
