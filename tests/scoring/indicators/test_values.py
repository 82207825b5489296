"""Values with their intervals, bounds and comparisons: laws on a random world, and the edges by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError
from servicelift.core.time import instant
from servicelift.features.indicators.answers import known_when_asked
from servicelift.features.indicators.measure import measure
from servicelift.features.tables.tables import tables_from_frames
from servicelift.models.fitting.answer_weights import answer_chances, answer_weights
from servicelift.scoring.indicators.answering import ANSWERED
from servicelift.scoring.indicators.page import PageFacts, indicators_page
from servicelift.scoring.indicators.traps import traps
from servicelift.scoring.indicators.values import COLUMNS, KNOWN, TOO_FEW, UNKNOWN, check_targets, indicator_rows

ZONE = "Europe/Paris"
SINCE, UNTIL = instant("2023-03-01", ZONE), instant("2023-07-01", ZONE)


def config_of(**changes):
    base = {"tables": {"customers": "-", "subscriptions": "-"}, "data_until": "2023-07-01", "timezone": ZONE}
    return Config.model_validate(base | changes)


def service(rng, customers=300):
    """Customers, their contacts and surveys from 2022 on: those with complaints answer less and like it less."""
    ids = np.arange(customers)
    n = 4 * customers
    opened = pd.Timestamp("2022-02-01") + pd.to_timedelta(rng.integers(0, 510 * 24, n), "h")
    complaint = rng.random(n) < 0.3
    contacts = pd.DataFrame(
        {
            "contact_id": np.arange(n), "customer_id": rng.integers(0, customers, n), "opened_at": opened,
            "answered_at": opened + pd.to_timedelta(rng.integers(1, 400, n), "min"),
            "closed_at": opened + pd.to_timedelta(rng.integers(400, 900, n), "min"),
            "channel": rng.choice(["phone", "mail"], n), "reason": rng.choice(["bill", "delivery"], n),
            "resolved": rng.random(n) < 0.7, "is_complaint": complaint, "handle_seconds": rng.integers(60, 900, n),
        }
    )  # fmt: skip
    sent = opened + pd.Timedelta(days=1)
    told = rng.random(n) < np.where(complaint, 0.15, 0.6)
    surveys = pd.DataFrame(
        {
            "survey_id": np.arange(n), "customer_id": contacts["customer_id"], "sent_at": sent,
            "contact_id": np.arange(n),
            "responded_at": (sent + pd.Timedelta(hours=3)).where(told), "metric": rng.choice(["csat", "nps"], n),
        }
    )  # fmt: skip
    happy = rng.random(n) < np.where(complaint, 0.2, 0.9)
    top, bottom = (surveys["metric"].map({"csat": a, "nps": b}) for a, b in ((5.0, 10.0), (1.0, 0.0)))
    surveys["score"] = np.where(happy, top, bottom)
    surveys.loc[~told, "score"] = np.nan
    subscriptions = pd.DataFrame(
        {
            "subscription_id": ids, "customer_id": ids, "product": rng.choice(["paper", "digital"], customers),
            "started_at": pd.Timestamp("2021-06-01"), "price": 10.0, "term_months": 1,
            "ended_at": (pd.Timestamp("2023-01-15") + pd.to_timedelta(ids, "D")).where(ids % 3 == 0),
        }
    )  # fmt: skip
    people = pd.DataFrame({"customer_id": ids, "signed_up_at": pd.Timestamp("2021-06-01")})
    frames = {"customers": people, "subscriptions": subscriptions, "contacts": contacts, "surveys": surveys}
    return frames, share_of_all(happy, surveys)


def share_of_all(happy, surveys):
    """What the value would be if everybody had answered."""
    chosen = (surveys["metric"] == "csat") & surveys["sent_at"].between("2023-03-01", "2023-06-01")
    return float(happy[chosen].mean())


@pytest.fixture(scope="module")
def counted():
    frames, truth = service(np.random.default_rng(3))
    settings = {"targets": {"csat": 0.8}, "service_level": {"seconds": 7200.0}}
    config = config_of(indicators=settings)
    measured = measure(tables_from_frames(frames, config), SINCE, UNTIL, ("channel", "product"))
    return measured, indicator_rows(measured, config), truth


def test_columns_months_and_states(counted):
    _, rows, _ = counted
    assert tuple(rows.columns) == COLUMNS
    assert set(rows["month"]) == {dt.date(2023, m, 1) for m in range(3, 7)}
    assert rows["month"].map(type).eq(dt.date).all()
    assert set(rows["status"]) <= {KNOWN, UNKNOWN, TOO_FEW}
    csat = rows[(rows["indicator"] == "csat") & (rows["by"] == "")].set_index("month")
    assert csat["status"].tolist() == [KNOWN, KNOWN, KNOWN, UNKNOWN]
    assert (csat["target"] == 0.8).all()


def test_a_value_lies_in_its_interval_and_without_one_there_is_no_figure(counted):
    _, rows, _ = counted
    known = rows[rows["status"] == KNOWN]
    assert len(known) > 100
    sure = known[known["low"].notna()]
    assert (sure["low"] <= sure["value"] + 1e-9).all()
    assert (sure["value"] <= sure["high"] + 1e-9).all()
    shares = known[known["unit"] == "share"]
    assert ((shares[["low", "value", "high"]] >= 0) & (shares[["low", "value", "high"]] <= 1)).all().all()
    empty = rows.loc[rows["status"] != KNOWN, ["value", "low", "high", "month_before", "year_before", "weighted"]]
    assert empty.isna().all().all()


def test_bounds_contain_the_value_and_the_weighted_one(counted):
    _, rows, _ = counted
    asked = rows[rows["weighted"].notna()]
    assert set(asked["indicator"]) == {"csat", "nps"}
    assert set(asked["by"]) == {"", "channel", "product"}
    for name in ("value", "weighted"):
        assert (asked["bound_low"] <= asked[name] + 1e-9).all()
        assert (asked[name] <= asked["bound_high"] + 1e-9).all()
    nobody = rows[~rows["indicator"].isin(["csat", "nps", "ces"])]
    assert nobody[list(ANSWERED)].isna().all().all()


def test_weighting_comes_nearer_to_what_everybody_would_say(counted):
    """Complaints make customers silent and displeased: the plain value is too good."""
    _, rows, truth = counted
    csat = rows[(rows["indicator"] == "csat") & (rows["by"] == "") & (rows["status"] == KNOWN)]
    plain, weighted = (float(np.average(csat[name], weights=csat["n"])) for name in ("value", "weighted"))
    assert plain > truth + 0.05
    assert abs(weighted - truth) < abs(plain - truth) / 2


def test_comparisons_are_the_same_groups_values(counted):
    _, rows, _ = counted
    own = rows[(rows["indicator"] == "answer_time") & (rows["group"] == "phone")].set_index("month")
    assert own.loc[dt.date(2023, 5, 1), "month_before"] == own.loc[dt.date(2023, 4, 1), "value"]
    assert own["year_before"].notna().all()


def test_few_rows_are_no_value_and_agents_of_few_rows_are_not_there():
    frames, _ = service(np.random.default_rng(4), customers=60)
    frames["contacts"]["agent_id"] = np.where(np.arange(240) % 12 == 0, "rare", "often")
    config = config_of(indicators={"agents": {"show": True, "least": 8}, "least": 400})
    measured = measure(tables_from_frames(frames, config), SINCE, UNTIL, ("agent",))
    rows = indicator_rows(measured, config)
    assert set(rows.loc[rows["indicator"] == "answer_time", "status"]) == {TOO_FEW}
    assert set(rows.loc[rows["by"] == "agent", "group"]) == {"often"}


def test_a_target_must_name_an_indicator():
    with pytest.raises(ConfigError, match=r"unknown indicator 'cast'; did you mean 'csat'"):
        check_targets(config_of(indicators={"targets": {"cast": 0.8}}))


def test_traps_that_bite(counted):
    measured, _, _ = counted
    found = {each.code: each.figures for each in traps(measured)}
    assert set(found) == {"one_stage", "agents_forgotten"}
    assert found["one_stage"]["share"] == 1.0


def test_weights_of_a_cell_add_up_and_each_answer_stands_for_itself():
    rng = np.random.default_rng(1)
    x, told, cell = rng.normal(size=(400, 3)), rng.random(400) < 0.4, rng.integers(0, 5, 400)
    chance = answer_chances(x, told)
    weight = answer_weights(chance, told, cell)
    assert np.bincount(cell, weight) == pytest.approx(np.bincount(cell))
    assert (weight[told] >= 1).all()
    assert (weight[~told] == 0).all()
    assert ((chance > 0) & (chance <= 1)).all()


def test_what_was_known_when_asked_counts_earlier_surveys_only():
    at = pd.to_datetime(["2023-01-01", "2023-01-10", "2023-01-20", "2023-01-20"])
    replied = pd.to_datetime(["2023-01-15", "2023-01-11", None, None])
    asked = pd.DataFrame({"cluster": ["a", "a", "a", "b"], "at": at, "responded_at": replied})
    asked["answered"] = asked["responded_at"].notna()
    sent, answered = known_when_asked(asked).T[:2]
    assert (sent**2).round(6).tolist() == [0, 1, 2, 0]
    assert (answered**2).round(6).tolist() == [0, 0, 2, 0]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_browser_finds_nothing_wrong_with_the_page(counted, faults_of, language):
    measured, rows, _ = counted
    config = config_of(language=language)
    facts = PageFacts.of(measured, config, SINCE, UNTIL, traps(measured), with_statement=True)
    shown = {"indicator": "csat", "contrast": "quick", "effect": 12.0, "low": 4.0, "high": 20.0, "reason": ""}
    shown |= {"verdict": "effect shown", "per_point": 100.0, "per_point_low": 40.0, "per_point_high": 160.0}
    assert faults_of(indicators_page(rows, pd.DataFrame([shown]), facts)) == []
