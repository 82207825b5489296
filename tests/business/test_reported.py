"""The front door's report: the places are handed on, and the lines come back."""

from __future__ import annotations

from pathlib import Path

import servicelift.business.business as front
from servicelift.business.reported import Reported
from servicelift.core.config.business import Config
from servicelift.scoring.report import report as job
from servicelift.scoring.report.report import Sources


def test_places_are_handed_on_and_lines_come_back(monkeypatch, tmp_path):
    asked = []

    class Outcome:
        def lines(self):
            return ["done"]

    def stands_in(config, out, sources, say, *, pdf):
        asked.append((out, sources, pdf))
        return Outcome()

    monkeypatch.setattr(job, "report", stands_in)
    tables = {"customers": "c.parquet", "payments": "p.parquet"}
    b = front.open(Config.model_validate({"tables": tables, "data_until": "2024-07-01"}))
    assert isinstance(b, Reported)
    assert b.report(tmp_path / "r.html", roi="roi", targets="t.csv", pdf=True).lines == ("done",)
    assert asked == [(tmp_path / "r.html", Sources(roi=Path("roi"), targets=Path("t.csv")), True)]
