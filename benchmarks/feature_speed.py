"""Point-in-time features of a large log: ours beside reading the columns, polars and pandas, in one run.

Forty features at one instant, the same in every contender and compared value by value; then the whole catalogue, and a
panel of twelve months. Each contender runs in a process of its own: processor seconds, wall seconds and peak memory are
the system's. Ours opens the tables first (read, map, check, store), which the others do not do: it stands apart.

    python benchmarks/feature_speed.py [--customers 1000000] [--growth 100000 300000 1000000 3000000] [--spark]

Needs polars: pip install 'servicelift[bench]'.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent))
import service_log

AS_OF = pd.Timestamp("2024-06-01")
WINDOWS = (30, 90, 365)
PANEL = pd.date_range("2023-07-01", periods=12, freq="MS")
MEMORY = {"duckdb": "1200MB"}

CONTACTS = ("contacts", "complaints", "contacts_unresolved", "hours_to_answer_mean", "hours_to_close_mean", "contact_cost")
PAYMENTS = ("payments", "amount_paid", "payments_failed")
SURVEYS = ("csat_mean", "nps_mean", "surveys_sent")
FORTY = [
    *(f"{name}_{w}d" for name in (*CONTACTS, *PAYMENTS, *SURVEYS) for w in WINDOWS),
    *("days_since_contact", "contacts_open", "days_since_failed_payment", "days_since_survey_answer"),
]
COLUMNS = {
    "contacts": ["customer_id", "opened_at", "answered_at", "closed_at", "resolved", "is_complaint", "cost"],
    "payments": ["customer_id", "paid_at", "amount", "status"],
    "surveys": ["customer_id", "sent_at", "responded_at", "metric", "score"],
}
Clock = Callable[[str], None]


def floor_duckdb(folder: Path, lap: Clock) -> None:
    """Read the columns of the forty with the engine, and nothing else."""
    import duckdb

    with duckdb.connect() as engine:
        engine.execute("set threads = 2")
        for name, columns in COLUMNS.items():
            engine.execute(f"select {', '.join(f'max({c})' for c in columns)} from '{folder / name}.parquet'").fetchall()
    lap("read")


def floor_arrow(folder: Path, lap: Clock) -> None:
    """Read the columns of the forty into Arrow, row group by row group."""
    for name, columns in COLUMNS.items():
        file = pq.ParquetFile(folder / f"{name}.parquet")
        for group in range(file.num_row_groups):
            file.read_row_group(group, columns=columns)
    lap("read")


def _open(folder: Path, lap: Clock) -> Any:
    from servicelift.core.config import load_config
    from servicelift.features.sources import open_tables

    tables = open_tables(load_config(folder / "log.yaml"))
    lap("open")
    return tables


def ours_forty(folder: Path, lap: Clock) -> pd.DataFrame:
    """Build the forty features."""
    from servicelift.features.catalogue import build_features
    from servicelift.features.spine import customer_spine

    tables = _open(folder, lap)
    spine = customer_spine(tables, [AS_OF])
    found = build_features(tables, spine, FORTY).set_index(spine["customer_id"])
    lap("features")
    return found


def ours_whole(folder: Path, lap: Clock) -> None:
    """Write the whole catalogue."""
    from servicelift.core.config import load_config
    from servicelift.scoring.features import write_features

    write_features(load_config(folder / "log.yaml"), [AS_OF], folder / "features.parquet")
    lap("all")


def ours_panel(folder: Path, lap: Clock) -> None:
    """Write the whole catalogue of twelve months."""
    from servicelift.core.config import load_config
    from servicelift.scoring.features import write_features

    write_features(load_config(folder / "log.yaml"), list(PANEL), folder / "panel.parquet")
    lap("all")


def polars_forty(folder: Path, lap: Clock) -> pd.DataFrame:
    """Compute the forty features lazily with polars."""
    import polars as pl

    at = pl.lit(AS_OF.to_pydatetime()).cast(pl.Datetime("us"))

    def scan(name: str, known: str) -> Any:
        return pl.scan_parquet(folder / f"{name}.parquet").select(COLUMNS[name]).filter(pl.col(known) < at)

    def recent(column: str, days: int) -> Any:
        return pl.col(column) >= at - pl.duration(days=days)

    def hours(later: str, where: Any) -> Any:
        return (pl.col(later) - pl.col("opened_at")).dt.total_microseconds().filter(where).mean() / 3.6e9

    answered, closed = pl.col("answered_at") < at, pl.col("closed_at") < at
    contacts, payments, surveys = [], [], []
    for w in WINDOWS:
        near = recent("opened_at", w)
        contacts += [
            near.sum().alias(f"contacts_{w}d"),
            (near & pl.col("is_complaint")).sum().alias(f"complaints_{w}d"),
            (near & closed & ~pl.col("resolved")).sum().alias(f"contacts_unresolved_{w}d"),
            hours("answered_at", near & answered).alias(f"hours_to_answer_mean_{w}d"),
            hours("closed_at", near & closed).alias(f"hours_to_close_mean_{w}d"),
            pl.col("cost").filter(near & closed).sum().cast(pl.Float64).alias(f"contact_cost_{w}d"),
        ]
        near, paid = recent("paid_at", w), pl.col("status") != "failed"
        payments += [
            (near & paid).sum().alias(f"payments_{w}d"),
            pl.col("amount").filter(near & paid).sum().cast(pl.Float64).alias(f"amount_paid_{w}d"),
            (near & ~paid).sum().alias(f"payments_failed_{w}d"),
        ]
        near = recent("responded_at", w) & (pl.col("responded_at") < at)
        surveys += [
            *(pl.col("score").filter(near & (pl.col("metric") == m)).mean().alias(f"{m}_mean_{w}d") for m in ("csat", "nps")),
            recent("sent_at", w).sum().alias(f"surveys_sent_{w}d"),
        ]
    day = 86_400_000_000
    contacts += [
        ((at - pl.col("opened_at").max()).dt.total_microseconds() / day).alias("days_since_contact"),
        (~closed).fill_null(True).sum().alias("contacts_open"),
    ]
    failed = pl.col("paid_at").filter(pl.col("status") == "failed").max()
    payments.append(((at - failed).dt.total_microseconds() / day).alias("days_since_failed_payment"))
    responded = pl.col("responded_at").filter(pl.col("responded_at") < at).max()
    surveys.append(((at - responded).dt.total_microseconds() / day).alias("days_since_survey_answer"))
    customers = pl.scan_parquet(folder / "customers.parquet").filter(pl.col("signed_up_at") < at).select("customer_id")
    frames = [
        scan("contacts", "opened_at").group_by("customer_id").agg(contacts),
        scan("payments", "paid_at").group_by("customer_id").agg(payments),
        scan("surveys", "sent_at").group_by("customer_id").agg(surveys),
    ]
    for frame in frames:
        customers = customers.join(frame, on="customer_id", how="left")
    found = customers.collect().to_pandas().set_index("customer_id")[FORTY]
    lap("features")
    return found


def pandas_forty(folder: Path, lap: Clock) -> pd.DataFrame:
    """Compute the forty features with plain pandas group-bys."""

    def read(name: str, known: str) -> pd.DataFrame:
        frame = pd.read_parquet(folder / f"{name}.parquet", columns=COLUMNS[name])
        return frame[frame[known] < AS_OF]

    found = {}
    contacts = read("contacts", "opened_at")
    contacts["cost"] = contacts["cost"].astype("float64")
    contacts["answer"] = (contacts["answered_at"] - contacts["opened_at"]).where(contacts["answered_at"] < AS_OF)
    contacts["close"] = (contacts["closed_at"] - contacts["opened_at"]).where(contacts["closed_at"] < AS_OF)
    for name in ("answer", "close"):
        contacts[name] = contacts[name] / pd.Timedelta(hours=1)
    closed = contacts["closed_at"] < AS_OF
    unresolved = closed & (contacts["resolved"] == False)  # noqa: E712
    for w in WINDOWS:
        near = contacts["opened_at"] >= AS_OF - pd.Timedelta(days=w)
        by = contacts[near].groupby("customer_id")
        found[f"contacts_{w}d"] = by.size()
        found[f"complaints_{w}d"] = contacts[near & contacts["is_complaint"]].groupby("customer_id").size()
        found[f"contacts_unresolved_{w}d"] = contacts[near & unresolved].groupby("customer_id").size()
        found[f"hours_to_answer_mean_{w}d"] = by["answer"].mean()
        found[f"hours_to_close_mean_{w}d"] = by["close"].mean()
        found[f"contact_cost_{w}d"] = contacts[near & closed].groupby("customer_id")["cost"].sum()
    day = pd.Timedelta(days=1)
    found["days_since_contact"] = (AS_OF - contacts.groupby("customer_id")["opened_at"].max()) / day
    found["contacts_open"] = contacts[~closed].groupby("customer_id").size()
    del contacts
    payments = read("payments", "paid_at")
    payments["amount"] = payments["amount"].astype("float64")
    failed = payments["status"] == "failed"
    for w in WINDOWS:
        near = payments["paid_at"] >= AS_OF - pd.Timedelta(days=w)
        by = payments[near & ~failed].groupby("customer_id")
        found[f"payments_{w}d"], found[f"amount_paid_{w}d"] = by.size(), by["amount"].sum()
        found[f"payments_failed_{w}d"] = payments[near & failed].groupby("customer_id").size()
    found["days_since_failed_payment"] = (AS_OF - payments[failed].groupby("customer_id")["paid_at"].max()) / day
    del payments
    surveys = read("surveys", "sent_at")
    answers = surveys[surveys["responded_at"] < AS_OF]
    for w in WINDOWS:
        near = answers["responded_at"] >= AS_OF - pd.Timedelta(days=w)
        for metric in ("csat", "nps"):
            found[f"{metric}_mean_{w}d"] = answers[near & (answers["metric"] == metric)].groupby("customer_id")["score"].mean()
        sent = surveys["sent_at"] >= AS_OF - pd.Timedelta(days=w)
        found[f"surveys_sent_{w}d"] = surveys[sent].groupby("customer_id").size()
    found["days_since_survey_answer"] = (AS_OF - answers.groupby("customer_id")["responded_at"].max()) / day
    customers = pd.read_parquet(folder / "customers.parquet")
    known = pd.Index(customers.loc[customers["signed_up_at"] < AS_OF, "customer_id"])
    frame = pd.DataFrame({name: column.reindex(known) for name, column in found.items()})[FORTY]
    lap("features")
    return frame


CONTENDERS = {
    "read the columns (engine)": floor_duckdb,
    "read the columns (Arrow)": floor_arrow,
    "servicelift, forty": ours_forty,
    "polars, forty": polars_forty,
    "pandas, forty": pandas_forty,
    "servicelift, whole catalogue": ours_whole,
    "servicelift, panel of 12": ours_panel,
}
