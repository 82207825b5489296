"""How long each page of the console takes with a million scored customers, from request to the last byte.

The outputs are drawn, not scored: files as `score`, `targets`, `roi`, `indicators` and `nightly` write them. The
console is served by its own server, and asked as a browser asks, one request after another. The first request of a
page, the slowest of the later ones and the processor seconds of one are printed; the list has 200,000 rows, and
twelve nights are kept.

Run: python benchmarks/pages/console.py [customers]
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

LISTED = 200_000
NIGHTS = 12
AGAIN = 5
ACTIONS = ("retention_offer", "iban_switch", "courtesy_call")


def write_outputs(folder: Path, n: int, seed: int = 7) -> None:
    """Write the outputs and the tables of a business with n customers."""
    rng = np.random.default_rng(seed)
    customers = rng.permutation(np.char.add("C", np.char.zfill(np.arange(n).astype(str), 8)))
    at = pd.Timestamp("2024-07-01", tz="UTC")
    risk = rng.beta(1, 15, n)
    clv = rng.gamma(2, 60, n)
    scores = pd.DataFrame({
        "customer_id": customers, "as_of": at, "churn_probability": risk, "churn_probability_voluntary": risk * 0.8,
        "churn_probability_involuntary": risk * 0.2, "clv": clv, "clv_low": clv * 0.4, "clv_high": clv * 2,
        "reason_1": rng.choice(["pays by cheque", "term ends in 20 days", "2 complaints in 90 days"], n),
        "reason_2": None, "reason_3": None,
    })  # fmt: skip
    (folder / "scores").mkdir()
    scores.to_parquet(folder / "scores" / "scores.parquet", index=False)
    facts = {"business": "press", "as_of": at.isoformat(), "churn_grade": "B"}
    (folder / "scores" / "run.json").write_text(json.dumps(facts), encoding="utf-8")
    values = pd.concat([
        pd.DataFrame({"customer_id": customers, "as_of": at, "action": action, "incremental_clv": gain,
                      "incremental_clv_low": gain - 9, "incremental_clv_high": gain + 9, "cost": 4.0,
                      "net_value": gain - 4, "evidence": "randomised"})
        for action in ACTIONS for gain in [rng.normal(6, 5, n)]
    ], ignore_index=True)  # fmt: skip
    values.to_parquet(folder / "scores" / "action_values.parquet", index=False)
    for night in pd.date_range("2023-07-01", periods=NIGHTS, freq="MS"):
        part = folder / "night" / f"as_of={night:%Y-%m-%d}"
        (part / "scores").mkdir(parents=True)
        scores[["customer_id", "churn_probability", "clv"]].to_parquet(part / "scores" / "part-00000.parquet")
        manifest = {"as_of": night.tz_localize("UTC").isoformat(), "business": "press"}
        (part / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    write_list(folder, scores.iloc[: LISTED + LISTED // 10], rng)
    write_tables(folder, customers, rng)
    write_statement(folder, rng)


def write_list(folder: Path, scores: pd.DataFrame, rng: np.random.Generator) -> None:
    """Write a list and its holdout."""
    n = len(scores)
    net = np.sort(rng.gamma(2, 8, n))[::-1]
    rows = pd.DataFrame({
        "rank": np.arange(1, n + 1), "customer_id": scores["customer_id"].to_numpy(), "action": rng.choice(ACTIONS, n),
        "net_value": net, "cost": 4.0, "churn_probability": scores["churn_probability"].to_numpy(),
        "clv": scores["clv"].to_numpy(), "reason_1": scores["reason_1"].to_numpy(), "reason_2": "", "reason_3": "",
        "decided_at": "2024-07-01T00:00:00Z", "arm": np.where(np.arange(n) % 11 == 10, "control", "treated"),
        "propensity": 0.9, "evidence": "randomised",
    })  # fmt: skip
    rows["action_id"] = rows["action"] + "-20240701-" + rows["customer_id"]
    rows[rows["arm"] == "treated"].to_csv(folder / "targets.csv", index=False)
    rows[rows["arm"] == "control"].to_csv(folder / "targets.holdout.csv", index=False)


def write_tables(folder: Path, customers: np.ndarray, rng: np.random.Generator) -> None:
    """Write customers, twelve payments and five contacts each."""
    n = len(customers)
    start = np.datetime64("2023-01-01", "us")
    pd.DataFrame({"customer_id": customers, "signed_up_at": start}).to_parquet(folder / "customers.parquet")

    def spread(each: int) -> tuple[np.ndarray, np.ndarray]:
        days = rng.integers(1, 545, n * each).astype("timedelta64[D]")
        return np.repeat(customers, each), start + days

    who, when = spread(12)
    payments = {"payment_id": np.arange(len(who)), "customer_id": who, "paid_at": when, "amount": 12.5}
    pd.DataFrame({**payments, "method": rng.choice(["iban", "card"], len(who)), "status": "paid"}).to_parquet(
        folder / "payments.parquet"
    )
    who, when = spread(5)
    contacts = {"contact_id": np.arange(len(who)), "customer_id": who, "opened_at": when}
    pd.DataFrame({**contacts, "channel": rng.choice(["phone", "mail", "chat"], len(who))}).to_parquet(
        folder / "contacts.parquet"
    )
    (folder / "b.yaml").write_text(
        "business: press\ndata_until: 2024-07-01\nengine: {memory: 6GB, threads: 2}\n"
        "tables: {customers: customers.parquet, payments: payments.parquet, contacts: contacts.parquet}\n"
        "console: {outputs: {scores: scores, targets: targets.csv}}\n",
        encoding="utf-8",
    )


def write_statement(folder: Path, rng: np.random.Generator) -> None:
    """Write a statement of twenty actions, eight past ones, and two years of indicators by agent."""
    rows = []
    for k in range(20):
        gain = float(rng.normal(4000, 3000))
        rows.append({
            "kind": "action", "action": f"action_{k}", "initiative": f"initiative_{k % 5}", "design": "randomised",
            "headline": True, "verdict": "not proven", "n_treated": 900, "cost": 2000.0, "incremental_clv": gain,
            "incremental_clv_low": gain - 3000, "incremental_clv_high": gain + 3000, "roi_percent": 50.0,
            "roi_percent_low": -80.0, "roi_percent_high": 180.0, "sentence": "Not known yet.",
        })  # fmt: skip
    frame = pd.DataFrame(rows)
    for end in ("", "_low", "_high"):
        frame[f"effect_per_treated{end}"] = frame[f"incremental_clv{end}"] / frame["n_treated"]
    for place in ("roi", *(f"statements/{k}" for k in range(8))):
        (folder / place).mkdir(parents=True)
        frame.to_parquet(folder / place / "roi.parquet")
    months = pd.date_range("2022-07-01", periods=24, freq="MS")
    index = pd.MultiIndex.from_product([[f"indicator_{k}" for k in range(30)], months, [f"a{k}" for k in range(300)]])
    indicators = index.to_frame(index=False, name=["indicator", "month", "group"])
    indicators["month"] = indicators["month"].dt.date
    indicators = indicators.assign(by="agent", value=0.4, low=0.3, high=0.5, n=50, unit="share", status="known")
    (folder / "indicators").mkdir()
    indicators.to_parquet(folder / "indicators" / "indicators.parquet")


def asked(port: int, address: str) -> tuple[float, int]:
    """Return seconds until the last byte, and the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    began = time.perf_counter()
    connection.request("GET", address)
    answer = connection.getresponse()
    answer.read()
    return time.perf_counter() - began, answer.status


def main() -> None:
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_outputs(folder, customers)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        code = f"from servicelift.cli import app; app(['console', {str(folder / 'b.yaml')!r}, '--port', '{port}'])"
        began = time.perf_counter()
        server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            server.stdout.readline()
            print(f"{customers:,} customers, {LISTED:,} listed; ready after {time.perf_counter() - began:.1f} s")
            one = f"C{customers // 2:08d}"
            while "being opened" in page_text(port, f"/customer?id={one}"):
                time.sleep(1)
            print(f"tables open after {time.perf_counter() - began:.1f} s")
            report(port, one, server.pid)
        finally:
            server.terminate()
            server.wait()


def page_text(port: int, address: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", address)
    return connection.getresponse().read().decode()


def used(pid: int) -> float:
    """Return the processor seconds that a process has used, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(port: int, one: str, pid: int) -> None:
    addresses = {
        "today": "/",
        "targets": "/targets",
        "targets, filtered and sorted": "/targets?action=iban_switch&text=complaints&sort=clv&budget=500000",
        "targets, last page": "/targets?page=999999",
        "targets, French": "/targets?lang=fr",
        "targets, whole CSV": "/targets.csv",
        "customer": f"/customer?id={one}",
        "customer, search": "/customer?id=C0012",
        "return": "/returns",
        "indicators": "/indicators?group=agent/a7",
        "experiments": "/experiments",
        "models": "/models",
    }
    print(f"{'page':<32}{'first s':>9}{'then s':>9}{'cpu s':>9}")
    for name, address in addresses.items():
        first, status = asked(port, address)
        before = used(pid)
        later = max(asked(port, address)[0] for _ in range(AGAIN))
        print(
            f"{name:<32}{first:>9.3f}{later:>9.3f}{(used(pid) - before) / AGAIN:>9.3f}"
            + ("" if status in (200, 404) else f"  status {status}")
        )


if __name__ == "__main__":
    main()
