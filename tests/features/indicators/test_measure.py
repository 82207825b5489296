"""Every indicator, value and number of rows, equals the brute-force twin on random small worlds."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest
from servicelift.core.errors import ConfigError
from servicelift.features.indicators.aggregate import moments
from servicelift.features.indicators.catalogue import INDICATORS
from servicelift.features.indicators.measure import measure, scope_of
from servicelift.features.indicators.scope import MONTH, month_day

SINCE, UNTIL = pd.Timestamp("2023-01-10"), pd.Timestamp("2023-12-01")
SETTINGS = {
    "unsolvable_reasons": ("delivery",),
    "segment": "region",
    "self_service_channels": ("chat",),
    "service_level": {"seconds": 7200.0},
    "agents": {"show": True, "least": 2},
}
BY = ("channel", "reason", "product", "segment", "team", "method")
NOTHING: frozenset[str] = frozenset()
WORLDS = [
    pytest.param(1, "UTC", {}, NOTHING, marks=pytest.mark.slow),
    (2, "Europe/Paris", {"ces_version": "1.0", "service_level": {"seconds": 7200.0, "formula": "in_time"}}, NOTHING),
    pytest.param(
        3, "America/New_York", {"service_level": {"seconds": 7200.0, "formula": "answered"}},
        frozenset({"contacts.abandoned", "customers.acquisition_cost", "surveys.sent_at"}), marks=pytest.mark.slow,
    ),
]  # fmt: skip


def world_with(random_worlds, seed, zone, changes, missing):
    world = random_worlds.world_of(seed, timezone=zone, indicators=SETTINGS | changes)
    for number, row in enumerate(world.rows["contacts"]):
        row["abandoned"] = row["answered_at"] is None and number % 2 == 0
    for row in world.rows["surveys"]:
        row["score"] = row["score"] if row["score"] is None else float(row["score"])
    for number, row in enumerate(world.rows["agent_surveys"]):
        row["enps"] = float(number % 7 * 10 - 30) if number % 5 else None
    return random_worlds.World(world.rows, missing=missing, config=world.config)


@pytest.mark.parametrize(("seed", "zone", "changes", "missing"), WORLDS, ids=["utc", "paris", "without columns"])
def test_every_indicator_equals_its_twin(random_worlds, indicator_oracle, duckdb, seed, zone, changes, missing):
    world = world_with(random_worlds, seed, zone, changes, missing)
    tables = world.tables(duckdb)
    measured = measure(tables, SINCE, UNTIL, BY)
    months = [(d.year, d.month) for d in map(month_day, measured.scope.months[MONTH])]
    oracle = indicator_oracle.WholeOracle(world, tables.data_until.to_pydatetime(), months)
    compared = 0
    for name in INDICATORS:
        if name in measured.absent:
            continue
        for by in ("", *INDICATORS[name].by):
            if by == "agent":
                continue
            rows = measured.rows.query("indicator == @name and by == @by and known and num == num")
            found = {
                ((month_day(row.month).year, month_day(row.month).month), row.group): row
                for row in rows.itertuples()
            }  # fmt: skip
            known = {(month_day(m).year, month_day(m).month) for m in known_months(measured, name)}
            expected = {at: pair for at, pair in oracle.values(name, by).items() if at[0] in known}
            assert set(found) == set(expected), (name, by)
            for at, (value, n) in expected.items():
                row = found[at]
                assert row.n == n, (name, by, at)
                if value is not None:
                    own = row.value if name.endswith("_median") else row.num / row.den
                    assert math.isclose(own, value, rel_tol=1e-9, abs_tol=1e-12), (name, by, at)
                    compared += 1
    assert compared > 800
    groups_add_up(measured.rows)


def known_months(measured, name):
    """Months that are over, the indicator's own waiting time included, by the calendar of the zone."""
    scope, wait = measured.scope, INDICATORS[name].wait(measured.scope)
    return [month for month in scope.months[MONTH] if scope.over(month, wait)]


def groups_add_up(rows):
    kept = rows[rows["known"] & rows["num"].notna() & ~rows["indicator"].str.endswith("_median")]
    sums = kept.groupby(["indicator", "month", "by"])[["n", "num", "den"]].sum()
    alone = sums.xs("", level="by")
    for by, part in sums.groupby(level="by"):
        together = part.droplevel("by")
        pd.testing.assert_frame_equal(together, alone.loc[together.index], obj=by)


def test_a_month_is_unknown_until_it_and_its_window_are_over(random_worlds, duckdb):
    world = random_worlds.world_of(1, indicators={"fcr_days": 7, "answer_days": 40}, data_until=dt.date(2023, 11, 5))
    rows = measure(world.tables(duckdb), SINCE, UNTIL).rows
    last = rows[rows["known"]].groupby("indicator")["month"].max().map(month_day)
    assert last["answer_time"] == dt.date(2023, 10, 1)
    assert last["fcr_gross"] == dt.date(2023, 9, 1)
    assert last["csat"] == dt.date(2023, 8, 1)
    unknown = rows[~rows["known"]]
    assert len(unknown)
    assert unknown[["n", "num", "den", "value"]].isna().all().all()


def test_what_the_tables_lack_is_absent_with_its_reason(random_worlds, duckdb):
    missing = frozenset({"contacts.resolved", "surveys.contact_id"})
    world = random_worlds.World(random_worlds.world_of(1).rows, missing=missing)
    measured = measure(world.tables(duckdb), SINCE, UNTIL, ("team",))
    assert measured.absent["fcr_gross"].of == ("contacts.resolved",)
    assert measured.absent["fcr_net"].code == "columns"
    assert measured.absent["ces_effort"].code == "version"
    assert measured.not_split["csat", "team"] == "surveys.contact_id"
    assert not set(measured.rows["indicator"]) & set(measured.absent)


def test_a_first_contact_at_the_edge_of_the_window(random_worlds, duckdb):
    """Seven days to the microsecond is a new first contact; a microsecond less is the same one again."""
    tick, week = dt.timedelta(microseconds=1), dt.timedelta(days=7)
    first = dt.datetime(2023, 3, 1, 10)
    base = {"customer_id": 1, "channel": "phone", "reason": "bill", "resolved": True}

    def contact(key, at):
        return base | {"contact_id": key, "opened_at": at, "closed_at": at}

    for gap, value, n in ((week, 1.0, 2), (week - tick, 0.0, 1)):
        world = random_worlds.world_of(1)
        world = world.with_rows(world.rows | {"contacts": [contact(1, first), contact(2, first + gap)]})
        scope, _ = scope_of(world.tables(duckdb), SINCE, UNTIL)
        rows = moments(scope, [INDICATORS["fcr_gross"]])
        assert (rows["num"] / rows["den"]).tolist() == [value]
        assert rows["n"].tolist() == [n]


@pytest.mark.parametrize(
    ("by", "settings", "words"),
    [
        (("chanel",), {}, r"did you mean 'channel'"),
        (("agent",), {}, r"agents: \{show: true\}"),
        (("segment",), {}, r"what a segment is"),
        (("segment",), {"segment": "ragion"}, r"expected a column of customers that stands under static"),
    ],
)
def test_a_wrong_dimension_is_refused(random_worlds, duckdb, by, settings, words):
    tables = random_worlds.world_of(1, indicators=settings).tables(duckdb)
    with pytest.raises(ConfigError, match=words):
        measure(tables, SINCE, UNTIL, by)


def test_an_empty_period_is_refused(random_worlds, duckdb):
    with pytest.raises(ConfigError, match=r"turn them round"):
        measure(random_worlds.world_of(1).tables(duckdb), UNTIL, SINCE)
