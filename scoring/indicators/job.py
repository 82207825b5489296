"""Count the service indicators of a period and write them: Parquet, CSV, a CSV for people, a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ...core.config.business import Config
from ...core.files import complete_folder
from ...core.locale import Locale, people_csv
from ...core.messages import Message
from ...core.output_lock import locked_folder
from ...core.progress import Say, silent
from ...core.short_repr import ShortRepr
from ...features.indicators.declare import Lack
from ...features.indicators.measure import measure
from ...features.indicators.words import title_of
from ...features.tables.tables import Opener, open_tables
from .page import PageFacts, indicators_page
from .traps import traps
from .values import KNOWN, UNKNOWN, check_targets, indicator_rows
from .words import COLUMNS, LACKS, LINES, REASONS, TRAPS
from .worth import worth_rows
from .written import ends_written, month_name, people_frame, written

__all__ = ["CSV", "PAGE", "PEOPLE", "ROWS", "WORTH", "IndicatorsOutcome", "indicators"]

ROWS, WORTH, CSV = "indicators.parquet", "indicators_worth.parquet", "indicators.csv"
PEOPLE, PAGE = "indicators.people.csv", "indicators.html"

_SHOWN = ("csat", "nps", "ces", "fcr_gross", "service_level", "contact_rate", "churn_rate")
"""Indicators that the terminal tells; all are in the files."""


@dataclass(frozen=True)
class IndicatorsOutcome(ShortRepr):
    """The indicators of a period.

    Parameters
    ----------
    out
        Folder of the files.
    rows
        As indicators.parquet holds them.
    worth
        As indicators_worth.parquet holds it.
    traps
        Traps of the trade that bite, each with its figures.
    absent
        Why an indicator is absent, by name.
    not_split
        What is missing to split an indicator by a dimension: (indicator, dimension) to column.
    page
        The page, HTML.
    locale
        In which language it is told.
    with_statement
        Whether a statement was read.
    """

    out: Path
    rows: pd.DataFrame
    worth: pd.DataFrame
    traps: tuple[Message, ...]
    absent: dict[str, Lack]
    not_split: dict[tuple[str, str], str]
    page: str = field(repr=False)
    locale: Locale = field(default_factory=Locale)
    with_statement: bool = False

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        locale, rows = self.locale, self.rows
        months, unknown = rows["month"].nunique(), int((rows["status"] == UNKNOWN).sum())
        counted = LINES.say(locale, "counted", n=rows["indicator"].nunique(), months=months, unknown=unknown)
        files = LINES.say(locale, "files", page=str(self.out / PAGE), rows=str(self.out / ROWS))
        return [counted, *self._latest(), *self._worth_lines(), *self._trap_lines(), *self._absent_lines(), files]

    def _latest(self) -> list[str]:
        rows = self.rows[(self.rows["by"] == "") & (self.rows["status"] == KNOWN)]
        lines = []
        for name in _SHOWN:
            own = rows[rows["indicator"] == name]
            if own.empty:
                continue
            row = own.iloc[-1]
            low, high = ends_written(self.locale, row["unit"], row["low"], row["high"])
            value = written(self.locale, row["unit"], row["value"])
            month, title = month_name(self.locale, row["month"]), title_of(name, self.locale)
            figures = {"title": title, "month": month, "value": value, "low": low, "high": high}
            lines.append(LINES.say(self.locale, "latest", **figures, n=int(row["n"])))
        return lines

    def _worth_lines(self) -> list[str]:
        if not self.with_statement:
            return [LINES.say(self.locale, "no_worth")]
        return [
            LINES.say(
                self.locale,
                "worth",
                title=title_of(row["indicator"], self.locale),
                what=worth_in_words(row, self.locale),
                contrast=self.locale.named(row["contrast"]),
            )
            for _, row in self.worth.iterrows()
        ]

    def _trap_lines(self) -> list[str]:
        return [LINES.say(self.locale, "trap", text=TRAPS.write(self.locale, each)) for each in self.traps]

    def _absent_lines(self) -> list[str]:
        locale = self.locale
        lines = [
            LINES.say(locale, "absent", title=title_of(name, locale), why=lack_in_words(lack, locale))
            for name, lack in self.absent.items()
        ]
        by_lack: dict[tuple[str, str], list[str]] = {}
        for (name, by), column in self.not_split.items():
            by_lack.setdefault((by, column), []).append(title_of(name, locale))
        for (by, column), titles in by_lack.items():
            dimension = COLUMNS.say(locale, by)
            lines.append(LINES.say(locale, "not_split", by=dimension, titles=locale.listed(titles), column=column))
        return lines


def lack_in_words(lack: Lack, locale: Locale) -> str:
    """Return why an indicator is absent."""
    return LACKS.say(locale, lack.code, of=locale.listed(list(lack.of)))


def worth_in_words(row: pd.Series, locale: Locale) -> str:
    """Return what one point of an indicator is worth a year, or why nobody can say."""
    figures = {"point": row["per_point"], "low": row["per_point_low"], "high": row["per_point_high"]}
    return REASONS.say(locale, row["reason"], **figures)


def indicators(
    config: Config,
    since: pd.Timestamp,
    until: pd.Timestamp,
    out: Path,
    by: Sequence[str] | None = None,
    roi: Path | None = None,
    say: Say = silent,
    opened: Opener | None = None,
) -> IndicatorsOutcome:
    """Count every indicator by month and write the files to ``out``, all or nothing.

    Parameters
    ----------
    config
        The business.
    since, until
        Period, naive UTC; a month that it touches is counted whole.
    out
        Folder for the files.
    by
        Dimensions to split by; None: the config's.
    roi
        Folder of a statement, from which is read what a point is worth; None: that is not told.
    say
        Told about each step.
    opened
        Gives the tables of a configuration where they are open already.

    Raises
    ------
    ServiceliftError
        The period is empty, a dimension or target is unknown, the tables break the contract, ``roi`` holds no
        statement, or ``out`` cannot be written.
    """
    check_targets(config)
    chosen = tuple(dict.fromkeys(config.indicators.by if by is None else by))
    with locked_folder(out):
        say("tables: open and check")
        tables = (opened or open_tables)(config)
        measured = measure(tables, since, until, chosen, say)
        say("indicators: who answers")
        rows = indicator_rows(measured, config)
        worth = worth_rows(measured, config, roi)
        found, absent = traps(measured), dict(measured.absent)
        facts = PageFacts.of(measured, config, since, until, found, roi is not None)
        page = indicators_page(rows, worth, facts)
        _write(out, rows, worth, page, config.locale)
    return IndicatorsOutcome(
        out, rows, worth, found, absent, dict(measured.not_split), page, config.locale, roi is not None
    )  # fmt: skip


def _write(out: Path, rows: pd.DataFrame, worth: pd.DataFrame, page: str, locale: Locale) -> None:
    with complete_folder(out) as folder:
        rows.to_parquet(folder / ROWS, index=False)
        worth.to_parquet(folder / WORTH, index=False)
        rows.to_csv(folder / CSV, index=False)
        if locale.decimal_mark == ",":
            people_csv(people_frame(rows, locale), folder / PEOPLE, locale)
        (folder / PAGE).write_text(page, encoding="utf-8")
