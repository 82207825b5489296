"""The page of the indicators: one self-contained HTML file, drawn by a Jinja2 template in the style of the others."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from ...core.config.business import Config
from ...core.locale import Locale
from ...core.messages import Message, capitalised
from ...core.short_repr import ShortRepr
from ...features.indicators.catalogue import INDICATORS
from ...features.indicators.groups.contacts import formula_used
from ...features.indicators.measure import Measured
from ...features.indicators.words import WORDS, title_of
from ..pages.cells import Cell, Table, number_cell
from ..pages.writer import page_template, sayer
from ..statement.page.wording import verdict_cell
from .sparkline import Sparkline, sparkline
from .values import KNOWN
from .words import COLUMNS, FORMULAS, LACKS, PAGE, REASONS, SECTIONS, STATES, TRAPS
from .written import ends_written, group_name, month_name, written

__all__ = ["PageFacts", "indicators_page", "worth_table"]

_LOWER_IS_BETTER = {
    "repeat_rate", "handling_time", "handling_time_median", "answer_time", "answer_time_median", "cost_per_contact",
    "cost_to_serve", "complaint_rate", "churn_rate", "churn_voluntary", "churn_involuntary", "acquisition_cost",
    "agent_turnover", "contact_rate", "contacts_per_customer",
}  # fmt: skip
_MONTHS = 13
_MOST_GROUPS = 12


@dataclass(frozen=True)
class PageFacts(ShortRepr):
    """What stands on the page beside the values."""

    business: str
    since: pd.Timestamp
    until: pd.Timestamp
    data_until: pd.Timestamp
    formula: str | None
    seconds: float
    traps: tuple[Message, ...]
    absent: tuple[tuple[str, Message], ...]
    with_statement: bool
    locale: Locale = field(default_factory=Locale)

    @classmethod
    def of(
        cls,
        measured: Measured,
        config: Config,
        since: pd.Timestamp,
        until: pd.Timestamp,
        traps: tuple[Message, ...],
        with_statement: bool,
    ) -> PageFacts:
        """Return the facts of what was counted."""
        told = "service_level" not in measured.absent
        locale = config.locale
        lacks = tuple(
            (name, Message.of(lack.code, of=locale.listed(list(lack.of)))) for name, lack in measured.absent.items()
        )
        return cls(
            config.business, since, until - pd.Timedelta(1, "us"), measured.scope.tables.data_until,
            formula_used(measured.scope) if told else None, config.indicators.service_level.seconds, traps, lacks,
            with_statement, locale,
        )  # fmt: skip


@dataclass(frozen=True)
class _Line(ShortRepr):
    """A row of a section: the indicator, its cells, and its line of months."""

    title: str
    month: str
    cells: tuple[Cell, ...]
    trend: Sparkline | None


@dataclass(frozen=True)
class _Section(ShortRepr):
    """One source of indicators: rows, surveys' answers, splits, definitions."""

    anchor: str
    title: str
    lines: tuple[_Line, ...]
    survey: Table | None
    splits: tuple[tuple[str, Table], ...]
    definitions: Table


def indicators_page(rows: pd.DataFrame, worth: pd.DataFrame, facts: PageFacts) -> str:
    """Return the page.

    Parameters
    ----------
    rows
        As indicators.parquet holds them.
    worth
        As indicators_worth.parquet holds it.
    facts
        What stands beside them.
    """
    locale = facts.locale
    names = list(dict.fromkeys(rows["indicator"]))
    sources = list(dict.fromkeys(INDICATORS[name].source.name for name in names))
    sections = [
        _section(source, rows[[INDICATORS[name].source.name == source for name in rows["indicator"]]], locale)
        for source in sources
    ]
    formula = FORMULAS.say(locale, facts.formula) if facts.formula else ""
    return page_template(__package__ or "", "indicators.html.j2").render(
        facts=facts,
        locale=locale,
        page=sayer(PAGE, locale),
        traps=[capitalised(TRAPS.write(locale, each)) for each in facts.traps],
        sections=sections,
        formula=PAGE.say(locale, "formula", formula=formula, seconds=facts.seconds) if formula else "",
        worth=worth_table(worth, locale) if len(worth) else None,
        absent=[(title_of(name, locale), LACKS.write(locale, lack)) for name, lack in facts.absent],
    )


def _section(source: str, rows: pd.DataFrame, locale: Locale) -> _Section:
    everybody = rows[rows["by"] == ""]
    names = list(dict.fromkeys(everybody["indicator"]))
    lines = tuple(_line(name, everybody[everybody["indicator"] == name], locale) for name in names)
    splits = tuple(
        (PAGE.say(locale, "by", by=COLUMNS.say(locale, str(by))), _split(part, locale))
        for by, part in rows[rows["by"] != ""].groupby("by", sort=False)
    )
    return _Section(
        source.replace(" ", "-"), SECTIONS.say(locale, source), lines, _survey(everybody, locale), splits,
        _definitions(names, locale),
    )  # fmt: skip


def _latest(rows: pd.DataFrame) -> pd.Series | None:
    known = rows[rows["status"] == KNOWN]
    return None if known.empty else known.iloc[-1]


def _between(row: pd.Series, locale: Locale, low: str = "low", high: str = "high") -> str:
    if pd.isna(row[low]) or pd.isna(row[high]):
        return ""
    ends = ends_written(locale, row["unit"], row[low], row[high])
    return PAGE.say(locale, "to", **dict(zip(("low", "high"), ends, strict=True)))


def _line(name: str, rows: pd.DataFrame, locale: Locale) -> _Line:
    row = _latest(rows)
    if row is None:
        state = STATES.say(locale, str(rows["status"].iloc[-1]))
        nothing = number_cell(locale.number(float("nan")))
        return _Line(title_of(name, locale), state, (nothing,) * 4 + (Cell(""),), None)
    unit, title = row["unit"], title_of(name, locale)
    cells = (
        number_cell(written(locale, unit, row["value"]), _between(row, locale)),
        number_cell(locale.number(row["n"])),
        number_cell(written(locale, unit, row["month_before"])),
        number_cell(written(locale, unit, row["year_before"])),
        _target(name, row, locale),
    )
    shown = rows[rows["status"] == KNOWN].tail(_MONTHS)
    ends = [written(locale, unit, value) for value in (shown["value"].iloc[0], shown["value"].iloc[-1])]
    text = PAGE.say(locale, "trend_text", title=title, first=ends[0], last=ends[1], months=len(shown))
    return _Line(
        title, month_name(locale, row["month"]), cells, sparkline(shown["value"], shown["low"], shown["high"], text)
    )


def _target(name: str, row: pd.Series, locale: Locale) -> Cell:
    """Return the target and whether it is reached beyond the interval."""
    if pd.isna(row["target"]):
        return number_cell("")
    sign = -1.0 if name in _LOWER_IS_BETTER else 1.0
    ends = sorted(sign * (row[end] - row["target"]) for end in ("low", "high"))
    code = "reached" if ends[0] >= 0 else "missed" if ends[1] < 0 else "open"
    return number_cell(written(locale, row["unit"], row["target"]), PAGE.say(locale, code))


def _survey(rows: pd.DataFrame, locale: Locale) -> Table | None:
    """Return who answers: of the latest known month of each survey."""
    latest = [_latest(part) for _, part in rows[rows["response_rate"].notna()].groupby("indicator", sort=False)]
    known = [row for row in latest if row is not None]
    if not known:
        return None
    head = (
        Cell(PAGE.say(locale, "indicator")),
        *(number_cell(PAGE.say(locale, code)) for code in ("answered", "value", "weighted", "bounds")),
    )
    lines = tuple(
        (
            Cell(title_of(row["indicator"], locale)),
            number_cell(locale.percent(row["response_rate"])),
            number_cell(written(locale, row["unit"], row["value"])),
            number_cell(written(locale, row["unit"], row["weighted"])),
            number_cell(_between(row, locale, "bound_low", "bound_high")),
        )
        for row in known
    )
    return Table(PAGE.say(locale, "survey"), head, lines)


def _split(rows: pd.DataFrame, locale: Locale) -> Table:
    """Return the latest known month of each indicator by group, the largest groups of it."""
    sizes = rows.groupby("group")["n"].sum().sort_values(ascending=False)
    groups = list(sizes.index[:_MOST_GROUPS])
    head = (Cell(PAGE.say(locale, "indicator")), *(number_cell(group_name(locale, group)) for group in groups))
    lines = []
    for name, own in rows.groupby("indicator", sort=False):
        known = own[own["status"] == KNOWN]
        if known.empty:
            continue
        month = known["month"].max()
        cells = []
        for group in groups:
            found = known[(known["group"] == group) & (known["month"] == month)]
            row = None if found.empty else found.iloc[0]
            text = locale.number(float("nan")) if row is None else written(locale, row["unit"], row["value"])
            cells.append(number_cell(text, "" if row is None else _between(row, locale)))
        lines.append((Cell(f"{title_of(str(name), locale)}, {month_name(locale, month)}"), *cells))
    more = PAGE.say(locale, "more_groups", n=len(sizes) - len(groups)) if len(sizes) > len(groups) else ""
    return Table(more, head, tuple(lines))


def _definitions(names: list[str], locale: Locale) -> Table:
    head = tuple(Cell(PAGE.say(locale, code)) for code in ("indicator", "definition", "trap"))
    language = locale.language
    return Table(
        PAGE.say(locale, "definitions"),
        head,
        tuple(
            (
                Cell(title_of(name, locale)),
                Cell(WORDS[name].formula.template(language)),
                Cell(WORDS[name].trap.template(language)),
            )
            for name in names
        ),
    )


def worth_table(worth: pd.DataFrame, locale: Locale) -> Table:
    """Return what a point of each indicator is worth, from rows of indicators_worth.parquet."""
    head = (
        *(Cell(PAGE.say(locale, code)) for code in ("indicator", "contrast")),
        number_cell(PAGE.say(locale, "effect")),
        Cell(PAGE.say(locale, "verdict")),
        Cell(PAGE.say(locale, "point")),
    )
    lines = []
    for _, row in worth.iterrows():
        ends = PAGE.say(locale, "to", low=locale.money(row["low"]), high=locale.money(row["high"]))
        figures = {"point": row["per_point"], "low": row["per_point_low"], "high": row["per_point_high"]}
        lines.append(
            (
                Cell(title_of(row["indicator"], locale)),
                Cell(locale.named(row["contrast"])),
                number_cell(locale.money(row["effect"]), ends),
                verdict_cell(row["verdict"], locale, row["effect"]),
                Cell(REASONS.say(locale, row["reason"], **figures)),
            )
        )
    return Table(PAGE.say(locale, "worth"), head, tuple(lines))
