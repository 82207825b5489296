"""Amounts in other currencies: converted where the business brings rates, else an error.

Adding them up as they are would be silently wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import pandas as pd

from ...core.config.business import Config
from ...core.contract import CONTRACT, RECORDED_AT, Table
from ...core.privacy import is_personal
from ..contract.exchange import currency_word, exchanged, money_columns, own_words, with_rates
from ..engines.choose import engine_of
from ..expressions import Backend, Rows
from .checks import example_keys
from .findings import Finding, Level

__all__ = ["Exchange", "check_currency", "check_rates", "convert_money"]

_SHOWN = 5
_LONGEST = 12
"""Letters of a word that may be shown as a currency."""
_STALE_DAYS = 31
"""A rate that is older than this when it is used is named."""
_JUMP = 3.0
"""A rate that rises or falls by this factor from one to the next is named."""


@dataclass(frozen=True)
class Exchange:
    """A table of money in the config's currency, what was found on the way, and lines that say what was converted."""

    rows: Rows
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def check_currency(connection: Backend, config: Config, name: str, rows: Rows) -> list[Finding]:
    """Return an error where ``name`` holds amounts in another currency than the config's and nothing converts them.

    A currency is its code or its sign, case aside; a row without one is in the config's.
    """
    if "currency" not in rows.columns or name == "fx":
        return []
    word = rows.currency.strip().upper().nullif("")
    others = rows.mutate(word=word).filter(word.notnull() & word.notin(own_words(config.currency)))
    counts = others.group_by("word").aggregate(n=others.count()).order_by("word")
    found = connection.execute(counts)
    if found.empty:
        return []
    shown = _shown(found["word"])
    names = ", ".join(shown[:_SHOWN]) + (", ..." if len(found) > _SHOWN else "")
    broken, total = int(found["n"].sum()), int(connection.execute(rows.count()))
    hint = "add the rates of the days as a table fx, or convert the amounts at their day in a query under sql:"
    if len(shown) == 1 and broken == total:
        hint = f"set currency: {shown[0]}, or {hint}"
    rule = f"{names or 'other words'} where the business counts in {config.currency}"
    keys = example_keys(connection, CONTRACT[name], others)
    return [Finding("error", name, "currency", rule, broken, keys, total, hint)]


def _shown(words: pd.Series) -> list[str]:
    return [str(each) for each in words if len(str(each)) <= _LONGEST and not is_personal(str(each))]


def check_rates(connection: Backend, config: Config, fx: Rows) -> list[Finding]:
    """Return what is odd about rates from one to the next, and an error where the own currency's is not 1."""
    own, total = config.currency, int(connection.execute(fx.count()))
    rows = fx.mutate(currency=currency_word(fx.currency, own))
    wrong = rows.filter((rows.currency == own) & (rows.rate != 1))
    before = rows.rate.lag().over(ibis.window(group_by=rows.currency, order_by=rows["at"]))
    steps = rows.mutate(times=rows.rate / before.nullif(0.0))
    jumps = steps.filter((steps.times > _JUMP) | (steps.times < 1 / _JUMP))
    doubled = rows.group_by("currency", "at").aggregate(n=rows.count())
    doubled = doubled.filter(doubled.n > 1)
    hint = f"expected what one unit is worth in {own}"
    twice = "expected one rate a day; a sign and its code are one currency"
    rules: tuple[tuple[Rows, Level, str, str, str], ...] = (
        (wrong, "error", "rate", f"the rate of {own} itself is not 1", hint),
        (doubled, "error", "currency/at", "duplicate rate", twice),
        (jumps, "warning", "rate", f"more than {_JUMP:g} times the rate before it, or less than a third", hint),
    )
    found = []
    for broken, level, column, rule, remedy in rules:
        count = int(connection.execute(broken.count()))
        if count:
            keys = example_keys(connection, CONTRACT["fx"], broken)
            found.append(
                Finding("error" if level == "error" else "warning", "fx", column, rule, count, keys, total, remedy)
            )
    return found


def convert_money(connection: Backend, config: Config, table: Table, frames: Mapping[str, Rows]) -> Exchange:
    """Return a table with its money converted by the table ``fx``, as it is where none is in another currency.

    Parameters
    ----------
    connection
        The engine, which keeps the converted table.
    config
        Its currency and timezone.
    table
        The table's place in the contract.
    frames
        Tables in contract form, ``fx`` among them.
    """
    rows = frames[table.name]
    if table.name == "fx" or "currency" not in rows.columns or not money_columns(table, rows):
        return Exchange(rows)
    word = currency_word(rows.currency, config.currency)
    if not int(connection.execute(rows.filter(word != config.currency).count())):
        return Exchange(rows)
    return _converted(connection, config, table, rows, frames["fx"])


def _converted(connection: Backend, config: Config, table: Table, rows: Rows, fx: Rows) -> Exchange:
    own = config.currency
    rated = with_rates(rows, table, fx, own, config.timezone)
    rated = engine_of(connection).store(f"rated_{table.name}", rated)
    findings, notes = [], []
    for column in (each.name for each in money_columns(table, rated)):
        used = rated.filter(rated.currency != own, rated[column].notnull())
        figures = _by_currency(connection, used, column)
        if figures.empty:
            continue
        lost = figures[figures["missing"] > 0]
        if len(lost):
            hint = "a rate recorded later counts from then on; " if RECORDED_AT in fx.columns else ""
            findings.append(_without_rate(connection, config, table, column, used, lost, hint))
        else:
            notes.append(_note(table.name, column, figures, own))
        findings += _stale(connection, table, column, used)
    kept = exchanged(rated, table, list(rows.columns), own)
    return Exchange(kept, tuple(findings), tuple(notes))


def _by_currency(connection: Backend, used: Rows, column: str) -> pd.DataFrame:
    """Return rows, rates and the first day without one, by currency."""
    rate, day = used[f"{column}__rate"], used[f"{column}__day"]
    figures = used.group_by("currency").aggregate(
        rows=used.count(),
        missing=rate.isnull().sum(),
        first=day.min(where=rate.isnull()),
        least=rate.cast("float64").min(),
        most=rate.cast("float64").max(),
    )
    found: pd.DataFrame = connection.execute(figures.order_by("currency"))
    return found


def _without_rate(
    connection: Backend, config: Config, table: Table, column: str, used: Rows, lost: pd.DataFrame, hint: str
) -> Finding:
    """Return the error that names the currencies without a rate, each with its first day."""
    shown = _shown(lost["currency"])
    days = dict(zip(lost["currency"].astype(str), pd.to_datetime(lost["first"]), strict=True))
    names = [f"{each} on {days[each]:%Y-%m-%d}" for each in shown[:_SHOWN]] or ["a word that is no currency"]
    names += ["..."] if len(lost) > len(names) else []
    broken = used.filter(used[f"{column}__rate"].isnull())
    total = int(connection.execute(used.count()))
    rule = f"no rate to {config.currency} of {', '.join(names)}"
    remedy = f"{hint}add a rate with `at` on or before that day to the table fx"
    keys = example_keys(connection, table, broken)
    return Finding("error", table.name, column, rule, int(lost["missing"].sum()), keys, total, remedy)


def _stale(connection: Backend, table: Table, column: str, used: Rows) -> list[Finding]:
    """Return a warning where money is converted by rates that were old on its day."""
    age = used[f"{column}__day"].cast("timestamp(6)").delta(used[f"{column}__since"].cast("timestamp(6)"), unit="day")
    old = used.filter(age > _STALE_DAYS)
    count, total = int(connection.execute(old.count())), int(connection.execute(used.count()))
    if not count:
        return []
    rule = f"converted by a rate more than {_STALE_DAYS} days old"
    hint = "bring the table fx up to those days"
    return [Finding("warning", table.name, column, rule, count, example_keys(connection, table, old), total, hint)]


def _note(table: str, column: str, figures: pd.DataFrame, own: str) -> str:
    """Return the line that says what was converted."""
    each = [
        f"{row['rows']:,} from {row['currency']} at {row['least']:.6g}"
        + (f" to {row['most']:.6g}" if row["most"] > row["least"] else "")
        for row in figures.to_dict("records")
        if len(str(row["currency"])) <= _LONGEST
    ]
    return f"{table}.{column}: converted to {own}: {', '.join(each)}"
