from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml
from servicelift.onboarding.draft import draft
from servicelift.onboarding.sniff import sniff
from servicelift.onboarding.write import written


@pytest.fixture
def text(tmp_path: Path) -> str:
    people = pd.DataFrame({"client": ["k1", "k2"], "date_inscription": "2023-01-01", "mail": ["a@b.org", "c@d.org"]})
    people.assign(memo=["secret words", "other words"]).to_csv(tmp_path / "clients.csv", index=False)
    pd.DataFrame(
        {
            "ref_paiement": [1, 2],
            "client": ["k1", "k2"],
            "date_paiement": "03/04/2024",
            "montant": "1,5",
            "moyen": "PRLV",
        }
    ).to_csv(tmp_path / "paiements.csv", index=False, sep=";", encoding="latin-1")
    return written(draft(sniff([str(tmp_path)], tmp_path)), "my press!")


def test_the_file_is_yaml_with_what_is_sure(text):
    loaded = yaml.safe_load(text)
    assert loaded["business"] == "my_press"
    assert loaded["tables"]["payments"] == {"csv": "paiements.csv", "delimiter": ";", "decimal": ","}
    assert loaded["columns"]["payments"]["amount"] == "montant"
    assert loaded["codes"] == {"payments.method": {"iban": ["PRLV"]}}
    assert loaded["drop"] == {"customers": ["mail"]}


def test_questions_stand_where_the_answer_belongs(text):
    assert text.index("# ASK 1: payments: dates of paid_at") < text.index("columns:")


def test_no_value_but_codes_stands_in_it(text):
    for value in ("k1", "k2", "a@b.org", "secret words", "03/04/2024", "2023-01-01"):
        assert value not in text
    assert "PRLV" in text


def test_lines_stay_within_the_width(text):
    comments = [line for line in text.splitlines() if line.lstrip().startswith("#") and "static:" not in line]
    assert max(map(len, comments)) <= 120


def test_a_file_without_any_answer_still_loads(tmp_path: Path):
    pd.DataFrame({"x": ["u", "v"], "y": ["a", "b"]}).to_csv(tmp_path / "q.csv", index=False)
    loaded = yaml.safe_load(written(draft(sniff([str(tmp_path)], tmp_path)), "b"))
    assert set(loaded) == {"business", "timezone"}
