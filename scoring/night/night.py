"""One night, unattended: gate, score, targets, monitor, publish; and earlier ones whose rows came late.

Everything is made in hidden folders of the history and gets its place by one rename, night by night. What a killed run
has done is used by the next, if it is made from the same.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from ...core.config.business import Config
from ...core.errors import ALARMED, ConfigError, ServiceliftError
from ...core.locale import Locale
from ...core.messages import Message
from ...core.output_lock import locked_folder
from ...features.tables.staleness import check_fresh, stale_line
from ...features.tables.tables import Opener, Tables, open_tables
from ...tracking import Tracker
from ..scores.champions import champion_versions
from ..scores.export import check_as_of
from ..scores.kept_pieces import pieces_folder
from .history import History, Partition
from .journal import Done, Journal
from .log import Log
from .manifest import manifest_of, write_manifest
from .partitions import (
    bring_in,
    check_place,
    point_latest,
    recover,
    retire,
    set_modes,
    staged_folder,
    staged_pieces,
    sweep_staged,
)
from .plan import PlannedNight, check_days, plan_nights
from .steps import LIST, Alarm, Earlier, Watch, list_step, score_step, watch_step
from .words import NIGHT_WORDS

__all__ = ["NightOutcome", "nightly"]

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


@dataclass(frozen=True)
class NightOutcome:
    """What a run did.

    Parameters
    ----------
    out
        Folder of the history.
    made
        The nights that were made, those asked for first.
    up_to_date
        Days that were asked for and had nothing new.
    removed
        Days of nights that are no longer kept.
    alarms
        What somebody has to look at.
    keep_days, locale
        How many days are kept, and how the business's people read.
    """

    out: Path
    made: tuple[Partition, ...]
    up_to_date: tuple[str, ...]
    removed: tuple[str, ...]
    alarms: tuple[Alarm, ...]
    keep_days: int | None = None
    locale: Locale = field(default_factory=Locale)

    @property
    def exit_code(self) -> int:
        """With what the command ends: 3 if there is an alarm, else 0."""
        return ALARMED if self.alarms else 0

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        say, alarms = NIGHT_WORDS.say, [alarm.text for alarm in self.alarms]
        removed = {"n": len(self.removed), "keep": self.keep_days}
        return [
            *(line for night in self.made for line in _night_lines(night, self.locale) if line not in alarms),
            *(say(self.locale, "up_to_date", day=day) for day in self.up_to_date),
            *([say(self.locale, "removed", **removed)] if self.removed else []),
            *(say(self.locale, "alarm", text=text) for text in alarms),
        ]


def nightly(
    config: Config,
    as_ofs: Sequence[pd.Timestamp],
    *,
    out: Path | None = None,
    force: bool = False,
    log: Log | None = None,
    opened: Opener = open_tables,
    watch: Watch | None = None,
) -> NightOutcome:
    """Make the nights of the instants asked for, and those looked back at of which other rows are known by now.

    Parameters
    ----------
    config
        The business, with its section ``nightly:``.
    as_ofs
        Instants, naive UTC, each the first of its day.
    out
        Folder of the history; None: the config's.
    force
        Make a night that is up to date, too.
    log
        Takes the lines of the run.
    opened
        Gives the tables of a configuration.
    watch
        Looks at each night before it gets its place.

    Raises
    ------
    BusyError
        Another run is at work in the same history.
    ServiceliftError
        The tables break the contract or do not reach an instant, there is no champion, or the place cannot be written.
    """
    root, log = out or Path(config.resolve(config.nightly.out)), log or Log()
    moments = sorted(set(as_ofs))
    with _place_errors(root), locked_folder(root):
        recover(root)
        history = History(root)
        check_place(root, check_days(config, moments, history))
        tables, stale = _gate(config, moments, opened, log)
        champions = champion_versions(Tracker.of(config), config)
        plan = plan_nights(tables, moments, history, champions, force=force)
        sweep_staged(root, [night.day for night in plan.nights])
        for day in plan.up_to_date:
            log("gate", "up to date, nothing to do", day=day)
        run = _Run(tables, history, log, watch)
        made, alarms = run.make(plan.nights)
        removed = retire(root, config.nightly.keep)
        if removed:
            log("publish", f"removed, {config.nightly.keep} days are kept: {', '.join(removed)}")
        alarms += run.point(config)
    for alarm in (*stale, *alarms):
        log(alarm.step, alarm.text, "warning")
    return NightOutcome(
        out=root,
        made=tuple(made),
        up_to_date=plan.up_to_date,
        removed=tuple(removed),
        alarms=(*stale, *alarms),
        keep_days=config.nightly.keep,
        locale=config.locale,
    )


def _gate(
    config: Config, moments: Sequence[pd.Timestamp], opened: Opener, log: Log
) -> tuple[Tables, tuple[Alarm, ...]]:
    """Open and check the tables; return them, and which of them end long before the last instant."""
    began = time.monotonic()
    tables = opened(config)
    for as_of in moments:
        check_as_of(tables, as_of)
    stale = {each: as_of for as_of in moments for each in check_fresh(tables, as_of)}
    last = {each.table: (each, as_of) for each, as_of in stale.items()}
    alarms = tuple(Alarm("gate", "stale", stale_line(tables, each, as_of)) for each, as_of in last.values())
    log("gate", f"{len(tables.frames)} tables keep the contract", seconds=round(time.monotonic() - began, 3))
    return tables, alarms


@dataclass(frozen=True)
class _Run:
    """What all nights of a run share."""

    tables: Tables
    history: History
    log: Log
    watch: Watch | None

    def make(self, nights: Sequence[PlannedNight]) -> tuple[list[Partition], list[Alarm]]:
        """Make nights one after the other; one that is made again for late rows stops none of the others."""
        made: list[Partition] = []
        alarms: list[Alarm] = []
        for night in nights:
            try:
                partition, raised = self._night(night)
            except ServiceliftError as error:
                if not night.late:
                    raise
                message = Message.of("not_revised", day=night.day, reason=str(error))
                alarms.append(Alarm.of(self.tables.config, "score", message))
                continue
            made.append(partition)
            alarms += raised
        return made, alarms

    def point(self, config: Config) -> list[Alarm]:
        """Let ``latest`` point to the last night."""
        return [] if point_latest(self.history.root) else [Alarm.of(config, "publish", Message.of("no_link"))]

    def _night(self, night: PlannedNight) -> tuple[Partition, list[Alarm]]:
        config, started = self.tables.config, _now()
        if night.late:
            self.log("gate", f"other rows are known by now: {', '.join(night.changed['tables'])}", day=night.day)
        folder = staged_folder(self.history.root, night.day)
        earlier = Earlier.of(self.history, night.as_of)
        key = night.inputs.key(day=night.day, late=night.late, revision=night.revision, earlier=earlier.facts())
        journal = Journal(folder, key)
        done = {"score": self._step(journal, night, "score", lambda: self._scored(night, folder, key))}
        scored = done["score"].facts
        done["targets"] = self._step(
            journal, night, "targets", lambda: list_step(self.tables, night, folder, scored, earlier)
        )
        alarms = self._without_list(night, done["targets"])
        manifest = manifest_of(config, night, folder, done, alarms)
        write_manifest(folder, manifest)
        partition = Partition(night.as_of, night.day, folder, manifest)
        done["monitor"] = self._step(
            journal, night, "monitor", lambda: watch_step(self.tables, night, partition, self.history, self.watch)
        )
        alarms += [Alarm(**each) for each in done["monitor"].facts["alarms"]]
        manifest = manifest_of(config, night, folder, done, alarms)
        manifest |= {"run": self.log.run, "started": started, "ended": _now(), "files": journal.files}
        write_manifest(folder, manifest)
        set_modes(folder, config.nightly.files)
        final = bring_in(folder)
        journal.close()
        point_latest(self.history.root)
        self.log("publish", f"revision {night.revision} is in its place", day=night.day)
        return Partition(night.as_of, night.day, final, manifest), alarms

    def _scored(self, night: PlannedNight, folder: Path, key: str) -> dict[str, Any]:
        return score_step(self.tables, night, folder, pieces_folder(staged_pieces(folder), key))

    def _step(self, journal: Journal, night: PlannedNight, name: str, work: Callable[[], Mapping[str, Any]]) -> Done:
        done = journal.run(name, work)
        said = "done by a run that was stopped" if done.resumed else _said(name, done.facts)
        self.log(name, said, day=night.day, seconds=None if done.resumed else done.seconds)
        return done

    def _without_list(self, night: PlannedNight, listed: Done) -> list[Alarm]:
        """Return an alarm where somebody waits for a list and there is none."""
        code = listed.facts.get("left_out")
        if code not in ("no_list", "no_better"):
            return []
        why = {"why": listed.facts["why"]} if code == "no_better" else {}
        return [Alarm.of(self.tables.config, "targets", Message.of(code, day=night.day, **why))]


def _said(step: str, facts: Mapping[str, Any]) -> str:
    """Return in the log's words what a step did."""
    if "left_out" in facts:
        return f"left out: {facts['left_out']}"
    if step == "score":
        return f"{facts['customers']:,} customers, {facts['pairs']:,} customer-action values"
    if "kept_of_revision" in facts:
        return f"the list that was handed out, of revision {facts['kept_of_revision']}, is kept"
    if step == "targets":
        return f"{facts['contacted']:,} to contact, {facts['held_out']:,} to leave alone"
    return f"{len(facts['alarms'])} alarms"


def _night_lines(night: Partition, locale: Locale) -> list[str]:
    """Return what a user reads about one night."""
    say, manifest = NIGHT_WORDS.say, night.manifest
    counts = manifest["counts"]
    size = {"n": counts["customers"], "pairs": counts["customer_action_pairs"]}
    lines = [say(locale, "made", day=night.day, folder=str(night.folder), **size)]
    if manifest["why"] == "late_rows":
        tables = [
            say(locale, "table", name=name, before=before or 0, now=now or 0)
            for name, (before, now) in manifest["changed"]["tables"].items()
        ]
        lines.append(say(locale, "revised", day=night.day, revision=night.revision, tables=tables))
    elif counts["contacted"] is not None:
        file = {"file": str(night.folder / LIST)}
        lines.append(say(locale, "list", day=night.day, contacted=counts["contacted"], held=counts["held_out"], **file))
        lines += [f"{night.day}: {since}"] if (since := manifest["list"].get("since")) else []
    if manifest["resumed"]:
        lines.append(say(locale, "resumed", day=night.day, steps=manifest["resumed"]))
    return [*lines, *manifest["notes"]]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def _place_errors(root: Path) -> Iterator[None]:
    """Say in one line that the place takes no more, whoever found out."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise ConfigError(
            f"cannot write to '{error.filename or root}': {os.strerror(error.errno)}; the nights that are there are"
            " whole. Mend the place and run the command again, which goes on where this run stopped"
        ) from error
