"""A snapshot of many customers, filtered and in blocks, gives what the join gives."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.features.catalogue import aggregate
from servicelift.features.catalogue.catalogue import build_features

SEEDS = [0, pytest.param(1, marks=pytest.mark.slow)]
NAMES = ["contacts_30d", "payments_365d", "tenure_days", "method", "days_to_renewal"]


@pytest.fixture
def spine(random_worlds):
    def make(world, as_ofs):
        everybody = [row["customer_id"] for row in world.seen("customers")]
        pairs = [(who, as_of) for as_of in as_ofs for who in everybody]
        return pd.DataFrame(pairs, columns=["customer_id", "as_of"]).astype({"as_of": "datetime64[us]"})

    return make


@pytest.fixture
def blocks(monkeypatch):
    """Make snapshots of few customers wide, and count the blocks that are read."""
    seen = []

    def narrow(wide=2, block=3):
        monkeypatch.setattr(aggregate, "WIDE", wide)
        monkeypatch.setattr(aggregate, "block_size", lambda _: block)
        fill = aggregate._fill

        def counted(made, tables, block, wanted, n):
            seen.append(block.keys.snapshot)
            fill(made, tables, block, wanted, n)

        monkeypatch.setattr(aggregate, "_fill", counted)
        return seen

    return narrow


@pytest.mark.parametrize("seed", SEEDS)
def test_blocks_give_what_the_join_gives(random_worlds, connection, spine, blocks, seed):
    world = random_worlds.world_of(seed)
    tables = world.tables(connection)
    pairs = spine(world, random_worlds.AS_OFS[:3]).sample(frac=1, random_state=seed)
    joined = build_features(tables, pairs)
    seen = blocks(block=7)
    pd.testing.assert_frame_equal(build_features(tables, pairs), joined, rtol=1e-12)
    assert sum(snapshot is not None for snapshot in seen) >= 6


def test_an_instant_of_few_customers_is_joined(random_worlds, connection, spine, blocks):
    world = random_worlds.world_of(1)
    tables = world.tables(connection)
    pairs = spine(world, random_worlds.AS_OFS[:2])
    pairs = pd.concat([pairs.iloc[:1], pairs[pairs["as_of"] == random_worlds.AS_OFS[1]]], ignore_index=True)
    joined = build_features(tables, pairs, NAMES)
    seen = blocks()
    pd.testing.assert_frame_equal(build_features(tables, pairs, NAMES), joined, rtol=1e-12)
    assert seen[-1] is None
    assert len(seen) > 1


def test_few_of_many_customers_are_joined(random_worlds, connection, spine, blocks):
    world = random_worlds.world_of(2)
    pairs = spine(world, random_worlds.AS_OFS[:1]).sort_values("customer_id").iloc[[0, -1]]
    seen = blocks()
    build_features(world.tables(connection), pairs, ["contacts_30d"])
    assert seen == [None]


def test_customers_without_identifier_keep_their_rows(random_worlds, connection, spine, blocks):
    world = random_worlds.world_of(3)
    pairs = spine(world, random_worlds.AS_OFS[:1])
    pairs["customer_id"] = pairs["customer_id"].astype(object)
    pairs.loc[1, "customer_id"] = None
    blocks()
    found = build_features(world.tables(connection), pairs, ["contacts_30d", "method"])
    assert len(found) == len(pairs)
    assert found["contacts_30d"].iloc[1] == 0


@pytest.mark.parametrize("kind", ["uint64", "int32"])
def test_numbers_of_any_width_find_their_customers(random_worlds, connection, spine, blocks, kind):
    world = random_worlds.world_of(1)
    tables = world.tables(connection)
    pairs = spine(world, random_worlds.AS_OFS[:2])
    joined = build_features(tables, pairs, NAMES)
    seen = blocks()
    narrow = pairs.assign(customer_id=pairs["customer_id"].astype(kind))
    pd.testing.assert_frame_equal(build_features(tables, narrow, NAMES), joined, rtol=1e-12)
    assert any(snapshot is not None for snapshot in seen)


def test_numbers_beyond_any_customer_s_are_refused(random_worlds, connection, spine, blocks):
    world = random_worlds.world_of(1)
    pairs = spine(world, random_worlds.AS_OFS[:1])
    beyond = pairs.assign(customer_id=pairs["customer_id"].astype("uint64") + 2**63)
    blocks()
    with pytest.raises(DataError, match=r"spine\.customer_id: expected numbers as in customers"):
        build_features(world.tables(connection), beyond, ["contacts_365d"])
