"""Contrasts, case by case: who is exposed, from when on both arms are followed, and what plays no part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError, DataError
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.features.trials.contrasts import contrast_trial, contrast_units
from servicelift.models.effects.average import AverageEffect

Stamp = pd.Timestamp
SINCE, UNTIL = Stamp("2023-01-01"), Stamp("2023-12-01")
TICK = pd.Timedelta(1, "us")
Rows = list[dict[str, Any]]


def open_world(contrast: dict[str, Any], n: int = 8, **tables: Rows) -> Tables:
    """Subscribers since 2022, unless the case says otherwise; instants are UTC."""
    rows: dict[str, Rows] = {
        "customers": [{"customer_id": i, "signed_up_at": "2022-01-01"} for i in range(n)],
        "subscriptions": [{"customer_id": i} for i in range(n)],
        **tables,
    }
    base = {"product": "paper", "started_at": "2022-01-01", "ended_at": None, "term_months": 1, "price": 10.0}
    rows["subscriptions"] = [{"subscription_id": k, **base, **row} for k, row in enumerate(rows["subscriptions"])]
    for name in ("contacts", "agents"):
        for k, row in enumerate(rows.get(name, [])):
            row.setdefault(f"{name[:-1]}_id", k)
    frames = {}
    for name, lines in rows.items():
        frame = pd.DataFrame(lines)
        for column in frame.columns:
            if column.endswith("_at") or column == "valid_from":
                frame[column] = pd.to_datetime(frame[column], utc=True, format="ISO8601")
        frames[name] = frame
    config = {
        "tables": dict.fromkeys(frames, "-"),
        "data_until": "2024-01-01",
        "incremental": {"follow_up_days": 30, "controls_per_treated": 2, "contrasts": {"x": contrast}},
    }
    return tables_from_frames(frames, Config.model_validate(config))


def units(tables: Tables, **options: Any) -> pd.DataFrame:
    return contrast_units(tables, "x", **{"since": SINCE, "until": UNTIL, "seed": 1, **options})


def contact(customer: int, opened: str, **changes: Any) -> dict[str, Any]:
    base = {"channel": "phone", "reason": "bill", "answered_at": None, "closed_at": None, "resolved": None}
    return {"customer_id": customer, "opened_at": opened, **base, "agent_id": 1, **changes}


QUICK = {"exposure": "answered_within", "hours": 2}


def test_quick_answers_are_followed_from_when_slow_ones_are_known_to_be_slow():
    world = open_world(
        QUICK,
        contacts=[
            contact(0, "2023-02-01 10:00", answered_at="2023-02-01 12:00"),
            contact(1, "2023-02-01 10:00", answered_at="2023-02-01 12:00:01"),
            contact(2, "2023-02-01 10:00"),
        ],
    )
    found = units(world).set_index("customer_id")
    assert found["treated"].to_dict() == {0: 1, 1: 0, 2: 0}
    assert (found["as_of"] == Stamp("2023-02-01 12:00") + TICK).all()
    assert (found["known_before"] == Stamp("2023-02-01 10:00")).all()
    assert (found["design"] == "observational").all()
    assert found["propensity"].isna().all()


def test_who_left_before_time_zero_is_in_neither_arm():
    world = open_world(
        QUICK,
        n=3,
        subscriptions=[{"customer_id": 0, "ended_at": "2023-02-01 11:00"}, {"customer_id": 1}, {"customer_id": 2}],
        contacts=[
            contact(0, "2023-02-01 10:00", answered_at="2023-02-01 10:10"),
            contact(1, "2023-02-01 10:00", answered_at="2023-02-01 10:10"),
            contact(2, "2023-02-01 10:00"),
        ],
    )
    assert units(world)["customer_id"].tolist() == [1, 2]


def test_only_contacts_that_customers_began_and_the_first_a_month_count():
    world = open_world(
        QUICK,
        contacts=[
            contact(0, "2023-02-01", direction="inbound"),
            contact(0, "2023-02-09", answered_at="2023-02-09 00:05", direction="inbound"),
            contact(0, "2023-03-09", answered_at="2023-03-09 00:05", direction="inbound"),
            contact(1, "2023-02-01", direction="outbound"),
        ],
    )
    found = units(world)
    assert found["treated"].tolist() == [0, 1]
    assert found["treated_later"].tolist() == [True, False]


def test_solved_at_once_is_solved_in_time_and_not_followed_on_the_same_reason():
    solved = {"resolved": True}
    world = open_world(
        {"exposure": "resolved_at_first_contact", "days": 7},
        contacts=[
            contact(0, "2023-02-01", closed_at="2023-02-02", **solved),
            contact(1, "2023-02-01", closed_at="2023-02-02", **solved),
            contact(1, "2023-02-08", closed_at="2023-02-09", **solved),
            contact(2, "2023-02-01", closed_at="2023-02-02", **solved),
            contact(2, "2023-02-05", closed_at="2023-02-06", reason="moving", **solved),
            contact(3, "2023-02-01", closed_at="2023-02-09", **solved),
            contact(4, "2023-02-01", closed_at="2023-02-02", resolved=False),
            contact(5, "2023-02-01", closed_at="2023-02-02", reason=None, **solved),
        ],
    )
    found = units(world).set_index("customer_id")
    assert found["treated"].to_dict() == {0: 1, 1: 0, 2: 1, 3: 0, 4: 0}
    assert (found["as_of"] == Stamp("2023-02-08") + TICK).all()


def test_the_first_month_is_over_before_anybody_is_followed():
    world = open_world(
        {"exposure": "contact_in_first_month", "days": 30},
        n=5,
        **{
            "customers": [
                {"customer_id": i, "signed_up_at": "2021-01-01" if i == 3 else "2023-02-01"} for i in range(5)
            ],
            "subscriptions": [
                {"customer_id": i, "started_at": "2023-02-01", "ended_at": "2023-02-20" if i == 4 else None}
                for i in range(5)
            ],
        },
        contacts=[
            contact(0, "2023-02-10"),
            contact(1, "2023-03-20"),
            contact(4, "2023-02-10"),
            contact(3, "2023-01-05"),
        ],
    )
    found = units(world).set_index("customer_id")
    assert found["treated"].to_dict() == {0: 1, 1: 0, 2: 0}
    assert (found["as_of"] == Stamp("2023-03-03") + 2 * TICK).all()
    assert (found["known_before"] == Stamp("2023-02-01") + TICK).all()


def test_training_compares_agents_from_the_first_training_on_given_what_they_had_solved_before():
    old = {"closed_at": "2022-06-02", "resolved": True}
    world = open_world(
        {"exposure": "agent_training"},
        agents=[
            {"agent_id": 1, "trained_at": "2023-02-01"},
            {"agent_id": 2, "trained_at": "2023-05-01"},
            {"agent_id": 3, "trained_at": None},
        ],
        contacts=[
            contact(0, "2022-06-01", agent_id=1, **old),
            contact(0, "2022-06-01", agent_id=2, **{**old, "resolved": False}),
            contact(1, "2023-01-15", agent_id=1),
            contact(2, "2023-03-01", agent_id=1),
            contact(3, "2023-03-01", agent_id=2),
            contact(4, "2023-06-01", agent_id=2),
            contact(5, "2023-06-01", agent_id=3),
            contact(6, "2023-06-01", agent_id=9),
        ],
    )
    found = units(world).set_index("customer_id")
    assert found["treated"].to_dict() == {2: 1, 3: 0, 4: 1, 5: 0}
    assert found["agent_resolved_before"].fillna(-1).to_dict() == {2: 1.0, 3: 0.0, 4: 0.0, 5: -1.0}
    assert found["agent_id"].to_dict() == {2: 1, 3: 2, 4: 2, 5: 3}


def moves(**late: str) -> Rows:
    """All pay by card since 2022; customer 7 by IBAN; customers named in ``late`` move to IBAN then."""
    rows = [{"customer_id": i, "valid_from": "2022-01-01", "method": "iban" if i == 7 else "card"} for i in range(8)]
    return rows + [{"customer_id": int(i[1:]), "valid_from": at, "method": "iban"} for i, at in late.items()]


IBAN = {"exposure": "payment_method", "from": ["card"], "to": "iban"}


def test_a_move_is_compared_with_payers_who_had_not_moved_at_that_instant_whatever_they_do_later():
    world = open_world(IBAN, payment_methods=moves(c0="2023-02-10", c1="2023-02-20", c2="2022-12-01", c3="2023-02-25"))
    found = units(world)
    assert set(found.loc[found["treated"] == 1, "customer_id"]) == {0, 1, 3}
    controls = found[found["treated"] == 0]
    assert len(controls) > 0
    assert not {2, 7} & set(controls["customer_id"])
    moved = {0: Stamp("2023-02-10"), 1: Stamp("2023-02-20"), 3: Stamp("2023-02-25")}
    for _, row in controls.iterrows():
        assert row["as_of"] in moved.values()
        assert row["as_of"] < moved.get(row["customer_id"], UNTIL)
        assert row["treated_later"] == (row["customer_id"] in moved)
    assert (found["as_of"] - found["known_before"] == pd.Timedelta(days=2)).all()


def test_the_first_method_is_no_move_and_neither_is_one_from_another_origin():
    rows = [
        {"customer_id": 0, "valid_from": "2023-02-01", "method": "iban"},
        {"customer_id": 1, "valid_from": "2022-02-01", "method": "cheque"},
        {"customer_id": 1, "valid_from": "2023-02-01", "method": "iban"},
        {"customer_id": 2, "valid_from": "2022-02-01", "method": "card"},
        {"customer_id": 2, "valid_from": "2023-02-01", "method": "iban"},
    ]
    found = units(open_world(IBAN, payment_methods=rows))
    assert found.loc[found["treated"] == 1, "customer_id"].tolist() == [2]


def test_a_condition_is_asked_before_the_exposure():
    contacts = [contact(i, "2023-02-01 10:00", is_complaint=False) for i in range(3)]
    earlier = [contact(1, "2023-01-20", is_complaint=True)]
    world = open_world({**QUICK, "eligible": "complaints_30d > 0"}, contacts=contacts + earlier)
    found = units(world, since=Stamp("2023-02-01"))
    assert found["customer_id"].tolist() == [1]
    with pytest.raises(ConfigError, match=r"incremental.contrasts.x.eligible: these tables give no feature"):
        units(open_world({**QUICK, "eligible": "complaints > 0"}, contacts=contacts))


def test_covariates_do_not_see_the_exposure():
    """Whatever the answer was, what is known at the look is the same; what the contact's opening tells is in."""

    def features(answered: list[str | None]) -> pd.DataFrame:
        contacts = [
            contact(i, "2023-02-01 10:00", answered_at=at, closed_at=at, resolved=at and True, is_complaint=i == 1)
            for i, at in enumerate(answered)
        ]
        return contrast_trial(open_world(QUICK, contacts=contacts), "x", since=SINCE, until=UNTIL, seed=1).features

    quick, slow = "2023-02-01 10:00", "2023-02-03"
    one, other = features([quick, slow, None]), features([slow, None, quick])
    pd.testing.assert_frame_equal(one, other)
    assert one["contact_is_complaint"].tolist() == [0, 1, 0]
    assert one["contacts_30d"].tolist() == [0, 0, 0]


def test_too_many_moments_are_sampled_by_customer():
    contacts = [contact(i, f"2023-{month:02d}-01") for i in range(300) for month in (2, 3)]
    found = units(open_world({**QUICK, "most_units": 100}, n=300, contacts=contacts))
    assert 60 < len(found) < 140
    assert (found.groupby("customer_id").size() == 2).all()


@pytest.mark.parametrize(
    ("contrast", "tables", "message"),
    [
        (QUICK, {}, "contacts.answered_at"),
        (IBAN, {}, "payment_methods.method"),
        (
            {"exposure": "agent_training"},
            {"contacts": [contact(1, "2023-02-01")], "agents": [{"agent_id": 1, "trained_at": None}]},
            "agents.trained_at",
        ),
    ],
)
def test_what_the_exposure_is_known_from_has_to_be_there(contrast, tables, message):
    with pytest.raises(DataError, match=message):
        units(open_world(contrast, **tables))


def test_a_contrast_is_asked_for_by_its_name():
    with pytest.raises(ConfigError, match="did you mean 'x'"):
        contrast_units(open_world(QUICK), "xx", since=SINCE, until=UNTIL, seed=1)


def test_an_effect_that_was_planted_is_found_where_the_plain_difference_misleads():
    """Complaints are answered quickly and leave more; a quick answer keeps one customer in five."""
    rng = np.random.default_rng(7)
    n = 1_500
    complaint = rng.uniform(size=n) < 0.5
    quick = rng.uniform(size=n) < np.where(complaint, 0.8, 0.3)
    leaves = rng.uniform(size=n) < 0.25 + 0.4 * complaint - 0.2 * quick
    subscriptions = [{"customer_id": i, "ended_at": "2023-02-20" if gone else None} for i, gone in enumerate(leaves)]
    contacts = [
        contact(
            i,
            "2023-02-01 10:00",
            answered_at="2023-02-01 10:30" if quick[i] else "2023-02-02 10:00",
            is_complaint=bool(complaint[i]),
        )
        for i in range(n)
    ]
    world = open_world(QUICK, n=n, subscriptions=subscriptions, contacts=contacts)
    trial = contrast_trial(world, "x", since=SINCE, until=UNTIL, seed=1)
    kept = trial.state.contract.running.astype(float)
    effect = AverageEffect(folds=3, repeats=1, seed=1).fit(
        trial.features, trial.treated, kept, groups=trial.units["customer_id"]
    )
    found = effect.summary()
    assert found.low < 0.2 < found.high
    assert found.low > 0.05
    assert found.naive < 0.05


@pytest.mark.slow
def test_training_of_good_agents_is_told_from_what_they_could_do_before():
    """Agents who solve more keep more customers, and are the ones who are trained; training keeps 15 of 100 more."""
    rng = np.random.default_rng(3)
    agents, before, after = 40, 60, 40
    skill = np.tile([0.3, 0.5, 0.7, 0.9], 10)
    trained = rng.uniform(size=agents) < skill
    rows, subscriptions, customer = [], [], 0
    for agent in range(agents):
        for k in range(before):
            solved = bool(k < before * skill[agent])
            rows.append(contact(0, f"2022-0{1 + k % 9}-05", agent_id=agent, closed_at="2022-10-01", resolved=solved))
        for _ in range(after):
            customer += 1
            stays = rng.uniform() < 0.3 + 0.4 * skill[agent] + 0.15 * trained[agent]
            subscriptions.append({"customer_id": customer, "ended_at": None if stays else "2023-03-20"})
            rows.append(contact(customer, "2023-03-01", agent_id=agent))
    teams = [{"agent_id": a, "trained_at": "2023-01-01" if trained[a] else None} for a in range(agents)]
    world = open_world(
        {"exposure": "agent_training"},
        n=customer + 1,
        subscriptions=[{"customer_id": 0}, *subscriptions],
        agents=teams,
        contacts=rows,
    )
    trial = contrast_trial(world, "x", since=SINCE, until=UNTIL, seed=1)
    kept = trial.state.contract.running.astype(float)
    effect = AverageEffect(folds=3, repeats=1, seed=1).fit(
        trial.features,
        trial.treated,
        kept,
        groups=trial.units["customer_id"],
        clusters=trial.units["agent_id"],
    )
    found = effect.summary()
    assert found.low < 0.15 < found.high
    assert found.naive > found.estimate + 0.04
