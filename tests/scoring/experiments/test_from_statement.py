"""From a statement to the next experiment: what it leaves open is listed, and one of them becomes a wish."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError
from servicelift.scoring.experiments.from_statement import open_questions, wish_of

CONFIG = Config.model_validate({"tables": {"customers": "-", "payments": "-"}})


@pytest.fixture
def statement(tmp_path):
    figures = {"settle_months": 3.0, "settle_chance": 0.83, "settle_forgone": 540.0, "settle_worth": 1_230.0}
    rows = pd.DataFrame(
        {
            "action": ["switch", "offer", "call", "switch"],
            "kind": "action",
            "headline": [True, True, True, False],
            "settle": ["experiment", "", "none", "experiment"],
            "settle_customers": 900.0,
            "settle_held_out": 180.0,
            "corrected_per_treated": [12.5, 9.0, 4.0, 1.0],
            **figures,
        }
    )
    rows.to_parquet(tmp_path / "roi.parquet")
    return tmp_path


def test_headlines_without_a_verdict_are_listed_from_folder_or_file(statement):
    lines = open_questions(CONFIG, statement).lines()
    assert [line.split(":")[0] for line in lines] == ["switch", "call"]
    assert "hold out 180" in lines[0]
    assert "No experiment of this size" in lines[1]
    assert open_questions(CONFIG, statement / "roi.parquet").lines() == lines


def test_one_of_them_becomes_a_wish(statement):
    questions = open_questions(CONFIG, statement)
    assert wish_of(questions, "switch") == {"effect": 12.5, "holdout": 0.2, "prove": "pays"}
    with pytest.raises(ConfigError, match=r"leaves open \(switch, call\), got 'offer'"):
        wish_of(questions, "offer")


def test_nothing_open_no_statement_and_an_old_one_are_said(statement):
    rows = pd.read_parquet(statement / "roi.parquet")
    rows.assign(settle="").to_parquet(statement / "roi.parquet")
    assert open_questions(CONFIG, statement).lines() == ["every action of the statement has its verdict"]
    rows.drop(columns="settle").to_parquet(statement / "roi.parquet")
    with pytest.raises(ConfigError, match="a statement of an earlier version"):
        open_questions(CONFIG, statement)
    with pytest.raises(ConfigError, match=r"found no roi\.parquet"):
        open_questions(CONFIG, statement / "nowhere")
