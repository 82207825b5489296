"""What stands around customers: prospects, public reviews, surveys of agents, self-service.

They are drawn from the finished tables by a generator of their own, so the other tables are the same with and without
them, and nothing in the world depends on them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..core.arrays import Floats
from ..core.time import DAYS_PER_YEAR
from .columns import identifiers

__all__ = ["around_tables"]

_STREAM = 3
"""Number of this module's random stream beside those of the history and the log."""

_UNCONVERTED = 1.5
"""Prospects who never became customers, for each one who did."""

_LEAD_DAYS = 20.0
_AHEAD = pd.Timedelta(days=120)
"""Beyond so many days before it nearly no customer was a prospect."""

_REVIEW_SHARES = {1: 0.5, 2: 0.3, 3: 0.05, 4: 0.05, 5: 0.2}
"""Share of the CSAT answers of each score that become a public review: extremes speak."""

_PLATFORMS = ("maps", "shop", "store")
_ASKED, _ANONYMOUS, _ANSWERED, _REVISED = 0.4, 0.2, 0.6, 0.35
_ENGAGEMENT, _TRAINED_ENGAGEMENT, _TEAM_SPREAD, _MONTH_SPREAD = 6.5, 1.0, 0.5, 0.3
_KINDS, _KIND_SHARES = ("page", "bot", "app"), (0.6, 0.15, 0.25)
_FAILED_FIRST = 0.35
"""Share of the contacts before which the customer tried alone, at most two days earlier, and failed."""

_VISITS_A_YEAR, _VISITS_SOLVED = 3.0, 0.85


def around_tables(tables: Mapping[str, pd.DataFrame], until: pd.Timestamp, seed: int) -> dict[str, pd.DataFrame]:
    """Return the tables ``prospects``, ``reviews``, ``agent_surveys`` and ``interactions``.

    Parameters
    ----------
    tables
        The world's other tables.
    until
        Exclusive end of the data, naive UTC.
    seed
        The world's seed.
    """
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence([seed, _STREAM]).spawn(4)]
    return {
        "prospects": _prospects(tables["customers"], until, streams[0]),
        "reviews": _reviews(tables["surveys"], until, streams[1]),
        "agent_surveys": _agent_surveys(tables["agents"], tables["contacts"], until, streams[2]),
        "interactions": _interactions(tables["customers"], tables["contacts"], until, streams[3]),
    }


def _days(values: Floats) -> pd.TimedeltaIndex:
    """Return days as lengths of time in whole seconds."""
    return pd.to_timedelta(np.rint(values * 86_400).astype(np.int64), unit="s").as_unit("us")


def _prospects(customers: pd.DataFrame, until: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """Return the customers as the prospects they were, others like them who did not come, and those still to come."""
    others = customers.sample(int(_UNCONVERTED * len(customers)), replace=True, random_state=rng)
    both = pd.concat([customers, others], ignore_index=True)
    came = np.arange(len(both)) < len(customers)
    lead = _days(rng.exponential(_LEAD_DAYS, len(both)))
    # Those of the last weeks stand for those of the weeks to come, of whom some are prospects already.
    coming = np.flatnonzero(both["signed_up_at"] >= until - _AHEAD)
    both = pd.concat([both, both.iloc[coming]], ignore_index=True)
    ahead = _AHEAD - _days(rng.exponential(_LEAD_DAYS, len(coming)))
    converted = np.append(came, np.zeros(len(coming), dtype=bool))
    frame = pd.DataFrame(
        {
            "created_at": both["signed_up_at"] + np.append(-lead, ahead),
            "channel": both["acquisition_channel"],
            "converted_customer_id": both["customer_id"].where(converted, None),
            "converted_at": both["signed_up_at"].where(converted),
            "cost": np.round(both["acquisition_cost"] * np.where(np.append(came, came[coming]), 1.0, 0.4), 2),
        }
    )
    frame = frame[frame["created_at"] < until].sort_values("created_at", kind="stable", ignore_index=True)
    frame.insert(0, "prospect_id", identifiers("L", np.arange(len(frame)), len(frame)))
    return frame


def _reviews(surveys: pd.DataFrame, until: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """Return some of the CSAT answers as public reviews; bad ones are answered, and some then revised upwards."""
    answers = surveys[(surveys["metric"] == "csat") & surveys["score"].notna()]
    share = answers["score"].map(_REVIEW_SHARES).to_numpy(dtype=float)
    chosen = answers[rng.random(len(answers)) < share].reset_index(drop=True)
    n = len(chosen)
    posted = chosen["responded_at"] + _days(rng.exponential(2.0, n))
    answered = (posted + _days(rng.exponential(3.0, n))).where(rng.random(n) < _ANSWERED)
    revised = answered + _days(rng.exponential(5.0, n))
    revised = revised.where((chosen["score"] <= 3) & (rng.random(n) < _REVISED) & (revised < until))
    frame = pd.DataFrame(
        {
            "customer_id": chosen["customer_id"].where(rng.random(n) >= _ANONYMOUS, None),
            "platform": rng.choice(_PLATFORMS, n),
            "posted_at": posted,
            "rating": chosen["score"],
            "asked": rng.random(n) < _ASKED,
            "answered_at": answered.where(answered < until),
            "revised_at": revised,
            "revised_rating": (chosen["score"] + rng.integers(1, 3, n)).where(revised.notna()),
        }
    )
    frame = frame[frame["posted_at"] < until].sort_values("posted_at", kind="stable", ignore_index=True)
    frame.insert(0, "review_id", identifiers("R", np.arange(len(frame)), len(frame)))
    return frame


def _agent_surveys(
    agents: pd.DataFrame, contacts: pd.DataFrame, until: pd.Timestamp, rng: np.random.Generator
) -> pd.DataFrame:
    """Return each team's engagement on a scale of 0 to 10 in each whole month of the log; training raises it."""
    first = contacts["opened_at"].min() if len(contacts) else until
    months = pd.date_range(first.to_period("M").to_timestamp(), until, freq="MS", inclusive="left")
    months = months[months + pd.offsets.MonthBegin(1) <= until]
    size = agents.groupby("team").size()
    level = pd.Series(_ENGAGEMENT + _TEAM_SPREAD * rng.standard_normal(len(size)), size.index)
    grid = pd.MultiIndex.from_product([months, size.index], names=["month", "team"]).to_frame(index=False)
    trained = [(agents["trained_at"] < month).groupby(agents["team"]).mean()[team] for month, team in grid.to_numpy()]
    noise = _MONTH_SPREAD * rng.standard_normal(len(grid))
    engagement = (
        level.reindex(grid["team"]).to_numpy(dtype=float) + _TRAINED_ENGAGEMENT * np.array(trained, dtype=float) + noise
    )
    grid["engagement"] = np.round(engagement.clip(0, 10), 1)
    grid["respondents"] = rng.binomial(size.reindex(grid["team"]).to_numpy(dtype=int), 0.8)
    return grid.assign(month=grid["month"].astype("datetime64[s]"))[["team", "month", "engagement", "respondents"]]


def _interactions(
    customers: pd.DataFrame, contacts: pd.DataFrame, until: pd.Timestamp, rng: np.random.Generator
) -> pd.DataFrame:
    """Return what customers did alone: tries that failed before a contact, and visits of their own."""
    tried = contacts[rng.random(len(contacts)) < _FAILED_FIRST]
    failed = pd.DataFrame(
        {"customer_id": tried["customer_id"], "at": tried["opened_at"] - _days(rng.uniform(0.01, 2.0, len(tried)))}
    )
    begin = customers["signed_up_at"].clip(lower=contacts["opened_at"].min())
    days = (until - begin).dt.total_seconds().clip(lower=0.0).to_numpy(dtype=float) / 86_400
    times = rng.poisson(_VISITS_A_YEAR / DAYS_PER_YEAR * days)
    rows = np.repeat(np.arange(len(customers)), times)
    visits = pd.DataFrame(
        {
            "customer_id": customers["customer_id"].to_numpy()[rows],
            "at": begin.iloc[rows].reset_index(drop=True) + _days(rng.random(len(rows)) * days[rows]),
        }
    )
    frame = pd.concat([failed.assign(solved=False), visits.assign(solved=rng.random(len(visits)) < _VISITS_SOLVED)])
    frame.insert(2, "kind", rng.choice(_KINDS, len(frame), p=_KIND_SHARES))
    joined = frame["customer_id"].map(customers.set_index("customer_id")["signed_up_at"])
    frame = frame[(frame["at"] >= joined) & (frame["at"] < until)]
    return frame.sort_values(["at", "customer_id"], kind="stable", ignore_index=True)
