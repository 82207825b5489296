"""The indicators of the report: the latest month that is known of each, all customers together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ...core.errors import ConfigError
from ...core.locale import Locale
from ...core.messages import Message
from ...features.indicators.words import WORDS, title_of
from ..indicators.page import worth_table
from ..indicators.worth import WORTH_COLUMNS
from ..indicators.written import month_name, written
from ..pages.cells import Cell, Table, number_cell
from .parts import Lacking
from .words import REPORT

__all__ = ["INDICATORS", "WORTH", "indicators_part", "worth_part"]

INDICATORS = "indicators.parquet"
WORTH = "indicators_worth.parquet"
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
    _check(file, rows, _NEEDED)
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


def worth_part(folder: Path | None, locale: Locale) -> Table | None:
    """Return what a point of each indicator is worth; None where that was not written, or nothing is told of it.

    Raises
    ------
    ConfigError
        The file is another than `servicelift indicators` writes.
    """
    file = None if folder is None else folder / WORTH
    if file is None or not file.is_file():
        return None
    rows = pd.read_parquet(file)
    _check(file, rows, WORTH_COLUMNS)
    return worth_table(rows, locale) if len(rows) else None


def _check(file: Path, rows: pd.DataFrame, columns: Sequence[str]) -> None:
    lacking = [name for name in columns if name not in rows]
    if lacking:
        raise ConfigError(
            f"--indicators: expected what `servicelift indicators` wrote, '{file}' has no column {', '.join(lacking)}"
        )


def _line(row: pd.Series, locale: Locale) -> tuple[Cell, ...]:
    name, unit = str(row["indicator"]), str(row["unit"])

    def write(column: str) -> str:
        value = row.get(column)
        return "–" if pd.isna(value) else written(locale, unit, float(value))

    between = "" if pd.isna(row["low"]) or pd.isna(row["high"]) else f"{write('low')} – {write('high')}"
    return (
        Cell(title_of(name, locale) if name in WORDS else locale.named(name)),
        Cell(month_name(locale, pd.Timestamp(row["month"]).date())),
        number_cell(write("value"), between),
        *(number_cell(write(column)) for column in ("month_before", "year_before", "target")),
    )
