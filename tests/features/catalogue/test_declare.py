from types import SimpleNamespace

import ibis
import pandas as pd
import pytest
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from servicelift.features.catalogue.catalogue import GROUPS
from servicelift.features.catalogue.declare import Form, Group, days_of, mean, thousandths, within
from servicelift.features.timeline.spine import DAY, spine_keys

AGES = ibis.memtable(
    {"row": [0, 0, 0, 1], "age": [DAY, 30 * DAY, 30 * DAY + 1, 2 * DAY], "score": [0.1, 0.2, 0.7, None]}
)


def evaluate(connection, value):
    return connection.to_pyarrow(AGES.group_by("row").aggregate(x=value).order_by("row"))["x"].to_pylist()


def test_a_window_holds_events_up_to_its_length(connection):
    assert evaluate(connection, AGES.count(where=within(AGES.age, 30))) == [2, 1]


def test_ages_are_days(connection):
    assert evaluate(connection, days_of(AGES.age.min())) == [1.0, 2.0]


def test_means_are_exact_sums_over_counts_and_null_without_rows(connection):
    found = evaluate(connection, mean(thousandths(AGES.score), 1000.0, AGES.age > 0))
    assert found == [1000 / 3 / 1000, None]


def test_a_declaration_expands_to_windows_and_items(random_worlds):
    group = Group("visits", lambda tables, keys: keys.table)

    @group.feature(
        name="{shop}_visits",
        unit="visits",
        sources=("visits.{shop}",),
        known="at",
        form=Form.COUNT,
        windows=True,
        items=lambda config: ("north", "south"),
    )
    def visits(e, item, days):
        """Visits to {shop}
        in the window.
        """
        return (item, days)

    features = group.features(random_worlds.config_of(features={"windows_days": (7, 30)}))
    assert [f.info.name for f in features] == [
        "north_visits_7d",
        "north_visits_30d",
        "south_visits_7d",
        "south_visits_30d",
    ]
    assert features[3].aggregate(None) == ("south", 30)
    assert features[3].info.meaning == "Visits to south in the window."
    assert features[3].info.sources == ("visits.south",)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_every_group_compiles_for_spark_too(random_worlds, connection, group, monkeypatch):
    # The compiler reads the options that the engine itself would register; the engine is not installed here.
    options = SimpleNamespace(pyspark=SimpleNamespace(treat_nan_as_null=False))
    monkeypatch.setattr("ibis.backends.sql.compilers.pyspark.options", options)
    tables = random_worlds.world_of(1).tables(connection)
    spine = pd.DataFrame({"customer_id": [1], "as_of": [pd.Timestamp(random_worlds.AS_OFS[0])]})
    rows = group.rows(tables, spine_keys(tables, spine))
    aggregates = {f.info.name: f.aggregate(rows) for f in group.features(tables.config)}
    query = PySparkCompiler().to_sqlglot(rows.group_by("row").aggregate(**aggregates)).sql("spark")
    assert all(f"`{name}`" in query for name in aggregates)
