"""Every feature against the oracle on random worlds; the time rule; what the catalogue promises."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from servicelift.core.errors import ConfigError, DataError
from servicelift.features.catalogue import GROUPS, build_features, explain, feature_names
from servicelift.features.sources import tables_from_frames


def worlds_drawn(count):
    """A few large worlds rather than many small ones: an engine and its queries cost a second each."""
    return settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )


def spine_of(world, as_ofs, seed=0):
    """Every customer and an unknown one at every instant, some twice, shuffled, oddly indexed."""
    who = [row["customer_id"] for row in world.rows["customers"]] + ["nobody" if world.text_keys else 999]
    pairs = [(customer, as_of) for customer in who for as_of in as_ofs]
    pairs += pairs[::5]
    random.Random(seed).shuffle(pairs)
    spine = pd.DataFrame(pairs, columns=["customer_id", "as_of"], index=range(1000, 1000 + len(pairs)))
    return spine.assign(as_of=spine["as_of"].astype("datetime64[us]"), ignored="extra")


def compare(column, expected):
    """Counts and texts must be equal, numbers to 1e-12."""
    if column.dtype == "int64":
        np.testing.assert_array_equal(column.to_numpy(), np.array(expected, dtype="int64"))
    elif column.dtype == "float64":
        np.testing.assert_allclose(column.to_numpy(), np.array(expected, dtype=float), rtol=1e-12, atol=1e-12)
    else:
        assert column.astype(object).where(column.notna(), None).tolist() == expected


EXACT = ("price", "amount_paid_", "contact_cost_", "purchases_amount_", "days_since_", "tenure_days", "csat_")


@worlds_drawn(6)
@given(data=st.data())
def test_every_feature_equals_the_brute_force_oracle(data, random_worlds, oracle, connection):
    world = data.draw(random_worlds.worlds())
    spine = spine_of(world, random_worlds.AS_OFS)
    tables = world.tables(connection)
    found = build_features(tables, spine)
    assert found.index.equals(spine.index)
    assert found.columns.tolist() == feature_names(tables)
    instants = [stamp.to_pydatetime() for stamp in spine["as_of"]]
    expected = [oracle.features(world, who, at) for who, at in zip(spine["customer_id"], instants, strict=True)]
    for name in found:
        values = [row[name] for row in expected]
        compare(found[name], values)
        if name.startswith(EXACT) and name != "price_per_month" and name != "price_change_last":
            np.testing.assert_array_equal(found[name].to_numpy(), np.array(values, dtype=float))
