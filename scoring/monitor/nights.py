"""Scored nights, wherever they lie: which one is tonight, which are compared, and which answer for their scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pandas as pd

from ...core.errors import ConfigError
from ...core.hashing import uniform_hash
from ...core.short_repr import ShortRepr
from ...core.time import instant
from ..scores.score import ACTION_VALUES, SCORES
from ..targets.scored import run_facts

__all__ = ["Night", "Nights", "ScoresFolder", "night_sample"]

_EPOCH = pd.Timestamp(1970, 1, 1)
_PERIOD_DAYS = 30
"""Days back of the night that stands for the period before."""


class Night(Protocol):
    """A scored night: a partition of the history, or a folder that `servicelift score` wrote."""

    @property
    def as_of(self) -> pd.Timestamp:
        """The instant looked from, naive UTC."""
        ...

    @property
    def folder(self) -> Path:
        """Where it lies; lists that `targets` made lie there or in ``targets/``."""
        ...

    def scores(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row a customer."""
        ...

    def action_values(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row an eligible pair of customer and action."""
        ...


@dataclass(frozen=True)
class ScoresFolder:
    """A folder that `servicelift score --out` wrote, as a night."""

    as_of: pd.Timestamp
    folder: Path

    @classmethod
    def of(cls, folder: Path, business: str) -> ScoresFolder:
        """Look at a folder.

        Raises
        ------
        ConfigError
            It holds no scores, or those of another business.
        """
        facts = run_facts(folder)
        if "as_of" not in facts or not (folder / SCORES).is_file():
            raise ConfigError(
                f"expected a folder that `servicelift score --out` wrote, found no '{SCORES}' with its run.json in"
                f" '{folder}'; score into it, or give --history for the folder of nights"
            )
        if facts.get("business", business) != business:
            raise ConfigError(
                f"expected scores of business '{business}', '{folder}' holds those of '{facts['business']}';"
                " give its folder"
            )
        return cls(instant(facts["as_of"]), folder)

    def scores(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row a customer."""
        return pd.read_parquet(self.folder / SCORES, columns=None if columns is None else list(columns))

    def action_values(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row an eligible pair of customer and action."""
        return pd.read_parquet(self.folder / ACTION_VALUES, columns=None if columns is None else list(columns))


@dataclass(frozen=True)
class Nights(ShortRepr):
    """The nights up to an instant, the oldest first.

    Parameters
    ----------
    all
        One an instant, ascending.
    at
        Tonight's instant, naive UTC.
    since
        Where the look-back begins.
    versions
        Version of the churn model of the nights that were looked at, by instant.
    """

    all: tuple[Night, ...]
    at: pd.Timestamp
    since: pd.Timestamp
    versions: dict[pd.Timestamp, int | None] = field(default_factory=dict)

    @classmethod
    def until(cls, nights: Iterable[Night], at: pd.Timestamp, look_back_days: int) -> Nights:
        """Return the nights of the look-back, each instant once; of two the later one given counts."""
        since = at - pd.Timedelta(days=look_back_days)
        by_instant = {one.as_of: one for one in nights if since <= one.as_of <= at}
        return cls(tuple(by_instant[key] for key in sorted(by_instant)), at, since)

    @property
    def tonight(self) -> Night | None:
        """The latest night; None without any."""
        return self.all[-1] if self.all else None

    @property
    def spacing(self) -> float:
        """Days from the night before to this one; 1 where there is none."""
        before = [one.as_of for one in self.all if one.as_of < self.at]
        return max((self.at - before[-1]) / pd.Timedelta(days=1), 1.0) if before else 1.0

    @property
    def reference(self) -> Night | None:
        """The first night that the model of tonight scored, up to 30 days late; None where that is tonight.

        Training's own customers are not kept; the first night of a champion comes next to them.
        """
        if len(self.all) < 2:
            return None
        own = self._version(self.all[-1])
        return next((one for one in self.first_of(_PERIOD_DAYS) if self._version(one) == own), None)

    @property
    def before(self) -> Night | None:
        """The latest night that lies 30 days or more before tonight; the first one where none does."""
        earlier = self.all[:-1]
        old = [one for one in earlier if one.as_of <= self.all[-1].as_of - pd.Timedelta(days=_PERIOD_DAYS)]
        return old[-1] if old else next(iter(earlier), None)

    def first_of(self, days: float) -> list[Night]:
        """Return the first night of each cell of so many days since 1970; tonight is left out.

        A cell that the look-back cuts is left out, so that the nights stay the same from one night to the next.
        """
        width = pd.Timedelta(days=days)
        cut = int((self.since - _EPOCH) // width)
        cells: dict[int, Night] = {}
        for one in self.all[:-1]:
            cell = int((one.as_of - _EPOCH) // width)
            if cell > cut:
                cells.setdefault(cell, one)
        return list(cells.values())

    def answering(self, horizon_days: int, parts: int = 3) -> list[list[Night]]:
        """Return the nights whose scores are answered for, in up to ``parts`` chains.

        Time is cut into cells of horizon / parts, and the first night of each cell answers. It joins the chain that has
        waited longest, if a horizon has passed since that one's last night: the nights of a chain lie a horizon apart,
        so that each of their outcomes counts once.
        """
        chains: list[list[Night]] = []
        horizon = pd.Timedelta(days=horizon_days)
        for one in self.first_of(horizon_days / parts):
            free = [chain for chain in chains if one.as_of >= chain[-1].as_of + horizon]
            if free:
                min(free, key=lambda chain: chain[-1].as_of).append(one)
            elif len(chains) < parts:
                chains.append([one])
        return chains

    def _version(self, night: Night) -> int | None:
        if night.as_of not in self.versions:
            found = night.scores(["churn_model_version"])["churn_model_version"].dropna()
            self.versions[night.as_of] = int(found.iloc[0]) if len(found) else None
        return self.versions[night.as_of]


def night_sample(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return about ``most`` customers of a night, drawn by a hash of the customer: the same ones night after night."""
    if len(frame) <= most:
        return frame.reset_index(drop=True)
    drawn = uniform_hash(frame["customer_id"], "monitor") < most / len(frame)
    return frame.loc[drawn].reset_index(drop=True)
