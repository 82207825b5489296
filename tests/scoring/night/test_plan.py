"""Which nights a run makes: those asked for that are not up to date, and those of the past whose rows changed."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError
from servicelift.features.timeline.known_fingerprint import KnownTable
from servicelift.scoring.night import plan
from servicelift.scoring.night.history import History
from servicelift.scoring.night.inputs import Inputs
from servicelift.scoring.night.plan import check_days, plan_nights

DAYS = ("2024-05-20", "2024-05-30", "2024-05-31", "2024-06-01")
OLD, NEW = ({"churn": version, "clv": version, "incremental": None} for version in (1, 2))


class Opened:
    """Tables of which nothing but the configuration is asked."""

    def __init__(self, **nightly):
        self.config = Config.model_validate({"tables": {"customers": "c", "payments": "p"}, "nightly": nightly})


@pytest.fixture
def rows():
    """The fingerprint of payments as it is known by day; a test changes those of days whose rows came late."""
    return dict.fromkeys((*DAYS, "2024-06-02"), "3:aa")


@pytest.fixture
def history(tmp_path, night, rows, monkeypatch):
    """Four nights, made with version 1 of the models; what is known is what ``rows`` says."""

    def inputs_of(tables, as_ofs, versions):
        prints = (rows[str(at.date())] for at in as_ofs)
        return [
            Inputs({"payments": KnownTable(each, int(each[0]), None)}, "config", kinds, "m")
            for each, kinds in zip(prints, versions, strict=True)
        ]

    for day in DAYS:
        folder = night(tmp_path / f"as_of={day}", day)
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        facts = inputs_of(None, [pd.Timestamp(day)], [OLD])[0].facts()
        (folder / "manifest.json").write_text(json.dumps(manifest | {"inputs": facts}), encoding="utf-8")
    monkeypatch.setattr(plan, "inputs_of", inputs_of)
    return History(tmp_path)


def planned(history, day="2024-06-02", champions=NEW, force=False, **nightly):
    return plan_nights(Opened(**nightly), [pd.Timestamp(day)], history, champions, force=force)


def days(made):
    return [(each.day, each.late, each.revision) for each in made.nights]


def test_a_new_night_is_made_with_the_champions(history):
    made = planned(history)
    assert days(made) == [("2024-06-02", False, 1)]
    assert made.nights[0].inputs.versions == NEW
    assert made.nights[0].changed == {}


def test_a_night_with_the_same_inputs_is_up_to_date_unless_forced(history):
    assert planned(history, DAYS[-1], OLD).up_to_date == (DAYS[-1],)
    assert planned(history, DAYS[-1], OLD).nights == ()
    assert days(planned(history, DAYS[-1], OLD, force=True)) == [(DAYS[-1], False, 2)]


def test_a_night_with_other_champions_is_made_again(history):
    made = planned(history, DAYS[-1], NEW)
    assert days(made) == [(DAYS[-1], False, 2)]
    assert list(made.nights[0].changed) == ["versions"]


def test_late_rows_bring_back_the_nights_that_know_them_with_the_models_they_had(history, rows):
    rows |= dict.fromkeys(("2024-05-31", "2024-06-01", "2024-06-02"), "4:ab")
    made = planned(history, look_back=7)
    assert days(made) == [("2024-06-02", False, 1), ("2024-05-31", True, 2), ("2024-06-01", True, 2)]
    assert all(each.inputs.versions == OLD for each in made.nights[1:])
    assert made.nights[1].changed == {"tables": {"payments": [3, 4]}}


@pytest.mark.parametrize(("look_back", "found"), [(0, []), (1, []), (2, ["2024-05-31"]), (12, ["2024-05-31"])])
def test_only_days_within_look_back_are_looked_at(history, rows, look_back, found):
    rows["2024-05-31"] = "4:ab"
    rows["2024-05-20"] = "4:ab"
    assert [each.day for each in planned(history, look_back=look_back).nights[1:]] == found
    assert [each.day for each in planned(history, look_back=13).nights[1:]] == ["2024-05-20", "2024-05-31"]


def test_nights_after_the_one_asked_for_are_left_alone(history, rows):
    rows["2024-06-01"] = "4:ab"
    assert days(planned(history, "2024-05-31", OLD, look_back=7)) == []


def test_a_night_is_a_day_of_the_business_and_one_that_is_kept(history):
    config = Config.model_validate(
        {"tables": {"customers": "c", "payments": "p"}, "timezone": "Europe/Paris", "nightly": {"keep": 2}}
    )
    midnight = pd.Timestamp("2024-06-01 22:00")
    assert check_days(config, [midnight], history) == ["2024-06-02"]
    with pytest.raises(ConfigError, match="expected a day for a night, got 2024-06-02 02:00 Europe/Paris; take 2024"):
        check_days(config, [pd.Timestamp("2024-06-02")], history)
    with pytest.raises(ConfigError, match=r"within the 2 that nightly\.keep keeps before 2024-06-01, got 2024-05-30"):
        check_days(config, [pd.Timestamp("2024-05-29 22:00")], history)
