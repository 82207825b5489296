"""The table of an experiment: arms, chances, outcomes and covariates as they are meant, everything else refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.experiment import load_experiment
from servicelift.core.errors import ConfigError, DataError
from servicelift.scoring.experiments.flat.assigned import TIME, assigned, read_assigned

KEYS = {"arm": "group", "control": "no", "assignment": "random", "outcomes": {"spend": "money"}}


def rows(n=300, **columns):
    rng = np.random.default_rng(0)
    base = {
        "group": np.tile(["no", "mail", "call"], n // 3),
        "tenure": rng.normal(size=n).round(3),
        "plan": rng.choice(["a", "b"], n),
        "spend": rng.normal(size=n).round(2),
    }
    return pd.DataFrame({**base, **columns})


def read(frame=None, **more):
    return assigned(rows() if frame is None else frame, load_experiment({**KEYS, **more}))


def test_the_control_comes_first_and_shares_are_equal_unless_said():
    data = read()
    assert data.arms == ("no", "call", "mail")
    assert data.codes[:3].tolist() == [0, 2, 1]
    assert data.chances[0].tolist() == pytest.approx([1 / 3] * 3)
    assert list(data.X) == ["tenure", "plan"]
    assert [note.code for note in data.notes] == ["all_others", "equal_shares"]
    assert data.notes[0].figures["columns"] == ("tenure", "plan")
    assert [note.code for note in read(covariates=["tenure"]).notes] == ["equal_shares"]
    assert read(shares={"no": 80, "mail": 10, "call": 10}).chances[0].tolist() == pytest.approx([0.8, 0.1, 0.1])


def test_chances_of_each_customer_leave_the_rest_to_the_control():
    frame = rows(p=np.repeat(0.2, 300), q=np.linspace(0.1, 0.5, 300))
    data = read(frame, propensity={"mail": "p", "call": "q"}, assignment=None)
    assert data.chances[-1].tolist() == pytest.approx([0.3, 0.5, 0.2])
    assert list(data.X) == ["tenure", "plan"]


def test_numbers_for_arms_are_words():
    frame = rows(group=np.tile([0.0, 1.0], 150))
    assert read(frame, control="0").arms == ("0", "1")


def test_rows_without_an_arm_are_counted_and_missing_outcomes_stay_missing():
    frame = rows()
    frame.loc[0, "group"] = None
    frame.loc[5, "spend"] = None
    data = read(frame)
    assert len(data.codes) == 299
    assert {note.code: note.figures for note in data.notes}["without_arm"]["n"] == 1
    assert np.isnan(data.outcomes["spend"]).sum() == 1


@pytest.mark.parametrize(("words", "yes"), [(["yes", "no"], None), ([1, 0], None), (["kept", "gone"], "kept")])
def test_yes_is_told_by_its_word_or_said(words, yes):
    frame = rows(back=np.tile(words, 150))
    outcome = {"kind": "yes_no"} | ({"yes_is": yes} if yes else {})
    assert read(frame, outcomes={"back": outcome}).outcomes["back"][:2].tolist() == [1.0, 0.0]


def test_a_date_gives_time_as_a_covariate_and_periods_that_part_no_day():
    day = pd.date_range("2024-01-01", periods=30).repeat(20)
    frame = rows(600, day=day.astype(str))
    data = read(frame, date="day")
    assert data.X[TIME].tolist() == np.arange(30).repeat(20).tolist()
    assert pd.Series(data.periods).groupby(day).nunique().max() == 1
    assert data.periods.max() == 3


@pytest.mark.parametrize(
    ("more", "columns", "fault"),
    [
        ({"arm": "grup"}, {}, "did you mean 'group'"),
        ({"control": "non"}, {}, "is never 'non'"),
        ({"shares": {"no": 1, "mial": 1}}, {}, "did you mean 'mail'"),
        ({"shares": {"no": 1, "mail": 1}}, {}, "none for 'call'"),
        ({"costs": {"no": 1}}, {}, "control costs nothing"),
        ({"id": "plan"}, {}, "one row a customer"),
        ({}, {"group": ["no"] * 290 + ["mail"] * 10}, "at least 20 customers in every arm, got 10"),
        ({}, {"group": ["no"] * 300}, "expected 2 to 12 arms"),
        ({}, {"spend": ["a"] * 300}, "expected numbers, got texts"),
        ({}, {"spend": [np.inf] * 300}, "finite"),
        ({}, {"mail": [f"a{i}@b.org" for i in range(300)]}, "looks like e-mail addresses"),
        ({"outcomes": {"plan": "yes_no"}}, {}, "means yes"),
        ({"outcomes": {"plan": {"kind": "yes_no", "yes_is": "c"}}}, {}, "never 'c'"),
        ({"date": "plan"}, {}, "expected days such as"),
        ({"propensity": "tenure", "assignment": None}, {}, "a column for each of call, mail"),
        ({"propensity": {"mail": "tenure", "call": "tenure"}, "assignment": None}, {}, "chances above 0"),
    ],
)
def test_what_cannot_be_taken_is_refused(more, columns, fault):
    with pytest.raises((ConfigError, DataError), match=fault):
        read(rows(**columns), **more)


def test_a_file_is_needed_where_no_rows_are_given(tmp_path):
    with pytest.raises(ConfigError, match="table: expected the path"):
        read_assigned(load_experiment(KEYS))
    rows().to_csv(tmp_path / "t.csv", index=False)
    config = load_experiment({**KEYS, "table": str(tmp_path / "t.csv")})
    assert len(read_assigned(config).codes) == 300
