"""Invoice lines become payments: sums, refunds, what is left out, and the published counts on the real file."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import gammaln
from servicelift.core.config.business import load_config
from servicelift.core.errors import DataError
from servicelift.core.time import instant, month_starts
from servicelift.features.catalogue.groups.purchases import rfm_summary
from servicelift.features.tables.tables import open_tables, tables_from_frames, validate
from servicelift.features.timeline.spine import customer_spine


@pytest.fixture(scope="module")
def retail(example):
    return example("prepare_online_retail")


def lines(*rows):
    """Return invoice lines: number, quantity, day of 2011, price, customer, country."""
    return pd.DataFrame(
        {
            "InvoiceNo": [row[0] for row in rows],
            "StockCode": [f"8{i:04d}" for i in range(len(rows))],
            "Description": "GIFT",
            "Quantity": [float(row[1]) for row in rows],
            "InvoiceDate": pd.to_datetime([f"2011-{row[2]}" for row in rows], format="ISO8601"),
            "UnitPrice": [row[3] for row in rows],
            "CustomerID": [row[4] for row in rows],
            "Country": [row[5] if len(row) > 5 else "France" for row in rows],
        }
    )


def test_an_invoice_is_one_payment_of_the_sum_of_its_lines(retail):
    made = retail.prepare(
        lines(("1", 2, "03-01 09:05", 1.25, 7.0), ("1", 3, "03-01 09:04", 0.10, 7.0), ("2", 1, "03-02", 9.0, 8.0))
    )
    payments = made.payments.set_index("payment_id")
    assert payments["amount"].to_dict() == {"1": pytest.approx(2.8), "2": pytest.approx(9.0)}
    assert payments.loc["1", "paid_at"] == pd.Timestamp("2011-03-01 09:04")
    assert set(payments["kind"]) == {"one_off"}
    assert set(payments["method"]) == {"other"}
    assert set(payments["status"]) == {"paid"}
    assert made.counts["invoices whose lines carry several times (the first counts)"] == 1


def test_cancelled_invoices_and_negative_quantities_are_negative_refunds(retail):
    made = retail.prepare(
        lines(
            ("1", 5, "03-01", 2.0, 7.0),
            ("1", -1, "03-01", 2.0, 7.0),
            ("C3", -2, "03-05", 2.0, 7.0),
            ("C3", -1, "03-05", 0.5, 7.0),
        )
    )
    payments = made.payments.set_index("payment_id")
    assert payments["amount"].to_dict() == {"1": 10.0, "C1": -2.0, "C3": -4.5}
    assert payments["kind"].to_dict() == {"1": "one_off", "C1": "refund", "C3": "refund"}
    assert made.counts["refunds written"] == 2


def test_each_line_left_out_is_counted_once_under_its_first_rule(retail):
    frame = lines(
        ("1", 1, "03-01", 1.0, 7.0),
        ("2", 1, "03-01", 0.0, np.nan),
        ("3", 1, "03-01", 0.0, 7.0),
        ("A4", 1, "03-01", -5.0, 7.0),
        ("5", 0, "03-01", 5.0, 7.0),
    )
    counts = retail.prepare(pd.concat([frame, frame.iloc[:1]], ignore_index=True)).counts
    assert counts["invoice lines read"] == 6
    assert counts["lines without customer left out"] == 1
    assert counts["repeated lines (equal in every column) left out"] == 1
    assert counts["lines priced at zero or below (gifts, adjustments) left out"] == 2
    assert counts["lines of quantity zero left out"] == 1
    assert counts["sales written"] == 1


def test_refunds_of_sales_before_the_file_go_and_their_customers_with_them(retail):
    made = retail.prepare(
        lines(
            ("C1", -1, "03-01", 4.0, 7.0),
            ("2", 1, "03-02", 5.0, 7.0),
            ("C3", -1, "03-03", 5.0, 7.0),
            ("C4", -1, "03-03", 5.0, 8.0),
        )
    )
    assert list(made.payments["payment_id"]) == ["2", "C3"]
    assert list(made.customers["customer_id"]) == [7]
    assert made.customers["signed_up_at"].iloc[0] == pd.Timestamp("2011-03-02")
    assert made.counts["refunds of sales before the file begins left out"] == 2
    assert made.counts["customers with refunds only left out"] == 1


def test_a_customer_keeps_the_country_of_the_first_sale_and_an_integer_identifier(retail):
    made = retail.prepare(lines(("2", 1, "04-01", 1.0, 7.0, "Spain"), ("1", 1, "03-01", 1.0, 7.0, "Malta")))
    assert made.customers["country"].tolist() == ["Malta"]
    assert made.customers["customer_id"].dtype == np.int64


def test_an_invoice_of_two_customers_is_refused_by_its_number(retail):
    with pytest.raises(DataError, match="1 have several: 99"):
        retail.prepare(lines(("99", 1, "03-01", 1.0, 7.0), ("99", 1, "03-01", 1.0, 8.0)))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: f.drop(columns="UnitPrice"), "column UnitPrice"),
        (lambda f: f.assign(InvoiceDate="1/3/2011"), "InvoiceDate: expected instants"),
        (lambda f: f.assign(CustomerID=np.nan), "none is left"),
    ],
)
def test_other_files_are_refused(retail, spoil, message):
    with pytest.raises(DataError, match=message):
        retail.prepare(spoil(lines(("1", 1, "03-01", 1.0, 7.0))))


def test_the_script_writes_tables_that_their_config_opens(retail, tmp_path, capsys):
    frame = lines(("1", 1, "03-01", 2.5, 7.0), ("C2", -1, "03-04", 2.5, 7.0), ("3", 1, "03-04", 2.5, np.nan))
    frame.to_parquet(tmp_path / "lines.parquet")
    retail.main(["--data", str(tmp_path / "lines.parquet"), "--out", str(tmp_path / "out")])
    printed = capsys.readouterr().out
    assert "1  lines without customer left out" in printed
    assert "1  refunds written" in printed
    config = load_config(tmp_path / "out" / "online_retail.yaml")
    tables = open_tables(config)
    assert tables.has("customers", "country")
    assert tables.execute(tables["payments"])["amount"].astype(float).tolist() == [2.5, -2.5]
    assert validate(config).errors == ()


@pytest.mark.parametrize("content", [None, b"InvoiceNo;StockCode"])
def test_a_file_that_is_no_parquet_ends_with_code_2_and_no_folder(retail, tmp_path, capsys, content):
    file = tmp_path / "lines.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SystemExit) as exit_:
        retail.main(["--data", str(file), "--out", str(tmp_path / "out")])
    assert exit_.value.code == 2
    assert "Parquet file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def real(retail, data_dir):
    return retail.prepare(pd.read_parquet(data_dir / "clv" / "online_retail_uci.parquet"))


def test_what_the_real_file_holds_and_what_is_left_out(real):
    assert real.counts == {
        "invoice lines read": 541_909,
        "lines without customer left out": 135_080,
        "repeated lines (equal in every column) left out": 5_225,
        "lines priced at zero or below (gifts, adjustments) left out": 40,
        "lines of quantity zero left out": 0,
        "invoices whose lines carry several times (the first counts)": 31,
        "refunds of sales before the file begins left out": 200,
        "customers with refunds only left out": 33,
        "customers written": 4_338,
        "sales written": 18_532,
        "refunds written": 3_454,
    }


def test_real_keys_are_unique_and_signs_follow_the_kind(real):
    assert real.customers["customer_id"].is_unique
    assert real.payments["payment_id"].is_unique
    assert set(real.payments["customer_id"]) == set(real.customers["customer_id"])
    assert (real.payments["amount"] > 0).eq(real.payments["kind"] == "one_off").all()
    first = real.payments.groupby("customer_id")["paid_at"].min()
    assert first.eq(real.customers.set_index("customer_id")["signed_up_at"]).all()


@pytest.fixture(scope="module")
def real_tables(real, pytestconfig):
    config = load_config(pytestconfig.rootpath / "configs" / "online_retail.yaml")
    return tables_from_frames({"customers": real.customers, "payments": real.payments}, config)


def test_the_real_tables_keep_the_contract(real, real_tables):
    payments = real_tables["payments"]
    amounts = real_tables.execute(payments.aggregate(total=payments.amount.sum()))
    assert float(amounts["total"].iloc[0]) == pytest.approx(real.payments["amount"].sum())
    assert real_tables.data_until == pd.Timestamp("2011-12-10")


def test_the_config_allows_a_snapshot_that_judges_value_to_the_end_of_the_data(real_tables):
    config = real_tables.config
    window = pd.Timedelta(config.incremental.follow_up_days, "D")
    snapshots = month_starts(config.snapshots.first, config.snapshots.last, 1, config.timezone)
    judging = [s for s in snapshots if s + window <= real_tables.data_until][-1]
    assert judging == instant("2011-09-01", "Europe/London")
    assert judging - window >= snapshots[0]


def test_purchases_to_august_reproduce_the_published_nbd_limit(real, real_tables):
    """3,317 customers to 2011-08-31, weeks, one purchase a day, gross: log-likelihood -21755.35 without dropout."""
    at = instant("2011-08-31 23:59:59", "Europe/London")
    net = rfm_summary(real_tables, customer_spine(real_tables, [at]), "shop")
    assert net["T"].notna().sum() == 3_308  # nine gave back all they had bought
    bought = {"customers": real.customers, "payments": real.payments[real.payments["amount"] > 0]}
    tables = tables_from_frames(bought, real_tables.config)
    summary = rfm_summary(tables, customer_spine(tables, [at]), "shop")
    x, weeks = summary["frequency"].to_numpy(), summary["T"].to_numpy() / 7

    def negative_log_likelihood(logs):
        r, alpha = np.exp(logs)
        terms = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + weeks)
        return -terms.sum()

    fit = minimize(negative_log_likelihood, [0.0, 1.0], method="Nelder-Mead", options={"fatol": 1e-6})
    assert len(summary) == 3_317
    assert -fit.fun == pytest.approx(-21_755.35, abs=0.01)
