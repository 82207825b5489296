import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lifetimes.utils import summary_data_from_transaction_data
from servicelift.core.errors import ConfigError, DataError
from servicelift.features.catalogue.catalogue import build_features, feature_names
from servicelift.features.catalogue.groups.purchases import purchases_in_seasons, rfm_summary
from servicelift.features.outcomes.clv_inputs import clv_inputs

SUMMARY = ["frequency", "recency", "T", "monetary_value"]
NOTHING = {"frequency": 0.0, "recency": 0.0, "monetary_value": 0.0}


def payment(key, paid_at, amount=10.0, kind="one_off", **values):
    return {"payment_id": key, "paid_at": paid_at, "amount": amount, "kind": kind, "method": "card"} | values


def without_refunds(world):
    kept = [r for r in world.rows["payments"] if r["amount"] > 0 and r["kind"] != "refund"]
    return replace(world, rows=world.rows | {"payments": kept}, missing=frozenset({"payments.refunded_amount"}))


def spine_at(*as_ofs):
    return pd.DataFrame({"customer_id": 1, "as_of": pd.to_datetime(list(as_ofs), format="ISO8601")})


@pytest.mark.parametrize("as_of", [dt.datetime(2022, 9, 1), dt.datetime(2023, 3, 31, 12), dt.datetime(2023, 8, 31)])
def test_the_summary_equals_that_of_lifetimes(random_worlds, connection, as_of):
    world = without_refunds(random_worlds.world_of(4))
    paid = pd.DataFrame(world.seen("payments"))
    paid = paid[paid["status"] != "failed"]
    paid = paid[~(pd.to_datetime(paid["failed_at"]) < as_of)]
    paid = paid[paid["paid_at"] < as_of]
    theirs = summary_data_from_transaction_data(
        paid, "customer_id", "paid_at", monetary_value_col="amount", observation_period_end=as_of
    )
    spine = pd.DataFrame({"customer_id": range(14), "as_of": pd.Timestamp(as_of)})
    ours = rfm_summary(world.tables(connection), spine, None)
    assert ours["T"].notna().sum() == len(theirs) > 5
    theirs = theirs.reindex(range(14))[SUMMARY].fillna(NOTHING)
    np.testing.assert_allclose(ours[SUMMARY], theirs, rtol=1e-12)


def test_two_purchases_on_one_day_are_one(tables_of):
    rows = {
        "payments": [
            payment(1, "2024-01-01 09:00", 100.0),
            payment(2, "2024-01-10 09:00", 0.1),
            payment(3, "2024-01-10 18:00", 0.2),
            payment(4, "2024-01-20 00:00", 9.0),
            payment(5, "2024-01-05", 50.0, "renewal"),
        ]
    }
    spine = spine_at("2024-01-20", "2024-01-20 00:00:01", "2023-01-01").set_axis(["a", "b", "c"])
    found = rfm_summary(tables_of(rows), spine, "shop")
    assert found.index.tolist() == ["a", "b", "c"]
    assert found.loc["a"].tolist() == [1, 9, 19, 0.3]
    assert found.loc["b"].tolist() == [2, 19, 19, 4.65]
    assert found.loc["c", ["frequency", "recency", "monetary_value"]].tolist() == [0, 0, 0]
    assert np.isnan(found.loc["c", "T"])


def test_features_and_summary_agree(tables_of):
    tables = tables_of({"payments": [payment(n, f"2024-01-{10 + n}", n + 0.5) for n in range(4)]})
    spine = spine_at("2024-01-01", "2024-01-12", "2024-02-01")
    names = ["purchases_frequency", "purchases_recency_days", "purchases_T_days", "purchases_monetary"]
    features = build_features(tables, spine, names).set_axis(SUMMARY, axis=1)
    pd.testing.assert_frame_equal(features.astype(float).fillna(NOTHING), rfm_summary(tables, spine, "shop"))
    assert np.isnan(features.loc[0, "recency"])
    told = clv_inputs(tables, spine)
    pd.testing.assert_frame_equal(told.summaries["shop"], rfm_summary(tables, spine, "shop"))


def test_several_lines_are_summarised_each_for_itself(tables_of):
    paid = [payment(n, f"2024-01-{10 + n}", n + 0.5, kind) for n, kind in enumerate(["one_off", "upsell", "upsell"])]
    lines = {name: {"kind": "noncontractual", "payments.kind": name} for name in ("one_off", "upsell")}
    tables, spine = tables_of({"payments": paid}, lines=lines), spine_at("2024-02-01")
    found = clv_inputs(tables, spine).summaries
    assert [found[name]["frequency"].tolist() for name in lines] == [[0], [1]]
    for name in lines:
        pd.testing.assert_frame_equal(found[name], rfm_summary(tables, spine, name))


def test_purchases_are_those_beside_the_subscription(features_at):
    kinds = ["one_off", "upsell", "cross_sell", "renewal", "refund", None]
    rows = {"payments": [payment(n, "2024-02-10", 1.1, kind) for n, kind in enumerate(kinds)]}
    rows["payments"].append(payment(9, "2024-02-11", 5.0, "upsell", status="failed"))
    assert features_at(rows, "2024-03-01", "purchases_30d", "purchases_amount_30d") == [3, 3.3]


def test_which_payments_are_summarised_follows_the_lines(tables_of):
    paid = {"payments": [payment(1, "2024-01-01"), payment(2, "2024-01-03", kind="renewal")], "subscriptions": []}
    frequency = "purchases_frequency"

    def count(rows, **config):
        return build_features(tables_of(rows, **config), spine_at("2024-02-01"), [frequency])[frequency].tolist()

    assert count(paid) == [0]
    assert count(paid, lines={"all": {"kind": "noncontractual"}}) == [1]
    assert count({"payments": paid["payments"]}, lines={"all": {"kind": "auto"}}) == [1]
    contractual = tables_of(paid, lines={"all": {"kind": "auto"}})
    assert frequency not in feature_names(contractual)
    with pytest.raises(ConfigError, match="needs a line of kind noncontractual"):
        build_features(contractual, spine_at("2024-02-01"), [frequency])


def test_a_line_must_exist_and_be_told_apart(tables_of):
    rows = {"payments": [payment(1, "2024-01-01")]}
    with pytest.raises(ConfigError, match="got 'shopp'; did you mean 'shop'"):
        rfm_summary(tables_of(rows), spine_at("2024-02-01"), "shopp")
    blind = tables_of(rows, missing={"payments.kind"})
    with pytest.raises(DataError, match=r"line 'shop': needs payments\.kind"):
        rfm_summary(blind, spine_at("2024-02-01"), "shop")
    assert "purchases_frequency" not in feature_names(blind)
    assert rfm_summary(blind, spine_at("2024-02-01"), None)["T"].tolist() == [31]


def test_upsells_and_cross_sells_are_told_by_their_kind(features_at):
    kinds = ["one_off", "upsell", "upsell", "cross_sell", "renewal"]
    rows = {"payments": [payment(n, f"2024-02-1{n}", 1.1, kind) for n, kind in enumerate(kinds)]}
    rows["payments"].append(payment(9, "2024-02-20", 5.0, "upsell", status="failed"))
    names = ("upsells_365d", "cross_sells_365d", "days_since_purchase")
    assert features_at(rows, "2024-03-01", *names) == [2, 1, 17]


def test_the_features_of_a_line_equal_the_summary_of_lifetimes(random_worlds, connection):
    as_of = pd.Timestamp(random_worlds.AS_OFS[2])
    world = without_refunds(random_worlds.world_of(3, lines={"all": {"kind": "noncontractual"}}))
    paid = pd.DataFrame(world.seen("payments"))
    paid = paid[paid["status"] != "failed"]
    paid = paid[~(pd.to_datetime(paid["failed_at"]) < as_of)]
    theirs = summary_data_from_transaction_data(
        paid[paid["paid_at"] < as_of],
        "customer_id",
        "paid_at",
        monetary_value_col="amount",
        observation_period_end=as_of,
    )
    assert theirs["frequency"].max() > 1
    spine = pd.DataFrame({"customer_id": theirs.index, "as_of": as_of})
    names = ["purchases_frequency", "purchases_recency_days", "purchases_T_days", "purchases_monetary"]
    ours = build_features(world.tables(connection), spine, names)
    np.testing.assert_allclose(ours, theirs[SUMMARY], rtol=1e-12)


def summary(tables, as_of):
    return rfm_summary(tables, spine_at(as_of), "shop").iloc[0].tolist()


BOUGHT = [payment(1, "2024-01-01", 50.0), payment(2, "2024-01-11", 20.0), payment(3, "2024-01-21", 30.0)]


def test_a_purchase_given_back_whole_is_none_once_it_is_known(tables_of):
    tables = tables_of({"payments": [*BOUGHT, payment(4, "2024-02-10 12:00", -30.0, "refund")]})
    assert summary(tables, "2024-02-10") == [2, 20, 40, 25.0]
    assert summary(tables, "2024-02-11") == [1, 10, 41, 20.0]


def test_a_refund_takes_back_the_purchase_of_its_amount_or_else_the_last_ones(tables_of):
    back = tables_of({"payments": [*BOUGHT, payment(4, "2024-02-01", -20.0, "refund")]})
    assert summary(back, "2024-02-02") == [1, 20, 32, 30.0]
    partly = tables_of({"payments": [*BOUGHT, payment(4, "2024-02-01", -35.0, "refund")]})
    assert summary(partly, "2024-02-02") == [1, 10, 32, 15.0]
    more = tables_of({"payments": [*BOUGHT, payment(4, "2024-02-01", -500.0, "refund")]})
    assert np.isnan(summary(more, "2024-02-02")[2])


def test_a_refund_takes_nothing_of_later_purchases_nor_of_other_kinds(tables_of):
    early = tables_of({"payments": [*BOUGHT, payment(4, "2023-12-01", -20.0, "refund")]})
    other = tables_of({"payments": [*BOUGHT, payment(4, "2024-02-01", -20.0, "upsell")]})
    assert summary(early, "2024-02-02") == summary(other, "2024-02-02") == [2, 20, 32, 25.0]


def test_a_refund_that_names_no_kind_may_be_of_another_one(tables_of):
    rows = [*BOUGHT, payment(5, "2024-01-30", 20.0, "renewal")]
    named = tables_of({"payments": [*rows, payment(4, "2024-02-01", -20.0, "one_off")]})
    unnamed = tables_of({"payments": [*rows, payment(4, "2024-02-01", -20.0, "refund")]})
    assert summary(named, "2024-02-02") == [1, 20, 32, 30.0]
    assert summary(unnamed, "2024-02-02") == [2, 20, 32, 25.0]


def test_a_refund_that_failed_gives_nothing_back(tables_of):
    refund = payment(4, "2024-02-01", -30.0, "refund")
    at_once = tables_of({"payments": [*BOUGHT, refund | {"status": "failed"}]})
    later = tables_of({"payments": [*BOUGHT, refund | {"failed_at": "2024-02-05"}]})
    assert summary(at_once, "2024-02-06") == summary(later, "2024-02-06") == [2, 20, 36, 25.0]
    assert summary(later, "2024-02-04")[:2] == [1, 10]
    assert summary(later, "2024-02-06")[:2] == [2, 20]


def test_purchases_in_seasons_leave_the_first_and_the_last_out(tables_of):
    seasons = {"christmas": ["12-20/01-05"], "fair": ["2023-12-06/2023-12-10", "2024-01-08"]}
    days = ["2023-11-30", "2023-12-06", "2023-12-10", "2023-12-24", "2024-01-05", "2024-01-08", "2024-02-01"]
    paid = {"payments": [payment(n, f"{day} 10:00") for n, day in enumerate(days)]}
    tables = tables_of(paid, lines={"shop": {"kind": "noncontractual", "seasons": seasons}})

    def counted(at):
        return purchases_in_seasons(tables, spine_at(at), "shop").loc[0].tolist()

    assert counted("2024-03-01") == [2, 3]
    assert counted("2024-01-09") == [2, 2], "8 January is the last one by then"
    assert counted("2024-01-05") == [0, 2], "24 December is the last one by then"
    assert counted("2023-12-01") == [0, 0]
    assert counted("2023-01-01") == [0, 0]


def test_purchases_in_seasons_are_those_of_a_twin_day_by_day(random_worlds, connection):
    seasons = {"summer": ("05-01/10-15",), "winter": ("11-20/03-31",)}
    config = random_worlds.config_of(lines={"all": {"kind": "noncontractual", "seasons": seasons}})
    spine = pd.DataFrame({"customer_id": range(14), "as_of": pd.Timestamp("2024-03-31")})
    told = 0
    for seed in (4, 5, 6, 7, 8, 9):
        world = replace(without_refunds(random_worlds.world_of(seed)), config=config)
        paid = pd.DataFrame(world.seen("payments"))
        paid = paid[(paid["status"] != "failed") & ~(pd.to_datetime(paid["failed_at"]) < spine["as_of"][0])]
        paid = paid[paid["paid_at"] < spine["as_of"][0]]
        for customer, row in purchases_in_seasons(world.tables(connection), spine, "all").iterrows():
            days = sorted(set(pd.to_datetime(paid["paid_at"][paid["customer_id"] == customer]).dt.date))[1:-1]
            texts = [f"{day:%m-%d}" for day in days]
            assert row["between.summer"] == sum("05-01" <= text <= "10-15" for text in texts)
            assert row["between.winter"] == sum(text >= "11-20" or text <= "03-31" for text in texts)
            told += row.sum()
    assert told > 5


def test_a_line_with_seasons_is_told_the_day_on_local_clocks(tables_of):
    lines = {"shop": {"kind": "noncontractual", "payments.kind": "one_off", "seasons": {"fair": ["01-08"]}}}
    tables = tables_of({"payments": [payment(1, "2024-01-01")]}, lines=lines, timezone="Europe/Paris")
    spine = spine_at("2024-05-31 21:59:59", "2024-05-31 22:00")
    days = clv_inputs(tables, spine).summaries["shop"]["as_of_day"]
    assert days.tolist() == [(dt.date(2024, 5, 31) - dt.date(1970, 1, 1)).days + late for late in (0, 1)]
