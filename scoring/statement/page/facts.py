"""The facts of a statement's page beside its rows, and the file that keeps them for other pages: ``roi.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pandas as pd

from ....core.errors import ConfigError
from ....core.locale import Locale

__all__ = ["FACTS", "PageFacts", "facts_from", "facts_text"]

FACTS = "roi.json"
"""Name of the file."""

_INSTANTS = ("since", "until", "data_until")
_TUPLES = ("warnings", "row_warnings")


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
    mature
        What decisions that are old enough say of the forecast; "" where none is.
    engagement
        What is said of the agents' engagement; "" of a statement of an earlier version.
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
    mature: str = ""
    engagement: str = ""


def facts_text(facts: PageFacts) -> str:
    """Return what ``roi.json`` holds: each fact but how figures are written, instants as ISO texts in UTC."""
    kept = {one.name: getattr(facts, one.name) for one in fields(facts) if one.name != "locale"}
    kept |= {name: kept[name].isoformat() for name in _INSTANTS}
    kept |= {"left_out": dict(facts.left_out), "left_out_english": sorted(facts.left_out_english)}
    kept |= {"language": facts.locale.language, "currency": facts.locale.currency}
    return json.dumps(kept, ensure_ascii=False, indent=2) + "\n"


def facts_from(file: Path, locale: Locale) -> PageFacts:
    """Return the facts of a statement that was made before, its figures to be written by ``locale``.

    Raises
    ------
    ConfigError
        The file is missing, or is not one that a statement wrote.
    """
    again = "run `servicelift roi CONFIG --since DATE --until DATE --out DIR` again"
    try:
        kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        kept |= {name: pd.Timestamp(kept[name]) for name in _INSTANTS}
        kept |= {name: tuple(kept[name]) for name in _TUPLES}
        kept["left_out_english"] = frozenset(kept["left_out_english"])
        own = {one.name for one in fields(PageFacts)}
        return PageFacts(**{name: value for name, value in kept.items() if name in own}, locale=locale)
    except FileNotFoundError:
        raise ConfigError(f"expected the facts of a statement, got no file '{file}'; {again}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"'{file}': expected what `servicelift roi` wrote, got another file; {again}") from error
