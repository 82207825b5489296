"""Prospects, reviews, surveys of agents and self-service as a business brings them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from servicelift.core.config.business import Config, load_config
from servicelift.core.errors import DataError
from servicelift.features.tables.tables import Tables, tables_from_frames, validate
from servicelift.features.timeline.known import KNOWN_AT, known_rows

CUSTOMERS = pd.DataFrame({"customer_id": [1, 2], "signed_up_at": ["2023-01-01", "2023-02-01"]})
PAYMENTS = pd.DataFrame(
    {"payment_id": [1, 2], "customer_id": [1, 2], "paid_at": "2023-12-01", "amount": 5, "method": "card"}
)
PROSPECTS = pd.DataFrame({"prospect_id": [1, 2, 3], "created_at": "2022-12-01"})
MONTHS = pd.DataFrame({"team": ["north", "south"], "month": ["2023-03", "2023-04-30"], "engagement": [7, 8.5]})


def opened(**frames: pd.DataFrame) -> Tables:
    config = Config.model_validate({"tables": {"customers": "-", "payments": "-"}, "timezone": "Europe/Paris"})
    return tables_from_frames({"customers": CUSTOMERS, "payments": PAYMENTS, **frames}, config)


def rows(tables: Tables, name: str, key: str) -> pd.DataFrame:
    return tables.execute(known_rows(tables, name)).set_index(key).sort_index()


def test_a_prospect_who_became_nobody_stays() -> None:
    tables = opened(prospects=PROSPECTS.assign(converted_customer_id=[2, None, 1]))
    found = rows(tables, "prospects", "prospect_id")
    assert found["converted_customer_id"].astype(object).where(lambda c: c.notna(), None).tolist() == [2, None, 1]


def test_a_prospect_who_became_an_unknown_customer_is_an_error() -> None:
    with pytest.raises(DataError, match=r"prospects\.converted_customer_id: unknown customer: 1 of 2 rows.*e\.g\. 3"):
        opened(prospects=PROSPECTS.assign(converted_customer_id=[2, None, 9]))


def test_a_customer_in_another_type_is_not_nobody() -> None:
    with pytest.raises(DataError, match=r"prospects\.converted_customer_id: unknown customer: 1 of 3 rows.*e\.g\. 2"):
        opened(prospects=PROSPECTS.assign(converted_customer_id=["2", "K-7", None]))


@pytest.mark.parametrize("month", ["2023-03", "2023-03-01", "2023-03-31", " 2023-03 "])
def test_a_month_is_any_of_its_days_and_known_when_it_is_over_on_local_clocks(month: str) -> None:
    found = rows(opened(agent_surveys=MONTHS.assign(month=[month, "2023-12-15"])), "agent_surveys", "team")
    assert found.loc["north", KNOWN_AT] == pd.Timestamp("2023-03-31 22:00")
    assert found.loc["south", KNOWN_AT] == pd.Timestamp("2023-12-31 23:00")
    assert found["month"].astype(str).tolist() == ["2023-03-01", "2023-12-01"]


def test_results_that_came_later_are_known_then() -> None:
    late = MONTHS.assign(recorded_at=["2023-04-20", "2023-04-20"])
    found = rows(opened(agent_surveys=late), "agent_surveys", "team")[KNOWN_AT]
    assert found.tolist() == [pd.Timestamp("2023-04-19 22:00"), pd.Timestamp("2023-04-30 22:00")]


def test_a_month_in_a_format_of_its_own_and_one_that_cannot_be_read() -> None:
    with pytest.raises(DataError, match=r"agent_surveys\.month: unparseable date: 1 of 2 rows"):
        opened(agent_surveys=MONTHS.assign(month=["2023-03", "spring"]))


def test_two_rows_of_one_month_are_one_key() -> None:
    twice = pd.concat([MONTHS, MONTHS.assign(month="2023-03-17")])
    with pytest.raises(DataError, match=r"agent_surveys\.team/month: duplicate key"):
        opened(agent_surveys=twice)


def test_the_words_of_self_service_are_codes() -> None:
    visits = pd.DataFrame({"customer_id": [1, 2], "at": "2023-05-01", "kind": ["page", "phone"]})
    with pytest.raises(DataError, match=r"interactions\.kind: unknown code: 1 of 2 rows.*expected page, bot, app"):
        opened(interactions=visits)


def test_self_service_tells_where_the_data_end() -> None:
    visits = pd.DataFrame({"customer_id": [1], "at": ["2023-12-20T10:00Z"], "kind": "app"})
    assert opened(interactions=visits).data_until == pd.Timestamp("2023-12-20 10:00:00.000001")


def warnings_of(table: str, frame: pd.DataFrame, tmp_path: Any) -> dict[tuple[str, str], int]:
    for name, rows in {"customers": CUSTOMERS, "payments": PAYMENTS, table: frame}.items():
        rows.convert_dtypes().to_csv(tmp_path / f"{name}.csv", index=False)
    text = f"tables: {{customers: customers.csv, payments: payments.csv, {table}: {table}.csv}}"
    (tmp_path / "b.yaml").write_text(text, encoding="utf-8")
    return {(f.column, f.rule): f.rows for f in validate(load_config(tmp_path / "b.yaml")).findings}


def test_prospects_that_contradict_themselves(tmp_path: Any) -> None:
    odd = PROSPECTS.assign(
        converted_customer_id=[1, 2, None], converted_at=["2022-11-01", None, "2023-01-01"], cost=[-1, 2, 3]
    )
    assert warnings_of("prospects", odd, tmp_path) == {
        ("converted_at", "a customer before a prospect"): 1,
        ("converted_customer_id", "a customer, but not since when"): 1,
        ("converted_at", "converted, but into no customer"): 1,
        ("cost", "below 0"): 1,
    }


def test_reviews_that_contradict_themselves(tmp_path: Any) -> None:
    odd = pd.DataFrame(
        {
            "review_id": [1, 2, 3],
            "customer_id": [1, None, 2],
            "platform": "maps",
            "posted_at": "2023-05-01",
            "rating": [5, 1, -1],
            "answered_at": ["2023-04-01", None, None],
            "revised_at": ["2023-04-01", "2023-06-01", None],
            "revised_rating": [4, None, 3],
        }
    )
    assert warnings_of("reviews", odd, tmp_path) == {
        ("answered_at", "answered before it was posted"): 1,
        ("revised_at", "revised before it was posted"): 1,
        ("revised_at", "revised without a rating"): 1,
        ("revised_rating", "revised, but not when"): 1,
        ("rating", "below 0"): 1,
    }


def test_small_teams_are_warned_of(tmp_path: Any) -> None:
    found = warnings_of("agent_surveys", MONTHS.assign(respondents=[4, 5]), tmp_path)
    assert found == {("respondents", "fewer than 5 respondents"): 1}
