"""The facts beside a statement: what was written is what is read."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.core.errors import ConfigError
from servicelift.core.locale import Locale
from servicelift.scoring.statement.page.facts import FACTS, PageFacts, facts_from, facts_text

FACTS_OF = PageFacts(
    business="press",
    since=pd.Timestamp("2022-12-31 23:00"),
    until=pd.Timestamp("2023-12-31 23:00"),
    data_until=pd.Timestamp("2024-06-30 22:00"),
    horizon_months=36,
    follow_up_days=180,
    clv_version=2,
    locale=Locale("fr"),
    warnings=("peu de réponses",),
    row_warnings=("", "x"),
    left_out={"a": "b"},
    left_out_english=frozenset({"a"}),
    mature="prévision",
)


def test_what_was_written_is_what_is_read(tmp_path):
    file = tmp_path / FACTS
    file.write_text(facts_text(FACTS_OF), encoding="utf-8")
    assert facts_from(file, Locale("fr")) == FACTS_OF


def test_no_file_and_another_file_are_one_line(tmp_path):
    with pytest.raises(ConfigError, match=r"got no file .*servicelift roi"):
        facts_from(tmp_path / FACTS, Locale())
    (tmp_path / FACTS).write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"got another file"):
        facts_from(tmp_path / FACTS, Locale())
