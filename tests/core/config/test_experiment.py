"""The configuration of an experiment: chance has to be stated, every column has one role, faults say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from servicelift.core.config.experiment import ExperimentConfig, load_experiment
from servicelift.core.errors import ConfigError

PAGE = Path(__file__).parents[3] / "docs" / "experiment.md"


def keys(**more):
    base = {"arm": "group", "control": "no", "assignment": "random", "outcomes": {"spend": "money"}}
    return {name: value for name, value in {**base, **more}.items() if value is not None}


def test_a_file_is_read_and_its_folder_kept(tmp_path):
    file = tmp_path / "mails.yaml"
    file.write_text(
        "table: mails.csv\narm: group\ncontrol: 'no'\nassignment: random\n"
        "outcomes: {bought: {kind: yes_no, yes_is: Y}, spend: money}\n"
    )
    config = load_experiment(file)
    assert (config.folder, config.table) == (tmp_path.resolve(), "mails.csv")
    assert config.outcomes["bought"].yes_is == "Y"
    assert config.ruled.outcome == "spend"


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"assignment": None}, "expected random, or a propensity column, got neither"),
        ({"assignment": "chosen"}, "without chance a difference of arms is no effect"),
        ({"propensity": "p", "shares": {"no": 1}}, "keep one of the two"),
        ({"outcomes": {"group": "money"}}, "column 'group': expected one role"),
        ({"covariates": ["spend"]}, "'spend' is dropped or has another role"),
        ({"covariates": ["a"], "drop": ["a"]}, "'a' is dropped"),
        ({"rule": {"outcome": "spnd"}}, "did you mean 'spend'"),
        ({"outcomes": {"spend": {"kind": "money", "yes_is": "Y"}}}, "has none; leave it out"),
        ({"outcomes": {}}, "expected at least 1"),
        ({"outcomes": {"spend": "euros"}}, "expected one of"),
        ({"contrl": "x"}, "unknown key 'contrl'; did you mean 'control'"),
        ({"outcomes": {"spend": {"kind": "money", "yes_i": "Y"}}}, "did you mean 'yes_is'"),
        ({"timezone": "Paris"}, "no time zone"),
        ({"tables": {"customers": "c.csv"}}, "got a business with `tables:`"),
        ({"folder": "x"}, "unknown key 'folder'"),
    ],
)
def test_a_fault_is_one_line_that_says_what_to_do(more, fault):
    with pytest.raises(ConfigError, match=fault) as error:
        load_experiment(keys(**more))
    assert "\n" not in str(error.value)


def test_without_an_outcome_of_money_no_rule_is_made_up():
    assert load_experiment(keys(outcomes={"visit": "yes_no"})).ruled is None
    asked = load_experiment(keys(outcomes={"visit": "yes_no"}, rule={"outcome": "visit", "worth": 3}))
    assert asked.ruled.worth == 3


def test_every_key_stands_on_the_page():
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in ExperimentConfig.model_fields if name != "folder" and f"`{name}`" not in text] == []
