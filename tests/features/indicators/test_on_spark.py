"""One indicator pass gives the same sums on DuckDB and on Spark."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.features.indicators.aggregate import SUMS, quantiles
from servicelift.features.indicators.catalogue import INDICATORS
from servicelift.features.indicators.measure import measure

SETTINGS = {"unsolvable_reasons": ("delivery",), "self_service_channels": ("chat",), "segment": "region"}
SINCE, UNTIL = pd.Timestamp("2023-08-01"), pd.Timestamp("2023-10-01")


@pytest.mark.slow
@pytest.mark.xdist_group("spark")
def test_spark_counts_as_duckdb_does(random_worlds, duckdb, spark):
    world = random_worlds.world_of(5, timezone="Europe/Paris", indicators=SETTINGS)
    found = [measure(world.tables(engine), SINCE, UNTIL, ("channel", "product")) for engine in (duckdb, spark)]
    keys = ["indicator", "month", "by", "group"]
    one, other = (each.rows.sort_values(keys).set_index(keys) for each in found)
    assert len(one) > 1_000
    columns = ["known", *SUMS, "value"]
    pd.testing.assert_frame_equal(one[columns], other[columns], check_dtype=False, rtol=1e-9)
    ranks = pd.DataFrame({"month": [found[0].first], "group": [""], "low": [1.0], "high": [2.0]})
    ends = [quantiles(each.scope, INDICATORS["answer_time_median"], "", ranks) for each in found]
    pd.testing.assert_frame_equal(*ends, check_dtype=False)
