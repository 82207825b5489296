"""The oracle's indicators of surveys, sales, prospects, reviews, self-service and agents."""

from __future__ import annotations

import datetime as dt
from typing import Any

from feature_oracle_indicators import DAY, Oracle, Row

SCORES = {"csat": 4.0, "ces": 5.0, "ces_effort": 2.0}


class WholeOracle(Oracle):
    """All of them."""

    def survey_rows(self) -> Any:
        for row in self.world.seen("surveys"):
            contact = self.by_id.get(row.get("contact_id")) or {}
            dims = {"channel": contact.get("channel"), "reason": contact.get("reason")}
            dims["team"] = self.team(contact) if contact else None
            answered = self.seen(row, "responded_at") is not None and row["score"] is not None
            sent = row.get("sent_at")
            yield self.month(sent or row["responded_at"]), row, dims, answered, sent is not None

    def _score(self, metric: str, worth: Any) -> Any:
        for month, row, dims, answered, _ in self.survey_rows():
            if row["metric"] == metric and answered:
                yield month, row["customer_id"], worth(row["score"]), 1.0, dims

    def csat(self) -> Any:
        return self._score("csat", lambda score: float(score >= SCORES["csat"]))

    def ces(self) -> Any:
        return self._score("ces", lambda score: float(score >= SCORES["ces"]))

    def ces_effort(self) -> Any:
        return self._score("ces", lambda score: float(score <= SCORES["ces_effort"]))

    def nps(self) -> Any:
        return self._score("nps", lambda score: 100.0 if score >= 9 else -100.0 if score <= 6 else 0.0)

    def _response(self, metric: str) -> Any:
        for month, row, dims, answered, asked in self.survey_rows():
            if row["metric"] == metric and asked:
                yield month, row["customer_id"], float(answered), 1.0, dims

    def csat_response_rate(self) -> Any:
        return self._response("csat")

    def nps_response_rate(self) -> Any:
        return self._response("nps")

    def ces_response_rate(self) -> Any:
        return self._response("ces")

    def _sales(self) -> list[Row]:
        def made(row: Row) -> bool:
            paid = (row.get("status") or "paid") != "failed" and self.seen(row, "failed_at") is None
            return row["amount"] > 0 and paid and row.get("kind") != "refund"

        return [row for row in self.world.seen("payments") if made(row)]

    def _of_kind(self, kind: str) -> Any:
        for row in self._sales():
            if row["kind"] is not None:
                yield self.month(row["paid_at"]), row["customer_id"], float(row["kind"] == kind), 1.0, {}

    def upsell_rate(self) -> Any:
        return self._of_kind("upsell")

    def cross_sell_rate(self) -> Any:
        return self._of_kind("cross_sell")

    def average_basket(self) -> Any:
        for row in self._sales():
            yield self.month(row["paid_at"]), row["customer_id"], float(row["amount"]), 1.0, {}

    def acceptance_rate(self) -> Any:
        rows = [row for row in self.world.seen("actions") if row["arm"] == "treated"]
        can = {row["action"] for row in rows if row["accepted"] is not None}
        for row in rows:
            if row["action"] in can:
                late = row.get("accepted_at") is not None and row["accepted_at"] >= self.until
                agent = self.agents.get(row.get("agent_id"))
                took = float(bool(row["accepted"]) and not late)
                yield (
                    self.month(row["decided_at"]),
                    row["customer_id"],
                    took,
                    1.0,
                    {"team": agent and agent.get("team")},
                )

    def conversion_rate(self) -> Any:
        signed = {row["customer_id"]: row["signed_up_at"] for row in self.world.seen("customers")}
        for row in self.world.seen("prospects"):
            buyer = row["converted_customer_id"]
            when = row.get("converted_at") or signed.get(buyer)
            won = buyer is not None and when is not None and when < self.until
            yield self.month(row["created_at"]), row["prospect_id"], float(won), 1.0, {"channel": row.get("channel")}

    def acquisition_cost(self) -> Any:
        own = self.world.has("customers", "acquisition_cost")
        for row in self.world.seen("customers"):
            cost = row.get("acquisition_cost")
            if not own or cost is not None:
                yield self.month(row["signed_up_at"]), row["customer_id"], float(cost or 0), 1.0, {}
        if not own:
            for row in self.world.seen("prospects"):
                yield self.month(row["created_at"]), f"p{row['prospect_id']}", float(row.get("cost") or 0), 0.0, {}

    def early_contact_share(self) -> Any:
        for row in self.world.seen("customers"):
            at, who = row["signed_up_at"], row["customer_id"]
            early = any(c["customer_id"] == who and at <= c["opened_at"] <= at + 30 * DAY for c in self.contacts)
            yield self.month(at), who, float(early), 1.0, {}

    def referred_share(self) -> Any:
        brought = {row["referred_id"] for row in self.world.seen("referrals")}
        for row in self.world.seen("customers"):
            yield self.month(row["signed_up_at"]), row["customer_id"], float(row["customer_id"] in brought), 1.0, {}

    def self_service_rate(self) -> Any:
        for row in self.contacts:
            alone = row["channel"] in self.config.self_service_channels
            yield self.month(row["opened_at"]), row["customer_id"], float(alone), 1.0, {}
        for row in self.world.seen("interactions"):
            yield self.month(row["at"]), row["customer_id"], 1.0, 1.0, {}

    def self_service_solved(self) -> Any:
        for row in self.world.seen("interactions"):
            if row["solved"] is not None:
                yield self.month(row["at"]), row["customer_id"], float(row["solved"]), 1.0, {}

    def _reviews(self, worth: Any) -> Any:
        for row in self.world.seen("reviews"):
            value = worth(row)
            if value is not None:
                yield self.month(row["posted_at"]), row.get("customer_id"), float(value), 1.0, {}

    def review_rating(self) -> Any:
        return self._reviews(lambda row: row["rating"])

    def review_asked_share(self) -> Any:
        return self._reviews(lambda row: row["asked"])

    def review_answered_share(self) -> Any:
        return self._reviews(lambda row: self.seen(row, "answered_at") is not None)

    def review_revised_share(self) -> Any:
        def revised(row: Row) -> bool | None:
            answered, again = self.seen(row, "answered_at"), self.seen(row, "revised_at")
            return None if answered is None else again is not None and again > answered

        return self._reviews(revised)

    def _teams(self, column: str) -> Any:
        for row in self.world.seen("agent_surveys"):
            at = row["month"] if isinstance(row["month"], dt.datetime) else dt.datetime.fromisoformat(row["month"])
            weight = float(row["respondents"]) if "respondents" in row else 1.0
            month = (at.year, at.month) if (at.year, at.month) in self.months else None
            if row[column] is not None:
                yield month, row["team"], weight * row[column], weight, {"team": row["team"]}

    def agent_engagement(self) -> Any:
        return self._teams("engagement")

    def agent_nps(self) -> Any:
        return self._teams("enps")

    def agent_turnover(self) -> Any:
        rows = [r for r in self.world.seen("contacts") if r["agent_id"] is not None and r["opened_at"] < self.until]
        for month, (first, end) in self.months.items():
            there = {row["agent_id"] for row in rows if first <= row["opened_at"] < end}
            for agent in there:
                own = [row for row in rows if row["agent_id"] == agent]
                gone = max(row["opened_at"] for row in own) < end
                teams = [self.team(row) for row in own if first <= row["opened_at"] < end]
                team = max((each for each in teams if each), default=None)
                yield month, agent, float(gone), 1.0, {"team": team}
