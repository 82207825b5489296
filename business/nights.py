"""Nights of a business: what a night makes, back-fill, training that is due, and the history."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ..core.errors import ALARMED, ConfigError, ServiceliftError
from ..core.messages import Message
from ..core.time import instant, local_day
from .lists import Lists
from .modelling import Modelling
from .opened import Moment
from .results import Summary

if TYPE_CHECKING:
    from ..scoring.night.history import History, Partition
    from ..scoring.night.log import Log
    from ..scoring.night.steps import Alarm

__all__ = ["Night", "Nights"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Night(Summary):
    """What a run of nights did.

    Parameters
    ----------
    out
        Folder of the history.
    made
        The nights that were made: those asked for, then earlier ones whose rows came late.
    up_to_date
        Days that were asked for and had nothing new.
    alarms
        What somebody has to look at, in words.
    """

    out: Path
    made: tuple[Partition, ...]
    up_to_date: tuple[str, ...]
    alarms: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """With what the command ends: 3 if there is an alarm, else 0."""
        return ALARMED if self.alarms else 0


class Nights(Lists, Modelling):
    """What is scored night after night."""

    def nightly(
        self,
        as_of: Moment | None = None,
        *,
        since: Moment | None = None,
        until: Moment | None = None,
        every: int = 1,
        out: str | Path | None = None,
        force: bool = False,
        log: Log | None = None,
    ) -> Night:
        """Make a night: check the tables, score, choose targets, watch, add a partition to the history, publish.

        A night that is there, made from the same rows, configuration and champions, is left as it is. Earlier ones of
        ``nightly: {look_back: ...}`` days are scored again if other rows are known of their time by now.

        Parameters
        ----------
        as_of
            Day of the night; ``latest`` is the last midnight before the data end.
        since, until
            Days of a back-fill, the last one left out; None: up to where the data end, that day included.
        every
            Days from one night of a back-fill to the next.
        out
            Folder of the history; None: the config's.
        force
            Make a night that is up to date, too.
        log
            Takes the lines of the run.

        Raises
        ------
        ServiceliftError
            The tables break the contract or do not reach the day, there is no champion, another run is at work there,
            or neither or both of a day and a period are given.

        Examples
        --------
        >>> night = b.nightly("2024-07-01", out=f"{folder}/history")
        >>> night.made[0].scores()["clv"].notna().all()
        np.True_
        >>> b.nightly("2024-07-01", out=f"{folder}/history").up_to_date
        ('2024-07-01',)
        """
        from ..scoring.night.log import Log
        from ..scoring.night.night import nightly
        from ..scoring.night.watching import watch_night
        from ..scoring.night.words import NIGHT_WORDS

        log, began = log or Log(), time.monotonic()
        moments = self._moments(as_of, since, until, every)
        place = None if out is None else Path(out)
        outcome = nightly(self.config, moments, out=place, force=force, log=log, opened=self._once, watch=watch_night)
        published, unpublished = self._published(outcome.out, log)
        trained, untrained = self._retrained(list(outcome.alarms), log)
        failed = (*unpublished, *untrained)
        alarms = (*(alarm.text for alarm in outcome.alarms), *failed)
        told = (NIGHT_WORDS.say(self.config.locale, "alarm", text=text) for text in failed)
        log(
            "run",
            f"done, {len(alarms)} {'alarm' if len(alarms) == 1 else 'alarms'}",
            seconds=round(time.monotonic() - began, 3),
        )
        return Night(
            lines=(*outcome.lines(), *published, *trained, *told),
            out=outcome.out,
            made=outcome.made,
            up_to_date=outcome.up_to_date,
            alarms=alarms,
        )

    def history(self, out: str | Path | None = None) -> History:
        """Return the nights that lie below a folder.

        Parameters
        ----------
        out
            The folder; None: the config's, ``nightly: {out: ...}``.

        Examples
        --------
        >>> b.history(f"{folder}/nights").partitions()
        []
        """
        from ..scoring.night.history import History

        return History(Path(out) if out is not None else Path(self.config.resolve(self.config.nightly.out)))

    def _moments(
        self, as_of: Moment | None, since: Moment | None, until: Moment | None, every: int
    ) -> list[pd.Timestamp]:
        """Return the instants of the nights that are asked for."""
        if (as_of is None) == (since is None) or (until is not None and since is None):
            raise ConfigError(
                "expected --as-of DAY for one night, or --since DAY with or without --until DAY for several; got"
                f" {'neither' if as_of is None and since is None and until is None else 'something else'}"
            )
        if every < 1:
            raise ConfigError(f"expected 1 day or more from one night to the next, got {every}")
        zone = self.config.timezone
        if since is None:
            moment = self.instant(as_of if as_of is not None else "latest")
            latest = isinstance(as_of, str) and as_of.strip().lower() == "latest"
            return [instant(local_day(moment, zone), zone) if latest else moment]
        first = local_day(self.instant(since), zone)
        end = pd.Timestamp(local_day(self._end() if until is None else self.instant(until), zone))
        last = end if until is None else end - pd.Timedelta(days=1)
        days = pd.date_range(first, last, freq=f"{every}D")
        if days.empty:
            raise ConfigError(f"expected days from {first} on and before {end.date()}, there are none; turn them round")
        return [instant(day.date(), zone) for day in days]

    def _published(self, out: Path, log: Log) -> tuple[list[str], list[str]]:
        """Bring the database up to date, if one is named; return what there is to say of it, and what failed."""
        from ..scoring.night.words import NIGHT_WORDS
        from ..scoring.publish.publish import publish

        if self.config.publish.connection is None:
            return [], []
        began = time.monotonic()
        try:
            outcome = publish(self.config, self.history(out).partitions())
        except ServiceliftError as error:
            failed = NIGHT_WORDS.say(self.config.locale, "not_published", reason=str(error))
            log("publish", failed, "warning")
            return [], [failed]
        days = ", ".join(outcome.rows) or "nothing new"
        log("publish", f"into {outcome.place}: {days}", seconds=round(time.monotonic() - began, 3))
        return outcome.lines(), []

    def _retrained(self, alarms: list[Alarm], log: Log) -> tuple[list[str], list[str]]:
        """Train if it is due and allowed; return what there is to say of it, and what failed."""
        from ..scoring.night.retraining import retraining_due
        from ..scoring.night.words import NIGHT_WORDS

        locale = self.config.locale
        due = retraining_due(self.config, alarms, datetime.now(UTC))
        lines = [NIGHT_WORDS.write(locale, each) for each in due]
        for line in lines:
            log("retrain", line, "warning")
        if not due:
            return [], []
        if not self.config.nightly.retrain.allowed:
            return [*lines, NIGHT_WORDS.say(locale, "not_allowed")], []
        began = time.monotonic()
        try:
            trained = self.train()
        except ServiceliftError as error:
            failed = NIGHT_WORDS.write(locale, Message.of("not_trained", reason=str(error)))
            log("retrain", failed, "warning")
            return lines, [failed]
        log("retrain", f"{len(trained.models)} models judged", seconds=round(time.monotonic() - began, 3))
        return [*lines, *trained.lines], []
