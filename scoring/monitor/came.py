"""What came of past churn probabilities: of ripe nights, and of those that are still ripening."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from ...core.arrays import Floats
from ...core.errors import DataError
from ...core.short_repr import ShortRepr
from ...features.outcomes.churn_by_lead import ChurnByLead, churn_by_lead
from ...features.tables.tables import Tables
from ...features.timeline.spine import customer_spine, is_contractual, running_spine
from ...models.evaluation.expected_accuracy import expected_accuracy
from ...models.evaluation.metrics import auc, log_loss
from ...models.evaluation.ripening import Calibration, Shape, calibration, new_events, shape_of
from .measures import Level, Looks, Measure
from .nights import Night, Nights, night_sample

__all__ = ["Answer", "Answers", "answers", "churn_outcome_measures"]

PARTS = 3
"""Leads at which a night is looked at: thirds of the horizon."""

_EARLIER = 8
"""Instants before the first night, a horizon apart, from which the shape of churn within the horizon is learnt."""

_FEWEST = 30
"""Churners from which on there is a shape, and an AUC."""

_AUC_SLACK = 0.02
"""By how much an AUC may fall short and count as right."""


@dataclass(frozen=True)
class Answer(ShortRepr):
    """A night whose scores are answered for: the probabilities of n customers, and what became of them.

    Parameters
    ----------
    as_of
        Of the night.
    chain
        Which chain it belongs to.
    p
        Churn probabilities, (n,).
    fate
        Who had churned by each lead.
    """

    as_of: pd.Timestamp
    chain: int
    p: Floats
    fate: ChurnByLead

    @property
    def leads_seen(self) -> int:
        """How many leads are over."""
        return int(self.fate.seen[0].sum()) if len(self.p) else 0


@dataclass(frozen=True)
class Answers(ShortRepr):
    """All nights that answer, the oldest first, and the shape of churn before them; None where it cannot be told.

    ``at`` is tonight's instant.
    """

    nights: tuple[Answer, ...]
    leads: tuple[int, ...]
    shape: Shape | None
    grace_days: int
    at: pd.Timestamp

    def by_night(self) -> list[dict[str, object]]:
        """Return calibration of each night at the last lead that is over, as plain values."""
        found = []
        for night in self.nights:
            known = [place for place in range(night.leads_seen) if self.part(place) is not None]
            if known and len(night.p):
                one = self.calibration(night, known[-1])
                found.append(
                    {
                        "as_of": night.as_of.tz_localize("UTC").isoformat(),
                        "lead_days": self.leads[known[-1]],
                        "ratio": one.ratio,
                        "low": one.low,
                        "high": one.high,
                        "observed": one.observed,
                        "foreseen": one.foreseen,
                        "customers": one.n,
                    }
                )
        return found

    def part(self, place: int) -> tuple[float, float] | None:
        """Return which part of the horizon's churn is due by a lead, with its error; None where nobody knows."""
        if place == len(self.leads) - 1:
            return 1.0, 0.0
        return None if self.shape is None else (float(self.shape.part[place]), float(self.shape.error[place]))

    def calibration(self, night: Answer, place: int) -> Calibration:
        """Return observed over foreseen churn of a night by a lead whose part is known."""
        part, error = self.part(place) or (1.0, 0.0)
        return calibration(night.fate.churned[:, place], night.p, part, error)


def answers(tables: Tables, nights: Nights) -> Answers:
    """Return what became of the customers of past nights, as far as it is over tonight.

    Parameters
    ----------
    tables
        The business.
    nights
        Up to tonight.

    Raises
    ------
    DataError
        The table that churn rests on is missing.
    """
    churn = tables.config.churn
    leads = tuple(sorted({max(round(churn.horizon_days * k / PARTS), 1) for k in range(1, PARTS + 1)}))
    chosen = [(night, chain) for chain, own in enumerate(nights.answering(churn.horizon_days, PARTS)) for night in own]
    chosen.sort(key=lambda each: each[0].as_of)
    if not chosen:
        return Answers((), leads, None, churn.grace_days, nights.at)
    scored = [_probabilities(tables, night) for night, _ in chosen]
    before = _before(tables, chosen[0][0].as_of)
    spine = pd.concat([*(one[["customer_id", "as_of"]] for one in scored), before], ignore_index=True)
    fate = churn_by_lead(tables, spine, leads, nights.at)
    place = np.repeat(np.arange(len(scored) + 1), [*(len(one) for one in scored), len(before)])
    found = []
    for i, (night, chain) in enumerate(chosen):
        rows = (place == i) & fate.at_risk
        own = scored[i]["churn_probability"].to_numpy(dtype=float)[fate.at_risk[place == i]]
        found.append(Answer(night.as_of, chain, own, fate.take(rows)))
    return Answers(tuple(found), leads, _shape(fate.take(place == len(scored))), churn.grace_days, nights.at)


def _probabilities(tables: Tables, night: Night) -> pd.DataFrame:
    frame = night.scores(["customer_id", "churn_probability"]).dropna(subset=["churn_probability"])
    return night_sample(frame, tables.config.monitor.sample).assign(as_of=night.as_of)


def _before(tables: Tables, first: pd.Timestamp) -> pd.DataFrame:
    """Return who was a customer at instants before the first night whose churn was over by then."""
    churn = tables.config.churn
    ends = first - pd.Timedelta(days=churn.horizon_days + churn.grace_days)
    instants = [ends - pd.Timedelta(days=churn.horizon_days * k) for k in range(_EARLIER)]
    spine = (running_spine if is_contractual(tables) else customer_spine)(tables, instants)
    return night_sample(spine, _EARLIER * tables.config.monitor.sample)


def _shape(fate: ChurnByLead) -> Shape | None:
    gone = fate.gone[fate.at_risk & fate.seen[:, -1]].sum(axis=0)
    churned = int(fate.churned[fate.at_risk & fate.seen[:, -1], -1].sum())
    if churned < _FEWEST:
        return None
    try:
        shape = shape_of([*gone[:-1], churned])
    except DataError:
        return None
    return Shape(np.append(shape.part[:-1], max(1.0, gone[-1] / churned)), shape.error)


def churn_outcome_measures(found: Answers, tolerance: float) -> Iterator[Measure]:
    """Yield calibration, AUC and log loss of the newest nights that can answer, and what accumulates over all nights.

    Two detectors a chain: whole horizons need no shape; looks at each lead are earlier and lean on it.

    Parameters
    ----------
    found
        What became of past nights.
    tolerance
        Share by which rates may differ and count as right.
    """
    for place, lead in enumerate(found.leads):
        ready = [night for night in found.nights if night.leads_seen > place and len(night.p)]
        if not ready or found.part(place) is None:
            note = "no_shape" if ready else "not_yet"
            yield Measure("outcomes", "calibration", "churn", float("nan"), expected=1.0, days=lead, note=note)
            continue
        now = found.calibration(ready[-1], place)
        before = found.calibration(ready[-2], place).ratio if len(ready) > 1 else float("nan")
        yield Measure(
            "outcomes",
            "calibration",
            "churn",
            now.ratio,
            low=now.low,
            high=now.high,
            reference=before,
            expected=1.0,
            n=now.n,
            days=lead,
            note="" if place == len(found.leads) - 1 else "ripening",
        )
    ripe = [night for night in found.nights if night.leads_seen == len(found.leads) and _tells(night)]
    if ripe:
        yield from _accuracy(ripe[-1], ripe[-2] if len(ripe) > 1 else None, found.leads[-1])
    for chain in sorted({night.chain for night in found.nights}):
        own = [night for night in found.nights if night.chain == chain]
        whole = [_whole(night) for night in own if night.leads_seen == len(found.leads)]
        one_lead = Shape(np.ones(1), np.zeros(1))
        yield from _accumulated("calibration_so_far", whole, found, one_lead, tolerance)
        if found.shape is not None:
            yield from _accumulated("calibration_early", own, found, found.shape, tolerance)


def _tells(night: Answer) -> bool:
    events = int(night.fate.churned[:, -1].sum())
    return _FEWEST <= events < len(night.p)


def _accuracy(night: Answer, before: Answer | None, lead: int) -> Iterator[Measure]:
    """Yield the AUC and the log loss of a ripe night beside what it promised."""
    promised = expected_accuracy(night.p)
    y = night.fate.churned[:, -1].astype(int)
    for name, measure, foreseen in (("auc", auc, promised.auc), ("log_loss", log_loss, promised.log_loss)):
        value = measure(y, night.p)
        chance = float(stats.norm.sf((foreseen.value - _AUC_SLACK - value) / foreseen.error))
        yield Measure(
            "outcomes",
            name,
            "churn",
            value,
            low=value - 1.96 * foreseen.error,
            high=value + 1.96 * foreseen.error,
            reference=measure(before.fate.churned[:, -1].astype(int), before.p) if before else float("nan"),
            expected=foreseen.value,
            n=len(y),
            days=lead,
            rule=Level(chance) if name == "auc" else None,
        )


def _whole(night: Answer) -> Answer:
    """Return a ripe night seen at the end of its horizon alone."""
    fate = night.fate
    return replace(night, fate=ChurnByLead(fate.leads[-1:], fate.at_risk, fate.seen[:, -1:], fate.churned[:, -1:]))


def _accumulated(
    measure: str, chain: list[Answer], found: Answers, shape: Shape, tolerance: float
) -> Iterator[Measure]:
    """Yield what the nights of a chain say together, if anything: each customer and day counts once."""
    days, evidence = [], []
    events, foreseen, n = 0, 0.0, 0
    grace = pd.Timedelta(days=found.grace_days)
    last = chain[0].as_of + grace if chain else found.at
    for night in chain:
        gone = night.fate.gone[:, : night.leads_seen]
        for lead, (hit, due, logs) in zip(night.fate.leads, new_events(night.p, gone, shape, tolerance), strict=False):
            at = night.as_of + pd.Timedelta(days=lead) + grace
            days.append((at - last) / pd.Timedelta(days=1))
            evidence.append(logs)
            events, foreseen, last = events + hit, foreseen + due, at
        n += len(night.p)
    if not days or foreseen <= 0:
        return
    ratio, error = events / foreseen, float(np.sqrt(max(events, 1))) / foreseen
    since, hold = (found.at - last) / pd.Timedelta(days=1), found.leads[-1] + found.grace_days
    yield Measure(
        "outcomes",
        measure,
        str(chain[0].chain + 1),
        ratio,
        low=max(ratio - 1.96 * error, 0.0),
        high=ratio + 1.96 * error,
        expected=1.0,
        n=n,
        days=float(sum(days)),
        rule=Looks(tuple(days), tuple(evidence), since=since, hold=hold),
    )
