"""`servicelift models`: lists, promotes and rolls back by hand, or says in one line what is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest
from servicelift.cli import main
from servicelift.core.config.business import load_config
from servicelift.serving import read_model
from servicelift.tracking import CHALLENGER, CHAMPION, Tracker

GOLDEN = Path(__file__).parents[1] / "golden" / "churn-0.1.0"


@pytest.fixture
def models(tmp_path, monkeypatch, capsys, empty_store):
    """Run the command on a store of two versions; returns exit code, stdout and stderr."""
    path = tmp_path / "press.yaml"
    path.write_text("business: press\ntables: {customers: c.csv, payments: p.csv}\n")
    config = load_config(path)
    empty_store(Path(config.tracking_uri.removeprefix("sqlite:///")))
    tracker = Tracker.of(config)
    model = read_model(GOLDEN, "the golden model")
    with tracker.run("churn"):
        stored = tracker.store(model, "press-churn", pd.read_csv(GOLDEN / "rows.csv").head(1))
    for _ in range(2):
        tracker.publish(stored, "press-churn", {})
    tracker.set_alias("press-churn", CHAMPION, 1)
    tracker.set_alias("press-churn", CHALLENGER, 2)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["servicelift", "models", str(path), *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        shown = capsys.readouterr()
        return end.value.code or 0, shown.out, shown.err

    return run


def test_listing_promotion_and_rollback(models):
    code, out, _ = models()
    assert code == 0
    assert [line.partition(" run ")[0] for line in out.splitlines()] == [
        "press-churn version 2 challenger",
        "press-churn version 1 champion",
    ]
    code, out, _ = models("--promote", "churn:2", "--reason", "May test")
    assert (code, out) == (0, "press-churn version 2: champion instead of version 1; May test\n")
    code, out, _ = models("--rollback", "churn", "--reason", "calibration broke")
    assert (code, out) == (0, "press-churn version 1: champion again instead of version 2; calibration broke\n")
    newest, first = models()[1].splitlines()
    assert newest.startswith("press-churn version 2 - run ")
    assert newest.endswith(": calibration broke")
    assert first.startswith("press-churn version 1 champion run ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--promote", "churn:2"), 'expected a reason for whoever looks later: --reason "why"; got none'),
        (
            ("--promote", "churn:2", "--rollback", "churn"),
            "expected one of --compare, --promote, --rollback, --export and --import",
        ),
        (("--reason", "because"), "--reason goes with --promote or --rollback, got neither"),
        (("--compare", "churn:1", "churn:7"), "press-churn has no version '7'; there are: 2, 1"),
    ],
)
def test_otherwise_one_clear_line(models, arguments, message):
    code, out, err = models(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"servicelift: {message}")
    assert err.count("\n") == 1
