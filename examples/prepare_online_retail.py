"""Turn the UCI Online Retail invoice lines into the contract's customers and payments.

    python examples/prepare_online_retail.py --data online_retail_uci.parquet --out work/retail
    servicelift train work/retail/online_retail.yaml

The file holds one row for each invoice line with InvoiceNo, StockCode, Description, Quantity, InvoiceDate,
UnitPrice, CustomerID and Country. One payment is made of each invoice:

- sales: amount = sum of quantity x price over the lines, kind ``one_off``;
- cancelled invoices (number begins with C) and lines of negative quantity: kind ``refund``, negative amount;
- the payment method is unknown, so it is ``other``; every payment was paid.

A customer signs up with the first sale in the file and keeps the country of that invoice. Postage, carriage,
discounts and manual lines are part of what was paid and stay in. What is left out is counted and printed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from servicelift.core.errors import DataError, ServiceliftError
from servicelift.core.files import complete_folder

__all__ = ["Prepared", "main", "prepare"]

COLUMNS = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
CANCELLED = "C"
CONFIG = "online_retail.yaml"


@dataclass(frozen=True)
class Prepared:
    """The two tables, and how many rows each rule left out.

    Parameters
    ----------
    customers
        customer_id (integer), signed_up_at (local time of the shop), country.
    payments
        payment_id, customer_id, paid_at, amount (GBP), method, status, kind.
    counts
        What was read, left out and written, in the order of the steps.
    """

    customers: pd.DataFrame
    payments: pd.DataFrame
    counts: dict[str, int]


def prepare(lines: pd.DataFrame) -> Prepared:
    """Return customers and payments made of invoice lines.

    Raises
    ------
    DataError
        A column is missing, the dates are no instants, an invoice has several customers, or no line is left.
    """
    missing = [name for name in COLUMNS if name not in lines.columns]
    if missing:
        came = ", ".join(map(str, lines.columns))
        raise DataError(f"expected a column {missing[0]}, got {came}; use the columns of the UCI file")
    if not pd.api.types.is_datetime64_any_dtype(lines["InvoiceDate"]):
        raise DataError(f"InvoiceDate: expected instants, got {lines['InvoiceDate'].dtype}; parse them first")
    counts = {"invoice lines read": len(lines)}
    kept = _usable(lines, counts)
    invoices = _after_first_sale(_invoices(kept, counts), counts)
    payments = invoices[["payment_id", "customer_id", "paid_at", "amount", "method", "status", "kind"]]
    customers = _customers(invoices)
    counts |= {
        "customers written": len(customers),
        "sales written": int((payments["kind"] == "one_off").sum()),
        "refunds written": int((payments["kind"] == "refund").sum()),
    }
    return Prepared(customers, payments, counts)


LEFT_OUT: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "lines without customer left out": lambda rows: rows["CustomerID"].isna(),
    "repeated lines (equal in every column) left out": lambda rows: rows.duplicated(),
    "lines priced at zero or below (gifts, adjustments) left out": lambda rows: ~(rows["UnitPrice"] > 0),
    "lines of quantity zero left out": lambda rows: rows["Quantity"] == 0,
}
"""Lines that are no payment of a known customer; a line that breaks several rules is counted under the first."""


def _usable(lines: pd.DataFrame, counts: dict[str, int]) -> pd.DataFrame:
    """Leave out the lines of :data:`LEFT_OUT`, rule by rule, and count them."""
    kept = lines
    for rule, breaks in LEFT_OUT.items():
        broken = breaks(kept)
        counts[rule] = int(broken.sum())
        kept = kept[~broken]
    if kept.empty:
        raise DataError("expected invoice lines with a customer and a price, none is left; check the file")
    return kept


def _invoices(lines: pd.DataFrame, counts: dict[str, int]) -> pd.DataFrame:
    """Return one payment an invoice; a sale's returned lines become a refund of their own."""
    number = lines["InvoiceNo"].astype("str")
    cancelled = number.str.startswith(CANCELLED)
    refund = cancelled | (lines["Quantity"] < 0)
    value = (lines["Quantity"] * lines["UnitPrice"]).abs()
    rows = pd.DataFrame(
        {
            "payment_id": number.where(cancelled | ~refund, CANCELLED + number),
            "customer_id": lines["CustomerID"].astype("int64"),
            "paid_at": lines["InvoiceDate"],
            "amount": value.where(~refund, -value),
            "country": lines["Country"],
            "kind": np.where(refund, "refund", "one_off"),
        }
    )
    shared = rows.groupby("payment_id")["customer_id"].nunique()
    if (shared > 1).any():
        raise DataError(f"expected one customer an invoice, {(shared > 1).sum()} have several: {_three(shared)}")
    times = rows.groupby("payment_id")["paid_at"].agg(["min", "max"])
    counts["invoices whose lines carry several times (the first counts)"] = int((times["min"] < times["max"]).sum())
    rows = rows.sort_values(["paid_at", "payment_id"], kind="stable")
    first = rows.groupby("payment_id", sort=False, as_index=False).first()
    total = rows.groupby("payment_id", sort=False)["amount"].sum().round(4)
    return first.assign(amount=total.to_numpy(), method="other", status="paid")


def _three(shared: pd.Series) -> str:
    return ", ".join(shared.index[shared > 1][:3])


def _after_first_sale(invoices: pd.DataFrame, counts: dict[str, int]) -> pd.DataFrame:
    """Leave out refunds before a customer's first sale: they take back sales made before the file begins."""
    sales = invoices[invoices["kind"] == "one_off"]
    start = invoices["customer_id"].map(sales.groupby("customer_id")["paid_at"].min())
    early = ~(invoices["paid_at"] >= start)
    counts["refunds of sales before the file begins left out"] = int(early.sum())
    counts["customers with refunds only left out"] = int(invoices.loc[start.isna(), "customer_id"].nunique())
    return invoices[~early].reset_index(drop=True)


def _customers(invoices: pd.DataFrame) -> pd.DataFrame:
    """Return one row a customer, known from the first sale on."""
    first = invoices[invoices["kind"] == "one_off"].drop_duplicates("customer_id")
    named = first.rename(columns={"paid_at": "signed_up_at"})[["customer_id", "signed_up_at", "country"]]
    return named.sort_values("customer_id", ignore_index=True)


def _read(file: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(file)
    except pa.ArrowInvalid as error:
        raise DataError(f"expected a Parquet file, '{file}' is none; convert the UCI sheet first") from error


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the file, write the tables and their config, print what was counted."""
    parser = argparse.ArgumentParser(description="UCI Online Retail as customers and payments.")
    parser.add_argument("--data", type=Path, required=True, help="Parquet file of the invoice lines")
    parser.add_argument("--out", type=Path, required=True, help="folder for the tables and their config")
    options = parser.parse_args(arguments)
    if not options.data.is_file():
        parser.error(f"expected the invoice lines in a Parquet file, found none at '{options.data}'")
    try:
        prepared = prepare(_read(options.data))
        with complete_folder(options.out) as folder:
            prepared.customers.to_parquet(folder / "customers.parquet", index=False)
            prepared.payments.to_parquet(folder / "payments.parquet", index=False)
            (folder / CONFIG).write_bytes(files("servicelift.configs").joinpath(CONFIG).read_bytes())
    except ServiceliftError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    for what, rows in prepared.counts.items():
        print(f"{rows:>9,}  {what}")
    print(f"config: {options.out / CONFIG}")


if __name__ == "__main__":
    main()
