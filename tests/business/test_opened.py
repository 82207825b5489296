"""Tables, spines, features and labels through the front door."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
import servicelift as sl
from servicelift.business.opened import Opened
from servicelift.core.config.business import Config
from servicelift.core.progress import no_progress

AT = "2024-01-01"
pytestmark = [pytest.mark.xdist_group("front_door"), pytest.mark.usefixtures("tables_read_once")]


@pytest.fixture(scope="module")
def b(trained_press):
    return sl.open(trained_press, progress=no_progress)


def test_features_and_labels_keep_the_spine(b):
    spine = b.spine(AT)
    features, labels = b.features(spine), b.labels(spine)
    assert len(spine) > 200
    assert features.index.equals(spine.index)
    assert labels.index.equals(spine.index)
    assert set(labels) >= {"at_risk", "observed", "churned", "voluntary", "involuntary"}
    some = b.features(spine, ["tenure_days", "method"])
    pd.testing.assert_frame_equal(some, features[["tenure_days", "method"]])


def test_several_instants_and_every_kind_of_date(b):
    both = b.spine([dt.date(2023, 7, 1), pd.Timestamp(AT)])
    assert set(both["as_of"]) == {pd.Timestamp("2023-07-01"), pd.Timestamp(AT)}
    assert len(b.spine(AT, everybody=True)) > len(b.spine(AT))


def test_validation_is_a_frame_with_its_words(b):
    found = b.validate()
    assert found.errors == 0
    assert list(found.findings) == ["level", "table", "column", "rule", "rows", "total", "hint"]
    assert found.rows["customers"] == 1_000
    assert "customers 1,000" in found.summary()


def test_broken_tables_are_reported_not_raised(trained_press):
    """A payment that stands twice is an error of the tables, found and told, and no exception."""
    payments = pd.read_parquet(trained_press.parent / "payments.parquet")
    pd.concat([payments, payments.head(3)]).to_parquet(trained_press.parent / "doubled.parquet")
    text = trained_press.read_text(encoding="utf-8").replace("payments: payments.parquet", "payments: doubled.parquet")
    path = trained_press.parent / "doubled.yaml"
    path.write_text(text, encoding="utf-8")
    found = sl.open(path, progress=no_progress).validate()
    assert found.errors == 1
    assert found.findings["table"].tolist()[0] == "payments"


def test_a_feature_is_explained_without_a_row(b):
    assert any("tenure_days" in line for line in b.explain("tenure_days").lines)
    with pytest.raises(sl.ConfigError, match="did you mean"):
        b.explain("tenure_day")


def test_features_are_written(b, tmp_path):
    rows = b.write_features([AT], tmp_path / "features.parquet")
    assert len(pd.read_parquet(tmp_path / "features.parquet")) == rows


@pytest.mark.parametrize(("zone", "day"), [("Europe/Paris", "2024-06-30"), ("America/New_York", "2024-06-29")])
def test_words_for_instants_are_days_of_the_business(zone, day, monkeypatch):
    """At 23:30 in London it is tomorrow in Paris and still today in New York."""
    now = pd.Timestamp("2024-06-29 22:30", tz="UTC")
    monkeypatch.setattr("servicelift.core.time._now", lambda: now)
    tables = {"customers": "c", "payments": "p"}
    config = Config.model_validate({"tables": tables, "timezone": zone, "data_until": "2024-05-05"})
    business = Opened(config, progress=no_progress)
    today = business.instant(day)
    assert business.instant("today") == business.instant(" Today ") == today
    assert business.instant("yesterday") == business.instant(pd.Timestamp(day) - pd.Timedelta(days=1))
    assert business.instant("latest") == business.instant("2024-05-05")


def test_jobs_that_follow_each_other_read_the_tables_once(trained_press, tmp_path, monkeypatch):
    from servicelift.features.tables import tables

    opened = []
    really = tables.open_tables

    def counted(config):
        opened.append(config.business)
        return really(config)

    monkeypatch.setattr(tables, "open_tables", counted)
    business = sl.open(trained_press)
    business.score("2024-01-01", out=tmp_path / "scores")
    business.write_features("2024-01-01", tmp_path / "f.parquet")
    assert len(business.spine("2024-01-01"))
    assert opened == ["press"]
