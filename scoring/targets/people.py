"""The list that people work with: rounded, headed in their language, names instead of codes, and what to say.

Only customers to contact stand on it: those left alone are never shown as somebody to call. Files for machines hold
the same customers with full figures; ``action_id`` is the key between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from babel.numbers import get_currency_precision

from ...core.config.business import Config
from ...core.errors import ConfigError
from ...core.locale import Locale, people_csv
from ...core.short_repr import ShortRepr
from ..scores.reasons import REASONS
from .action_reasons import ACTION_REASONS
from .own_table import Joined, own_columns
from .people_words import PEOPLE_WORDS
from .segments import Segment
from .spreadsheet import MOST_ROWS, Kind, can_write, write_workbook

__all__ = ["People", "for_people", "remove_stale", "write_people"]

_KINDS: dict[str, Kind] = {
    "rank": Kind.WHOLE,
    "customer_id": Kind.TEXT,
    "segment": Kind.TEXT,
    "day": Kind.DATE,
    "new": Kind.TEXT,
    "action": Kind.TEXT,
    **dict.fromkeys(ACTION_REASONS, Kind.LONG_TEXT),
    "script": Kind.LONG_TEXT,
    "net_value": Kind.MONEY,
    "cost": Kind.MONEY,
    "churn_probability": Kind.SHARE,
    "clv": Kind.MONEY,
    **dict.fromkeys(REASONS, Kind.LONG_TEXT),
    "evidence": Kind.TEXT,
    "trial": Kind.TEXT,
    "decided_at": Kind.DATE,
    "action_id": Kind.TEXT,
}
"""Columns in the order in which people read them; those that are joined come after the customer."""


@dataclass(frozen=True)
class People(ShortRepr):
    """The list as people read it.

    Parameters
    ----------
    frame
        One row a customer to contact, under headings in the language.
    kinds
        What each column holds.
    notes
        What a reader has to know about it.
    """

    frame: pd.DataFrame
    kinds: Mapping[str, Kind]
    notes: tuple[str, ...]


def for_people(config: Config, listed: pd.DataFrame, least_risk: float) -> People:
    """Return the list to contact as people read it.

    Parameters
    ----------
    config
        The business: language, names, scripts, and which columns of its own are joined.
    listed
        The list for machines; customers who are left alone are not taken.
    least_risk
        Risk of leaving below which nothing is said to be a reason to leave.

    Raises
    ------
    ServiceliftError
        What is joined cannot be read, or has the heading of another column.
    """
    rows = listed[listed["arm"] == "treated"].reset_index(drop=True)
    joined = own_columns(config, rows["customer_id"])
    values = _values(config, rows, least_risk)
    frame, kinds = pd.DataFrame(index=rows.index), {}
    for name, column in values.items():
        heading = PEOPLE_WORDS.say(config.locale, name)
        frame[heading], kinds[heading] = column, _kind(name, column)
        if name == "customer_id":
            for own in map(str, joined.columns):
                frame[own], kinds[own] = joined.columns[own], _kind("", joined.columns[own])
    _check_headings(config, joined, values)
    return People(frame, kinds, _notes(config.locale, joined, len(rows)))


def write_people(folder: Path, name: str, people: People, config: Config, lines: Sequence[str]) -> tuple[str, ...]:
    """Write ``<name>.people.csv`` and, where it can be, ``<name>.people.xlsx``; return the names of what was written.

    They may hold names: they are read by whom ``nightly: files`` says.

    Parameters
    ----------
    folder, name
        Where the files go, and what their names begin with.
    people, config
        The list, and the business: how its readers write figures.
    lines
        What is said of the list, for a sheet of its own.
    """
    locale, mode = config.locale, int(config.nightly.files, base=8)
    plain, book = f"{name}.people.csv", f"{name}.people.xlsx"
    people_csv(_rounded(people, locale), _kept(folder / plain, mode), locale, bom=True)
    if not can_write() or len(people.frame) > MOST_ROWS:
        return (plain,)
    sheet, notes = (PEOPLE_WORDS.say(locale, code) for code in ("sheet", "notes"))
    told = (notes, [*lines, *people.notes])
    write_workbook(_kept(folder / book, mode), people.frame, people.kinds, locale, sheet=sheet, notes=told)
    return book, plain


def remove_stale(out: Path, written: Sequence[str]) -> None:
    """Remove a workbook of an earlier list of the same name that this one did not replace."""
    book = out.with_name(f"{out.stem}.people.xlsx")
    if book.name not in written:
        book.unlink(missing_ok=True)


def _kept(path: Path, mode: int) -> Path:
    """Return a path at which an empty file stands that only those whom ``mode`` names can read."""
    path.touch(mode=mode)
    path.chmod(mode)
    return path


def _values(config: Config, rows: pd.DataFrame, least_risk: float) -> dict[str, pd.Series]:
    """Return the columns by their code, as people read them; columns without any value are left out."""
    locale, actions = config.locale, config.incremental.actions
    scripts = {name: action.script for name, action in actions.items() if action.script}
    evidence = {code: PEOPLE_WORDS.say(locale, code) for code in rows["evidence"].dropna().unique()}
    yes, no = (PEOPLE_WORDS.say(locale, code) for code in ("yes", "no"))
    made = rows.assign(
        action=rows["action"].map(locale.named),
        script=rows["action"].map(scripts),
        evidence=rows["evidence"].map(evidence),
        trial=rows["trial"].map({True: yes, False: no}),
        decided_at=[locale.day(pd.Timestamp(at)) for at in rows["decided_at"]],
    )
    if "segment" in made:
        made["segment"] = made["segment"].map({code: PEOPLE_WORDS.say(locale, code) for code in Segment})
        made["new"] = made["new"].map({True: yes, False: no})
        made["day"] = made["day"].dt.date
    made[list(REASONS)] = made[list(REASONS)].where(rows["churn_probability"].ge(least_risk))
    always = {"rank", "customer_id", "action", "net_value", "cost", "decided_at", "action_id"}
    shown = [name for name in _KINDS if name in made and (name in always or made[name].notna().any())]
    return {name: made[name] for name in shown if name != "trial" or rows["trial"].any()}


def _kind(name: str, column: pd.Series) -> Kind:
    """Return what a column holds; identifiers that are numbers stay numbers."""
    if name and name != "customer_id":
        return _KINDS[name]
    if pd.api.types.is_datetime64_any_dtype(column):
        return Kind.DATE
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return Kind.TEXT
    return Kind.WHOLE if pd.api.types.is_integer_dtype(column) else Kind.NUMBER


def _check_headings(config: Config, joined: Joined, values: Mapping[str, pd.Series]) -> None:
    own = {PEOPLE_WORDS.say(config.locale, name) for name in values}
    for heading in joined.columns:
        if heading in own:
            raise ConfigError(
                f"targets.people.columns: '{heading}' heads a column of the list already; give it another heading"
            )


def _notes(locale: Locale, joined: Joined, rows: int) -> tuple[str, ...]:
    notes = []
    if joined.unknown:
        notes.append(PEOPLE_WORDS.say(locale, "not_joined", n=joined.unknown, file=joined.file))
    if not can_write():
        notes.append(PEOPLE_WORDS.say(locale, "no_workbook"))
    elif rows > MOST_ROWS:
        notes.append(PEOPLE_WORDS.say(locale, "too_long", n=rows, most=MOST_ROWS))
    return tuple(notes)


def _rounded(people: People, locale: Locale) -> pd.DataFrame:
    """Return the list with figures rounded as its readers write them, and the unit in the heading."""
    frame, digits = pd.DataFrame(index=people.frame.index), get_currency_precision(locale.currency)
    for name, column in people.frame.items():
        kind, heading = people.kinds[str(name)], str(name)
        if kind is Kind.MONEY:
            heading = PEOPLE_WORDS.say(locale, "with_unit", heading=heading, unit=locale.currency)
            frame[heading] = column.astype(float).round(digits)
        elif kind is Kind.SHARE:
            heading = PEOPLE_WORDS.say(locale, "with_unit", heading=heading, unit="%")
            frame[heading] = (100 * column.astype(float)).round(1)
        else:
            frame[heading] = column
    return frame
