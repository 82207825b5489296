"""Where outputs are found: as configured, of the latest night, beside the configuration, or nowhere."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from servicelift.console.reading.nights import read_watched
from servicelift.console.reading.places import places_of, read_json
from servicelift.console.reading.plans import plans_of, results_of
from servicelift.console.reading.registry import Registry
from servicelift.console.reading.statement import period_of, read_statement, trends
from servicelift.console.reading.tables import OpenedTables
from servicelift.core.errors import ConfigError, DataError

from ..conftest import PERIODS, listed, made_up, past_statement, statement_rows


def test_outputs_beside_the_configuration_are_found(desk_folder):
    places = places_of(made_up(desk_folder))
    assert places.targets == desk_folder / "targets.csv"
    assert places.holdout == desk_folder / "targets.holdout.csv"
    assert places.roi == desk_folder / "roi"
    assert places.indicators is None
    assert places.nights == ()


def test_the_latest_night_comes_first(desk_folder):
    config = made_up(desk_folder)
    for day in ("2024-06-01", "2024-06-02"):
        night = desk_folder / "night" / f"as_of={day}"
        (night / "targets").mkdir(parents=True)
        listed(["C1"], "treated").to_csv(night / "targets" / "targets.csv", index=False)
        facts = {"as_of": f"{day}T00:00:00+00:00", "business": "press"}
        (night / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    places = places_of(config)
    assert places.targets == night / "targets" / "targets.csv"
    assert [each.day for each in places.nights] == ["2024-06-01", "2024-06-02"]
    assert places.roi == desk_folder / "roi"


def test_a_configured_place_has_to_be_there_and_of_this_business(desk_folder):
    config = made_up(desk_folder, console="console: {outputs: {roi: nowhere}}\n")
    with pytest.raises(ConfigError, match=r"console: outputs: expected '.*nowhere'"):
        places_of(config)
    config = made_up(desk_folder, console="console: {outputs: {scores: scores}}\n")
    (desk_folder / "scores" / "run.json").write_text('{"business": "shop"}', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"holds the scores of 'shop', expected those of 'press'"):
        places_of(config)


def test_a_file_that_is_no_json_is_said(tmp_path):
    (tmp_path / "x.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"is no JSON that can be read"):
        read_json(tmp_path / "x.json")
    assert read_json(tmp_path / "none.json") == {}


def test_a_statement_is_told_by_initiative_and_over_time(desk_folder):
    made_up(desk_folder)
    statement = read_statement(desk_folder / "roi")
    assert list(statement.by_initiative()) == ["coaching", ""]
    assert [row["action"] for row in statement.contrasts] == ["quick_answer"]
    earlier = desk_folder / "statements" / "2023"
    earlier.mkdir(parents=True)
    statement_rows().assign(effect_per_treated=7.0).to_parquet(earlier / "roi.parquet")
    found = trends([earlier, desk_folder / "roi"])["retention_offer", "coaching"]
    assert [(each.statement, each.effect) for each in found] == [("2023", 7.0), ("roi", 20.0)]
    statement_rows().drop(columns="verdict").to_parquet(earlier / "roi.parquet")
    with pytest.raises(DataError, match=r"expected a column 'verdict'"):
        trends([earlier])


def test_statements_stand_in_the_order_of_their_periods_whatever_their_folders_are_called(desk_folder):
    made_up(desk_folder)
    folders = [past_statement(desk_folder, name, *span) for name, span in PERIODS.items()]
    unsaid = past_statement(desk_folder, "z-older", None, None)
    found = trends([*folders, unsaid])["retention_offer", "coaching"]
    assert [each.statement for each in found] == ["z-older", "b", "c", "a"]
    assert found[0].period is None
    assert found[-1].period == (pd.Timestamp("2023-12-31 23:00"), pd.Timestamp("2024-06-30 21:59:59.999999"))
    assert period_of(folders[0]) == found[-1].period
    (folders[0] / "roi.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"expected what `servicelift roi` wrote"):
        trends(folders)


def test_what_is_not_there_is_not_made_up(desk_folder):
    config = made_up(desk_folder)
    places = places_of(config)
    assert read_watched(places) is None
    assert plans_of(places, config) == []
    assert results_of(places, config) == []
    assert Registry(config).versions() == []
    assert not (desk_folder / "mlflow.db").exists(), "looking must not make a store"


def test_initiatives_are_read_without_the_other_tables(desk_folder):
    config = made_up(desk_folder)
    (desk_folder / "payments.parquet").unlink()
    assert OpenedTables(config).initiatives()["coaching"]["name"] == "Coaching & care"


def test_a_customer_is_told_as_known_then(desk_folder):
    import pandas as pd

    opened = OpenedTables(made_up(desk_folder))
    tables = opened.opened(wait=True)
    assert opened.exists(tables, "C1")
    assert not opened.exists(tables, "X")
    assert len(opened.rows(tables, "payments", "C1", pd.Timestamp("2024-07-01"))) == 1
    assert len(opened.rows(tables, "payments", "C1", pd.Timestamp("2023-01-10"))) == 0
    assert opened.rows(tables, "contacts", "C1", pd.Timestamp("2024-07-01")).empty


def test_tables_that_cannot_be_opened_say_why(desk_folder):
    config = made_up(desk_folder)
    (desk_folder / "payments.parquet").unlink()
    opened = OpenedTables(config)
    assert opened.opened("a", wait=True) is None
    assert "payments" in opened.fault
