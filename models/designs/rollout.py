"""The effect of an initiative that reached teams, sites or regions at different dates (staggered rollout).

The change of those who were reached is held against that of units not reached yet. Every cohort (units that started
in one period) and every period gives an effect of its own, and averages of those are what is told (Callaway &
Sant'Anna 2021). A regression with effects of units and of periods also takes units that were reached long ago for
controls; where effects grow, or differ between cohorts, it is wrong, in sign even (Goodman-Bacon 2021).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from ...core.arrays import Floats
from ...core.errors import ModelError
from ...core.short_repr import ShortRepr
from ..effects.inference import clustered_std_error
from .group_time import effect_on_treated
from .panel import Panel, read_panel

__all__ = ["RolloutEffect", "RolloutPart", "rollout_effect"]

Controls = Literal["not_yet", "never"]
_LEADS = 4


@dataclass(frozen=True)
class RolloutPart:
    """The average effect of a part of a rollout.

    Parameters
    ----------
    part
        Periods since the start (0 is the first one reached, below 0 is before), or the period a cohort started in.
    estimate, std_error, low, high
        Effect a unit and period, and its interval.
    units
        Units reached that it is an average of.

    Examples
    --------
    >>> RolloutPart(part=2, estimate=3.0, std_error=0.5, low=1.9, high=4.1, units=40).units
    40
    """

    part: object
    estimate: float
    std_error: float
    low: float
    high: float
    units: int


@dataclass(frozen=True)
class RolloutEffect:
    """An average effect on the units reached, a unit and period since they were, in units of the outcome.

    Parameters
    ----------
    estimate, std_error, low, high
        Effect with its interval (Student's t with clusters - 1 degrees of freedom).
    pretrend_p
        Chance of changes before the start as large as seen, where units would have moved alike; NaN where no cohort has
        two periods before its start.
    by_exposure
        By periods since the start, before it included.
    by_start
        By the period in which a cohort started.
    naive
        What a regression with effects of units and of periods says: no effect where effects grow or differ.
    n_units, n_reached, n_clusters
        Units, those reached within the panel, and clusters.
    reached_periods, left_out_periods
        Periods of units reached that the estimate is an average of, and those with nobody left, or nobody alike in the
        covariates, to compare with.
    dof
        Degrees of freedom of Student's t.

    Examples
    --------
    >>> effect = RolloutEffect(2.0, 0.5, 1.0, 3.0, 0.4, (), (), 1.1, 60, 40, 60, 320, 0, 59)
    >>> effect.shown, effect.total
    (True, 640.0)
    """

    estimate: float
    std_error: float
    low: float
    high: float
    pretrend_p: float
    by_exposure: tuple[RolloutPart, ...]
    by_start: tuple[RolloutPart, ...]
    naive: float
    n_units: int
    n_reached: int
    n_clusters: int
    reached_periods: int
    left_out_periods: int
    dof: int

    @property
    def shown(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low > 0 or self.high < 0

    @property
    def total(self) -> float:
        """The effect on all units reached, over the periods that the estimate is an average of."""
        return self.estimate * self.reached_periods


@dataclass(frozen=True)
class _Cell(ShortRepr):
    """Effect of one cohort in one period, and what every unit adds to its error."""

    cohort: int
    period: int
    units: int
    effect: float
    moves: Floats


def rollout_effect(
    panel: pd.DataFrame,
    unit: str,
    period: str,
    started: str,
    outcome: str,
    *,
    covariates: Sequence[str] = (),
    clusters: str | None = None,
    controls: Controls = "not_yet",
    level: float = 0.95,
) -> RolloutEffect:
    """Return the effect of an initiative that reached units at different dates.

    Parameters
    ----------
    panel
        One row a unit and period, every unit in every period.
    unit, period, started, outcome
        Columns: the unit (a team, a site, a region, a customer), the period (a number or a date), the first period in
        which the unit was reached (missing if never), and what is measured.
    covariates
        Columns of numbers by which units would move differently, as they stand before the start.
    clusters
        Column of what the initiative was decided for, where units are smaller (customers of a site); the unit itself
        by default.
    controls
        `not_yet`: units not reached by then; `never`: only those never reached within the panel.
    level
        Of the interval.

    Raises
    ------
    ModelError
        The panel has gaps or units that were reached from its first period on, a cohort holds one cluster only, or
        nobody is left to compare with.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> panel = pd.DataFrame({"site": np.repeat(np.arange(60), 12), "month": np.tile(np.arange(12), 60)})
    >>> panel["start"] = np.repeat(rng.choice([4, 6, 8, np.nan], 60), 12)
    >>> since = (panel["month"] - panel["start"] + 1).clip(lower=0).fillna(0)
    >>> panel["saved"] = 5 * since + panel["month"] + rng.normal(0, 2, len(panel))
    >>> effect = rollout_effect(panel, "site", "month", "start", "saved")
    >>> truth = float(5 * since[since > 0].mean())
    >>> effect.low < truth < effect.high, effect.pretrend_p > 0.05, effect.naive < effect.low
    (True, True, True)
    """
    if controls not in ("not_yet", "never"):
        raise ModelError(f"controls: expected not_yet or never, got {controls!r}")
    if not 0 < level < 1:
        raise ModelError(f"level: expected a number between 0 and 1, got {level:g}")
    data = read_panel(panel, unit, period, started, outcome, tuple(covariates), clusters)
    cells = list(_cells(data, controls))
    after = [cell for cell in cells if cell.period >= cell.cohort]
    if not after:
        raise ModelError(
            "expected at least two clusters not reached yet, and like those reached in the covariates, got none; bring"
            " units that were reached later, or never, or use fewer covariates"
        )
    n_clusters = len(np.unique(data.clusters))
    t = float(stats.t.ppf(0.5 + level / 2, n_clusters - 1))

    def part(name: object, some: list[_Cell]) -> RolloutPart:
        effect, moves = _average(some)
        error = clustered_std_error(moves, [data.clusters])
        units = sum({cell.cohort: cell.units for cell in some}.values())
        return RolloutPart(name, effect, error, effect - t * error, effect + t * error, units)

    whole = part("all", after)
    exposures = sorted({cell.period - cell.cohort for cell in cells})
    reached = data.start < data.outcome.shape[1]
    measured = sum(cell.units for cell in after)
    return RolloutEffect(
        whole.estimate,
        whole.std_error,
        whole.low,
        whole.high,
        _pretrend(cells, data, n_clusters),
        tuple(part(e, [c for c in cells if c.period - c.cohort == e]) for e in exposures),
        tuple(part(data.periods[g], [c for c in after if c.cohort == g]) for g in sorted({c.cohort for c in after})),
        _two_way(data),
        len(data.start),
        int(reached.sum()),
        n_clusters,
        measured,
        int(np.sum(data.outcome.shape[1] - data.start[reached])) - measured,
        n_clusters - 1,
    )


def _cells(data: Panel, controls: Controls) -> Iterator[_Cell]:
    """Yield the effect of every cohort in every period but the last before its start, which all are held against."""
    n, periods = data.outcome.shape
    for cohort in np.unique(data.start[data.start < periods]):
        mine = data.start == cohort
        if len(np.unique(data.clusters[mine])) < 2:
            raise ModelError(
                f"expected at least two clusters that started in {data.periods[cohort]}, got one: its effect cannot be"
                " told from its luck; take longer periods, so that starts fall together, or leave it out"
            )
        for period in range(periods):
            base = int(cohort) - 1
            if period == base:
                continue
            others = data.start >= periods if controls == "never" else data.start > max(period, base)
            used = np.flatnonzero(mine | others)
            change = data.outcome[used, period] - data.outcome[used, base]
            found = effect_on_treated(change, mine[used], data.covariates[used, base], data.clusters[used])
            if found is not None:
                moves = np.zeros(n)
                moves[used] = found[1]
                yield _Cell(int(cohort), period, int(mine.sum()), found[0], moves)


def _average(cells: list[_Cell]) -> tuple[float, Floats]:
    """Return the average of cells over the units reached, and what every unit adds to its error.

    It speaks of these units: how large cohorts are is no part of the error.
    """
    weights = np.array([cell.units for cell in cells], dtype=float)
    weights /= weights.sum()
    effects, moves = np.array([cell.effect for cell in cells]), np.array([cell.moves for cell in cells])
    return float(weights @ effects), np.asarray(weights @ moves)


def _pretrend(cells: list[_Cell], data: Panel, n_clusters: int) -> float:
    """Return the p-value of all effects before the start being 0, of the last few periods (Hotelling's test)."""
    leads = sorted({cell.period - cell.cohort for cell in cells if cell.period < cell.cohort})
    leads = leads[-max(1, min(_LEADS, n_clusters // 8)) :]
    if not leads:
        return float("nan")
    found = [_average([c for c in cells if c.period - c.cohort == lead]) for lead in leads]
    effects = np.array([effect for effect, _ in found])
    sums = np.array([np.bincount(data.clusters, weights=moves) for _, moves in found])
    variance = sums @ sums.T * n_clusters / (n_clusters - 1)
    size, k = float(effects @ np.linalg.pinv(variance) @ effects), len(leads)
    return float(stats.f.sf(size * (n_clusters - k) / (k * (n_clusters - 1)), k, n_clusters - k))


def _two_way(data: Panel) -> float:
    """Return the coefficient of having been reached beside effects of units and of periods."""
    reached = (np.arange(data.outcome.shape[1]) >= data.start[:, None]).astype(float)
    rest = reached - reached.mean(axis=1, keepdims=True) - reached.mean(axis=0) + reached.mean()
    return float(np.sum(rest * data.outcome) / np.sum(rest**2))
