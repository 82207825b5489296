"""A business whose outputs are made up: small enough that every page is drawn in a moment."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
import pytest
from servicelift.console.app import Console
from servicelift.core.config.business import Config, load_config

AT = "2024-07-01T00:00:00Z"
HOSTILE = "<script>alert(1)</script>"
FORMULA = "=cmd|' /C calc'!A0"
HELD = "ALONE-7"


@dataclass
class Answer:
    """What the console answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8-sig")

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name.lower()), "")

    def cookies(self) -> dict[str, str]:
        pairs = [value.partition(";")[0].partition("=") for key, value in self.headers if key == "set-cookie"]
        return {name: value for name, _, value in pairs}


@dataclass
class Browser:
    """Asks a console as a browser of this machine does, without a network."""

    console: Console
    host: str = "127.0.0.1:8765"
    client: str = "127.0.0.1"
    scheme: str = "http"
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, address: str, **headers: str) -> Answer:
        return self._ask("GET", address, headers, b"")

    def post(self, address: str, form: Mapping[str, str], **headers: str) -> Answer:
        own = {"origin": f"http://{self.host}", "sec_fetch_site": "same-origin"}
        kind = {"content_type": "application/x-www-form-urlencoded"}
        sent = {key: value for key, value in {**own, **kind, **headers}.items() if value}
        return self._ask("POST", address, sent, urlencode(form).encode())

    def token(self, address: str = "/targets") -> str:
        found = re.search(r'name="token" value="([0-9a-f]+)"', self.get(address).text)
        return found[1] if found else ""

    def _ask(self, method: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        path, _, query = address.partition("?")
        named = {"host": self.host, **{key.replace("_", "-"): value for key, value in headers.items()}}
        if self.cookies:
            named.setdefault("cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": self.scheme, "path": path,
            "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(key.encode(), value.encode("latin-1")) for key, value in named.items()],
            "client": (self.client, 40_000), "server": ("127.0.0.1", 8765),
        }  # fmt: skip
        sent: list[dict] = []

        async def receive() -> dict:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict) -> None:
            sent.append(message)

        asyncio.run(self.console.app(scope, receive, send))
        headers_back = [(key.decode(), value.decode("latin-1")) for key, value in sent[0]["headers"]]
        answer = Answer(sent[0]["status"], headers_back, b"".join(m.get("body", b"") for m in sent[1:]))
        self.cookies |= answer.cookies()
        return answer


def listed(customers: list[str], arm: str, first_rank: int = 1) -> pd.DataFrame:
    """Rows of a list as `targets` writes them."""
    rows = [
        {
            "rank": first_rank + n, "customer_id": customer, "action": ["retention_offer", "iban_switch"][n % 2],
            "net_value": 40.0 - n, "cost": 5.0, "churn_probability": 0.1 + n / 100, "clv": 90.0 + n,
            "reason_1": "pays by <b>cheque</b>", "reason_2": f"reason {n}", "reason_3": None, "decided_at": AT,
            "arm": arm, "propensity": 0.9, "action_id": f"a-20240701-{customer}", "evidence": "randomised",
            "trial": False,
        }
        for n, customer in enumerate(customers)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def beside_the_list(**changes):
    """What `targets` leaves beside the list of the made-up business: 64 customers."""
    figures = {"value": -0.2, "low": -1.0, "high": 0.6, "share": 0.1, "currency": "EUR", "unlimited": None}
    ends = {"net_value_low": -20.0, "net_value_high": 90.0}
    offer = {"effect": 17.5, "effect_low": 0.8, "effect_high": 34.3, "chance_pays": 0.93, "failed": [], "trial": False}
    switch = {"effect": None, "effect_low": None, "effect_high": None, "chance_pays": None, "trial": True}
    return {
        "business": "press", "contacted": 64, **ends,
        "actions": {"retention_offer": {**offer, **ends}, "iban_switch": {**switch, **ends, "failed": ["placebo"]}},
        "warnings": [{"code": "policy_no_better", "figures": figures}, {"code": "later", "figures": {}}], **changes,
    }  # fmt: skip


def statement_rows() -> pd.DataFrame:
    """A statement: one action that pays, one that is not proven, one contrast."""
    common = {"n_treated": 100, "cost": 500.0, "design": "randomised", "headline": True, "settle": ""}
    pays = {
        **common, "kind": "action", "action": "retention_offer", "initiative": "coaching", "verdict": "pays",
        "incremental_clv": 2000.0, "incremental_clv_low": 900.0, "incremental_clv_high": 3100.0, "roi_percent": 300.0,
        "roi_percent_low": 80.0, "roi_percent_high": 520.0, "sentence": "It pays <i>well</i>.",
    }  # fmt: skip
    settling = {
        "settle": "experiment", "settle_customers": 400, "settle_months": 6, "settle_held_out": 200,
        "settle_forgone": 50.0, "settle_chance": 0.8, "settle_worth": 900.0,
    }  # fmt: skip
    unproven = {
        **common, **settling, "kind": "action", "action": "iban_switch", "initiative": None, "verdict": "not proven",
        "incremental_clv": 600.0, "incremental_clv_low": -100.0, "incremental_clv_high": 1300.0, "roi_percent": 20.0,
        "roi_percent_low": -120.0, "roi_percent_high": 160.0, "sentence": "Not known yet.",
    }  # fmt: skip
    contrast = {
        **common, "kind": "contrast", "action": "quick_answer", "initiative": None, "headline": False,
        "design": "observational", "verdict": "effect not shown", "incremental_clv": 10.0, "cost": float("nan"),
    }  # fmt: skip
    frame = pd.DataFrame([pays, unproven, contrast])
    for end in ("", "_low", "_high"):
        frame[f"effect_per_treated{end}"] = frame[f"incremental_clv{end}"] / frame["n_treated"]
    return frame


PERIODS = {
    "a": ("2023-12-31T23:00:00", "2024-06-30T22:00:00"),
    "b": ("2022-12-31T23:00:00", "2023-06-30T22:00:00"),
    "c": ("2023-06-30T22:00:00", "2023-12-31T23:00:00"),
}
"""Periods of past statements, in Paris from the first of a month to its last, by folder."""


def past_statement(folder: Path, name: str, since: str | None, until: str | None) -> Path:
    """Write a past statement; one without a period, as earlier versions left it, without facts."""
    place = folder / "statements" / name
    place.mkdir(parents=True)
    statement_rows().to_parquet(place / "roi.parquet")
    if since is not None:
        facts = {"business": "press", "since": since, "until": until, "data_until": until, "horizon_months": 36}
        facts |= {"follow_up_days": 180, "clv_version": 1, "warnings": [], "row_warnings": [], "left_out_english": []}
        (place / "roi.json").write_text(json.dumps(facts), encoding="utf-8")
    return place


def scored(customers: list[str]) -> pd.DataFrame:
    """Scores as `score` writes them."""
    figures = {"churn_probability": 0.25, "churn_probability_voluntary": 0.2, "churn_probability_involuntary": 0.05}
    value = {"clv": 120.0, "clv_low": 20.0, "clv_high": 300.0, "reason_1": "pays <i>late</i>", "reason_2": None}
    return pd.DataFrame([{"customer_id": c, "as_of": pd.Timestamp(AT), **figures, **value} for c in customers])


def action_values(customers: list[str]) -> pd.DataFrame:
    """Values of an action as `score` writes them."""
    ends = {"incremental_clv": 20.0, "incremental_clv_low": -5.0, "incremental_clv_high": 45.0}
    rest = {"action": "retention_offer", "cost": 5.0, "net_value": 15.0, "evidence": "randomised"}
    return pd.DataFrame([{"customer_id": c, "as_of": pd.Timestamp(AT), **ends, **rest} for c in customers])


def indicator_rows() -> pd.DataFrame:
    """Indicators as `indicators` writes them: two of two months, over all and by channel."""
    common = {"low": None, "high": None, "n": 40, "status": "known", "response_rate": None, "weighted": None}
    more = {"bound_low": None, "bound_high": None, "month_before": None, "year_before": None, "target": None}
    rows = [
        {"indicator": name, "month": pd.Timestamp(month).date(), "by": by, "group": group, "value": value, "unit": unit,
         **common, **more}
        for name, unit, value in (("csat", "points", 4.2), ("complaint_rate", "share", 0.034))
        for month in ("2024-05-01", "2024-06-01")
        for by, group in (("", ""), ("channel", "phone"))
    ]  # fmt: skip
    rows[0] |= {"low": 4.0, "high": 4.4, "response_rate": 0.31, "weighted": 4.1, "bound_low": 2.0, "bound_high": 4.8}
    rows[2] |= {"value": None, "status": "unknown"}
    return pd.DataFrame(rows)


def totals_rows() -> pd.DataFrame:
    sums = {"cost": 1000.0, "incremental_clv": 2600.0, "incremental_clv_low": 900.0, "incremental_clv_high": 4300.0}
    returns = {"roi_percent": 160.0, "roi_percent_low": -10.0, "roi_percent_high": 330.0}
    return pd.DataFrame([{"initiative": "all", "realised_incremental_clv": 500.0, **sums, **returns}])


def made_up(folder: Path, language: str = "en", console: str = "") -> Config:
    """Write outputs and a configuration to a folder."""
    folder.mkdir(exist_ok=True)
    days = pd.to_datetime(["2023-01-01", "2023-02-01"])
    pd.DataFrame({"customer_id": ["C1", "C2"], "signed_up_at": days}).to_parquet(folder / "customers.parquet")
    pd.DataFrame(
        {"payment_id": ["p1", "p2"], "customer_id": ["C1", "C2"], "paid_at": days + pd.Timedelta(days=9),
         "amount": [10.0, 12.5], "method": ["card", "iban"], "status": ["failed", "paid"]}
    ).to_parquet(folder / "payments.parquet")  # fmt: skip
    pd.DataFrame(
        [{"initiative": "coaching", "name": "Coaching & care", "when": "agents call back", "then": "customers stay",
          "started_on": pd.Timestamp("2023-03-01"), "ended_on": None}]
    ).to_parquet(folder / "initiatives.parquet")  # fmt: skip
    (folder / "b.yaml").write_text(
        f"business: press\nlanguage: {language}\ndata_until: 2024-07-01\n"
        "tables: {customers: customers.parquet, payments: payments.parquet, initiatives: initiatives.parquet}\n"
        "incremental: {actions: {retention_offer: {cost: 5, team: desk}, iban_switch: {cost: 5}}}\n"
        f"{console}",
        encoding="utf-8",
    )
    customers = ["C1", "C2", HOSTILE, FORMULA, *(f"N{n:03d}" for n in range(60))]
    listed(customers, "treated").to_csv(folder / "targets.csv", index=False)
    listed([HELD, "ALONE-8"], "control", 200).to_csv(folder / "targets.holdout.csv", index=False)
    (folder / "roi").mkdir(exist_ok=True)
    statement_rows().to_parquet(folder / "roi" / "roi.parquet")
    totals_rows().to_parquet(folder / "roi" / "roi_totals.parquet")
    (folder / "scores").mkdir(exist_ok=True)
    scored(["C1", "C2", HOSTILE, HELD]).to_parquet(folder / "scores" / "scores.parquet", index=False)
    action_values(["C1", HELD]).to_parquet(folder / "scores" / "action_values.parquet", index=False)
    facts = {"business": "press", "as_of": "2024-07-01T00:00:00+00:00", "churn_grade": "B"}
    (folder / "scores" / "run.json").write_text(json.dumps(facts), encoding="utf-8")
    return load_config(folder / "b.yaml")


@pytest.fixture
def desk_folder(tmp_path: Path) -> Path:
    return tmp_path / "desk"


@pytest.fixture
def browser(desk_folder: Path) -> Browser:
    return Browser(Console(made_up(desk_folder), "b.yaml"))
