"""The report: each part as it was written, what is not there named with its command, nothing of another business."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError
from servicelift.core.locale import Locale
from servicelift.scoring.report import indicators, parts
from servicelift.scoring.report import report as job
from servicelift.scoring.report.parts import Lacking, models_part
from servicelift.scoring.report.report import Sources, report
from servicelift.scoring.report.words import REPORT
from servicelift.scoring.statement.page.facts import FACTS, PageFacts, facts_text
from servicelift.scoring.statement.totals import totals
from servicelift.tracking import Past, Version

DAY = pd.Timestamp("2024-06-30 22:00")


class Store:
    """Stands in for the registry: one churn champion, and nothing else."""

    def version_of(self, name, alias):
        return 2 if name == "press-churn" else None

    def versions(self, name):
        return [
            Version(2, ("champion",), "r", DAY.tz_localize("UTC").to_pydatetime(), {"servicelift.decision": "best"})
        ]

    def past_run(self, run_id):
        return Past(run_id, "churn", "FINISHED", DAY.to_pydatetime(), {"grade": "B"}, {})


@pytest.fixture
def config(monkeypatch):
    monkeypatch.setattr(job.Tracker, "of", lambda config: Store())

    def made(language="en", business="press"):
        tables = {"customers": "c.parquet", "payments": "p.parquet"}
        return Config.model_validate(
            {"business": business, "tables": tables, "data_until": "2024-07-01", "language": language}
        )

    return made


@pytest.fixture
def sources(tmp_path, statement_row):
    """Everything, written as the other commands do."""
    roi, scores, found = (tmp_path / name for name in ("roi", "scores", "indicators"))
    for folder in (roi, scores, found):
        folder.mkdir()
    rows = pd.DataFrame([statement_row(verdict="pays", settle=""), statement_row(action="call")])
    rows.to_parquet(roi / "roi.parquet")
    totals(rows, [np.arange(5.0)] * 2).to_parquet(roi / "roi_totals.parquet")
    facts = PageFacts("press", pd.Timestamp("2023-01-01"), pd.Timestamp("2024-01-01"), DAY, 36, 180, 1)
    (roi / FACTS).write_text(facts_text(facts))
    run = {"business": "press", "as_of": "2024-07-01T00:00:00+00:00"}
    (scores / "run.json").write_text(json.dumps(run))
    people = pd.DataFrame({"customer_id": ["a", "b"], "churn_probability": [0.1, 0.3], "clv": [10.0, 30.0]})
    people.to_parquet(scores / "scores.parquet")
    month = {"indicator": "csat", "by": "", "group": "", "unit": "share", "low": 0.7, "high": 0.9, "n": 50}
    later = {"month": pd.Timestamp("2024-05-01").date(), "value": 0.8, "status": "known", "month_before": 0.75}
    young = {"month": pd.Timestamp("2024-06-01").date(), "value": np.nan, "status": "unknown", "month_before": 0.8}
    pd.DataFrame([month | later, month | young]).to_parquet(found / "indicators.parquet")
    listed = pd.DataFrame(
        {"customer_id": ["a", "b"], "action": ["gift", "mail"], "net_value": [5.0, 7.0], "cost": [1.0, 2.0],
         "decided_at": "2024-07-01T00:00:00Z"}
    )  # fmt: skip
    listed.to_csv(tmp_path / "targets.csv", index=False)
    listed.head(1).to_csv(tmp_path / "targets.holdout.csv", index=False)
    ends = {"effect_low": 1.0, "effect_high": 9.0, "net_value_low": -3.0, "net_value_high": 30.0}
    gift = {"effect": 5.0, "chance_pays": 0.9, "failed": [], "trial": False, **ends}
    warning = {"code": "policy_better", "figures": {"value": 2.0, "low": 1.0, "high": 3.0, "share": 0.1}}
    warning["figures"] |= {"currency": "EUR", "unlimited": 2.0}
    told = {"business": "press", "contacted": 2, **ends, "actions": {"gift": gift}, "warnings": [warning]}
    (tmp_path / "targets.list.json").write_text(json.dumps(told))
    return Sources(roi, found, scores, tmp_path / "targets.csv")


def text_of(html: str) -> str:
    shown = re.sub(r"<style>.*?</style>|</?a\b[^>]*>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", shown)).split())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_part_is_on_one_page_that_fetches_nothing(config, sources, tmp_path, language):
    outcome = report(config(language), tmp_path / "report.html", sources)
    html = outcome.out.read_text()
    assert outcome.lacking == ()
    assert f'<html lang="{language}">' in html
    assert not re.search(r"<script|https?:|src=|@import", html)
    assert html.count("<caption>") == len(re.findall(r"<table\b", html)) == 5
    ids, links = re.findall(r' id="([^"]+)"', html), re.findall(r' href="#([^"]+)"', html)
    assert set(links) <= set(ids)
    assert len(ids) == len(set(ids))


def test_figures_are_those_that_were_written(config, sources, tmp_path):
    text = text_of(report(config(), tmp_path / "report.html", sources).out.read_text())
    assert "2 actions cost €40 and brought €80" in text
    assert "Satisfaction (CSAT) May 2024 80.0% 70.0% – 90.0% 75.0%" in text, "the latest month that is known"
    assert "2 customers have a risk of leaving; together 0 of them" in text
    assert "20.0% of all" in text
    assert "bring €40 over the horizon" in text
    assert "names 2 customers. Contacting them costs €3, and the models expect €12 more than that" in text
    assert "mail 1 2 7 – not in the statement" in text
    stated = "gift 1 1 5 -€3 to €30 €4.00 €1.00 to €7.00 pays chance that it pays, by the statement: 87%"
    assert stated in text
    assert "are those of the statement, of decisions from January 1, 2023 to December 31, 2023." in text
    assert "90%" not in text, "the models' own chance beside it would be two answers to one question"
    assert "run from -€3 to €30" in text
    assert "Choosing like this was worth €2.00 a decision" in text
    assert "1 further customer is left alone at random" in text
    assert "who leaves press-churn 2 June 30, 2024 B" in text


def test_without_a_statement_the_list_quotes_its_own_models(config, sources, tmp_path):
    alone = replace(sources, roi=None)
    text = text_of(report(config(), tmp_path / "report.html", alone).out.read_text())
    assert "€5.00 €1.00 to €9.00 not in the statement chance that it pays, by the list's models: 90%" in text
    assert "those of the statement" not in text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_not_there_is_named_with_the_command_that_makes_it(config, tmp_path, language, monkeypatch):
    monkeypatch.setattr(Store, "version_of", lambda self, name, alias: None)
    outcome = report(config(language), tmp_path / "report.html", Sources(roi=tmp_path / "none"))
    assert [one.part for one in outcome.lacking] == ["indicators", "return", "scores", "list", "models"]
    text = text_of(outcome.out.read_text())
    for command in ("roi", "indicators", "score", "targets", "train"):
        assert f"servicelift {command} CONFIG" in text
        assert any(f"servicelift {command} CONFIG" in line for line in outcome.lines())
    assert str(tmp_path / "none" / FACTS) in text


def test_an_empty_list_and_no_known_indicator_are_said(config, sources, tmp_path):
    pd.read_csv(sources.targets).head(0).to_csv(sources.targets, index=False)
    sources.targets.with_suffix(".list.json").unlink()
    file = sources.indicators / indicators.INDICATORS
    pd.read_parquet(file).assign(status="unknown").to_parquet(file)
    text = text_of(report(config(), tmp_path / "report.html", sources).out.read_text())
    assert "The list names nobody" in text
    assert "No indicator is known for any month" in text


def test_parts_of_another_business_and_other_files_are_one_line(config, sources, tmp_path):
    out = tmp_path / "report.html"
    with pytest.raises(ConfigError, match=r"--roi: expected a statement of 'other'"):
        report(config(business="other"), out, sources)
    with pytest.raises(ConfigError, match=r"--scores: expected scores of 'other'"):
        report(config(business="other"), out, Sources(scores=sources.scores))
    pd.DataFrame({"net_value": [1]}).to_csv(tmp_path / "x.csv")
    with pytest.raises(ConfigError, match=r"--targets: .* no column action, cost"):
        report(config(), out, Sources(targets=tmp_path / "x.csv"))
    pd.DataFrame({"x": [1]}).to_parquet(sources.indicators / indicators.INDICATORS)
    with pytest.raises(ConfigError, match=r"--indicators: .* no column indicator"):
        report(config(), out, Sources(indicators=sources.indicators))
    with pytest.raises(ConfigError, match=r"ends in \.html"):
        report(config(), tmp_path / "report.pdf", sources)
    assert not out.exists()


def test_models_without_a_champion_lack(config):
    class Empty(Store):
        def version_of(self, name, alias):
            return None

    assert isinstance(models_part(config(), Empty), Lacking)
    assert len(models_part(config(), Store).table.rows) == 1


def test_each_part_that_may_lack_has_its_command():
    for part, command in parts._COMMANDS.items():
        assert command.startswith("servicelift ")
        assert REPORT.say(Locale("fr"), part)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("whole", [True, False])
def test_a_browser_finds_nothing_wrong_with_it(config, sources, tmp_path, faults_of, language, whole):
    outcome = report(config(language), tmp_path / "report.html", sources if whole else Sources())
    assert faults_of(outcome.out.read_text()) == []
