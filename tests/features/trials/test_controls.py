"""Controls of a win-back offer: lapsed at the treated's own instants, as long ago, by what was known then."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.features.trials.controls import SINCE_END
from servicelift.features.trials.decisions import Decisions, decisions

Stamp = pd.Timestamp
SINCE, UNTIL = Stamp("2023-01-01"), Stamp("2023-07-01")
MONTH = pd.Timedelta(days=365.25 / 12)
RATE = 1.5
N = 240
Frames = dict[str, pd.DataFrame]


def make_frames(seed: int) -> Frames:
    """Customers who leave, some of whom come back; offers go to many of the recently lapsed, and to some who run."""
    rng = np.random.default_rng(seed)
    subs, offers = [], []
    for customer in range(N):
        started = Stamp("2021-01-01") + pd.Timedelta(days=int(rng.integers(0, 500)))
        ended = started + pd.Timedelta(days=int(rng.integers(30, 900)), hours=int(rng.integers(0, 24)))
        late = ended + pd.Timedelta(days=int(rng.choice([0, 0, 0, 40])))
        subs.append((customer, started, ended if rng.random() < 0.8 else None, late))
        if rng.random() < 0.3:
            back = ended + pd.Timedelta(days=int(rng.integers(20, 200)))
            subs.append((customer, back, None, back))
        at = max(ended + pd.Timedelta(days=int(rng.exponential(60)) + 1), SINCE) + pd.Timedelta(hours=9)
        if rng.random() < 0.45 and at < UNTIL:
            offers.append((customer, at, "win_back"))
        if rng.random() < 0.1:
            offers.append((customer, SINCE + pd.Timedelta(days=int(rng.integers(0, 180))), "other"))
    subscriptions = pd.DataFrame(subs, columns=["customer_id", "started_at", "ended_at", "recorded_at"])
    actions = pd.DataFrame(offers, columns=["customer_id", "decided_at", "action"])
    return {
        "customers": pd.DataFrame(
            {"customer_id": range(N), "signed_up_at": Stamp("2021-01-01"), "contactable": rng.random(N) > 0.1}
        ),
        "subscriptions": subscriptions.assign(
            subscription_id=range(len(subs)),
            product="paper",
            term_months=1,
            price=10.0,
            recorded_at=subscriptions["recorded_at"].where(
                subscriptions["ended_at"].notna(), subscriptions["started_at"]
            ),
        ),
        "actions": actions.assign(action_id=range(len(offers)), arm="treated"),
    }


def tables_of(frames: Frames) -> Tables:
    config = {
        "tables": dict.fromkeys(frames, "-"),
        "data_until": "2024-01-01",
        "incremental": {
            "follow_up_days": 60,
            "cool_down_days": 10,
            "controls_per_treated": RATE,
            "actions": {"win_back": {"state": "lapsed"}, "other": {}},
        },
    }
    return tables_from_frames(frames, Config.model_validate(config))


def known_end(frames: Frames, customer: int, at: Stamp) -> Stamp | None:
    """The last end known strictly before ``at``; None while one runs as far as is known, or where none began."""
    ends = []
    for sub in frames["subscriptions"].query("customer_id == @customer").itertuples():
        # A row that was recorded late is not known before, its end still later or at once.
        if not max(sub.started_at, sub.recorded_at) < at:
            continue
        if pd.isna(sub.ended_at) or not max(sub.ended_at, sub.recorded_at) < at:
            return None
        ends.append(sub.ended_at)
    return max(ends) if ends else None


def may_get(frames: Frames, customer: int, at: Stamp) -> bool:
    acts = frames["actions"].query("customer_id == @customer")["decided_at"]
    rested = not any(at - pd.Timedelta(days=10) <= before < at for before in acts)
    reachable = bool(frames["customers"].set_index("customer_id").loc[customer, "contactable"])
    return rested and reachable and known_end(frames, customer, at) is not None


def kind_of(frames: Frames, customer: int, at: Stamp) -> int:
    return sum((at - known_end(frames, customer, at)) / MONTH >= edge for edge in SINCE_END)


@pytest.fixture(scope="module")
def frames() -> Frames:
    return make_frames(3)


@pytest.fixture(scope="module")
def drawn(frames: Frames) -> Decisions:
    return decisions(tables_of(frames), "win_back", SINCE, UNTIL, 7, "observational")


def units_of(drawn: Decisions, treated: int) -> list[tuple[int, Stamp]]:
    of = drawn.units[drawn.units["treated"] == treated]
    return list(zip(of["customer_id"], of["as_of"], strict=True))


def test_the_treated_are_those_who_had_lapsed_as_far_as_was_known(drawn: Decisions, frames: Frames) -> None:
    offers = frames["actions"].query("action == 'win_back'")
    recorded = list(zip(offers["customer_id"], offers["decided_at"], strict=True))
    fits = [pair for pair in recorded if may_get(frames, *pair)]
    assert sorted(units_of(drawn, 1)) == sorted(fits)
    assert len(fits) > 30
    assert drawn.ineligible_treated == len(recorded) - len(fits)
    known = frames["subscriptions"].assign(at=lambda rows: rows[["started_at", "recorded_at"]].max(axis=1))
    first = known.groupby("customer_id")["at"].min()
    ran = [(c, at) for c, at in recorded if first[c] < at and known_end(frames, c, at) is None]
    assert drawn.elsewhere == len(ran) > 0, "offers to customers who ran are counted apart"


def test_every_control_had_lapsed_at_an_instant_of_the_treated(drawn: Decisions, frames: Frames) -> None:
    controls = units_of(drawn, 0)
    assert len(controls) > 30
    instants = {at for _, at in units_of(drawn, 1)}
    for customer, at in controls:
        assert may_get(frames, customer, at)
        assert at in instants
        before = frames["actions"].query("customer_id == @customer and action == 'win_back'")["decided_at"]
        assert not any(f"{day:%Y-%m}" == f"{at:%Y-%m}" and day <= at for day in before)


def test_controls_are_spread_over_the_time_since_the_end_as_the_treated_are(drawn: Decisions, frames: Frames) -> None:
    treated, controls = (
        Counter((f"{at:%Y-%m}", kind_of(frames, customer, at)) for customer, at in units_of(drawn, arm))
        for arm in (1, 0)
    )
    wanted = {cell: math.ceil(RATE * n) for cell, n in treated.items()}
    assert all(controls[cell] <= wanted.get(cell, 0) for cell in controls)
    assert sum(wanted.values()) - sum(controls.values()) == drawn.missing_controls
    full = [cell for cell in wanted if controls[cell] == wanted[cell]]
    assert len(full) > len(wanted) / 2


def test_the_draw_does_not_depend_on_what_came_later(drawn: Decisions, frames: Frames) -> None:
    """Who comes back after the last decision is drawn as before."""
    later = frames["subscriptions"].iloc[[0]].assign(
        subscription_id=9_999, customer_id=units_of(drawn, 0)[0][0], started_at=Stamp("2023-08-01"), ended_at=pd.NaT,
        recorded_at=Stamp("2023-08-01"),
    )  # fmt: skip
    changed = frames | {"subscriptions": pd.concat([frames["subscriptions"], later], ignore_index=True)}
    again = decisions(tables_of(changed), "win_back", SINCE, UNTIL, 7, "observational")
    assert units_of(again, 0) == units_of(drawn, 0)
