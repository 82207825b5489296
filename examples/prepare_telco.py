"""Put the IBM Telco churn table, one flat snapshot without dates, into the contract.

    python examples/prepare_telco.py --data ibm_telco_customer_churn.csv --out work/telco
    servicelift train work/telco/telco.yaml

The table says of each customer how many months they had been with the operator, and whether they left within
the month. It has no date. The contract needs instants, so these are stand-ins:

- the snapshot is 2024-01-01 for everybody;
- a customer signed up, and the subscription started, ``tenure`` calendar months and one day before: that is
  ``tenure`` completed months, and tenure 0 still lies before the snapshot;
- a customer with Churn = Yes ends 15 days after the snapshot, in the middle of the horizon of 30 days. The true
  day is unknown. An end before the snapshot would put the answer into the features, so an end inside the horizon
  is the only place that says what the table says. One day for everybody carries no information of its own: no
  survival curve, no renewal timing and no lifetime value can be read from it;
- the term is counted from the sign-up, so the day of the next renewal is a stand-in too;
- the reason is called voluntary, because nothing tells of failed payments.

Monthly charges become the price (of one term), the contract its term, the payment method a method valid from
sign-up on; every other column is a static feature under its own name. There are no payments, contacts or actions.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pandas as pd
from servicelift.core.errors import DataError, ServiceliftError
from servicelift.core.files import complete_folder

__all__ = ["Prepared", "main", "prepare"]

CONFIG = "telco.yaml"
SNAPSHOT = pd.Timestamp(2024, 1, 1)
LEFT_AT = SNAPSHOT + pd.Timedelta(15, "D")
TERM_MONTHS = {"Month-to-month": 1, "One year": 12, "Two year": 24}
METHODS = {
    "Bank transfer (automatic)": "iban",
    "Credit card (automatic)": "card",
    "Electronic check": "cheque",
    "Mailed check": "cheque",
}
INTERNET = {"No": "", "DSL": "dsl", "Fiber optic": "fiber"}
PHONE = {"No": "", "Yes": "phone"}
LEFT = {"No": False, "Yes": True}
MAPPED = ("customerID", "tenure", "PhoneService", "InternetService", "Contract", "MonthlyCharges", "Churn")
"""Columns that find their place in the contract; all others become static features of the customer."""


@dataclass(frozen=True)
class Prepared:
    """The three tables, and what was counted on the way.

    Parameters
    ----------
    customers
        customer_id, signed_up_at, and the static columns under their own names.
    subscriptions
        subscription_id, customer_id, product, started_at, ended_at, term_months, price (USD, one term),
        end_reason.
    payment_methods
        customer_id, valid_from, method.
    counts
        What was read and written.
    """

    customers: pd.DataFrame
    subscriptions: pd.DataFrame
    payment_methods: pd.DataFrame
    counts: dict[str, int]


def prepare(flat: pd.DataFrame) -> Prepared:
    """Return the contract's tables made of the flat one.

    Raises
    ------
    DataError
        A column is missing, a customer appears twice, a value is unknown, or a charge is no number.
    """
    _check(flat)
    start = pd.Series(
        [SNAPSHOT - pd.DateOffset(months=int(months), days=1) for months in flat["tenure"]], index=flat.index
    ).astype("datetime64[us]")
    charges = flat["TotalCharges"].astype("str").str.strip()
    static = flat.drop(columns=list(MAPPED)).assign(
        TotalCharges=_numbers(charges.mask(charges.isin(["", "nan"])), "TotalCharges")
    )
    customers = pd.DataFrame({"customer_id": flat["customerID"], "signed_up_at": start}).join(static)
    subscriptions = _subscriptions(flat, start)
    methods = pd.DataFrame(
        {
            "customer_id": flat["customerID"],
            "valid_from": start,
            "method": _coded(flat, "PaymentMethod", METHODS),
        }
    )
    counts = {
        "customers": len(flat),
        "left within the month": int(subscriptions["ended_at"].notna().sum()),
        "new this month (tenure 0)": int((flat["tenure"] == 0).sum()),
        "blank TotalCharges left empty": int(customers["TotalCharges"].isna().sum()),
    }
    return Prepared(customers, subscriptions, methods, counts)


def _subscriptions(flat: pd.DataFrame, start: pd.Series) -> pd.DataFrame:
    """Return one subscription a customer; the product is the set of services."""
    phone, internet = _coded(flat, "PhoneService", PHONE), _coded(flat, "InternetService", INTERNET)
    term = _coded(flat, "Contract", TERM_MONTHS).astype("int64")
    left = _coded(flat, "Churn", LEFT).astype("bool")
    ended = pd.Series(LEFT_AT, index=flat.index, dtype="datetime64[us]").where(left)
    return pd.DataFrame(
        {
            "subscription_id": flat["customerID"],
            "customer_id": flat["customerID"],
            "product": (phone + "+" + internet).str.strip("+"),
            "started_at": start,
            "ended_at": ended,
            "term_months": term,
            "price": (_numbers(flat["MonthlyCharges"], "MonthlyCharges") * term).round(2),
            "end_reason": pd.Series("voluntary", index=flat.index).where(left),
        }
    )


def _check(flat: pd.DataFrame) -> None:
    for name in (*MAPPED, "PaymentMethod", "TotalCharges"):
        if name not in flat.columns:
            came = ", ".join(map(str, flat.columns))
            raise DataError(f"expected a column {name}, got {came}; use the columns of the IBM Telco file")
    repeated = flat.loc[flat["customerID"].duplicated(), "customerID"]
    if len(repeated):
        raise DataError(f"expected each customerID once, {len(repeated)} come again: {', '.join(repeated[:3])}")


def _coded(flat: pd.DataFrame, column: str, codes: Mapping[str, object]) -> pd.Series:
    """Return a column translated; a value without a code stops, since guessing would change the label."""
    unknown = sorted(set(flat[column].astype("str")) - set(codes))
    if unknown:
        raise DataError(f"{column}: expected one of {', '.join(codes)}, got '{unknown[0]}'")
    return flat[column].map(codes)


def _numbers(values: pd.Series, column: str) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce")
    wrong = values[numbers.isna() & values.notna()]
    if len(wrong):
        raise DataError(f"{column}: expected numbers, {len(wrong)} values are none")
    return numbers.astype("float64")


def _read(file: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(file)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise DataError(f"expected a CSV file with one header line, '{file}' is none") from error


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the file, write the tables and their config, print what was counted."""
    parser = argparse.ArgumentParser(description="IBM Telco as customers, subscriptions and payment methods.")
    parser.add_argument("--data", type=Path, required=True, help="CSV file of the flat table")
    parser.add_argument("--out", type=Path, required=True, help="folder for the tables and their config")
    options = parser.parse_args(arguments)
    if not options.data.is_file():
        parser.error(f"expected the flat table in a CSV file, found none at '{options.data}'")
    try:
        prepared = prepare(_read(options.data))
        with complete_folder(options.out) as folder:
            prepared.customers.to_parquet(folder / "customers.parquet", index=False)
            prepared.subscriptions.to_parquet(folder / "subscriptions.parquet", index=False)
            prepared.payment_methods.to_parquet(folder / "payment_methods.parquet", index=False)
            (folder / CONFIG).write_bytes(files("servicelift.configs").joinpath(CONFIG).read_bytes())
    except ServiceliftError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    for what, rows in prepared.counts.items():
        print(f"{rows:>9,}  {what}")
    print(f"config: {options.out / CONFIG}")


if __name__ == "__main__":
    main()
