"""The whole of ``init``: right or asked on data sets and on a world whose columns have other names, then validate."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from servicelift.cli import main
from servicelift.core.config.business import load_config
from servicelift.core.contract import CONTRACT
from servicelift.core.errors import ConfigError
from servicelift.features.tables.tables import validate
from servicelift.onboarding.init import init
from servicelift.simulation.contract_tables import simulate_frames

CONFIGS = Path(__file__).resolve().parents[2] / "configs"


def _renamings() -> Any:
    spec = importlib.util.spec_from_file_location("renamings", Path(__file__).with_name("renamings.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


R = _renamings()


@pytest.fixture(scope="module")
def world() -> dict[str, pd.DataFrame]:
    return simulate_frames(400, 3).tables


def renamed(world, kind):
    """Return, by table, its new name and those of its columns."""
    if kind in R.RENAMINGS:
        return R.RENAMINGS[kind]
    change = {"camelCase": R.camel, "UPPER": str.upper, "JOINED": lambda name: name.replace("_", "").upper()}[kind]
    return {table: (change(table), {c: change(c) for c in frame.columns}) for table, frame in world.items()}


@pytest.mark.parametrize("kind", ["French", "German", "CRM", "camelCase", "UPPER", "JOINED"])
def test_every_required_column_of_a_renamed_world_is_right(world, kind, tmp_path: Path):
    names = renamed(world, kind)
    for table, (file, columns) in names.items():
        world[table].rename(columns=columns).to_csv(tmp_path / f"{file}.csv", index=False, sep=";", decimal=",")
    outcome = init([str(tmp_path)], tmp_path / "b.yaml")
    got = {table.proposal.table: table.names() for table in outcome.draft.tables}
    for table, (_, columns) in names.items():
        there = set(world[table].columns)
        needed = {c.name: columns.get(c.name, c.name) for c in CONTRACT[table].columns if c.name in there}
        required = {c.name for c in CONTRACT[table].columns if not c.optional} & there
        assert {name: got[table].get(name) for name in required} == {name: needed[name] for name in required}, table
        assert {n: name for n, name in got[table].items() if needed.get(n) != name} == {}, table
    assert outcome.draft.all_questions() == []
    report = validate(load_config(outcome.path))
    assert [f.message for f in report.errors] == []


def right_asked_wrong(outcome, config: str) -> dict[str, list[str]]:
    """Judge the required columns of a shipped configuration's tables against what was proposed and asked."""
    shipped = yaml.safe_load((CONFIGS / config).read_text())
    got = {table.proposal.table: table.names() for table in outcome.draft.tables}
    asked = {(q.table, q.column) for q in outcome.draft.all_questions()}
    verdicts: dict[str, list[str]] = {"right": [], "asked": [], "wrong": []}
    for table in shipped["tables"]:
        for column in CONTRACT[table].columns:
            if column.optional:
                continue
            key, true = (
                f"{table}.{column.name}",
                shipped.get("columns", {}).get(table, {}).get(column.name, column.name),
            )
            name = got.get(table, {}).get(column.name)
            if name is None:
                verdicts["asked"].append(key)
                assert table not in got or (table, column.name) in asked, key
            else:
                verdicts["right" if name == true else "wrong"].append(key)
    return verdicts


def test_ravenstack_is_right_or_asked(data_dir: Path, tmp_path: Path):
    outcome = init([str(data_dir / "churn" / "ravenstack")], tmp_path / "b.yaml")
    verdicts = right_asked_wrong(outcome, "ravenstack.yaml")
    # The shipped configuration computes the months of a term from these words in SQL; here they are codes.
    months = {t.proposal.table: t for t in outcome.draft.tables}["subscriptions"].codes["term_months"][0].codes
    assert months == {"1": ("monthly",), "12": ("annual",)}
    assert verdicts["wrong"] == ["subscriptions.term_months"]
    assert outcome.draft.tables[1].names()["term_months"] == "billing_frequency"
    assert sorted(verdicts["asked"]) == [
        "contacts.channel",
        "subscriptions.price",
        "surveys.metric",
        "surveys.responded_at",
        "surveys.survey_id",
    ]
    assert {t.proposal.source.name for t in outcome.draft.tables} == {
        f"ravenstack_{name}" for name in ("accounts", "subscriptions", "support_tickets")
    }
    assert all(t.entry["dayfirst"] for t in outcome.draft.tables)


def test_telco_is_right_or_asked_and_known_as_flat(data_dir: Path, tmp_path: Path):
    outcome = init([str(data_dir / "churn" / "ibm_telco_customer_churn.csv")], tmp_path / "b.yaml")
    assert [t.names() for t in outcome.draft.tables] == [{"customer_id": "customerID"}]
    assert [(q.table, q.column) for q in outcome.draft.all_questions()] == [
        ("subscriptions", ""),
        ("customers", "signed_up_at"),
    ]
    assert any("servicelift churn" in line and "--label Churn" in line for line in outcome.lines())


def test_online_retail_is_right_or_asked(data_dir: Path, tmp_path: Path):
    outcome = init([str(data_dir / "clv" / "online_retail_uci.parquet")], tmp_path / "b.yaml")
    assert [t.names() for t in outcome.draft.tables] == [{"customer_id": "CustomerID", "paid_at": "InvoiceDate"}]
    assert [(q.table, q.column) for q in outcome.draft.all_questions()] == [
        ("customers", ""),
        ("payments", "payment_id"),
        ("payments", "amount"),
        ("payments", "method"),
    ]


def test_what_is_asked_is_refused_by_validate(world, tmp_path: Path):
    world["customers"].to_csv(tmp_path / "customers.csv", index=False)
    payments = world["payments"].assign(paid_at=world["payments"]["paid_at"].dt.strftime("0%w/0%w/2024"))
    payments[payments["paid_at"].str.startswith(("01", "02", "03"))].to_csv(tmp_path / "payments.csv", index=False)
    outcome = init([str(tmp_path)], tmp_path / "b.yaml")
    assert [(q.table, q.column) for q in outcome.draft.all_questions()] == [("payments", "")]
    assert [f.column for f in validate(load_config(outcome.path)).errors] == ["paid_at"]


def test_the_command_counts_questions_and_names_the_next_one(world, tmp_path: Path, monkeypatch, capsys):
    world["customers"].to_csv(tmp_path / "customers.csv", index=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["servicelift", "init", "customers.csv"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code in (0, None)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "1 question; written: business.yaml; answer them there, then servicelift validate business.yaml"


def test_a_file_that_exists_is_kept_unless_forced(world, tmp_path: Path):
    world["customers"].to_csv(tmp_path / "customers.csv", index=False)
    (tmp_path / "b.yaml").write_text("mine")
    with pytest.raises(ConfigError, match="exists already"):
        init([str(tmp_path / "customers.csv")], tmp_path / "b.yaml")
    assert (tmp_path / "b.yaml").read_text() == "mine"
    init([str(tmp_path / "customers.csv")], tmp_path / "b.yaml", force=True)
    assert "customer_id" in (tmp_path / "b.yaml").read_text()
