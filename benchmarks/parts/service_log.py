"""A seeded log of a large business, for benchmarks of speed: Parquet tables of any size, written in parts.

Ten contacts, twelve payments and two surveys a customer on average over three years, unevenly: a few customers call
often, most seldom. The values carry no effect; the built-in world is for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

START, DAYS = np.datetime64("2021-07-01", "us"), 1096
UNTIL = "2024-07-01"
PARTS = 8
_DAY = 86_400_000_000


def write_log(folder: Path, customers: int, seed: int = 7) -> Path:
    """Write customers, contacts, surveys and payments below ``folder`` and return the config's path."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    busy = rng.gamma(0.7, 1.0, customers)
    busy /= busy.sum()
    _write(folder / "customers.parquet", [_customers(rng, customers)])
    for name, make, rows in (
        ("contacts", _contacts, 10 * customers),
        ("surveys", _surveys, 2 * customers),
        ("payments", _payments, 12 * customers),
    ):
        _write(folder / f"{name}.parquet", _parts(rng, make, rows, busy))
    config = folder / "log.yaml"
    config.write_text(_CONFIG, encoding="utf-8")
    return config


_CONFIG = f"""\
business: log
data_until: {UNTIL}
engine: {{name: duckdb, memory: 1500MB, threads: 2}}
tables:
  customers: customers.parquet
  contacts: contacts.parquet
  surveys: surveys.parquet
  payments: payments.parquet
"""


def _parts(rng: np.random.Generator, make, rows: int, busy: np.ndarray) -> Iterator[pa.Table]:
    """Yield the table in parts that follow each other in time, as a log does."""
    cumulative = np.cumsum(busy)
    for part in range(PARTS):
        n = rows * (part + 1) // PARTS - rows * part // PARTS
        span = DAYS * _DAY // PARTS
        moments = START + np.sort(rng.integers(part * span, (part + 1) * span, n)).astype("timedelta64[us]")
        who = np.minimum(np.searchsorted(cumulative, rng.random(n)), len(busy) - 1)
        yield make(rng, rows * part // PARTS + np.arange(n), who, moments)


def _write(path: Path, parts) -> None:
    writer = None
    for table in parts:
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=122_880)
    if writer:
        writer.close()


def _words(rng: np.random.Generator, words: list[str], n: int) -> pa.Array:
    codes = rng.integers(0, len(words), n).astype(np.int8)
    return pa.DictionaryArray.from_arrays(codes, words).cast(pa.string())


def _money(euros: np.ndarray) -> pa.Array:
    return pa.array(np.round(euros, 2)).cast(pa.decimal128(18, 4), safe=False)


def _masked(values: np.ndarray, there: np.ndarray) -> pa.Array:
    return pa.array(values, mask=~there)


def _methods(who: np.ndarray, at: np.ndarray) -> pa.Array:
    """Return each customer's own method; one in eleven changes it once."""
    changed = (who % 11 == 0) & (at > START + ((who * 7919) % DAYS).astype("timedelta64[D]"))
    codes = np.where(changed, 0, who % 3).astype(np.int8)
    return pa.DictionaryArray.from_arrays(codes, ["iban", "card", "cheque"]).cast(pa.string())


def _customers(rng: np.random.Generator, n: int) -> pa.Table:
    signed = START + (rng.integers(0, DAYS * _DAY, n) * (rng.random(n) < 0.4)).astype("timedelta64[us]")
    return pa.table({"customer_id": np.arange(n), "signed_up_at": signed})


def _contacts(rng: np.random.Generator, ids: np.ndarray, who: np.ndarray, at: np.ndarray) -> pa.Table:
    n = len(ids)
    answered = at + rng.exponential(4 * _DAY / 24, n).astype("timedelta64[us]")
    closed = answered + rng.exponential(2 * _DAY, n).astype("timedelta64[us]")
    there = rng.random(n) < 0.97
    return pa.table(
        {
            "contact_id": ids,
            "customer_id": who,
            "opened_at": at,
            "answered_at": _masked(answered, there),
            "closed_at": _masked(closed, there),
            "channel": _words(rng, ["phone", "mail", "chat"], n),
            "reason": _words(rng, ["delivery", "invoice", "content", "address", "price", "app"], n),
            "direction": _words(rng, ["inbound", "inbound", "inbound", "outbound"], n),
            "agent_id": rng.integers(0, 500, n),
            "handle_seconds": _masked(np.round(rng.gamma(2, 200, n)), there),
            "resolved": _masked(rng.random(n) < 0.8, there),
            "is_complaint": rng.random(n) < 0.15,
            "cost": _money(rng.gamma(2, 2, n)),
        }
    )


def _surveys(rng: np.random.Generator, ids: np.ndarray, who: np.ndarray, at: np.ndarray) -> pa.Table:
    n = len(ids)
    there = rng.random(n) < 0.4
    metric = rng.integers(0, 3, n)
    top = np.array([5, 10, 7])[metric]
    score = 1.0 + np.floor(rng.beta(3, 1.5, n) * top)
    return pa.table(
        {
            "survey_id": ids,
            "customer_id": who,
            "sent_at": at,
            "responded_at": _masked(at + rng.exponential(_DAY, n).astype("timedelta64[us]"), there),
            "metric": pa.DictionaryArray.from_arrays(metric.astype(np.int8), ["csat", "nps", "ces"]).cast(pa.string()),
            "score": _masked(np.minimum(score, top), there),
        }
    )


def _payments(rng: np.random.Generator, ids: np.ndarray, who: np.ndarray, at: np.ndarray) -> pa.Table:
    n = len(ids)
    kinds = ["renewal"] * 8 + ["one_off", "upsell"]
    return pa.table(
        {
            "payment_id": ids,
            "customer_id": who,
            "paid_at": at,
            "amount": _money(rng.gamma(3, 8, n)),
            "method": _methods(who, at),
            "status": _words(rng, ["paid"] * 19 + ["failed"], n),
            "kind": _words(rng, kinds, n),
        }
    )
