"""Money in other currencies, converted to the config's at the rate of the day.

The rate of an amount is the last one of its currency on or before the local day of the amount. A rate that was
recorded later (``recorded_at``) counts from the day on which it was: nobody could have converted with it before.
"""

from __future__ import annotations

import ibis

from ...core.contract import RECORDED_AT, Column, Kind, Table
from ..expressions import Rows, Value
from .casts import MONEY
from .local_time import wall_clock
from .numbers import CURRENCY_SIGNS

__all__ = [
    "LARGEST_RATE",
    "ORIGINAL_AMOUNT",
    "ORIGINAL_CURRENCY",
    "ORIGINAL_REFUNDED",
    "RATE",
    "currency_word",
    "exchanged",
    "money_columns",
    "own_words",
    "with_rates",
]

LARGEST_RATE = 1e6
"""Rates lie below: a product of money and rate then fits the engines' decimals."""

ORIGINAL_AMOUNT, ORIGINAL_REFUNDED, ORIGINAL_CURRENCY = (
    f"original_{name}" for name in ("amount", "refunded_amount", "currency")
)
"""Columns of converted payments as they were paid: a refund is whole by them, whatever the rates did since."""

RATE = "decimal(20, 12)"
"""Rates are decimals too, so that amounts in cents convert to what a pocket calculator shows."""


def own_words(currency: str) -> list[str]:
    """Return how a currency is named: its code and its signs, in capitals."""
    return [word.upper() for word in (currency, *CURRENCY_SIGNS.get(currency, ()))]


def currency_word(text: Value, own: str) -> Value:
    """Return the currencies that words name: ``own`` for nothing and its own signs, the code of signs of one alone."""
    word = text.strip().upper().nullif("")
    signs = [sign.upper() for signs in CURRENCY_SIGNS.values() for sign in signs]
    alone = [
        (sign.upper(), code)
        for code, of_code in CURRENCY_SIGNS.items()
        for sign in of_code
        if signs.count(sign.upper()) == 1 and code != own
    ]
    pairs = [*((each, own) for each in own_words(own)), *alone]
    return word.cases(*pairs, else_=word).fill_null(own)


def money_columns(table: Table, rows: Rows) -> list[Column]:
    """Return the columns of money that a table has here."""
    return [column for column in table.columns if column.kind is Kind.MONEY and column.name in rows.columns]


def with_rates(rows: Rows, table: Table, fx: Rows, own: str, timezone: str) -> Rows:
    """Return rows with their ``currency`` as a code, and for each column of money its day, its rate and its worth.

    Parameters
    ----------
    rows
        A table of money in contract form, with ``currency``.
    table
        Its place in the contract.
    fx
        Rates in contract form.
    own
        The config's currency.
    timezone
        Zone whose calendar tells the day.

    Returns
    -------
    ibis table
        Beside the columns of ``rows``: ``<column>__day`` (date), ``<column>__rate`` (decimal; 1 in the own currency,
        null where ``fx`` has none), ``<column>__since`` (the day from which the rate holds) and ``<column>__own``, the
        money in the own currency.
    """
    rows = rows.mutate(currency=currency_word(rows.currency, own))
    columns = money_columns(table, rows)
    rows = rows.mutate(**{f"{c.name}__day": _day(rows, table, c, timezone) for c in columns})
    rates = _dated(fx, own, timezone)
    for column in columns:
        rows = _joined(rows, column.name, rates, own)
    return rows


def _day(rows: Rows, table: Table, column: Column, timezone: str) -> Value:
    """Return the local day of a table's money."""
    days = [_local(rows, table, name, timezone) for name in (column.rate_day, table.row_known) if name in rows.columns]
    return ibis.coalesce(*days)


def _local(rows: Rows, table: Table, name: str | None, timezone: str) -> Value:
    assert name is not None
    if table.column[name].kind is Kind.DATE:
        return rows[name]
    return wall_clock(rows[name], timezone).date()


def _dated(fx: Rows, own: str, timezone: str) -> Rows:
    """Return the rates with ``since``, the first day on which each could be used, and ``order`` among them."""
    since = fx["at"]
    if RECORDED_AT in fx.columns:
        since = ibis.greatest(since, ibis.coalesce(wall_clock(fx[RECORDED_AT], timezone).date(), since))
    order = since.cast("string") + "/" + fx["at"].cast("string")
    return fx.select(fx_currency=currency_word(fx.currency, own), rate=fx.rate, since=since, order=order)


def _joined(rows: Rows, column: str, rates: Rows, own: str) -> Rows:
    """Return ``rows`` with the rate of each currency and day; it is looked up once for each pair of them."""
    day = f"{column}__day"
    pairs = rows.filter(rows.currency != own, rows[column].notnull()).select(pair="currency", day=rows[day]).distinct()
    met = pairs.inner_join(rates, [pairs.pair == rates.fx_currency, rates.since <= pairs.day])
    latest = met.group_by("pair", "day").aggregate(
        found=met.rate.argmax(met.order).cast(RATE), found_since=met.since.max()
    )
    joined = rows.left_join(latest, [rows.currency == latest.pair, rows[day] == latest.day])
    foreign = joined.currency != own
    worth = ibis.ifelse(foreign, (joined[column] * joined.found).cast(MONEY), joined[column])
    rate = ibis.ifelse(foreign, joined.found, ibis.literal(1).cast(RATE))
    added = {f"{column}__rate": rate, f"{column}__since": joined.found_since, f"{column}__own": worth}
    return joined.mutate(**added).drop("pair", "day", "found", "found_since")


def exchanged(rows: Rows, table: Table, columns: list[str], own: str) -> Rows:
    """Return what :func:`with_rates` returned with its money in ``own``, and only ``columns``.

    Payments keep beside them what was paid: :data:`ORIGINAL_AMOUNT`, :data:`ORIGINAL_REFUNDED`,
    :data:`ORIGINAL_CURRENCY`.
    """
    worth = {column.name: rows[f"{column.name}__own"] for column in money_columns(table, rows)}
    kept = {f"original_{name}": rows[name] for name in (*worth, "currency")} if table.name == "payments" else {}
    return rows.mutate(**kept, **(worth | {"currency": ibis.literal(own)})).select([*columns, *kept])
