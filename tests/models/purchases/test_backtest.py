"""The backtest: its summary by hand, the published CDNOW numbers through it, and what it refuses."""

import lifetimes
import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.models.purchases.backtest import backtest, judge, summarise

AS_OF = pd.Timestamp("1997-10-01")


def purchases(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    return frame.assign(day=pd.to_datetime(frame["day"]))


@pytest.fixture(scope="module")
def cdnow_purchases():
    raw = pd.read_csv(
        f"{lifetimes.__path__[0]}/datasets/CDNOW_sample.txt",
        sep=r"\s+",
        header=None,
        names=["master", "customer_id", "day", "discs", "amount"],
    )
    return raw.assign(day=pd.to_datetime(raw["day"].astype(str)))


@pytest.fixture(scope="module")
def result(cdnow_purchases):
    return backtest(cdnow_purchases, as_of=AS_OF, horizon_days=273)


def test_a_summary_by_hand():
    rows = purchases(
        ("a", "2024-01-01", 9.0),
        ("a", "2024-01-11", 4.0),
        ("a", "2024-01-11", 2.0),
        ("a", "2024-01-21", 8.0),
        ("a", "2024-02-01", 99.0),
        ("b", "2024-01-30", 5.0),
        ("c", "2024-02-03", 5.0),
    )
    summary = summarise(rows, pd.Timestamp("2024-02-01"))
    assert summary.loc["a"].to_dict() == {"frequency": 2.0, "recency": 20.0, "T": 30.0, "monetary_value": 7.0}
    assert summary.loc["b"].to_dict() == {"frequency": 0.0, "recency": 0.0, "T": 1.0, "monetary_value": 0.0}
    assert list(summary.index) == ["a", "b"]


def test_the_summary_is_the_one_of_the_published_numbers(cdnow, cdnow_purchases):
    summary = summarise(cdnow_purchases, AS_OF)
    assert summary["T"].to_numpy() == pytest.approx(cdnow.summary["T"].to_numpy() * 7)
    assert summary["monetary_value"].to_numpy() == pytest.approx(cdnow.summary["monetary_value"].to_numpy())


def test_published_holdout_errors_come_out(result):
    reports = result.purchases.reports
    assert (result.customers, list(reports)) == (2357, ["bgnbd", "mbgnbd", "paretonbd", "naive", "mean"])
    expected = {"bgnbd": 0.786, "mbgnbd": 0.765, "paretonbd": 0.755, "naive": 1.024}
    assert {name: reports[name].mae for name in expected} == pytest.approx(expected, abs=6e-4)


def test_models_beat_the_naive_rate_and_the_mean_on_cdnow(result):
    for judged in (result.purchases, result.revenue):
        for name in ("bgnbd", "mbgnbd", "paretonbd"):
            for simple in ("naive", "mean"):
                assert judged.reports[name].mae < judged.reports[simple].mae
                assert judged.reports[name].rmse < judged.reports[simple].rmse
    assert result.purchases.reports["mean"].top20_share == pytest.approx(0.2, abs=1e-3)


def test_deciles_hold_everybody_and_fall_in_prediction(result):
    for table in result.revenue.deciles.values():
        assert table["customers"].sum() == 2357
        assert (table["predicted"].diff().dropna() <= 1e-9).all()
        assert table["actual"] @ table["customers"] == pytest.approx(
            result.revenue.deciles["naive"]["actual"] @ result.revenue.deciles["naive"]["customers"]
        )


def test_naive_wins_on_online_retail_and_is_printed(online_retail, data_dir):
    columns = ["CustomerID", "InvoiceDate", "Quantity", "UnitPrice"]
    raw = pd.read_parquet(data_dir / "clv" / "online_retail_uci.parquet", columns=columns)
    sold = raw[raw["CustomerID"].notna() & (raw["Quantity"] > 0) & (raw["UnitPrice"] > 0)]
    sold = sold.assign(day=sold["InvoiceDate"].dt.normalize(), amount=sold["Quantity"] * sold["UnitPrice"])
    sold = sold.rename(columns={"CustomerID": "customer_id"})
    result = backtest(sold, as_of=pd.Timestamp("2011-09-01"), horizon_days=100, purchase_models=["bgnbd"])
    assert result.customers == len(online_retail.summary) == 3317
    assert result.purchases.reports["bgnbd"].mae == pytest.approx(0.997, abs=6e-4)
    assert result.purchases.reports["naive"].mae == pytest.approx(0.967, abs=6e-4)
    text = "\n".join(result.lines())
    assert "NBD limit is used" in text
    assert "naive" in text


def test_what_comes_after_changes_no_prediction(cdnow_purchases, result):
    """The future may only judge: doubled, it moves the actual side alone."""
    later = cdnow_purchases["day"] >= AS_OF
    more = cdnow_purchases.assign(amount=cdnow_purchases["amount"].where(~later, cdnow_purchases["amount"] * 2))
    again = backtest(more, as_of=AS_OF, horizon_days=273, purchase_models=["bgnbd"])
    one, other = again.revenue.deciles["bgnbd"], result.revenue.deciles["bgnbd"]
    assert one["predicted"].to_numpy() == pytest.approx(other["predicted"].to_numpy())
    assert one["actual"].to_numpy() == pytest.approx(2 * other["actual"].to_numpy())


def test_judging_what_was_foretold_exactly():
    came = np.arange(40.0)
    report = judge(came, {"right": came}).reports["right"]
    assert (report.bias, report.mae, report.rmse) == (0, 0, 0)
    assert (report.spearman, report.gini) == (pytest.approx(1), pytest.approx(1))
    assert report.top20_share == pytest.approx(came[-8:].sum() / came.sum())


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        (purchases(("a", "2024-01-01", 1.0)), "got none on one side"),
        (purchases(("a", "2025-01-01", 1.0)), "got none on one side"),
        (purchases(("a", "2024-01-01", 1.0)).drop(columns="amount"), "amount missing"),
        (purchases(("a", "2024-01-01", 1.0)).astype({"day": "str"}), "day: expected days or instants"),
    ],
)
def test_unusable_purchases_are_named(rows, rule):
    with pytest.raises(DataError, match=rule):
        backtest(rows, as_of=pd.Timestamp("2024-06-01"), horizon_days=30)


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_instants_count_on_the_day_that_calendars_of_the_zone_show(zone):
    rng = np.random.default_rng(1)
    local = pd.to_datetime("2023-01-01") + pd.to_timedelta(rng.integers(0, 364 * 24 * 60, 1_500), "min")
    frame = pd.DataFrame({"customer_id": rng.integers(0, 300, 1_500), "day": local, "amount": 10.0})
    aware = frame["day"].dt.tz_localize("Europe/Paris", ambiguous=False, nonexistent="shift_forward")
    instants = aware.dt.tz_convert(zone or "UTC")
    instants = instants.dt.tz_localize(None) if zone is None else instants
    days = frame.assign(day=aware.dt.tz_localize(None).dt.normalize())
    options = {"as_of": pd.Timestamp("2023-09-01"), "horizon_days": 90, "purchase_models": []}
    expected = backtest(days, **options).lines()
    assert backtest(frame.assign(day=instants), **options, timezone="Europe/Paris").lines() == expected
    assert backtest(frame.assign(day=instants), **options, timezone="Asia/Tokyo").lines() != expected
