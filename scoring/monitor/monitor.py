"""Watch a night: measures of inputs, drift, accuracy, outcomes and effects, what of it rings, and a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ... import __version__
from ...core.config.business import Config
from ...core.errors import ConfigError, ModelError
from ...core.files import complete_folder, digests
from ...core.locale import Locale
from ...core.output_lock import locked_folder
from ...core.progress import Say, silent
from ...core.short_repr import ShortRepr
from ...features.tables.tables import Opener, Tables, open_tables
from ...tracking import Tracker
from .came import Answers, answers, churn_outcome_measures
from .figures import feature_titles, name_of, written
from .foreseen import accuracy_measures
from .inputs import input_measures, new_levels
from .kept import keep
from .measures import Measure, Watch, judged
from .moved import drift_measures
from .nights import Night, Nights
from .page import PageFacts, monitor_page
from .serviced import service_measures
from .uplift import effect_measures
from .words import LINES
from .worth import value_measures

__all__ = ["FACTS", "PAGE", "ROWS", "MonitorOutcome", "monitor"]

ROWS, FACTS, PAGE = "monitor.parquet", "monitor.json", "monitor.html"


@dataclass(frozen=True)
class MonitorOutcome(ShortRepr):
    """A night, watched.

    Parameters
    ----------
    out
        Folder of the page and the figures.
    watch
        The measures, judged.
    by_night
        Calibration of past nights: as_of, lead_days, ratio, low, high, observed, foreseen, customers.
    at
        The night's instant, naive UTC.
    nights
        How many scored nights were looked at.
    warnings
        What a user has to know beside it, one line each.
    locale
        In which language it is told.
    titles
        What each feature tells, by its name.
    """

    out: Path
    watch: Watch
    by_night: pd.DataFrame
    at: pd.Timestamp
    nights: int
    warnings: tuple[str, ...] = ()
    locale: Locale = field(default_factory=Locale)
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def alarmed(self) -> bool:
        """Whether anything rings."""
        return bool(len(self.watch.alarms))

    def alarm_texts(self) -> list[str]:
        """Return in words what each measure that rings has found."""
        return [
            LINES.say(
                self.locale,
                "one",
                name=name_of(self.locale, row, self.titles),
                value=written(self.locale, row["measure"], row["value"]),
                expected=written(self.locale, row["measure"], row["expected"]),
            )
            for _, row in self.watch.alarms.iterrows()
        ]

    def headline(self) -> str:
        """Return in one line whether anything rings."""
        figures = {"at": self.at, "n": len(self.watch.rows), "nights": self.nights, "alarms": len(self.watch.alarms)}
        return LINES.say(self.locale, "alarm" if self.alarmed else "quiet", **figures)

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        files = LINES.say(self.locale, "files", page=str(self.out / PAGE), rows=str(self.out / ROWS))
        rate = LINES.say(self.locale, "rate", rate=self.watch.false_alarms_a_year)
        rings = (LINES.say(self.locale, "rings", text=text) for text in self.alarm_texts())
        return [self.headline(), *rings, rate, *self.warnings, files]


def monitor(
    config: Config,
    at: pd.Timestamp,
    out: Path,
    nights: Iterable[Night] = (),
    say: Say = silent,
    opened: Opener | None = None,
) -> MonitorOutcome:
    """Write monitor.parquet, monitor.json and monitor.html to ``out``, all or nothing, and keep the figures in MLflow.

    Everything is computed anew from the tables and the nights: the same ones give the same figures, whoever watched
    before. A store that cannot be written is a warning.

    Parameters
    ----------
    config
        The business.
    at
        Tonight's instant, naive UTC; outcomes count up to it.
    out
        Folder for the results.
    nights
        Scored nights; later ones than tonight are left out. Without any only the tables are watched.
    say
        Told about each step.
    opened
        Gives the tables of a configuration where they are open already.

    Raises
    ------
    ServiceliftError
        ``out`` cannot be written, another run writes there, the tables break the contract, or a night cannot be read.
    """
    with locked_folder(out):
        say("tables: open and check")
        tables = (opened or open_tables)(config)
        known = Nights.until(nights, at, config.monitor.look_back_days)
        tracker, warnings = _store(config)
        came = answers(tables, known) if "outcomes" in config.monitor.measures else None
        clv, unread = _clv(config, tracker)
        watch = judged(_measures(tables, known, came, clv, say), config.monitor, known.spacing)
        told = (*_about_nights(known, config.locale), *unread)
        by_night = pd.DataFrame(came.by_night() if came else ())
        _write(tables, known, watch, by_night, out, told)
        say("MLflow: keep")
        kept = _keep(tracker, config, watch, at)
    notes = (*told, *warnings, *kept)
    return MonitorOutcome(out, watch, by_night, at, len(known.all), notes, config.locale, feature_titles(config))


def _measures(tables: Tables, nights: Nights, came: Answers | None, clv: Any | None, say: Say) -> Iterator[Measure]:
    config = tables.config
    watched = config.monitor.measures
    if "inputs" in watched:
        say("inputs: freshness, volumes, missing values, new levels")
        yield from input_measures(tables, nights.at)
    if "indicators" in watched:
        say("indicators: the latest month against those before")
        yield from service_measures(tables, nights.at)
    if not nights.all:
        return
    if "drift" in watched:
        say("drift: features and scores")
        yield from drift_measures(tables, nights)
    if "accuracy" in watched:
        yield from accuracy_measures(nights, config.churn.horizon_days)
    if came is not None:
        say("outcomes: churn and value")
        yield from churn_outcome_measures(came, config.monitor.calibration_tolerance)
        yield from value_measures(tables, nights, clv)
    if "effects" in watched:
        say("effects: lists against holdouts")
        yield from effect_measures(tables, nights)


def _store(config: Config) -> tuple[Tracker | None, tuple[str, ...]]:
    try:
        return Tracker.of(config), ()
    except ConfigError as error:
        return None, (LINES.say(config.locale, "no_store", reason=str(error)),)


def _clv(config: Config, tracker: Tracker | None) -> tuple[Any | None, tuple[str, ...]]:
    if tracker is None or "outcomes" not in config.monitor.measures:
        return None, ()
    try:
        found = tracker.find(config.model_name("clv"))
    except (ConfigError, ModelError) as error:
        return None, (LINES.say(config.locale, "no_champion", reason=str(error)),)
    return (None if found is None else found.model), ()


def _keep(tracker: Tracker | None, config: Config, watch: Watch, at: pd.Timestamp) -> tuple[str, ...]:
    if tracker is None:
        return ()
    try:
        keep(tracker, config, watch, at)
    except ConfigError as error:
        return (LINES.say(config.locale, "no_store", reason=str(error)),)
    return ()


def _about_nights(nights: Nights, locale: Locale) -> tuple[str, ...]:
    tonight = nights.tonight
    if tonight is None:
        return (LINES.say(locale, "no_nights"),)
    if tonight.as_of != nights.at:
        return (LINES.say(locale, "other_night", at=nights.at, night=tonight.as_of),)
    return ()


def _write(
    tables: Tables, nights: Nights, watch: Watch, by_night: pd.DataFrame, out: Path, told: tuple[str, ...]
) -> None:
    config = tables.config
    alarms = watch.alarms[["group", "measure", "subject", "value", "expected", "evidence", "limit"]]
    facts = {
        "business": config.business,
        "as_of": nights.at.tz_localize("UTC").isoformat(),
        "data_until": tables.data_until.tz_localize("UTC").isoformat(),
        "servicelift": __version__,
        "nights": len(nights.all),
        "tonight": _moment(nights.tonight),
        "reference": _moment(nights.reference),
        "before": _moment(nights.before),
        "false_alarms_a_year": config.monitor.false_alarms_a_year,
        "expected_false_alarms_a_year": watch.false_alarms_a_year,
        "run_length_days": watch.run_lengths,
        "days_between_nights": watch.spacing,
        "measures": len(watch.rows),
        "alarms": _plain(alarms),
        "new_levels": new_levels(tables, nights.at) if "inputs" in config.monitor.measures else {},
        "calibration_by_night": _plain(by_night),
    }
    page = monitor_page(watch, by_night, PageFacts.of(tables, nights, told))
    with complete_folder(out) as folder:
        watch.rows.to_parquet(folder / ROWS, index=False)
        (folder / PAGE).write_text(page, encoding="utf-8")
        facts["files"] = digests(folder)
        (folder / FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _moment(night: Night | None) -> str | None:
    return None if night is None else night.as_of.tz_localize("UTC").isoformat()


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values; what is not a number is null."""
    found: list[dict[str, Any]] = json.loads(frame.to_json(orient="records"))
    return found
