"""Spark gives what DuckDB gives: findings, spines, labels, features; and no event table leaves it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError, DataError
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.catalogue.export import feature_table
from servicelift.features.outcomes.churn_labels import churn_labels
from servicelift.features.tables.fingerprint import fingerprint
from servicelift.features.tables.tables import Tables, assemble_sources, open_tables
from servicelift.features.timeline.contract_state import contract_state
from servicelift.features.timeline.refund_shares import is_refund
from servicelift.features.timeline.spine import customer_spine, running_spine
from servicelift.features.validation.freshness import event_days
from servicelift.scoring.scores import export as scoring_features
from servicelift.scoring.scores.export import write_features

pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'servicelift[spark]'")
from servicelift.features.engines.choose import connect
from servicelift.features.engines.spark_sql import java_pattern

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]
MONEY = ("price", "amount_paid", "contact_cost", "purchases_amount")
NUMBER = re.compile(r"'9[9.]*a[+9]*'")
RATIOS = ("price_per_month", "price_change_last")


def spine_of(world: Any, as_ofs: Any) -> pd.DataFrame:
    """Every customer and an unknown one at every instant, some twice, oddly indexed."""
    who = [row["customer_id"] for row in world.rows["customers"]] + ["nobody" if world.text_keys else 999]
    pairs = [(customer, as_of) for customer in who for as_of in as_ofs]
    pairs += pairs[::5]
    spine = pd.DataFrame(pairs, columns=["customer_id", "as_of"], index=range(1000, 1000 + len(pairs)))
    return spine.assign(as_of=spine["as_of"].astype("datetime64[us]"))


def assert_alike(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Whole numbers, texts and money are equal, other numbers to 1e-9."""
    assert found.dtypes.equals(expected.dtypes)
    loose = [c for c in expected if expected[c].dtype == "float64" and (c in RATIOS or not c.startswith(MONEY))]
    pd.testing.assert_frame_equal(found.drop(columns=loose), expected.drop(columns=loose), check_exact=True)
    pd.testing.assert_frame_equal(found[loose], expected[loose], rtol=1e-9, atol=0)


@pytest.fixture
def both(spark: Any, duckdb: Any, random_worlds: Any) -> Any:
    """A world's tables on Spark and on DuckDB."""

    def of(seed: int, **changes: Any) -> tuple[Any, Tables, Tables]:
        world = random_worlds.world_of(seed, late=frozenset(random_worlds.LATE), **changes)
        return world, world.tables(spark), world.tables(duckdb)

    return of


@pytest.mark.parametrize(("seed", "text_keys", "timezone"), [(11, False, "UTC"), (12, True, "Europe/Paris")])
def test_features_are_those_of_duckdb(
    spark: Any, duckdb: Any, random_worlds: Any, seed: int, text_keys: bool, timezone: str
) -> None:
    rows = random_worlds._Maker(random_worlds.random.Random(seed), text_keys, frozenset(random_worlds.LATE)).tables()
    settings = random_worlds.config_of(timezone=timezone)
    world = random_worlds.World(rows, late=frozenset(random_worlds.LATE), text_keys=text_keys, config=settings)
    spine = spine_of(world, random_worlds.AS_OFS)
    found, expected = (build_features(world.tables(engine), spine) for engine in (spark, duckdb))
    assert len(expected.columns) > 80
    assert_alike(found, expected)


def test_spines_labels_and_states_are_those_of_duckdb(both: Any, random_worlds: Any) -> None:
    world, on_spark, on_duckdb = both(13)
    as_ofs = [pd.Timestamp(moment) for moment in random_worlds.AS_OFS]
    for spine in (running_spine, customer_spine):
        pd.testing.assert_frame_equal(spine(on_spark, as_ofs), spine(on_duckdb, as_ofs))
    spine = spine_of(world, random_worlds.AS_OFS)
    pd.testing.assert_frame_equal(churn_labels(on_spark, spine), churn_labels(on_duckdb, spine))
    pd.testing.assert_frame_equal(contract_state(on_spark, spine), contract_state(on_duckdb, spine), rtol=1e-9)


def test_fingerprints_tell_a_changed_row_and_not_the_order(both: Any) -> None:
    world, tables, _ = both(14)
    rows = world.rows["customers"]
    again = world.with_rows(world.rows | {"customers": rows[::-1]}).tables(tables.connection)
    other = world.with_rows(world.rows | {"customers": [*rows[:-1], rows[0]]}).tables(tables.connection)
    prints = [fingerprint(Tables(t.config, t.connection, {"customers": t["customers"]}, t.data_until))["all"]
              for t in (tables, again, other)]  # fmt: skip
    assert prints[0] == prints[1] != prints[2]


CUSTOMERS = pd.DataFrame({"customer_id": ["a", "b", "c"], "signed_up_at": ["2023-01-01", "2023-02-01", "2023-03-26"]})
SUBSCRIPTIONS = """\

subscription_id;customer_id;product;started_at;ended_at;term_months;price
s1;a;"paper; daily";26-03-2023 02:30;29-10-2023 02:30;1;9,90
s2;b;"two
lines";2023-03-26 01:59;;12;120
s3;c;digital;29/10/2023;;1;abc
s3;z;digital;31-02-2023;;;1,5
"""
PAYMENTS = {
    1: [("p1", "a", "2023-10-29 02:30:00", 9.9, "card"), ("p2", "b", "2023-10-29T02:30:00+01:00", 1e20, "iban")],
    2: [("p3", "c", "2023-03-26 02:15", 0.1, "barter"), ("p4", "a", "2023/11/02 8:05", 33.33, " CARD ")],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sources of each kind, with clock changes in Paris, values of every wrong sort, and a partitioned folder."""
    place = tmp_path_factory.mktemp("sources")
    pq.write_table(pa.table({c: pa.array(CUSTOMERS[c], pa.string()) for c in CUSTOMERS}), place / "customers.parquet")
    (place / "subscriptions.csv").write_text(SUBSCRIPTIONS)
    for month, rows in PAYMENTS.items():
        part = place / "payments" / f"month={month}"
        part.mkdir(parents=True)
        columns = zip(
            ("payment_id", "customer_id", "paid_at", "amount", "method"), zip(*rows, strict=True), strict=True
        )
        pq.write_table(pa.table({name: list(values) for name, values in columns}), part / "part-0.parquet")
    return place


def settings(folder: Path, engine: str, **tables: Any) -> Config:
    sources = {
        "customers": "customers.parquet",
        "subscriptions": {"csv": "subscriptions.csv", "delimiter": ";", "dayfirst": True, "decimal": ","},
        "payments": "payments",
    }
    check = {"column": "payments.amount", "rule": "an odd amount", "sql": "select payment_id, amount > 5 as broken from"
             " contract_payments"}  # fmt: skip
    wrong = {"column": "payments.amount", "rule": "none", "sql": "select nothing from contract_payments"}
    return Config.model_validate(
        {
            "tables": sources | tables,
            "timezone": "Europe/Paris",
            "engine": {"name": engine, "memory": "1GB"},
            "checks": {"odd": check, "wrong": wrong},
            "folder": folder,
        }
    )


def alone(folder: Path, payments: Any) -> Config:
    """Customers and payments on Spark, without checks."""
    config = settings(folder, "spark", payments=payments)
    tables = {name: source for name, source in config.tables.items() if name != "subscriptions"}
    return config.model_copy(update={"tables": tables, "checks": {}})


@pytest.fixture(scope="module")
def entered(spark: Any, folder: Path) -> list[tuple[Any, Any]]:
    """The engine and what it holds, of Spark and of DuckDB."""
    return [assemble_sources(settings(folder, engine)) for engine in ("spark", "duckdb")]


def test_findings_and_values_are_those_of_duckdb(entered: Any) -> None:
    (on_spark, found), (on_duckdb, expected) = entered
    failed = [[f for f in r.report.findings if f.rule == "the check's query failed"] for r in (found, expected)]
    assert [len(f) for f in failed] == [1, 1]
    assert "UNRESOLVED_COLUMN" in failed[0][0].hint
    others = [[f for f in r.report.findings if f not in failed[0] + failed[1]] for r in (found, expected)]
    # A number's text is its engine's own: 1e+300 on the one, 1.0E300 on the other.
    assert [replace(f, hint=NUMBER.sub("'9'", f.hint)) for f in others[0]] == [
        replace(f, hint=NUMBER.sub("'9'", f.hint)) for f in others[1]
    ]
    assert {"duplicate key", "unparseable date", "unparseable number", "unknown code"} <= {f.rule for f in others[0]}
    assert found.data_until == expected.data_until
    for name in expected.frames:
        left, right = (
            c.execute(r.frames[name]).sort_values(list(r.frames[name].columns)).reset_index(drop=True)
            for c, r in ((on_spark, found), (on_duckdb, expected))
        )
        pd.testing.assert_frame_equal(left, right)


def test_clock_changes_in_paris_mean_the_first_hour_and_the_hour_after(entered: Any) -> None:
    connection, found = entered[0]
    started = connection.execute(found.frames["subscriptions"]).set_index("subscription_id")["started_at"]
    assert started["s1"] == pd.Timestamp("2023-03-26 01:30")
    assert started["s2"] == pd.Timestamp("2023-03-26 00:59")
    paid = connection.execute(found.frames["payments"]).set_index("payment_id")["paid_at"]
    assert paid["p1"] == pd.Timestamp("2023-10-29 00:30")
    assert paid["p2"] == pd.Timestamp("2023-10-29 01:30")


@pytest.mark.usefixtures("spark")
def test_sources_that_spark_does_not_read_are_refused_without_values(folder: Path) -> None:
    (folder / "broken.csv").write_text("payment_id,customer_id,paid_at,amount,method\np1,jean@x.fr,2023-01-01\n")
    nanos = pa.table({"payment_id": [1], "paid_at": pa.array([1], pa.timestamp("ns"))})
    pq.write_table(nanos, folder / "nanos.parquet", version="2.6")
    expected = {
        "broken.csv": "a CSV line holds more or fewer values",
        "nanos.parquet": "nanoseconds, which Spark does not read",
    }
    for file, message in expected.items():
        _, found = assemble_sources(alone(folder, payments=file))
        hints = [f.hint for f in found.report.errors if f.rule == "unreadable source"]
        assert len(hints) == 1
        assert message in hints[0]
        assert "jean" not in hints[0]
    with pytest.raises(DataError, match=r"duckdb: is no source for engine spark; export 'payments'"):
        open_tables(alone(folder, payments={"duckdb": "x.duckdb", "table": "payments"}))


@pytest.mark.usefixtures("spark")
def test_queries_run_on_spark_as_they_stand(folder: Path) -> None:
    query = f"select payment_id, customer_id, paid_at, amount, method from parquet.`{folder}/payments` where month = 1;"
    connection, found = assemble_sources(alone(folder, payments={"sql": query}))
    assert connection.execute(found.frames["payments"].count()) == 2


@pytest.fixture(scope="module")
def spied(spark: Any) -> Iterator[list[int]]:
    """The number of rows of each result that left Spark; other ways out of it fail."""
    rows: list[int] = []
    kind = type(spark._session.range(1))
    to_arrow = kind.toArrow

    def spy(self: Any) -> Any:
        table = to_arrow(self)
        rows.append(table.num_rows)
        return table

    def refuse(self: Any, *_: Any) -> Any:
        raise AssertionError("rows left Spark by another way than Arrow")

    patch = pytest.MonkeyPatch()
    patch.setattr(kind, "toArrow", spy)
    for name in ("toPandas", "collect", "toLocalIterator", "take", "head"):
        patch.setattr(kind, name, refuse)
    yield rows
    patch.undo()


@pytest.fixture(scope="module")
def opened(random_worlds: Any, spied: list[int], tmp_path_factory: pytest.TempPathFactory) -> tuple[Tables, Tables]:
    """Tables of fourteen customers with five hundred payments and contacts, from Parquet, on Spark and on DuckDB."""
    assert not spied
    folder = tmp_path_factory.mktemp("world")
    world = random_worlds.world_of(15, timezone="Europe/Paris")
    keys = {name: random_worlds.CONTRACT[name].key[0] for name in ("payments", "contacts")}
    many = {
        name: [row | {key: 1000 * n + place} for n in range(12) for place, row in enumerate(world.rows[name])]
        for name, key in keys.items()
    }
    world = world.with_rows(world.rows | many)
    for name in world.rows:
        pq.write_table(world.arrow(name), folder / f"{name}.parquet")
    written = world.config.model_dump(by_alias=True) | {"tables": {n: f"{n}.parquet" for n in world.rows}}
    engines = ({"name": "spark", "memory": "1GB"}, {"name": "duckdb"})
    on_spark, on_duckdb = (
        open_tables(Config.model_validate(written | {"engine": engine, "folder": folder})) for engine in engines
    )
    return on_spark, on_duckdb


def test_no_event_table_leaves_spark(spied: list[int], opened: tuple[Tables, Tables]) -> None:
    """Every result, opening and checking included, has at most the spine's rows or a finding's keys, but two.

    One tells the days of all tables when they are opened, a row a day and column. One has the payments of customers
    who got money back: which purchase it gives back is told one after the other.
    """
    tables, on_duckdb = opened
    spine = pd.DataFrame({"customer_id": [0, 1], "as_of": pd.to_datetime(["2023-08-31"] * 2)})
    build_features(tables, spine)
    churn_labels(tables, spine)
    assert len(spied) > 20
    large = [rows for rows in spied if rows > 50]
    instants = {
        name: (table, [c for c, kind in table.schema().items() if kind.is_timestamp()])
        for name, table in on_duckdb.frames.items()
    }
    days = len(event_days(on_duckdb.connection, instants))
    payments = on_duckdb["payments"]
    refunded = payments.semi_join(payments.filter(is_refund(payments)), "customer_id")
    assert len(large) <= 2
    assert sum(large) <= days + on_duckdb.execute(refunded.count())
    assert days < 2_000
    assert tables.execute(tables["payments"].count()) > 500


def test_a_plan_reads_the_kept_tables_and_runs_no_python(opened: tuple[Tables, Tables]) -> None:
    tables, _ = opened
    table = feature_table(tables, pd.Timestamp("2023-08-31"))
    plan = tables.connection.frame(table)._jdf.queryExecution().executedPlan().toString()
    assert plan.count("InMemoryTableScan") >= len(tables.frames)
    assert "Python" not in plan
    assert "CartesianProduct" not in plan


def test_spark_writes_a_folder_that_a_second_run_replaces(
    opened: tuple[Tables, Tables], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    on_spark, on_duckdb = opened
    held = {"spark": on_spark, "duckdb": on_duckdb}
    monkeypatch.setattr(scoring_features, "open_tables", lambda config: held[config.engine.name])
    as_of, out = pd.Timestamp("2023-08-30 22:00"), tmp_path / "night"
    rows = write_features(on_duckdb.config, [as_of], tmp_path / "night.parquet")
    for day in ("2023-08-30", "2023-08-31"):  # what earlier runs left
        (out / f"as_of_date={day}").mkdir(parents=True)
        shutil.copy(tmp_path / "night.parquet", out / f"as_of_date={day}" / "part-of-before.parquet")
    assert write_features(on_spark.config, [as_of], out) == rows
    assert sorted(path.name for path in out.glob("as_of*")) == ["as_of_date=2023-08-30", "as_of_date=2023-08-31"]
    assert (out / "as_of_date=2023-08-30" / "part-of-before.parquet").is_file()
    assert not (out / "as_of_date=2023-08-31" / "part-of-before.parquet").exists()
    found = pq.read_table(out / "as_of_date=2023-08-31", partitioning=None).to_pandas()
    found = found.sort_values("customer_id", ignore_index=True)
    assert_alike(found, pd.read_parquet(tmp_path / "night.parquet").sort_values("customer_id", ignore_index=True))
    with pytest.raises(ConfigError, match=r"ending in \.parquet"):
        write_features(on_duckdb.config, [as_of], out)


def test_sessions_do_not_see_each_other(spark: Any) -> None:
    config = Config.model_validate({"tables": {"customers": "-", "payments": "-"}, "engine": {"name": "spark"}})
    other = connect(config)
    spark._session.range(1).createOrReplaceTempView("mine")
    assert "mine" not in [table.name for table in other._session.catalog.listTables()]


@pytest.mark.parametrize(
    ("remote", "message"),
    [
        ("sc://127.0.0.1:9/;token=secret", "Spark did not start at sc://127.0.0.1:9/: .*refused"),
        ("spark.internal:15002", "expected a server such as sc://host:15002, got 'spark.internal:15002'"),
    ],
)
def test_a_connect_server_that_does_not_answer_is_one_line(remote: str, message: str) -> None:
    engine = {"name": "spark", "remote": remote}
    config = Config.model_validate({"tables": {"customers": "-", "payments": "-"}, "engine": engine})
    with pytest.raises(ConfigError, match=message) as told:
        connect(config)
    assert "secret" not in str(told.value)


def test_master_and_remote_are_not_both() -> None:
    engine = {"name": "spark", "remote": "sc://127.0.0.1:9", "master": "local[2]"}
    config = Config.model_validate({"tables": {"customers": "-", "payments": "-"}, "engine": engine})
    with pytest.raises(ConfigError, match="expected master or remote, got both"):
        connect(config)


@pytest.mark.parametrize("text", ["03/04/2024", "3.4.24 05:06:07.25", "20240304", "4 Mar 2024", "2024-064"])
@pytest.mark.parametrize("form", ["%d/%m/%Y", "%d.%m.%y %H:%M:%S.%f", "%Y%m%d", "%d %b %Y", "%Y-%j"])
def test_formats_read_alike(spark: Any, duckdb: Any, text: str, form: str) -> None:
    read = (
        spark._session.sql(f"select try_to_timestamp('{text}', \"{java_pattern(form)}\") as t")
        .toArrow()["t"][0]
        .as_py()
    )
    expected = duckdb.raw_sql(f"select try_strptime('{text}', '{form}')").fetchall()[0][0]
    assert (read and read.replace(tzinfo=None)) == expected


def test_a_format_that_spark_lacks_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"date_format: on Spark expected some of %Y.*, got '%U'"):
        java_pattern("%Y %U")
