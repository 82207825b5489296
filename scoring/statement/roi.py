"""What each action earned against what it cost, per initiative and design, with an honest interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from ...core.config.business import Config
from ...core.config.store import check_written
from ...core.errors import ConfigError, DataError
from ...core.files import complete_folder
from ...core.locale import Locale
from ...core.messages import Message, capitalised
from ...core.output_lock import locked_folder
from ...core.progress import Say, silent
from ...core.records import RowKind
from ...core.short_repr import ShortRepr
from ...core.time import local_day
from ...features.tables.tables import Opener, Tables, open_tables
from ...tracking import Tracker
from ..pages.pdf import PDF_WORDS, print_pdf
from .at_the_cut import effects_at_cuts, read_lists
from .by_month import effects_by_month
from .engagement import engagement_of
from .estimate import Estimated, Estimates, fit_statement
from .page.beside import engagement_sentence
from .page.facts import FACTS, PageFacts, facts_text
from .page.page import roi_page
from .readings import RUN, earlier_readings, reading_tags
from .rollout_words import rollouts_in_english, rollouts_in_short, rollouts_left_out
from .rollouts import effects_of_rollouts
from .rows import Arranged, Period, key_of, statement_rows
from .sentences import (
    cuts_in_english,
    cuts_in_short,
    cuts_left_out,
    english_names,
    forecast_sentence,
    in_short,
    left_out_in_words,
    warnings_in_words,
    with_sentences,
)
from .totals import totals
from .words import CAUTIONS, SHORT

__all__ = ["RoiOutcome", "roi"]

ROWS = "roi.parquet"
TOTALS = "roi_totals.parquet"
MONTHS = "roi_by_month.parquet"
CUTS = "roi_threshold.parquet"
ROLLOUTS = "roi_rollouts.parquet"
PAGE = "roi.html"
PDF = "roi.pdf"


@dataclass(frozen=True)
class RoiOutcome(ShortRepr):
    """The statement: one row an action x initiative x design, contrasts, totals, what was not estimated and why.

    ``judged`` holds, row by row, the action_id of every treated decision that the row rests on; none of a contrast.
    ``locale`` is how its lines are written. ``cuts`` holds the effects at the cuts of lists, where files of them were
    named, ``rollouts`` those of the config's rollouts. ``pdf`` says where the printed page lies, or why there is none;
    None where none was asked for.
    """

    out: Path
    rows: pd.DataFrame
    left_out: dict[str, str]
    judged: tuple[tuple[str, ...], ...] = field(default=())
    totals: pd.DataFrame = field(default_factory=pd.DataFrame)
    locale: Locale = field(default_factory=Locale)
    cuts: pd.DataFrame = field(default_factory=pd.DataFrame)
    rollouts: pd.DataFrame = field(default_factory=pd.DataFrame)
    pdf: Message | None = None

    def lines(self) -> list[str]:
        """Return one line an action, and where the page is."""
        files = SHORT.say(self.locale, "files", page=str(self.out / PAGE), rows=str(self.out / ROWS))
        cuts = cuts_in_short(self.cuts, self.locale) + rollouts_in_short(self.rollouts, self.locale)
        paper = [] if self.pdf is None else [PDF_WORDS.write(self.locale, self.pdf)]
        return [*in_short(self.rows, self.totals, self.left_out, self.locale), *cuts, files, *paper]


def roi(
    config: Config,
    since: pd.Timestamp,
    until: pd.Timestamp,
    out: Path,
    say: Say = silent,
    opened: Opener | None = None,
    thresholds: Sequence[Path] = (),
    pdf: bool = False,
) -> RoiOutcome:
    """Write roi.parquet and roi.html for the decisions in [since, until).

    Nuisances are cross-fitted on the period's own decisions; only the CLV of the surrogate is the champion's.

    ``opened`` gives the tables of a configuration where they are open already. ``thresholds`` are files that
    `servicelift targets` wrote beside lists of the period (``<name>.threshold.parquet``): roi_threshold.parquet and the
    page then say what the actions earn at the cuts of those lists, too. ``pdf``: print the page to roi.pdf, by an
    installed browser; where there is none, the lines say so.

    Raises
    ------
    ServiceliftError
        The period is empty, ``out`` cannot be written or another run writes there, the tables break the contract,
        there is no CLV champion, or no action can be estimated.
    """
    if since >= until:
        first, last = (local_day(moment, config.timezone) for moment in (since, until))
        raise ConfigError(f"expected --since before --until, got {first} and {last}")
    with locked_folder(out):
        lists = read_lists(thresholds, config, since, until) if thresholds else {}
        outcome = _stated(opened or open_tables, config, (since, until), out, say, lists)
        if not pdf:
            (out / PDF).unlink(missing_ok=True)  # of an earlier statement
            return outcome
        say("statement: print")
        return replace(outcome, pdf=print_pdf(out / PAGE, out / PDF))


def _stated(
    opened: Opener,
    config: Config,
    between: tuple[pd.Timestamp, pd.Timestamp],
    out: Path,
    say: Say,
    lists: dict[str, pd.DataFrame],
) -> RoiOutcome:
    since, until = between
    say("tables: open and check")
    tables = opened(config)
    if not (config.incremental.actions and tables.has("actions")) and not config.incremental.contrasts:
        raise DataError("expected an actions table and actions under incremental: actions:, found none; add them")
    check_written(config.tracking_uri)
    tracker = Tracker.of(config)
    loaded = tracker.load(config.model_name("clv"))
    estimates = fit_statement(tables, loaded.model, since, until, say)
    left_out = left_out_in_words(estimates.left_out, config.locale)
    if not estimates.estimated:
        raise DataError(f"nothing can be estimated: {'; '.join(f'{k}: {v}' for k, v in left_out.items())}")
    if lists:
        say("effects: at the cuts of lists")
    cuts = effects_at_cuts(tables, loaded.model, lists) if lists else pd.DataFrame()
    rollouts = pd.DataFrame()
    if config.incremental.rollouts:
        say("effects: rollouts")
        rollouts = effects_of_rollouts(tables, since, until)
    say("statement: write")
    period = Period.of(tables, since, until, earlier_readings(tracker, tables.data_until))
    arranged = statement_rows(period, estimates)
    rows = with_sentences(arranged, period.warnings, config)
    draws = [one.effect.draws for one in estimates.estimated if one.headline]
    summed = totals(rows[rows["headline"].to_numpy(dtype=bool)], draws) if draws else pd.DataFrame()
    months = effects_by_month(estimates.estimated, rows)
    facts = _facts(tables, period, arranged, rows, loaded.version, estimates, cuts, rollouts)
    tags = reading_tags(tables.data_until, [key_of(one) for one in estimates.estimated])
    with tracker.run(RUN, nested=True, tags=tags), complete_folder(out) as folder:
        rows.to_parquet(folder / ROWS, index=False)
        summed.to_parquet(folder / TOTALS, index=False)
        months.to_parquet(folder / MONTHS, index=False)
        for name, further in ((CUTS, cuts), (ROLLOUTS, rollouts)):
            if len(further.columns):
                further.to_parquet(folder / name, index=False)
        (folder / FACTS).write_text(facts_text(facts), encoding="utf-8")
        (folder / PAGE).write_text(roi_page(rows, summed, months, facts, cuts, rollouts), encoding="utf-8")
    for name, further in ((CUTS, cuts), (ROLLOUTS, rollouts)):
        if not len(further.columns):
            (out / name).unlink(missing_ok=True)  # of an earlier statement
    judged = tuple(_decisions(one) for one in estimates.estimated)
    return RoiOutcome(out, rows, left_out, judged, summed, config.locale, cuts, rollouts)


def _facts(
    tables: Tables,
    period: Period,
    arranged: Arranged,
    rows: pd.DataFrame,
    clv_version: int,
    estimates: Estimates,
    cuts: pd.DataFrame,
    rollouts: pd.DataFrame,
) -> PageFacts:
    """Return what stands on the page beside the rows."""
    config = tables.config
    unknown = cuts_left_out(cuts, config.locale) | rollouts_left_out(rollouts, config.locale)
    english = cuts_in_english(cuts, config.locale) | rollouts_in_english(rollouts, config.locale)
    return PageFacts(
        business=config.business,
        since=period.since,
        until=period.until,
        data_until=tables.data_until,
        horizon_months=config.value.horizon_months,
        follow_up_days=config.incremental.follow_up_days,
        clv_version=clv_version,
        locale=config.locale,
        warnings=tuple(CAUTIONS.write(config.locale, warning) for warning in period.warnings),
        row_warnings=tuple(warnings_in_words(own, config.locale) for own in arranged.warnings),
        left_out=left_out_in_words(estimates.left_out, config.locale) | unknown,
        engagement=engagement_sentence(engagement_of(tables, period.since, period.until), config.locale),
        mature=capitalised(forecast_sentence(rows, config.locale) or ""),
        left_out_english=english_names(estimates.left_out, config.locale) | english,
    )


def _decisions(one: Estimated) -> tuple[str, ...]:
    ids = one.trial.units.loc[one.trial.treated == 1, "action_id"]
    return tuple(ids.astype(str)) if one.kind == RowKind.ACTION else ()
