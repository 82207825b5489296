"""The report for a steering committee: indicators, return, list and models on one self-contained page.

It reads what other commands wrote and computes no statistic of its own. A part that is not there is named, on the page
and on the terminal, with the command that makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pandas as pd

from ...core.config.business import Config
from ...core.errors import ConfigError
from ...core.locale import Locale
from ...core.messages import Message
from ...core.progress import Say, silent
from ...core.short_repr import ShortRepr
from ...tracking import Tracker
from ..indicators.words import PAGE as INDICATOR_PAGE
from ..pages.cells import Table
from ..pages.pdf import PDF_WORDS, print_pdf
from ..pages.writer import page_template, sayer
from ..statement.page.first_words import FIRST
from ..statement.page.terms import TERMS
from ..statement.page.together_words import TOGETHER
from ..statement.page.words import PAGE
from .indicators import indicators_part, worth_part
from .parts import (
    Lacking,
    ListPart,
    ModelsPart,
    ReturnPart,
    ScoresPart,
    list_part,
    models_part,
    return_part,
    scores_part,
)
from .words import REPORT

__all__ = ["ReportOutcome", "Sources", "report"]

_LAST_INSTANT = pd.Timedelta(1, "us")
Part = TypeVar("Part")


@dataclass(frozen=True)
class Sources:
    """Where the parts lie; None: not named.

    Parameters
    ----------
    roi, indicators, scores
        Folders that those commands wrote.
    targets
        The CSV that ``targets`` wrote.
    """

    roi: Path | None = None
    indicators: Path | None = None
    scores: Path | None = None
    targets: Path | None = None


@dataclass(frozen=True)
class ReportOutcome:
    """The report: its file, the parts that lack, and what became of its PDF; None where none was asked for."""

    out: Path
    lacking: tuple[Lacking, ...]
    locale: Locale
    pdf: Message | None = None

    def lines(self) -> list[str]:
        """Return where the report lies, and how to make what it lacks."""
        lacks = [
            REPORT.say(
                self.locale,
                "part_lacks",
                part=REPORT.say(self.locale, one.part),
                why=REPORT.write(self.locale, one.why),
                command=one.command,
            )
            for one in self.lacking
        ]
        paper = [] if self.pdf is None else [PDF_WORDS.write(self.locale, self.pdf)]
        return [*lacks, REPORT.say(self.locale, "written", file=str(self.out)), *paper]


@dataclass(frozen=True)
class _Parts(ShortRepr):
    """The parts of a report, each there or lacking."""

    earned: ReturnPart | Lacking
    indicators: Table | Lacking
    worth: Table | None
    scores: ScoresPart | Lacking
    listed: ListPart | Lacking
    models: ModelsPart | Lacking

    @property
    def lacking(self) -> tuple[Lacking, ...]:
        """What is not there."""
        every = (self.indicators, self.earned, self.scores, self.listed, self.models)
        return tuple(part for part in every if isinstance(part, Lacking))


def report(config: Config, out: Path, sources: Sources, say: Say = silent, *, pdf: bool = False) -> ReportOutcome:
    """Write the report of a business.

    Parameters
    ----------
    config
        The business.
    out
        HTML file to write.
    sources
        Where the parts lie.
    say
        Told what is being done.
    pdf
        Whether to print it beside ``out`` too, by an installed browser.

    Raises
    ------
    ConfigError
        A part is of another business or is no such file, or ``out`` cannot be written.
    """
    if out.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"--out: expected a file that ends in .html, got '{out}'")
    say("report: read the parts")
    earned = return_part(sources.roi, config.locale)
    if not isinstance(earned, Lacking) and earned.facts.business != config.business:
        raise ConfigError(
            f"--roi: expected a statement of '{config.business}', '{sources.roi}' holds '{earned.facts.business}'"
        )
    parts = _Parts(
        earned,
        indicators_part(sources.indicators, config.locale),
        worth_part(sources.indicators, config.locale),
        scores_part(sources.scores, config),
        list_part(sources.targets, earned, config),
        models_part(config, lambda: Tracker.of(config)),
    )
    say("report: write")
    _write(out, _page(config, parts))
    paper = out.with_suffix(".pdf")
    if not pdf:
        return ReportOutcome(out, parts.lacking, config.locale)
    say("report: print")
    return ReportOutcome(out, parts.lacking, config.locale, print_pdf(out, paper))


def _page(config: Config, parts: _Parts) -> str:
    """Return the page."""
    locale, link = config.locale, TERMS.linker(config.locale)
    earned = _there(parts.earned)
    lacks = {one.part: {"command": one.command, "words": REPORT.write(locale, one.why)} for one in parts.lacking}
    until = None if earned is None else earned.facts.data_until
    anchors = ("indicators", "return", "list", "models")
    return page_template(__package__ or "", "page.html.j2").render(
        business=config.business,
        locale=locale,
        link=link,
        say=sayer(REPORT, locale),
        page=sayer(PAGE, locale),
        first_say=sayer(FIRST, locale),
        together=sayer(TOGETHER, locale),
        money=locale.currency_name,
        head=_head(parts, until, locale),
        places=[(anchor, REPORT.say(locale, anchor)) for anchor in anchors],
        earned=earned,
        last_day=None if earned is None else earned.facts.until - _LAST_INSTANT,
        indicators=_there(parts.indicators),
        worth=parts.worth,
        indicator_page=sayer(INDICATOR_PAGE, locale),
        scores=_there(parts.scores),
        listed=_there(parts.listed),
        models=_there(parts.models),
        lacks=lacks,
    )


def _head(parts: _Parts, until: pd.Timestamp | None, locale: Locale) -> str:
    scores = _there(parts.scores)
    at = until if until is not None else None if scores is None else scores.day
    return REPORT.say(locale, "head_open") if at is None else REPORT.say(locale, "head", until=at)


def _there(part: Part | Lacking) -> Part | None:
    return None if isinstance(part, Lacking) else part


def _write(out: Path, text: str) -> None:
    """Write the page whole or not at all."""
    beside = out.with_name(f".{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ConfigError(f"--out: '{out}' cannot be written ({error.strerror}); name another file") from error
