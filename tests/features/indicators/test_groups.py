"""Single indicators by hand: service levels that are printed, and edges that random worlds rarely reach."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from servicelift.features.indicators.aggregate import dimension_lack, quantiles
from servicelift.features.indicators.catalogue import INDICATORS, SOURCES
from servicelift.features.indicators.declare import Kind, Source, Unit, ratio
from servicelift.features.indicators.groups.around import AGENTS, REVIEWS, SELF_SERVICE, TEAMS
from servicelift.features.indicators.groups.contacts import CONTACTS, formula_used
from servicelift.features.indicators.groups.customers import ACTIVE, RUNNING, SPELLS
from servicelift.features.indicators.groups.sales import NEWCOMERS, OFFERS, PROSPECTS, SALES
from servicelift.features.indicators.groups.surveys import SURVEYS, threshold
from servicelift.features.indicators.measure import measure, scope_of

SINCE, UNTIL = pd.Timestamp("2023-03-01"), pd.Timestamp("2023-04-01")
NINE = dt.datetime(2023, 3, 1, 9)


def seconds(number):
    return NINE + dt.timedelta(seconds=number)


def day_of_a_hundred_contacts():
    """Answered in time 81, answered late 13, abandoned in time 2, abandoned late 4."""
    ways = [("in", 10, False)] * 81 + [("late", 60, False)] * 13 + [("gone", 5, True)] * 2 + [("gone", 90, True)] * 4
    return [
        {
            "contact_id": number, "customer_id": number, "opened_at": NINE, "channel": "phone", "abandoned": gone,
            "answered_at": None if gone else seconds(wait), "closed_at": seconds(wait),
            "handle_seconds": 100.0 + number,
        }
        for number, (_, wait, gone) in enumerate(ways)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "percent", "rounded"),
    [
        ("offered", 81.0, 81),
        ("late_abandoned", 81 / 98 * 100, 83),
        ("in_time", 83.0, 83),
        ("answered", 81 / 94 * 100, 86),
        ("opened", 81.0, 81),
    ],
)
def test_service_levels_of_one_day_by_each_formula(tables_of, formula, percent, rounded):
    setting = {"service_level": {"seconds": 20.0, "formula": formula}}
    tables = tables_of({"contacts": day_of_a_hundred_contacts()}, indicators=setting)
    row = measure(tables, SINCE, UNTIL).rows.query("indicator == 'service_level' and n > 0").iloc[0]
    assert 100 * row["num"] / row["den"] == pytest.approx(percent)
    assert round(100 * row["num"] / row["den"]) == rounded


def test_without_abandoned_contacts_the_formula_is_of_opened(tables_of):
    tables = tables_of({"contacts": day_of_a_hundred_contacts()}, missing={"contacts.abandoned"})
    assert formula_used(scope_of(tables, SINCE, UNTIL)[0]) == "opened"


def test_values_at_ranks_of_a_median(tables_of):
    tables = tables_of({"contacts": day_of_a_hundred_contacts()})
    scope, first = scope_of(tables, SINCE, UNTIL)
    ranks = pd.DataFrame({"month": [first], "group": [""], "low": [40.0], "high": [61.0]})
    found = quantiles(scope, INDICATORS["handling_time_median"], "", ranks).iloc[0]
    assert (found["low"], found["high"]) == (139.0, 160.0)


def test_top_boxes_follow_the_scale(tables_of):
    scope, _ = scope_of(tables_of({}), SINCE, UNTIL)
    assert (threshold(scope, "csat"), threshold(scope, "ces")) == (4.0, 5.0)
    other, _ = scope_of(tables_of({}, scales={"csat": [1, 10]}, indicators={"ces_version": "1.0"}), SINCE, UNTIL)
    assert threshold(other, "csat") == pytest.approx(7.75)


def test_every_source_is_named_once_and_has_indicators():
    ours = (CONTACTS, SURVEYS, ACTIVE, RUNNING, SPELLS, SALES, OFFERS, PROSPECTS, NEWCOMERS, REVIEWS, TEAMS, AGENTS)
    assert set(map(id, SOURCES)) == set(map(id, (*ours, SELF_SERVICE)))
    assert len(INDICATORS) == sum(len(source.indicators) for source in SOURCES)


def test_declaring_an_indicator_takes_its_name_from_the_function():
    source = Source("visits", lambda scope: scope.within(scope.tables["visits"], "at"), ("channel",))

    @source.indicator(unit=Unit.SHARE, needs=("visits.happy",))
    def happy_share(e, _):
        """Happy visits."""
        return ratio(e.happy, e.happy)

    assert [(each.name, each.kind, each.by) for each in source.indicators] == [
        ("happy_share", Kind.SHARE, ("channel",))
    ]


def test_what_a_split_needs(tables_of):
    scope, _ = scope_of(tables_of({"contacts": day_of_a_hundred_contacts()}), SINCE, UNTIL)
    assert dimension_lack(scope, CONTACTS, "channel") is None
    assert dimension_lack(scope, CONTACTS, "segment") == "indicators.segment"
    assert dimension_lack(scope, PROSPECTS, "channel") == "prospects.channel"
    assert dimension_lack(scope, SPELLS, "method") == "payment_methods.method"
