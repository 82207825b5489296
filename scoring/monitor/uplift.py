"""Effects of past lists: what contact brought against those left alone at random, beside what had been promised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from ...core.time import discount
from ...features.outcomes.realised_value import realised_value
from ...features.tables.tables import Tables
from ...models.evaluation.realised import HeldOutDifference, held_out_difference, split_chance
from .measures import Level, Measure
from .nights import Night, Nights

__all__ = ["effect_measures", "lists_of"]

_LATE_DAYS = 31
"""How much later than the follow-up a night may lie whose values are taken for what is left."""

_PERIOD_DAYS = 30
"""Lists this close together stand for each other: of each such period the first one counts."""

_ALL = "all"
_FEWEST = 20
"""Held-out customers from which on an effect is told."""


def effect_measures(tables: Tables, nights: Nights) -> Iterator[Measure]:
    """Yield the holdout's sample ratio, whether it was left alone, and effects beside the promised ones.

    An effect is the difference, per customer, of value realised over the follow-up and of what the first night after it
    foresees for those who are still there, contacted less held out. Errors are clustered by customer.

    Parameters
    ----------
    tables
        The business.
    nights
        Up to tonight.
    """
    lists = [(night, frame) for night in nights.all if (frame := lists_of(night)) is not None]
    if not lists:
        return
    everybody = pd.concat([frame for _, frame in lists], ignore_index=True)
    yield _split(everybody)
    yield from _left_alone(tables, lists, nights.at)
    follow_up = pd.Timedelta(days=tables.config.incremental.follow_up_days)
    last = min(nights.at, tables.data_until) - follow_up
    ripe = [(night, frame) for night, frame in _apart(lists) if night.as_of <= last]
    recent = [each for each in ripe if each[0].as_of > last - follow_up]
    earlier = [each for each in ripe if last - 2 * follow_up < each[0].as_of <= last - follow_up]
    now, before = (_outcomes(tables, nights, chosen, follow_up) for chosen in (recent, earlier))
    if now.empty:
        yield Measure("effects", "uplift", _ALL, float("nan"), days=follow_up.days, note="not_yet")
        return
    actions = sorted(set(now["action"]))
    for action in [_ALL, *(actions if len(actions) > 1 else ())]:
        yield _effect(_of(now, action), _of(before, action), action, follow_up.days)


def lists_of(night: Night) -> pd.DataFrame | None:
    """Return the customers of a night's lists, contacted and held out; None where it has none.

    customer_id, action, treated (1 or 0), propensity, promised (incremental value over the horizon), clv. Lists lie in
    the night's folder or below it in ``targets/``: ``<name>.csv`` and ``<name>.holdout.csv``.
    """
    parts = []
    for place in (night.folder, night.folder / "targets"):
        for holdout in sorted(place.glob("*.holdout.csv")):
            contact = holdout.with_name(f"{holdout.name.removesuffix('.holdout.csv')}.csv")
            parts += [_read(file) for file in (contact, holdout) if file.is_file()]
    filled = [part for part in parts if len(part)]
    if not filled:
        return None
    frame = pd.concat(filled, ignore_index=True)
    return frame.assign(as_of=night.as_of)


def _read(file: Path) -> pd.DataFrame:
    frame = pd.read_csv(file, dtype={"customer_id": str, "action": str, "arm": str})
    return pd.DataFrame(
        {
            "customer_id": frame["customer_id"],
            "action": frame["action"],
            "treated": (frame["arm"] == "treated").astype("int64"),
            "propensity": frame["propensity"].astype(float),
            "promised": frame["net_value"].astype(float) + frame["cost"].astype(float),
            "clv": frame["clv"].astype(float),
        }
    )


def _split(everybody: pd.DataFrame) -> Measure:
    """Return the share held out of all customers who were ever listed: an arm belongs to the customer."""
    drawn = everybody.drop_duplicates(["customer_id", "propensity"])
    held = 1 - drawn["treated"].to_numpy(dtype=float)
    wanted = 1 - drawn["propensity"].to_numpy(dtype=float)
    error = float(np.sqrt(np.sum(wanted * (1 - wanted)))) / len(drawn)
    share = float(held.mean())
    return Measure(
        "effects",
        "held_share",
        _ALL,
        share,
        low=max(share - 1.96 * error, 0.0),
        high=min(share + 1.96 * error, 1.0),
        expected=float(wanted.mean()),
        n=len(drawn),
        rule=Level(split_chance(1 - held, 1 - wanted)),
    )


def _left_alone(tables: Tables, lists: Sequence[tuple[Night, pd.DataFrame]], at: pd.Timestamp) -> Iterator[Measure]:
    """Yield which share of the holdouts was contacted all the same, and of the lists at all, within a month."""
    if not tables.has("actions", "arm"):
        return
    actions = tables["actions"]
    month = pd.Timedelta(days=_PERIOD_DAYS)
    done = [frame for night, frame in _apart(lists) if night.as_of + month <= at]
    if not done:
        return
    since = min(frame["as_of"].iloc[0] for frame in done)
    rows = actions.filter((actions.arm == "treated") & (actions.decided_at >= since.to_pydatetime()))
    met = tables.execute(rows.select("customer_id", "action", "decided_at"))
    met = met.assign(customer_id=met["customer_id"].astype(str))
    listed = pd.concat(done, ignore_index=True)
    pairs = listed.reset_index().merge(met, on=["customer_id", "action"])
    during = pairs[(pairs["decided_at"] >= pairs["as_of"]) & (pairs["decided_at"] < pairs["as_of"] + month)]
    contacted = np.isin(np.arange(len(listed)), during["index"].to_numpy())
    for measure, arm, expected in (("held_contacted", 0, 0.0), ("list_contacted", 1, 1.0)):
        own = contacted[listed["treated"].to_numpy() == arm]
        if len(own):
            share = float(own.mean())
            yield Measure("effects", measure, _ALL, share, expected=expected, n=len(own), days=_PERIOD_DAYS)


def _apart(lists: Sequence[tuple[Night, pd.DataFrame]]) -> list[tuple[Night, pd.DataFrame]]:
    kept: list[tuple[Night, pd.DataFrame]] = []
    for night, frame in lists:
        if not kept or night.as_of >= kept[-1][0].as_of + pd.Timedelta(days=_PERIOD_DAYS):
            kept.append((night, frame))
    return kept


def _outcomes(
    tables: Tables, nights: Nights, lists: Sequence[tuple[Night, pd.DataFrame]], follow_up: pd.Timedelta
) -> pd.DataFrame:
    """Return the lists' rows with their outcome: value realised until the night after the follow-up, and seen then."""
    parts = []
    end = min(nights.at, tables.data_until)
    for night, frame in lists:
        due = night.as_of + follow_up
        later = next((one for one in nights.all if due <= one.as_of <= due + pd.Timedelta(days=_LATE_DAYS)), None)
        if later is None or later.as_of > end:
            continue
        identifiers = night.scores(["customer_id"])["customer_id"]
        spine = frame[["customer_id"]].astype({"customer_id": identifiers.dtype}).assign(as_of=night.as_of)
        realised = realised_value(tables, spine, later.as_of)["value"].to_numpy(dtype=float)
        left = later.scores(["customer_id", "clv"]).set_index("customer_id")["clv"]
        there = spine["customer_id"].isin(left.index).to_numpy()
        worth = np.where(there, left.reindex(spine["customer_id"]).to_numpy(dtype=float), 0.0)
        rate = tables.config.value.annual_discount_rate
        factor = float(discount((later.as_of - night.as_of) / pd.Timedelta(days=1), rate))
        parts.append(frame.assign(outcome=realised + factor * worth))
    if not parts:
        return pd.DataFrame()
    rows = pd.concat(parts, ignore_index=True)
    known = rows["outcome"].notna() & rows["clv"].notna() & rows["propensity"].between(0, 1, inclusive="neither")
    return rows[known].reset_index(drop=True)


def _of(rows: pd.DataFrame, action: str) -> pd.DataFrame:
    return rows if rows.empty or action == _ALL else rows[rows["action"] == action]


def _effect(rows: pd.DataFrame, before: pd.DataFrame, action: str, days: int) -> Measure:
    promised = float(rows["promised"].mean())
    if int((rows["treated"] == 0).sum()) < _FEWEST:
        nan = float("nan")
        return Measure("effects", "uplift", action, nan, expected=promised, n=len(rows), days=days, note="few_held_out")
    found = _difference(rows)
    earlier = float("nan")
    if len(before) and int((before["treated"] == 0).sum()) >= _FEWEST:
        earlier = _difference(before).difference
    chance = float(stats.norm.cdf((found.difference - promised) / found.error)) if found.error > 0 else 1.0
    return Measure(
        "effects",
        "uplift",
        action,
        found.difference,
        low=found.low,
        high=found.high,
        reference=earlier,
        expected=promised,
        n=len(rows),
        days=days,
        rule=Level(chance),
    )


def _difference(rows: pd.DataFrame) -> HeldOutDifference:
    return held_out_difference(rows["outcome"], rows["treated"], rows["propensity"], rows["clv"], rows["customer_id"])
