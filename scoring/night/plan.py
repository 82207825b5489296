"""Which nights a run makes: those that were asked for, and earlier ones of which other rows are known by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ...core.config.business import Config, ModelKind
from ...core.errors import ConfigError
from ...core.short_repr import ShortRepr
from ...core.time import instant, local_day, local_text
from ...features.tables.tables import Tables
from .history import History, Partition
from .inputs import Inputs, changed_inputs, changed_tables, inputs_of

__all__ = ["NightPlan", "PlannedNight", "check_days", "plan_nights"]


@dataclass(frozen=True)
class PlannedNight(ShortRepr):
    """A night to make.

    Parameters
    ----------
    as_of, day
        Its instant, naive UTC, and its day on the business's calendar.
    late
        Whether it is made again because other rows are known of its time, not because it was asked for.
    inputs
        What it is made from.
    before
        The night that it replaces; None for the first of its day.
    changed
        In which inputs the two differ.
    keeps_list
        Whether its list has been handed out and stays: only rows have changed since, and nobody asks for another.
    """

    as_of: pd.Timestamp
    day: str
    late: bool
    inputs: Inputs
    before: Partition | None = None
    changed: Mapping[str, Any] = field(default_factory=dict)
    keeps_list: bool = False

    @property
    def revision(self) -> int:
        """1 for the first of its day, then one more each time."""
        return 1 if self.before is None else self.before.revision + 1


@dataclass(frozen=True)
class NightPlan(ShortRepr):
    """The nights to make, those asked for first, and the days that are up to date."""

    nights: tuple[PlannedNight, ...]
    up_to_date: tuple[str, ...]


def check_days(config: Config, as_ofs: Sequence[pd.Timestamp], history: History) -> list[str]:
    """Return the days of instants.

    Raises
    ------
    ConfigError
        An instant is not the first of its day, or so old that its night would not be kept, or the history is another
        business's.
    """
    zone, keep = config.timezone, config.nightly.keep
    days = [str(local_day(each, zone)) for each in as_ofs]
    for as_of, day in zip(as_ofs, days, strict=True):
        if instant(day, zone) != as_of:
            raise ConfigError(f"expected a day for a night, got {local_text(as_of, zone)}; take {day}")
    known = history.latest()
    if known is not None and (other := known.manifest.get("business", config.business)) != config.business:
        raise ConfigError(
            f"expected nights of business '{config.business}' in '{history.root}', it holds those of '{other}'; choose"
            " another nightly.out"
        )
    last = max([*days, *([known.day] if known else [])], default="")
    for day in days:
        if keep is not None and (pd.Timestamp(last) - pd.Timestamp(day)).days >= keep:
            raise ConfigError(
                f"expected days within the {keep} that nightly.keep keeps before {last}, got {day}, which would be"
                " removed at once; take a later one, or keep more"
            )
    return days


def plan_nights(
    tables: Tables,
    as_ofs: Sequence[pd.Timestamp],
    history: History,
    champions: Mapping[ModelKind, int | None],
    *,
    force: bool,
) -> NightPlan:
    """Return which nights to make.

    A night that was asked for is made unless it is there, made from the same rows, configuration and champions; where
    only the rows differ, the list that was handed out stays. One of the ``look_back`` days before the last of them is
    made again if other rows are known of its time; with the models that it was made with, so that the rows alone make
    the difference.

    Parameters
    ----------
    tables
        The business.
    as_ofs
        Instants that were asked for, naive UTC, each the first of its day.
    history
        The nights that are there.
    champions
        The models in use, by kind.
    force
        Make what was asked for in any case.
    """
    config = tables.config
    days = [str(local_day(each, config.timezone)) for each in as_ofs]
    earlier = _looked_back_at(history, days, config.nightly.look_back)
    versions = [*(champions for _ in days), *(_versions(each, champions) for each in earlier)]
    found = inputs_of(tables, [*as_ofs, *(each.as_of for each in earlier)], versions)
    nights, up_to_date = [], []
    for as_of, day, inputs in zip(as_ofs, days, found, strict=False):
        before = history.partition(day)
        changed = {} if before is None else changed_inputs(before.manifest, inputs)
        if before is None or changed or force:
            nights.append(
                PlannedNight(as_of, day, False, inputs, before, changed, {*changed} == {"tables"} and not force)
            )
        else:
            up_to_date.append(day)
    for partition, inputs in zip(earlier, found[len(days) :], strict=True):
        if changed_tables(partition.manifest, inputs):
            changed = changed_inputs(partition.manifest, inputs)
            nights.append(PlannedNight(partition.as_of, partition.day, True, inputs, partition, changed, True))
    return NightPlan(tuple(nights), tuple(up_to_date))


def _looked_back_at(history: History, days: Sequence[str], look_back: int) -> list[Partition]:
    last = pd.Timestamp(max(days))
    return [
        each
        for each in (history.partitions() if look_back else [])
        if each.day not in days and 0 < (last - pd.Timestamp(each.day)).days <= look_back
    ]


def _versions(night: Partition, champions: Mapping[ModelKind, int | None]) -> Mapping[ModelKind, int | None]:
    kept = night.manifest.get("inputs", {}).get("versions", {})
    return {kind: kept.get(kind) for kind in champions}
