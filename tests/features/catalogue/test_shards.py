"""Tables cut by customer: each part gives its customers the features that the whole gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.catalogue.groups.service_quality import agent_records
from servicelift.features.catalogue.shards import Shards, cut
from servicelift.features.engines.duckdb import DuckDBEngine
from servicelift.features.outcomes.clv_inputs import clv_inputs
from servicelift.features.tables.tables import Tables
from servicelift.features.timeline.spine import customer_spine


def write_parts(engine: DuckDBEngine, rows: Any, folder: Path, by: str | None = None) -> None:
    """Write as the workers of a cluster do: a folder for each value."""
    found = engine.backend.to_pyarrow(rows)
    parts = {folder: found}
    if by is not None:
        values = set(found[by].to_pylist())
        parts = {folder / f"{by}={value}": found.filter(pc.equal(found[by], value)).drop([by]) for value in values}
    for place, part in parts.items():
        place.mkdir(parents=True, exist_ok=True)
        pq.write_table(part, place / "part-0.parquet")


@pytest.fixture
def cut_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Cut tables on DuckDB into parts of so many customers."""
    monkeypatch.setattr(DuckDBEngine, "write_parts", write_parts)
    return lambda tables, size: cut(tables, tmp_path / "parts", size)


def together(shards: Shards, as_of: pd.Timestamp, of: Any) -> pd.DataFrame:
    """Return something of every part's customers, one part after the other."""
    parts = [shards.open(place) for place in range(shards.count)]
    return pd.concat([of(part, customer_spine(part, [as_of])) for part in parts], ignore_index=True)


@pytest.mark.parametrize(
    ("seed", "text_keys", "timezone"),
    [(31, False, "Europe/Paris"), pytest.param(32, True, "UTC", marks=pytest.mark.slow)],
)
def test_parts_give_the_features_of_the_whole(
    duckdb: Any, random_worlds: Any, cut_in: Any, seed: int, text_keys: bool, timezone: str
) -> None:
    late = frozenset(random_worlds.LATE)
    rows = random_worlds._Maker(random_worlds.random.Random(seed), text_keys, late).tables()
    settings = random_worlds.config_of(timezone=timezone)
    world = random_worlds.World(rows, late=late, text_keys=text_keys, config=settings)
    tables: Tables = world.tables(duckdb)
    as_of = pd.Timestamp(random_worlds.AS_OFS[-1])
    spine = customer_spine(tables, [as_of])
    shards = cut_in(tables, -(-len(rows["customers"]) // 2))
    assert shards.count == 2
    assert agent_records(tables)

    def known(part: Tables, whose: pd.DataFrame) -> pd.DataFrame:
        features = build_features(part, whose)
        return pd.concat([whose, clv_inputs(part, whose, features).to_frame()], axis=1)

    pd.testing.assert_frame_equal(together(shards, as_of, known), known(tables, spine), rtol=1e-12)


def test_rows_of_two_customers_go_to_both_and_rows_of_nobody_to_none(cut_in: Any, tables_of: Any) -> None:
    people = [{"customer_id": n, "signed_up_at": "2020-01-01"} for n in (1, 2, 3)]
    tables = tables_of(
        {
            "customers": people,
            "subscriptions": [
                {"customer_id": 2, "subscription_id": 5, "product": "paper", "started_at": "2020-02-01", "price": 9.0}
            ],
            "referrals": [{"referrer_id": 1, "referred_id": 3, "referred_at": "2020-03-01"}],
            "prospects": [{"prospect_id": 7, "created_at": "2020-03-01"}],
        }
    )
    shards = cut_in(tables, 1)
    parts = [shards.open(place) for place in range(shards.count)]
    rows = {name: [int(part.execute(part[name].count())) for part in parts] for name in tables.frames}
    assert rows == {
        "customers": [1, 1, 1],
        "subscriptions": [0, 1, 0],
        "referrals": [1, 0, 1],
        "prospects": [0, 0, 0],
    }
