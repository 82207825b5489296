"""The indicators of the report: the latest month that is known of each, all customers together."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from babel.dates import format_date

from ...core.errors import ConfigError
from ...core.locale import Locale
from ...core.messages import Message
from ...features.indicators.words import title_of
from ..pages.cells import Cell, Table, number_cell
from .parts import Lacking
from .words import REPORT

__all__ = ["INDICATORS", "indicators_part"]

INDICATORS = "indicators.parquet"
_NEEDED = ("indicator", "month", "by", "value", "low", "high", "unit", "status")


def indicators_part(folder: Path | None, locale: Locale) -> Table | Lacking:
    """Return a row an indicator with its value in the latest month known, its interval, and what it compares with.

    Raises
    ------
    ConfigError
        The file is another than `servicelift indicators` writes.
    """
    if folder is None:
        return Lacking("indicators", Message.of("not_named"))
    file = folder / INDICATORS
    if not file.is_file():
        return Lacking("indicators", Message.of("no_file", file=str(file)))
    rows = pd.read_parquet(file)
    lacking = [name for name in _NEEDED if name not in rows]
    if lacking:
        raise ConfigError(
            f"--indicators: expected what `servicelift indicators` wrote, '{file}' has no column {', '.join(lacking)}"
        )
    known = rows[(rows["by"] == "") & (rows["status"] == "known") & rows["value"].notna()]
    latest = known.sort_values("month", kind="stable").drop_duplicates("indicator", keep="last")
    order = {name: place for place, name in enumerate(dict.fromkeys(rows["indicator"]))}
    latest = latest.sort_values("indicator", key=lambda names: names.map(order))
    head = (
        Cell(REPORT.say(locale, "indicator")),
        Cell(REPORT.say(locale, "month")),
        *(number_cell(REPORT.say(locale, code)) for code in ("value", "month_before", "year_before", "target")),
    )
    body = tuple(_line(row, locale) for _, row in latest.iterrows())
    return Table(REPORT.say(locale, "indicators_caption"), head, body)


def _line(row: pd.Series, locale: Locale) -> tuple[Cell, ...]:
    def write(name: str) -> str:
        value = row.get(name)
        return "–" if pd.isna(value) else _written(float(value), str(row["unit"]), locale)

    between = "" if pd.isna(row["low"]) or pd.isna(row["high"]) else f"{write('low')} – {write('high')}"
    return (
        Cell(title_of(str(row["indicator"]), locale)),
        Cell(format_date(pd.Timestamp(row["month"]).date(), "LLLL y", locale=locale.language)),
        number_cell(write("value"), between),
        *(number_cell(write(name)) for name in ("month_before", "year_before", "target")),
    )


def _written(value: float, unit: str, locale: Locale) -> str:
    """Return a value in its unit."""
    if unit == "share":
        return locale.percent(value, 1)
    if unit == "money":
        return locale.money(value)
    if unit == "seconds":
        return f"{locale.number(value)}\u00a0s"
    return locale.number(value, 2 if unit == "per_customer" else 1)
