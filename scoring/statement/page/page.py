"""The return-on-investment page: one self-contained HTML file, readable without us, drawn by a Jinja2 template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ....core.arrays import Bools
from ....core.locale import Locale
from ....core.records import RowKind
from ....core.short_repr import ShortRepr
from ....models.targeting.settling_words import settling_sentence
from ...pages.cells import Cell, Table
from ...pages.drawings import BarPicture
from ...pages.writer import page_template, sayer
from .bars import bridge_bars, forest, path_bars
from .checks import checks_table
from .finance import finance_table
from .glance import contrasts_table, cuts_table, left_out_line, overview_table, totals_table
from .month_line import MonthLine, month_line
from .wording import has_contracts, title, verdict_cell
from .words import HOW_TO_READ, PAGE, PICTURES

__all__ = ["PageFacts", "Section", "roi_page"]

_LAST_INSTANT = pd.Timedelta(1, "us")


@dataclass(frozen=True)
class PageFacts:
    """Facts of the page beside the rows.

    Parameters
    ----------
    business
        Its name.
    since, until, data_until
        Period of the decisions and end of the data, as naive UTC instants; ``until`` is left out.
    horizon_months, follow_up_days, clv_version
        Of the statement.
    locale
        Language, money and time zone of the page.
    warnings
        What holds for the whole statement, a clause each.
    row_warnings
        What holds for each row alone, "" without any.
    left_out
        Why something was not estimated, by its name.
    left_out_english
        Names of those whose reason is an error's text, English in every language.
    """

    business: str
    since: pd.Timestamp
    until: pd.Timestamp
    data_until: pd.Timestamp
    horizon_months: int
    follow_up_days: int
    clv_version: int
    locale: Locale = field(default_factory=Locale)
    warnings: tuple[str, ...] = ()
    row_warnings: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    left_out_english: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Section(ShortRepr):
    """One action or contrast: its sentence, what to beware of, its tables and pictures; None where there is none."""

    title: str
    verdict: Cell
    text: str
    settling: str
    caution: str
    finance: Table | None
    paths: BarPicture | None
    bridge: BarPicture | None
    months: MonthLine | None
    checks: Table


def roi_page(
    rows: pd.DataFrame,
    totals: pd.DataFrame,
    months: pd.DataFrame,
    facts: PageFacts,
    cuts: pd.DataFrame | None = None,
) -> str:
    """Return the page for the rows of ``roi.parquet``, ``roi_totals.parquet`` and ``roi_by_month.parquet``.

    ``cuts`` are those of ``roi_threshold.parquet``, where lists were read.
    """
    locale = facts.locale
    estimated = pd.DataFrame() if cuts is None or cuts.empty else cuts[cuts["verdict"].notna()]
    headline, contrasts = rows[rows["headline"]], rows[rows["kind"] == RowKind.CONTRAST]
    cautions = dict(zip(rows.index, facts.row_warnings or [""] * len(rows), strict=True))

    def sections(chosen: pd.DataFrame, among: pd.DataFrame) -> list[Section]:
        return [
            _section(among[_same(among, row)], row, months, str(cautions[place]), facts)
            for place, row in chosen.iterrows()
        ]

    return page_template(__package__ or "", "page.html.j2").render(
        facts=facts,
        locale=locale,
        last_day=facts.until - _LAST_INSTANT,
        money=locale.currency_name,
        page=sayer(PAGE, locale),
        how=sayer(HOW_TO_READ, locale),
        picture=sayer(PICTURES, locale),
        overview=overview_table(headline, locale) if len(headline) else None,
        totals=totals_table(totals, locale) if len(totals) else None,
        left_out=left_out_line(headline, locale),
        forest=forest(headline, locale),
        actions=sections(headline, rows),
        cuts=cuts_table(estimated, locale) if len(estimated) else None,
        contrasts=contrasts_table(contrasts, locale) if len(contrasts) else None,
        contrast_sections=sections(contrasts, contrasts),
        contracts=any(has_contracts(row) for _, row in rows.iterrows()),
    )


def _same(rows: pd.DataFrame, row: pd.Series) -> Bools:
    """Return which rows speak of the action and initiative of ``row``."""
    initiative = rows["initiative"].fillna("").to_numpy() == ("" if pd.isna(row["initiative"]) else row["initiative"])
    return np.asarray((rows["action"].to_numpy() == row["action"]) & initiative)


def _section(rows: pd.DataFrame, headline: pd.Series, months: pd.DataFrame, caution: str, facts: PageFacts) -> Section:
    """Return an action or a contrast; ``rows`` holds each of its designs."""
    locale, immature = facts.locale, int(headline["n_immature"])
    late = PAGE.say(locale, "late", n=immature, days=facts.follow_up_days) if immature else ""
    finance = None
    if headline["kind"] == RowKind.ACTION:
        finance = finance_table(
            headline, locale, horizon_months=facts.horizon_months, follow_up_days=facts.follow_up_days
        )
    return Section(
        title=title(headline, locale),
        verdict=verdict_cell(headline["verdict"], locale),
        text=f"{headline['sentence']} {late}".strip(),
        settling=settling_sentence({str(name): value for name, value in headline.items()}, locale),
        caution=caution,
        finance=finance,
        paths=path_bars(headline, locale),
        bridge=bridge_bars(headline, locale),
        months=month_line(months[_same(months, headline)], locale),
        checks=checks_table(rows, locale),
    )
