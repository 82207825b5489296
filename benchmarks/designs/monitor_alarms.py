"""How often the nights ring for nothing, and how soon a drift of calibration is found.

Run ``python benchmarks/designs/monitor_alarms.py``; `--years 10` is quicker.

1. Years in which nothing changes: tables, scores, outcomes and lists are drawn anew from one distribution, with
   weekdays, overdispersed counts and the same customers from night to night. They are judged by the rules of
   `servicelift monitor`, all measures together, one night a week. Printed: how often it begins to ring in a year,
   beside what is allowed.
2. From one night on 20% more, or 20% fewer, customers leave than the scores foresee. Printed: days until it rings, by
   the number of customers, with the churn horizon and the grace period of the press example.
3. Tables that bill on fixed days of the month, seen every night: how often their volumes ring for nothing, with and
   without a look at the same dates of the months before, and whether a debit that does not come is found.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats
from servicelift.core.config.monitoring import MonitorConfig
from servicelift.features.outcomes.churn_by_lead import ChurnByLead
from servicelift.models.evaluation.realised import split_chance
from servicelift.models.evaluation.rhythm import (
    comes_in_bursts,
    count_against_before,
    share_against_before,
    silence_chance,
)
from servicelift.models.evaluation.ripening import shape_of
from servicelift.scoring.monitor.came import Answer, Answers, churn_outcome_measures
from servicelift.scoring.monitor.inputs import same_dates
from servicelift.scoring.monitor.measures import Level, Measure, judged
from servicelift.scoring.monitor.moved import unlike_the_past

WEEK, LOOK_BACK = 7, 104
LEADS, GRACE, HORIZON = (30, 60, 90), 30, 90
TABLES, COLUMNS, FEATURES, LISTED = 6, 12, 3, 400
WEEKDAYS = np.array([1.0, 1.1, 1.0, 0.9, 1.2, 0.5, 0.2])
CONFIG = MonitorConfig()


def days(count: float) -> pd.Timedelta:
    return pd.Timedelta(days=count)


class Customers:
    """Customers with hazards of their own who leave and are replaced; scores are their true risks times ``1 / off``.

    ``off`` is how many leave for one foreseen, from night ``change`` on.
    """

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        self.rng, self.n = rng, n
        self.hazard = rng.gamma(0.8, 0.066 / HORIZON / 0.8, n)  # 6 of 100 leave within the horizon
        self.start = pd.Timestamp("2020-01-01")
        self.answers: list[Answer] = []

    def answer(self, day: int, off: float) -> None:
        """Score everybody on a day, and draw when each leaves."""
        p = 1 - np.exp(-self.hazard * HORIZON)
        lasts = self.rng.exponential(1 / (self.hazard * off))
        churned = lasts[:, None] <= np.array(LEADS)
        every = np.ones(self.n, dtype=bool)
        fate = ChurnByLead(LEADS, every, np.ones_like(churned), churned)
        self.answers.append(Answer(self.start + days(day), len(self.answers) % 3, p, fate))
        gone = lasts <= LEADS[0]  # until the next night that answers
        self.hazard[gone] = self.rng.gamma(0.8, 0.066 / HORIZON / 0.8, int(gone.sum()))

    def seen(self, day: int) -> Answers:
        """Return what is over on a day, of the nights of the look-back."""
        at, chosen = self.start + days(day), []
        for night in self.answers:
            if not at - days(730) < night.as_of < at:
                continue
            over = np.array([night.as_of + days(lead + GRACE) <= at for lead in LEADS])
            seen = np.tile(over, (self.n, 1))
            chosen.append(Answer(night.as_of, night.chain, night.p, ChurnByLead(
                LEADS, night.fate.at_risk, seen, night.fate.churned & seen
            )))  # fmt: skip
        return Answers(tuple(chosen), LEADS, self.shape, GRACE, at)

    def learn_shape(self) -> None:
        """Learn the shape from eight earlier instants, as the command does."""
        hazard = np.tile(self.hazard, 8)
        lasts = self.rng.exponential(1 / hazard)
        self.shape = shape_of([int((lasts <= lead).sum()) for lead in LEADS])


class Inputs:
    """Daily rows of tables, missing values of columns, samples of features: all from one distribution."""

    def __init__(self, rng: np.random.Generator, weeks: int) -> None:
        self.rng = rng
        level = rng.uniform(5, 500, TABLES)[:, None] * np.tile(WEEKDAYS, weeks)
        self.rows = rng.poisson(rng.gamma(20, level / 20))
        self.total = self.rows.reshape(TABLES, weeks, WEEK).sum(axis=2)[np.arange(COLUMNS) % TABLES]
        self.missing = rng.binomial(self.total, rng.uniform(0.01, 0.3, COLUMNS)[:, None])
        self.features = rng.normal(0, 1, (weeks, FEATURES, 600))
        self.lists = rng.random((weeks, LISTED)) < 0.9

    def measures(self, week: int) -> Iterator[Measure]:
        """Yield the measures of the night after a week."""
        for table, rows in enumerate(self.rows[:, : (week + 1) * WEEK]):
            name, recent = str(table), rows[-80 * WEEK :]
            ages = np.flatnonzero(recent[::-1])
            by_week = recent.reshape(-1, WEEK)
            yield Measure("inputs", "silence_days", name, 0, rule=Level(silence_chance(np.diff(ages), ages[0])))
            counts = {"rows_week": by_week.sum(axis=1), "rows_day": by_week[:, -1]}
            for measure, series in counts.items():
                yield Measure("inputs", measure, name, 0, rule=Level(count_against_before(series).chance))
        for column in range(COLUMNS):
            past = slice(week - 79, week + 1)
            found = share_against_before(self.missing[column, past], self.total[column, past])
            yield Measure("inputs", "missing_share", str(column), 0, rule=Level(found.chance))
        for feature in range(FEATURES):
            found = unlike_the_past([pd.Series(self.features[week - 4 * k, feature]) for k in range(7)])
            assert found is not None
            nearest, worst = found
            large = nearest.psi >= CONFIG.least_psi and nearest.psi > 1.5 * worst
            yield Measure("drift", "psi_months", str(feature), 0, rule=Level(nearest.chance, large))
        listed = self.lists[week]
        yield Measure("effects", "held_share", "all", 0, rule=Level(split_chance(listed, np.full(LISTED, 0.9))))
        z = self.rng.normal()
        yield Measure("effects", "uplift", "all", 0, rule=Level(float(stats.norm.cdf(z))))


def quiet_years(years: int, seed: int) -> tuple[Counter[str], int, float]:
    """Return when measures begin to ring, the weeks on which anything rang, and the years watched."""
    rng = np.random.default_rng(seed)
    weeks = LOOK_BACK + 52 * years
    inputs, customers = Inputs(rng, weeks), Customers(rng, 3_000)
    customers.learn_shape()
    began: Counter[str] = Counter()
    ringing: set[tuple[str, str]] = set()
    loud, due = 0, 0
    for week in range(weeks):
        while due <= week * WEEK:
            customers.answer(due, off=1.0)
            due += LEADS[0]
        if week < LOOK_BACK:
            continue
        came = churn_outcome_measures(customers.seen(week * WEEK), CONFIG.calibration_tolerance)
        found = [*inputs.measures(week), *came]
        rows = judged(found, CONFIG, spacing=WEEK).alarms
        now = set(zip(rows["measure"], rows["subject"], strict=True))
        loud += bool(now)
        began.update(measure for measure, subject in now - ringing)
        ringing = now
    return began, loud, 52 * WEEK * years / 365.25


def days_to_find(n: int, off: float, seed: int, most: int = 730) -> tuple[float, str]:
    """Return the days from a change until it rings, and by what; infinite where it does not within ``most``."""
    rng = np.random.default_rng(seed)
    customers = Customers(rng, n)
    customers.learn_shape()
    change = 360
    for day in range(0, change + most, LEADS[0]):
        customers.answer(day, off=off if day >= change else 1.0)
    for day in range(change + 1, change + most, LEADS[0]):
        watch = judged(
            [*churn_outcome_measures(customers.seen(day + GRACE), CONFIG.calibration_tolerance), *_others()],
            CONFIG,
            spacing=1.0,
        )
        if len(watch.alarms):
            return day + GRACE - change, str(watch.alarms["measure"].iloc[0])
    return float("inf"), "none"


def _others() -> Iterator[Measure]:
    """Yield what shares the false alarms of outcomes beside churn: realised value at five leads."""
    for months in (3, 6, 12, 24, 36):
        yield Measure("outcomes", "value", "clv", 1.0, days=months, rule=Level(1.0))


BILLING = {
    "on the 1st": {1: 3_000},
    "on the 5th, others as they began": {5: 3_000},
    "on the 1st and the 15th": {1: 2_000, 15: 1_000},
    "each quarter": {1: 5_000},
}
LEVEL = 1e-4
"""About the level of a measure of the nights, two false alarms a year being allowed over some sixty."""


def billed(name: str, rng: np.random.Generator, length: int) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """Return days and rows of a growing table whose debits wait for Monday where they fall on a weekend."""
    dates = pd.date_range("2020-01-01", periods=length)
    growth = np.exp(np.linspace(0, 0.3, length))
    level = np.full(length, 2.0 if name == "on the 1st" else 20.0)
    for first in pd.date_range(dates[0], dates[-1], freq="MS"):
        if name == "each quarter" and first.month % 3 != 1:
            continue
        for day, size in BILLING[name].items():
            debit = first + pd.Timedelta(days=day - 1)
            debit += pd.Timedelta(days=(7 - debit.day_of_week) % 7 if debit.day_of_week >= 5 else 0)
            if debit in dates:
                level[(debit - dates[0]).days] += size
    return dates, rng.poisson(level * growth * rng.gamma(100, 0.01, length))


def volumes(rows: np.ndarray, at: pd.Timestamp, by_dates: bool) -> bool:
    """Return whether the volume of the last week or of the last day rings."""
    weeks = rows.reshape(-1, WEEK)
    bursts = by_dates and comes_in_bursts(rows)
    found = [
        count_against_before(counts, same_dates(rows, at, length) if bursts else None).chance
        for counts, length in ((weeks.sum(axis=1), WEEK), (weeks[:, -1], 1))
    ]
    return min(found) < LEVEL


def billing(years: int) -> None:
    """Print how often tables with fixed billing days ring, and how many missing debits are found."""
    print("\ntables that bill on fixed days, every night: nights a year that ring for nothing, by weeks alone and by")
    print("the same dates, too; and debits that did not come and were found within 10 days, by each")
    for name in BILLING:
        dates, rows = billed(name, np.random.default_rng(5), 80 * WEEK + 365 * years)
        nights = range(80 * WEEK, len(rows))
        past = [rows[end - 80 * WEEK : end].astype(float) for end in nights]
        at = [dates[0] + days(end) for end in nights]
        rang = [np.mean([volumes(p, t, by) for p, t in zip(past, at, strict=True)]) * 365.25 for by in (False, True)]
        missed = [end for end in nights if rows[end - 1] > 500 and end + 10 < len(rows)]
        found = []
        for by in (False, True):
            hits = 0
            for end in missed:
                without = rows.astype(float)
                without[end - 1] = without[end - 2]
                later = range(end, end + 10)
                hits += any(volumes(without[e - 80 * WEEK : e], dates[0] + days(e), by) for e in later)
            found.append(f"{hits} of {len(missed)}")
        print(f"  {name:<34} {rang[0]:5.1f} {rang[1]:5.1f}   {found[0]:>9} {found[1]:>9}")


def main(years: int, worlds: int) -> None:
    began: Counter[str] = Counter()
    loud, watched = 0, 0.0
    for seed in range(worlds):
        one, weeks, span = quiet_years(max(years // worlds, 1), seed)
        began, loud, watched = began + one, loud + weeks, watched + span
    print(f"nothing changed, {watched:.0f} years, {worlds} worlds, one night a week:")
    print(f"  it began to ring {sum(began.values())} times: {sum(began.values()) / watched:.2f} a year", end="")
    print(f" (allowed: {CONFIG.false_alarms_a_year:g}); nights that rang: {loud} of {round(watched * 365.25 / WEEK)}")
    print(f"  by measure: {dict(began)}")
    print("\ncalibration drifts by 20% on one night; days until it rings (median, and in how many of 20 worlds):")
    for n in (2_000, 5_000, 20_000):
        for off in (1.2, 0.8):
            found = [days_to_find(n, off, seed) for seed in range(20)]
            waited = np.array([each[0] for each in found])
            told = f"{np.median(waited):.0f}" if np.isfinite(np.median(waited)) else "more than 730"
            print(
                f"  {n:6,} customers, {off:.1f} of the churn foreseen: {told} days, {np.isfinite(waited).sum()} of 20"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--years", type=int, default=40)
    parser.add_argument("--worlds", type=int, default=8)
    arguments = parser.parse_args()
    main(arguments.years, arguments.worlds)
    billing(max(arguments.years // 10, 1))
