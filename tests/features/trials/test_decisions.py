"""Trials against a slow twin; what a control must be, and what it must not."""

from __future__ import annotations

import dataclasses
import math
import random

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError
from servicelift.core.hashing import uniform_hash
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.features.trials.decisions import Decisions, decisions, designs, eligible

Stamp = pd.Timestamp
Days = pd.Timedelta
CUSTOMERS = 150
SINCE, UNTIL = Stamp(2023, 1, 1), Stamp(2023, 5, 1)
TICK = pd.Timedelta(1, "us")
CONFIG = {
    "tables": {"customers": "-", "subscriptions": "-"},
    "timezone": "Europe/Paris",
    "data_until": "2024-01-01",
    "incremental": {
        "follow_up_days": 60,
        "cool_down_days": 10,
        "controls_per_treated": 1.5,
        "actions": {
            "iban_switch": {"cost": 2.5, "assignment": "mixed", "eligible": "method != 'iban'"},
            "offer": {"cost": 6.0, "cost_if_accepted": 12.0, "assignment": "chosen"},
            "gift": {"assignment": "random"},
        },
    },
}
Frames = dict[str, pd.DataFrame]


def config_of(**incremental: object) -> Config:
    return Config.model_validate(CONFIG | {"incremental": CONFIG["incremental"] | incremental})  # type: ignore[operator]


def day(rng: random.Random, first: Stamp, last: Stamp) -> Stamp:
    return first + Days(days=rng.randrange((last - first).days), hours=rng.choice([0, 0, 9, 23]))


def make_frames(seed: int) -> Frames:
    """Subscribers whose decisions crowd in the last third of each month, some at one and the same instant."""
    rng = random.Random(seed)
    names = [f"c{i}" for i in range(CUSTOMERS)]
    shuffled = rng.sample(names, CUSTOMERS)
    contactable = [rng.choice([True, True, True, True, None, False]) for _ in names]
    subs, actions, methods = [], [], []
    for key, name in enumerate(shuffled):
        started = day(rng, Stamp(2022, 1, 1), Stamp(2023, 4, 1))
        ended = rng.choice([None, None, day(rng, started, Stamp(2023, 6, 1))])
        asked = rng.choice([None, None, None, None, None, None, day(rng, Stamp(2023, 1, 1), Stamp(2023, 6, 1))])
        back = None if asked is None else rng.choice([None, asked + Days(days=9)])
        subs.append((key, name, started, ended, asked, back))
        for method in rng.sample(["iban", "card", "cheque"], rng.randrange(3)):
            methods.append((name, day(rng, Stamp(2022, 6, 1), Stamp(2023, 5, 1)), method))
    for key in range(240):
        month = Stamp(2023, rng.randrange(1, 6), 1)
        arm = rng.choice(["treated", "treated", "control"])
        propensity = rng.choice([0.6, 0.6, 1.0 if arm == "treated" else 0.6, None])
        action = rng.choice(["iban_switch", "iban_switch", "offer"])
        at = month + Days(days=rng.choice([20, 20, 22, 25, 29, 30]), hours=rng.choice([0, 9, 22, 23]))
        cost, accepted = rng.choice([None, 3.0]), rng.choice([True, False, None])
        actions.append((key, rng.choice(names), action, at, arm, propensity, cost, accepted, rng.randrange(5), None))
    frames = {
        "customers": pd.DataFrame(
            {"customer_id": names, "signed_up_at": Stamp(2021, 1, 1), "contactable": contactable}
        ),
        "subscriptions": pd.DataFrame(
            subs,
            columns=[
                "subscription_id",
                "customer_id",
                "started_at",
                "ended_at",
                "cancel_requested_at",
                "cancel_withdrawn_at",
            ],
        ).assign(product="paper", term_months=12, price=100.0),
        "payment_methods": pd.DataFrame(methods, columns=["customer_id", "valid_from", "method"]).drop_duplicates(
            ["customer_id", "valid_from"]
        ),
        "actions": pd.DataFrame(
            actions,
            columns=[
                "action_id",
                "customer_id",
                "action",
                "decided_at",
                "arm",
                "propensity",
                "cost",
                "accepted",
                "agent_id",
                "initiative",
            ],
        ).astype({"initiative": "str"}),
    }
    for name in ("ended_at", "cancel_requested_at", "cancel_withdrawn_at"):
        frames["subscriptions"][name] = frames["subscriptions"][name].astype("datetime64[us]")
    return frames


def open_frames(frames: Frames, config: Config | None = None) -> Tables:
    """Instants of the frames are UTC, as the twins read them."""
    aware = {}
    for name, frame in frames.items():
        instants = frame.select_dtypes("datetime").columns
        aware[name] = frame.assign(**{c: frame[c].dt.tz_localize("UTC") for c in instants})
    return tables_from_frames(aware, config or config_of())


@pytest.fixture(scope="module")
def frames() -> Frames:
    return make_frames(4)


@pytest.fixture(scope="module")
def tables(frames: Frames) -> Tables:
    return open_frames(frames)


@pytest.fixture(scope="module")
def observed(tables: Tables) -> Decisions:
    return decisions(tables, "iban_switch", SINCE, UNTIL, 7, "observational")


@pytest.fixture(scope="module")
def randomised(tables: Tables) -> Decisions:
    return decisions(tables, "iban_switch", SINCE, UNTIL, 7, "randomised")


def may_get(frames: Frames, customer: str, as_of: Stamp) -> bool:
    """The eligibility rule for iban_switch in plain Python."""
    person = frames["customers"].set_index("customer_id").loc[customer]
    if person["contactable"] is False:
        return False
    subs = frames["subscriptions"]
    running = False
    for sub in subs[(subs["customer_id"] == customer) & (subs["started_at"] < as_of)].itertuples():
        if sub.ended_at < as_of:
            continue
        running = True
        if sub.cancel_requested_at < as_of and not sub.cancel_withdrawn_at < as_of:
            return False
    acts = frames["actions"]
    mine = acts[(acts["customer_id"] == customer) & (acts["arm"] == "treated")]
    if any(as_of - Days(days=10) <= at < as_of for at in mine["decided_at"]):
        return False
    methods = frames["payment_methods"]
    known = methods[(methods["customer_id"] == customer) & (methods["valid_from"] < as_of)]
    return running and len(known) > 0 and known.sort_values("valid_from")["method"].iloc[-1] != "iban"


def month_of(at: Stamp) -> str:
    return f"{at.tz_localize('UTC').tz_convert('Europe/Paris'):%Y-%m}"


def treated_at(frames: Frames) -> list[tuple[str, Stamp]]:
    acts = frames["actions"]
    acts = acts[(acts["action"] == "iban_switch") & (acts["arm"] == "treated")]
    return list(zip(acts["customer_id"], acts["decided_at"], strict=True))


def drawn_controls(frames: Frames, seed: int) -> tuple[set[tuple[str, Stamp]], int]:
    """Controls by the rule of sequential trials: one customer at a time, in the order of its own hash."""
    taken: set[tuple[str, Stamp]] = set()
    missing = 0
    all_treated = treated_at(frames)
    chosen = [(c, at) for c, at in all_treated if SINCE <= at < UNTIL and may_get(frames, c, at)]
    for month in sorted({month_of(at) for _, at in chosen}):
        instants = sorted(at for _, at in chosen if month_of(at) == month)
        wanted = math.ceil(1.5 * len(instants))
        ids = list(frames["customers"]["customer_id"])
        draw = uniform_hash(ids, f"trial/instant/{seed}/iban_switch/{month}")
        order = uniform_hash(ids, f"trial/order/{seed}/iban_switch/{month}")
        for _, place, customer in sorted(zip(order, draw, ids, strict=True)):
            at = instants[int(place * len(instants))]
            before = any(c == customer and month_of(t) == month and t <= at for c, t in all_treated)
            if wanted and not before and may_get(frames, customer, at):
                taken.add((customer, at))
                wanted -= 1
        missing += wanted
    return taken, missing


def pairs(units: pd.DataFrame) -> list[tuple[str, Stamp]]:
    return list(zip(units["customer_id"], units["as_of"], strict=True))


def test_observational_treated_are_the_eligible_ones(observed: Decisions, frames: Frames) -> None:
    recorded = [(c, at) for c, at in treated_at(frames) if SINCE <= at < UNTIL]
    fits = [pair for pair in recorded if may_get(frames, *pair)]
    treated = observed.units[observed.units["treated"] == 1]
    assert sorted(pairs(treated)) == sorted(fits)
    assert observed.ineligible_treated == len(recorded) - len(fits) > 0


def test_drawn_controls_equal_the_slow_twin(observed: Decisions, frames: Frames) -> None:
    expected, missing = drawn_controls(frames, seed=7)
    controls = observed.units[observed.units["treated"] == 0]
    assert len(controls) == len(expected) > 20
    assert set(pairs(controls)) == expected
    assert observed.missing_controls == missing


def test_randomised_units_are_the_recorded_rows(randomised: Decisions, frames: Frames) -> None:
    acts = frames["actions"]
    acts = acts[(acts["action"] == "iban_switch") & (acts["decided_at"] >= SINCE) & (acts["decided_at"] < UNTIL)]
    acts = acts[(acts["propensity"] > 0) & (acts["propensity"] < 1)]
    fits = [may_get(frames, c, at) for c, at in zip(acts["customer_id"], acts["decided_at"], strict=True)]
    expected = acts[fits].set_index("action_id").sort_index()
    units = randomised.units.set_index("action_id").sort_index()
    assert units.index.tolist() == expected.index.tolist()
    assert units["customer_id"].tolist() == expected["customer_id"].tolist()
    assert units["as_of"].tolist() == expected["decided_at"].tolist()
    assert units["treated"].tolist() == (expected["arm"] == "treated").astype(int).tolist()
    assert units["propensity"].tolist() == expected["propensity"].tolist()
    assert units["agent_id"].tolist() == expected["agent_id"].tolist()
    own = expected["cost"].fillna(2.5).where(expected["arm"] == "treated", 0.0)
    assert units["cost"].tolist() == own.tolist()
    left = acts[~np.array(fits)]["arm"].value_counts()
    assert (randomised.ineligible_treated, randomised.ineligible_controls) == (left["treated"], left["control"])
    assert {0, 1} == set(units["treated"])


def test_units_have_one_form_in_both_designs(observed: Decisions, randomised: Decisions) -> None:
    assert observed.units.dtypes.tolist() == randomised.units.dtypes.tolist()
    for name, found in (("observational", observed), ("randomised", randomised)):
        units = found.units
        assert units["unit"].tolist() == list(range(len(units)))
        assert units["as_of"].is_monotonic_increasing
        assert units["period"].tolist() == [month_of(at) for at in units["as_of"]]
        assert set(units["design"]) == {name}
        assert set(units["action"]) == {"iban_switch"}
    drawn = observed.units[observed.units["treated"] == 0]
    for column in ("propensity", "action_id", "agent_id", "initiative", "accepted"):
        assert drawn[column].isna().all()
    assert (drawn["cost"] == 0).all()


def test_a_local_month_counts_not_a_utc_one(observed: Decisions, randomised: Decisions) -> None:
    units = pd.concat([observed.units, randomised.units])
    utc = units["as_of"].dt.strftime("%Y-%m")
    assert (utc != units["period"]).any()


def test_later_treatment_is_told_and_excludes_nobody(
    observed: Decisions, randomised: Decisions, frames: Frames
) -> None:
    all_treated = treated_at(frames)
    for found in (observed, randomised):
        for unit in found.units.itertuples():
            later = any(c == unit.customer_id and unit.as_of < t <= unit.as_of + Days(days=60) for c, t in all_treated)
            assert unit.treated_later == (later and unit.treated == 0)
    controls = observed.units[observed.units["treated"] == 0]
    assert observed.treated_later_share == controls["treated_later"].mean() > 0


def test_the_order_of_rows_does_not_matter_but_the_seed_does(
    observed: Decisions, frames: Frames, tables: Tables
) -> None:
    shuffled = {name: frame.sample(frac=1, random_state=3) for name, frame in frames.items()}
    again = decisions(open_frames(shuffled), "iban_switch", SINCE, UNTIL, 7, "observational")
    pd.testing.assert_frame_equal(again.units, observed.units)
    other = decisions(tables, "iban_switch", SINCE, UNTIL, 8, "observational")
    assert set(pairs(other.units)) != set(pairs(observed.units))


@pytest.fixture(scope="module")
def crowd() -> tuple[Frames, Tables, Decisions]:
    """2,000 subscribers; 120 are treated in March, two thirds of them on the 30th. Half end on the 15th."""
    rng = np.random.default_rng(0)
    n = 2000
    names = np.array([f"c{i:04d}" for i in range(n)])
    ended = pd.Series(np.where(np.arange(n) < n // 2, np.datetime64("2023-03-15"), np.datetime64("NaT")))
    started = pd.Series(np.where(np.arange(n) < n - 300, np.datetime64("2022-01-01"), np.datetime64("2023-03-25")))
    who = rng.choice(names[n // 2 : n - 300], 120, replace=False)
    at = pd.Series(["2023-03-20 12:00"] * 40 + ["2023-03-30 12:00"] * 80).astype("datetime64[us]")
    treated = pd.DataFrame({"action_id": range(120), "customer_id": who, "decided_at": at})
    april = rng.choice(names[n // 2 :], 500, replace=False)
    later = pd.DataFrame({"action_id": range(120, 620), "customer_id": april, "decided_at": Stamp(2023, 4, 20)})
    acts = pd.concat([treated, later]).astype({"decided_at": "datetime64[us]"})
    frames = {
        "customers": pd.DataFrame({"customer_id": names, "signed_up_at": Stamp(2021, 1, 1)}),
        "subscriptions": pd.DataFrame(
            {"subscription_id": range(n), "customer_id": names, "started_at": started, "ended_at": ended}
        ).assign(product="paper", term_months=12, price=100.0),
        "actions": acts.assign(action="offer", arm="treated"),
    }
    tables = open_frames(frames, config_of(controls_per_treated=5))
    return frames, tables, decisions(tables, "offer", Stamp(2023, 3, 1), Stamp(2023, 4, 1), 1, "observational")


def test_controls_start_when_the_treated_do(crowd: tuple[Frames, Tables, Decisions]) -> None:
    units = crowd[2].units
    controls = units[units["treated"] == 0]
    assert len(controls) == 600
    assert set(controls["as_of"]) == {Stamp(2023, 3, 20, 12), Stamp(2023, 3, 30, 12)}
    eligible_then = {20: 700 - 120, 30: 1000 - 40}
    expected = eligible_then[30] * 2 / (eligible_then[30] * 2 + eligible_then[20])
    share = (controls["as_of"].dt.day == 30).mean()
    assert share == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / 600))


def test_controls_are_eligible_at_their_own_instant(crowd: tuple[Frames, Tables, Decisions]) -> None:
    frames, tables, found = crowd
    controls = found.units[found.units["treated"] == 0]
    assert eligible(tables, controls, "offer").all()
    names = frames["customers"]["customer_id"]
    left_before = set(names[:1000])
    assert not left_before & set(controls["customer_id"]), "ended on the 15th: a control at the month's start only"
    joined_late = controls[controls["customer_id"].isin(set(names[1700:]))]
    assert len(joined_late) > 20
    assert (joined_late["as_of"] == Stamp(2023, 3, 30, 12)).all()


def test_controls_are_not_the_never_treated(crowd: tuple[Frames, Tables, Decisions]) -> None:
    controls = crowd[2].units[crowd[2].units["treated"] == 0]
    assert controls["treated_later"].mean() == pytest.approx(0.5, abs=0.1)
    treated = crowd[2].units[crowd[2].units["treated"] == 1].set_index("customer_id")["as_of"]
    both = controls[controls["customer_id"].isin(treated.index)]
    assert len(both) > 5
    assert (both["as_of"].to_numpy() < treated.loc[both["customer_id"]].to_numpy()).all()


def test_what_cannot_be_drawn_is_counted(crowd: tuple[Frames, Tables, Decisions]) -> None:
    tables = dataclasses.replace(crowd[1], config=config_of(controls_per_treated=50))
    found = decisions(tables, "offer", Stamp(2023, 3, 1), Stamp(2023, 4, 1), 1, "observational")
    controls = int((found.units["treated"] == 0).sum())
    assert controls + found.missing_controls == 50 * 120
    assert found.missing_controls > 0
    instants = set(crowd[2].units["as_of"])
    everybody = crowd[0]["customers"]["customer_id"]
    assert controls < sum(
        eligible(tables, pd.DataFrame({"customer_id": everybody, "as_of": at}), "offer").sum() for at in instants
    )


def test_the_period_is_closed_at_since_and_open_at_until(crowd: tuple[Frames, Tables, Decisions]) -> None:
    first, last = Stamp(2023, 3, 20, 12), Stamp(2023, 3, 30, 12)
    units = decisions(crowd[1], "offer", first, last, 1, "observational").units
    assert units["treated"].sum() == 40
    assert set(units["as_of"]) == {first}


def test_a_period_without_decisions_is_empty(tables: Tables) -> None:
    found = decisions(tables, "iban_switch", Stamp(2020, 1, 1), Stamp(2020, 2, 1), 7, "observational")
    assert found.units.empty
    assert found.missing_controls == 0
    assert found.units["as_of"].dtype == "datetime64[us]"


def test_designs(tables: Tables) -> None:
    assert designs(tables, "iban_switch") == ("randomised", "observational")
    assert designs(tables, "offer") == ("observational",)
    assert designs(tables, "gift") == ("observational",)
    with pytest.raises(ConfigError, match="did you mean 'offer'"):
        designs(tables, "ofer")
    with pytest.raises(ConfigError, match="expected observational for action 'offer', got 'randomised'"):
        decisions(tables, "offer", SINCE, UNTIL, 7, "randomised")
    bare = tables["actions"].drop("propensity")
    tables = dataclasses.replace(tables, frames={**tables.frames, "actions": bare})
    assert designs(tables, "iban_switch") == ("observational",)


def test_config_costs_of_treated(tables: Tables, frames: Frames) -> None:
    found = decisions(tables, "offer", SINCE, UNTIL, 7, "observational").units
    treated = found[found["treated"] == 1].set_index("action_id")
    acts = frames["actions"].set_index("action_id").loc[treated.index.astype(int)]
    expected = [
        6.0 + 12.0 * (accepted is True) if math.isnan(cost) else cost
        for cost, accepted in zip(acts["cost"], acts["accepted"], strict=True)
    ]
    assert treated["cost"].tolist() == expected
    assert len(set(expected)) == 3


def test_eligible_equals_the_slow_twin(tables: Tables, frames: Frames) -> None:
    rng = random.Random(2)
    moments = [Stamp(2023, 3, 21), *treated_at(frames)[0][1:], *(day(rng, SINCE, UNTIL) for _ in range(40))]
    moments += [at + Days(days=10) + extra for _, at in treated_at(frames)[:20] for extra in (-TICK, 0 * TICK, TICK)]
    rows = [(f"c{rng.randrange(CUSTOMERS)}", at) for at in moments for _ in range(4)]
    rows += [(c, at + Days(days=10) + extra) for c, at in treated_at(frames)[:40] for extra in (0 * TICK, TICK)]
    spine = pd.DataFrame(rows, columns=["customer_id", "as_of"]).astype({"as_of": "datetime64[us]"})
    spine.index = pd.Index(rng.choices(range(50), k=len(spine)))
    got = eligible(tables, spine, "iban_switch")
    assert got.index.equals(spine.index)
    assert got.dtype == bool
    assert got.tolist() == [may_get(frames, c, at) for c, at in rows]
    assert 0.1 < got.mean() < 0.9
