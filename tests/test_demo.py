"""The demo says what it takes and leaves what a person has alone. What it computes is tested where it is computed."""

from __future__ import annotations

import inspect
import re

import pytest
from servicelift import cli
from servicelift.core.config.business import load_config
from servicelift.core.errors import ConfigError
from servicelift.core.progress import silent
from servicelift.demo import CUSTOMERS, FEWEST, demo, demo_config, notice
from servicelift.simulation.write import simulate

MINUTES = re.compile(r"about (\d+) minutes on two free cores")


def test_a_store_with_models_is_not_promoted_into(tmp_path):
    store = tmp_path / "world" / "mlflow.db"
    store.parent.mkdir()
    store.write_bytes(b"models")
    with pytest.raises(ConfigError, match=r"holds models already.*--force"):
        demo(tmp_path, customers=2_000, seed=7, say=silent)
    assert store.read_bytes() == b"models"
    assert [file.name for file in store.parent.iterdir()] == ["mlflow.db"]


def test_an_edited_configuration_stops_it_before_any_work(tmp_path):
    config = simulate(tmp_path / "world", customers=100, seed=1, truth=False).config
    config.write_text(config.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="was edited"):
        demo(tmp_path, customers=2_000, seed=7, say=silent)
    assert not (tmp_path / "scores").exists()


def test_its_configuration_is_smaller_than_the_one_it_writes(tmp_path):
    whole = load_config(simulate(tmp_path, customers=100, seed=1, truth=False).config)
    small = demo_config(whole)
    for name in ("bootstrap", "cross_fits", "folds"):
        assert getattr(small.incremental, name) < getattr(whole.incremental, name), name
    assert len(small.incremental.contrasts) < len(whole.incremental.contrasts)
    assert small.incremental.actions == whole.incremental.actions
    assert small.models.max_rows < whole.models.max_rows


def test_the_first_line_and_the_help_say_how_long_it_takes_and_how_small_is_too_small():
    help_text = inspect.getdoc(cli.demo)
    default = inspect.signature(cli.demo).parameters["customers"].default
    assert default == CUSTOMERS
    assert MINUTES.search(notice(CUSTOMERS))[1] == MINUTES.search(help_text)[1]
    assert f"{FEWEST:,}" in notice(CUSTOMERS)
    assert f"Below {FEWEST:,} customers" in help_text
    assert int(MINUTES.search(notice(10 * CUSTOMERS))[1]) > int(MINUTES.search(notice(CUSTOMERS))[1])


def test_too_small_a_world_is_refused_before_any_work(tmp_path, command):
    printed = command("demo", "--out", tmp_path / "small", "--customers", FEWEST - 1, code=2)
    assert printed.stderr == (
        "servicelift: expected at least 2,000 customers, got 1,999, of whom too few leave to judge a model by; ask"
        " for a larger world\n"
    )
    assert not (tmp_path / "small").exists()


def test_the_notice_comes_before_the_first_step(tmp_path, command):
    store = tmp_path / "world" / "mlflow.db"
    store.parent.mkdir()
    store.write_bytes(b"models")
    first, *rest = command("demo", "--out", tmp_path, code=2).stderr.splitlines()
    assert first == notice(CUSTOMERS)
    assert len(rest) == 1
