"""Filters, order, budget and download of the list, against the same done by hand; held-out customers are in none."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from servicelift.console.desk import Desk
from servicelift.console.reading.engine import Engine
from servicelift.console.reading.lists import SORTS, TargetList, Wish

from .conftest import HELD, listed, made_up


@pytest.fixture
def target_list(desk_folder):
    desk = Desk(made_up(desk_folder))
    return desk.target_list(desk.places())


@pytest.fixture
def by_hand(desk_folder, target_list):
    return pd.read_csv(desk_folder / "targets.csv")


@pytest.mark.parametrize("budget", [None, 0.0, 12.5, 100.0, 1e9])
@pytest.mark.parametrize("action", ["", "iban_switch", "unknown"])
@pytest.mark.parametrize("text", ["", "N01", "REASON 3", "%"])
def test_filters_are_those_by_hand(target_list, by_hand, budget, action, text):
    wanted = by_hand[by_hand["cost"].cumsum() <= (1e18 if budget is None else budget)]
    wanted = wanted[wanted["action"].eq(action)] if action else wanted
    said = [" ".join(row).lower() for row in wanted[["customer_id", "reason_1", "reason_2"]].to_numpy()]
    wanted = wanted.loc[np.array([all(word in one for word in text.lower().split()) for one in said], dtype=bool)]
    found = target_list.page(Wish(action=action, text=text, budget=budget, size=1000))
    assert [row["customer_id"] for row in found.rows] == wanted["customer_id"].tolist()
    assert found.count == len(wanted)
    assert found.cost == pytest.approx(wanted["cost"].sum())
    assert found.net_value == pytest.approx(wanted["net_value"].sum())


@pytest.mark.parametrize("sort", SORTS)
def test_pages_cut_the_whole_list_without_a_gap(target_list, sort):
    pages = [target_list.page(Wish(sort=sort, page=page, size=7)).rows for page in range(1, 11)]
    seen = [row["customer_id"] for page in pages for row in page]
    assert len(seen) == len(set(seen)) == 64


def test_held_out_customers_are_not_in_the_list_even_where_the_file_names_them(desk_folder):
    config = made_up(desk_folder)
    both = pd.concat([listed(["C1", HELD], "treated"), listed(["B"], "control", 9)])
    both.to_csv(desk_folder / "targets.csv", index=False)
    desk = Desk(config)
    found = desk.target_list(desk.places())
    assert [row["customer_id"] for row in found.page(Wish()).rows] == ["C1"]
    assert found.customer(HELD) == []


def test_the_curve_ends_where_the_list_does_and_never_turns_back(target_list, by_hand):
    points = target_list.curve()
    assert points[0] == (0.0, 0.0)
    assert points[-1] == pytest.approx((by_hand["cost"].sum(), by_hand["net_value"].sum()))
    assert all(a[0] < b[0] for a, b in pairwise(points))


def test_a_list_with_decimal_commas_is_the_same_list(desk_folder, by_hand):
    config = made_up(desk_folder, "fr")
    file = desk_folder / "targets.csv"
    by_hand.to_csv(file, index=False, sep=";", decimal=",", encoding="utf-8-sig")
    desk = Desk(config)
    assert desk.target_list(desk.places()).page(Wish()).net_value == pytest.approx(by_hand["net_value"].sum())


def test_a_list_that_is_written_anew_is_read_anew(desk_folder, target_list):
    listed(["ONLY"], "treated").to_csv(desk_folder / "targets.csv", index=False)
    again = TargetList.read(
        target_list.engine,
        desk_folder / "targets.csv",
        desk_folder / "targets.holdout.csv",
        made_up_config(desk_folder),
    )
    assert again.page(Wish()).count == 1


def made_up_config(folder):
    from servicelift.core.config.business import load_config

    return load_config(folder / "b.yaml")


def test_the_download_is_what_the_filter_leaves(browser, by_hand):
    text = browser.get("/targets.csv?action=iban_switch&budget=100").text
    read = pd.read_csv(io.StringIO(text))
    wanted = by_hand[(by_hand["cost"].cumsum() <= 100) & by_hand["action"].eq("iban_switch")]
    assert read["customer_id"].str.lstrip("'").tolist() == wanted["customer_id"].tolist()
    french = browser.get("/targets.csv?lang=fr")
    assert french.body.startswith(b"\xef\xbb\xbf")
    assert pd.read_csv(io.BytesIO(french.body), sep=";", decimal=",")["net_value"].sum() == by_hand["net_value"].sum()


def test_texts_of_users_are_never_part_of_a_query():
    assert Engine(1, "200MB").rows("select ? as said", ["'; drop table x; --"]) == [{"said": "'; drop table x; --"}]
