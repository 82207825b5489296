"""Nights on a small world with real models: the files that a night has, late rows, targets by hand, the command."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
import servicelift as sl
from servicelift.core.config.business import load_config
from servicelift.core.errors import ALARMED, ConfigError
from servicelift.core.output_lock import locked_folder
from servicelift.core.progress import no_progress
from servicelift.features.tables.tables import open_tables
from servicelift.scoring.night.history import History
from servicelift.scoring.night.log import Log
from servicelift.scoring.night.night import nightly
from servicelift.scoring.night.watching import watch_night
from servicelift.scoring.scores import everybody, one_piece, pieces
from servicelift.tracking import Tracker

pytestmark = [pytest.mark.xdist_group("front_door"), pytest.mark.usefixtures("tables_read_once")]
DAY, NEXT = pd.Timestamp("2024-05-31"), pd.Timestamp("2024-06-01")


@pytest.fixture(scope="module")
def config(trained_press):
    """The small world with a list of 100 each night, looked back at for a week."""
    text = trained_press.read_text(encoding="utf-8")
    file = trained_press.parent / "nights.yaml"
    file.write_text(f"{text}\nnightly: {{out: nights, budget: 100, look_back: 7}}\n", encoding="utf-8")
    return load_config(file)


@pytest.fixture(scope="module")
def made(config, tables_read_once):
    """A history of one night, made by the command, and what it wrote to both streams."""
    root, lines = config.folder / "nights", []
    tables = open_tables(config)
    outcome = nightly(config, [DAY], log=Log(lines.append), opened=lambda _: tables)
    return root, outcome, lines


def contents(root, day="2024-05-31"):
    """The files of a night but its manifest, byte by byte."""
    folder = root / f"as_of={day}"
    files = (each for each in folder.rglob("*") if each.is_file() and each.name != "manifest.json")
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in files}


def test_a_night_has_scores_values_a_list_and_a_manifest_that_tells(made, config):
    root, outcome, lines = made
    night = History(root).latest()
    assert (outcome.exit_code, [each.day for each in outcome.made]) == (0, ["2024-05-31"])
    assert (root / "latest").readlink().name == "as_of=2024-05-31"
    assert night.scores()["as_of"].eq(DAY.tz_localize("UTC")).all()
    manifest = night.manifest
    assert len(night.scores()) == manifest["counts"]["customers"] + sum(manifest["checks"]["waiting"].values())
    assert len(night.action_values()) == manifest["counts"]["customer_action_pairs"]
    contact = pd.read_csv(night.folder / "targets" / "targets.csv")
    assert len(contact) == manifest["counts"]["contacted"] > 0
    assert manifest["champions"]["versions"] == {"churn": 1, "clv": 1, "incremental": 1}
    assert manifest["inputs"]["tables"]["payments"]["last"] < "2024-05-31T00:00:00+00:00"
    assert sorted(manifest["files"]) == sorted(contents(root))
    assert set(manifest["seconds"]) == {"score", "targets", "monitor"}
    assert manifest["started"] <= manifest["ended"]
    assert [each.name for each in root.iterdir() if each.name.startswith(".")] == []
    steps = [line.split()[3].rstrip(":") for line in lines]
    assert steps == ["gate", "score", "targets", "monitor", "publish"]
    assert str(config.tracking_uri) not in json.dumps(manifest)


def test_what_the_workbook_says_names_no_folder(made):
    """Where a list lies, and that it was made beside its place, is nothing to whoever reads it, nor part of it."""
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed: servicelift[excel]")
    book = openpyxl.load_workbook(made[0] / "latest" / "targets" / "targets.people.xlsx")
    said = [str(cell.value) for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert any("targets.csv" in text for text in said)
    assert not [text for text in said if str(made[0]) in text or ".night-" in text]


def test_scores_go_on_with_the_piece_at_which_a_run_was_stopped(made, config, tmp_path, monkeypatch):
    monkeypatch.setattr(pieces, "PIECE", 256)
    monkeypatch.setattr(pieces, "block_size", lambda features: 256)
    asked = []

    def stops(scoring, piece):
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append(piece.place)
        return one_piece.score_piece(scoring, piece)

    monkeypatch.setattr(everybody, "score_piece", stops)
    root, tables = tmp_path / "n", open_tables(config)
    with pytest.raises(KeyboardInterrupt):
        nightly(config, [DAY], out=root, opened=lambda _: tables)
    assert asked == [0, 1]
    assert [each.name for each in root.glob("as_of=*")] == []
    again = []
    monkeypatch.setattr(
        everybody, "score_piece", lambda *given: again.append(given[1].place) or one_piece.score_piece(*given)
    )
    nightly(config, [DAY], out=root, opened=lambda _: tables)
    assert again[0] == 2
    assert not set(again) & set(asked)
    assert [each.name for each in root.iterdir() if each.name.startswith(".")] == []
    for name in ("scores", "action_values"):
        found, expected = (pd.read_parquet(place / "latest" / name) for place in (root, made[0]))
        pd.testing.assert_frame_equal(found, expected, rtol=1e-12)


def test_targets_by_hand_read_a_night_as_they_read_a_folder_of_scores(made, config):
    b = sl.open(config, progress=no_progress)
    by_hand = b.targets(budget=100, scores=made[0] / "latest", today=made[1].made[-1].as_of)
    night = pd.read_csv(made[0] / "latest" / "targets" / "targets.csv")
    assert by_hand.contact["customer_id"].tolist() == night["customer_id"].tolist()


def test_the_front_door_takes_days_words_and_periods(config):
    b = sl.open(config, progress=no_progress)
    assert b._moments("latest", None, None, 1) == [pd.Timestamp("2024-07-01")]
    assert b._moments(None, "2024-05-01", "2024-05-04", 2) == [pd.Timestamp("2024-05-01"), pd.Timestamp("2024-05-03")]
    assert b._moments(None, "2024-06-30", None, 1) == [pd.Timestamp("2024-06-30"), pd.Timestamp("2024-07-01")]
    for wrong in ((None, None, None, 1), ("latest", "2024-05-01", None, 1), ("latest", None, "2024-05-01", 1)):
        with pytest.raises(ConfigError, match="expected --as-of DAY for one night"):
            b._moments(*wrong)
    with pytest.raises(ConfigError, match="there are none"):
        b._moments(None, "2024-05-04", "2024-05-04", 1)


def test_the_command_ends_with_its_code_and_says_it_in_the_log(config, made, command, tmp_path):
    file = config.folder / "command.yaml"
    text = (config.folder / "nights.yaml").read_text(encoding="utf-8").replace("out: nights", f"out: {tmp_path}/n")
    file.write_text(text, encoding="utf-8")
    subprocess.run(["cp", "-a", made[0], tmp_path / "n"], check=True)
    day, before = "2024-05-31", contents(tmp_path / "n")
    done = command("nightly", file, "--as-of", day, "--log", "json")
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert {line["run"] for line in lines} == {lines[0]["run"]}
    assert lines[-1]["step"] == "run"
    assert done.stdout == f"{day}: up to date, nothing to do (--force makes it again)\n"
    quiet = command("nightly", file, "--as-of", day, "--quiet")
    assert quiet.stdout == quiet.stderr == ""
    wrong = command("nightly", file, "--as-of", "2031-01-01", code=2)
    assert " error " in wrong.stderr.splitlines()[-1]
    assert "expected --as-of up to" in wrong.stderr
    with locked_folder(tmp_path / "n"):
        assert "another run is at work" in command("nightly", file, "--as-of", day, code=4).stderr
    assert contents(tmp_path / "n") == before


def test_late_rows_make_a_revision_that_keeps_the_list_that_was_handed_out(made, config):
    root = made[0]
    before = contents(root)
    file = config.folder / "payments.parquet"
    payments, place = pd.read_parquet(file), config.folder / "late_payments.parquet"
    at = (DAY - pd.Timedelta(days=40)).as_unit("us")
    one = payments.iloc[[0]].assign(payment_id="late", paid_at=at)
    pd.concat([payments, one], ignore_index=True).astype(payments.dtypes).to_parquet(place)
    source = {**config.tables, "payments": config.tables["payments"].model_copy(update={"path": place.name})}
    outcome = nightly(config.model_copy(update={"tables": source}), [NEXT])
    revised = History(root).partition("2024-05-31")
    assert [(each.day, each.revision) for each in outcome.made] == [("2024-06-01", 1), ("2024-05-31", 2)]
    (name, (was, now)), *others = revised.manifest["changed"]["tables"].items()
    assert (name, now - was, others) == ("payments", 1, [])
    after = contents(root)
    assert after["scores/part-00000.parquet"] != before["scores/part-00000.parquet"]
    lists = [name for name in before if name.startswith("targets/")]
    assert lists
    assert {name: after[name] for name in lists} == {name: before[name] for name in lists}
    place = root / "as_of=2024-06-01" / "targets"
    told, listed = json.loads((place / "targets.list.json").read_text()), pd.read_csv(place / "targets.csv")
    assert sum(told["delta"][name] for name in ("new", "kept", "changed")) == len(listed)
    assert told["delta"]["kept"] > 0
    assert told["movement"]["since"] == "2024-05-31T00:00:00+00:00"
    assert any(line.startswith("2024-06-01: since the last list: ") for line in outcome.lines())


def test_models_that_cannot_be_written_are_scored_with_and_the_night_says_what_is_not_kept(config, tmp_path, read_only):
    store = tmp_path / "models"
    store.mkdir()
    shutil.copy(config.folder / "mlflow.db", store)
    shutil.copytree(config.folder / "mlartifacts", store / "mlartifacts")
    tracking = config.tracking.model_copy(update={"uri": f"sqlite:///{store}/mlflow.db"})
    config = config.model_copy(update={"tracking": tracking})
    with Tracker.of(config).run("its places are put right"):
        pass
    tables = open_tables(config)
    with read_only(store):
        outcome = nightly(config, [DAY], out=tmp_path / "nights", opened=lambda _: tables, watch=watch_night)
    assert outcome.made[0].manifest["counts"]["contacted"] > 0
    (told,) = [line for line in outcome.lines() if "were not kept" in line]
    assert "cannot be written; allow whoever runs this" in told


@pytest.mark.slow
def test_a_killed_process_loses_nothing_and_the_next_writes_the_same_bytes(config, tmp_path):
    file = config.folder / "killed.yaml"
    text = (config.folder / "nights.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("out: nights", f"out: {tmp_path}/n"), encoding="utf-8")
    typed = [sys.executable, "-m", "servicelift.cli", "nightly", str(file), "--as-of", "2024-05-31"]
    for seconds in (4, 7, 10, 13, 16):
        with subprocess.Popen(typed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            time.sleep(seconds)
            os.kill(run.pid, signal.SIGKILL)
        assert [each.day for each in History(tmp_path / "n").partitions()] in ([], ["2024-05-31"])
    assert subprocess.run(typed, capture_output=True, check=False).returncode in (0, ALARMED)
    nightly(config, [DAY], out=tmp_path / "whole", watch=watch_night)
    assert contents(tmp_path / "n") == contents(tmp_path / "whole")
    assert [each.name for each in (tmp_path / "n").iterdir() if each.name.startswith(".")] == []
