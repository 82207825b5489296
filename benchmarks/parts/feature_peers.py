"""The forty features of `feature_speed.py`, written by hand for polars, for pandas and in DuckDB's SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from parts.feature_forty import AS_OF, COLUMNS, FORTY, WINDOWS, Clock


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
        scores = {m: pl.col("score").filter(near & (pl.col("metric") == m)) for m in ("csat", "nps")}
        surveys += [
            *(score.mean().alias(f"{m}_mean_{w}d") for m, score in scores.items()),
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
            found[f"{metric}_mean_{w}d"] = (
                answers[near & (answers["metric"] == metric)].groupby("customer_id")["score"].mean()
            )
        sent = surveys["sent_at"] >= AS_OF - pd.Timedelta(days=w)
        found[f"surveys_sent_{w}d"] = surveys[sent].groupby("customer_id").size()
    found["days_since_survey_answer"] = (AS_OF - answers.groupby("customer_id")["responded_at"].max()) / day
    customers = pd.read_parquet(folder / "customers.parquet")
    known = pd.Index(customers.loc[customers["signed_up_at"] < AS_OF, "customer_id"])
    frame = pd.DataFrame({name: column.reindex(known) for name, column in found.items()})[FORTY]
    lap("features")
    return frame


def duckdb_forty(folder: Path, lap: Clock) -> pd.DataFrame:
    """Compute the forty features with DuckDB, one query written by hand for each table."""
    import duckdb

    at, day = f"timestamp '{AS_OF}'", "86400e6"
    contacts = [
        f"epoch_us({at} - max(opened_at)) / {day} as days_since_contact",
        "count(*) filter (where not coalesce(closed, false)) as contacts_open",
    ]
    failed = "status = 'failed'"
    payments = [f"epoch_us({at} - max(paid_at) filter (where {failed})) / {day} as days_since_failed_payment"]
    surveys = [f"epoch_us({at} - max(responded_at) filter (where told)) / {day} as days_since_survey_answer"]
    for w in WINDOWS:
        near = f"opened_at >= {at} - interval {w} day"
        contacts += [
            f"count(*) filter (where {near}) as contacts_{w}d",
            f"count(*) filter (where {near} and is_complaint) as complaints_{w}d",
            f"count(*) filter (where {near} and closed and not resolved) as contacts_unresolved_{w}d",
            f"avg(epoch_us(answered_at - opened_at)) filter (where {near} and answered_at < {at}) / 3600e6"
            f" as hours_to_answer_mean_{w}d",
            f"avg(epoch_us(closed_at - opened_at)) filter (where {near} and closed) / 3600e6"
            f" as hours_to_close_mean_{w}d",
            f"sum(cost) filter (where {near} and closed)::double as contact_cost_{w}d",
        ]
        near = f"paid_at >= {at} - interval {w} day"
        payments += [
            f"count(*) filter (where {near} and not {failed}) as payments_{w}d",
            f"sum(amount) filter (where {near} and not {failed})::double as amount_paid_{w}d",
            f"count(*) filter (where {near} and {failed}) as payments_failed_{w}d",
        ]
        near = f"told and responded_at >= {at} - interval {w} day"
        surveys += [
            *(f"avg(score) filter (where {near} and metric = '{m}') as {m}_mean_{w}d" for m in ("csat", "nps")),
            f"count(*) filter (where sent_at >= {at} - interval {w} day) as surveys_sent_{w}d",
        ]

    def grouped(name: str, known: str, features: list[str], more: str = "") -> str:
        rows = f"select {', '.join(COLUMNS[name])}{more} from '{folder / name}.parquet' where {known} < {at}"
        return f"(select customer_id, {', '.join(features)} from ({rows}) group by customer_id) as {name}"

    joined = [
        grouped("contacts", "opened_at", contacts, f", closed_at < {at} as closed"),
        grouped("payments", "paid_at", payments),
        grouped("surveys", "sent_at", surveys, f", responded_at < {at} as told"),
    ]
    query = f"select * from '{folder}/customers.parquet'" + "".join(
        f" left join {part} using (customer_id)" for part in joined
    )
    with duckdb.connect() as engine:
        engine.execute("set threads = 2")
        found = engine.sql(f"{query} where signed_up_at < {at}").df().set_index("customer_id")[FORTY]
    lap("features")
    return found
