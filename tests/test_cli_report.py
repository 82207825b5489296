"""The command of the report hands on what it was given."""

from __future__ import annotations

from pathlib import Path

from servicelift import cli_report
from servicelift.business.results import Summary
from servicelift.cli import app
from typer.testing import CliRunner


def test_options_reach_the_front_door(monkeypatch):
    asked = []

    class Business:
        def report(self, out, **places):
            asked.append((out, places))
            return Summary(lines=("report: r.html",))

    monkeypatch.setattr(cli_report, "opened", lambda config: Business())
    done = CliRunner().invoke(app, ["report", "c.yaml", "--out", "r.html", "--roi", "roi", "--pdf"])
    assert (done.exit_code, done.output.strip()) == (0, "report: r.html")
    places = {"roi": Path("roi"), "indicators": None, "scores": None, "targets": None, "pdf": True}
    assert asked == [(Path("r.html"), places)]
