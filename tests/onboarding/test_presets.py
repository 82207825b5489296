from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from servicelift.core.config.business import load_config
from servicelift.core.config.presets import preset_tables
from servicelift.features.tables.tables import validate
from servicelift.onboarding.init import init
from servicelift.onboarding.presets import recognised
from servicelift.onboarding.sniff import sniff


def _exports():
    place = Path(__file__).parents[1] / "configs" / "test_presets.py"
    spec = importlib.util.spec_from_file_location("preset_exports", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.EXPORTS


EXPORTS = [export for export in _exports() if not export.entry]
"""Those that need no answer of the user's: surveys whose questions have names of one's own do."""


@pytest.mark.parametrize("export", EXPORTS, ids=lambda e: f"{e.preset}-{e.table}")
def test_an_export_is_known_by_its_columns_or_no_other_preset_takes_it(export, tmp_path: Path):
    (tmp_path / "e.csv").write_text(export.text)
    (source,) = sniff([str(tmp_path)], tmp_path).tables
    found = recognised(source)
    assert found is None or (found.preset, found.table) == (export.preset, export.table)
    if found is not None:
        columns = preset_tables(found.preset)[found.table]["columns"]
        assert all(name in columns[column] for column, name in found.names.items())


def test_a_recognised_export_validates_at_once(tmp_path: Path):
    export = next(e for e in EXPORTS if e.preset == "stripe")
    (tmp_path / "customers.csv").write_text("customer_id,signed_up_at\na,2023-01-01\nb,2023-01-01\n")
    (tmp_path / "unified_payments.csv").write_text(export.text)
    outcome = init([str(tmp_path)], tmp_path / "b.yaml")
    assert outcome.draft.all_questions() == []
    config = load_config(outcome.path)
    assert config.tables["payments"].preset == "stripe"
    assert validate(config).errors == ()


def test_an_export_of_other_customers_is_asked(tmp_path: Path):
    export = next(e for e in EXPORTS if e.preset == "stripe")
    (tmp_path / "customers.csv").write_text("customer_id,signed_up_at\n17,2023-01-01\n18,2023-01-01\n")
    (tmp_path / "unified_payments.csv").write_text(export.text)
    (question,) = init([str(tmp_path)], tmp_path / "b.yaml").draft.all_questions()
    assert (question.table, question.column) == ("payments", "customer_id")


def test_a_table_of_ones_own_is_no_export(tmp_path: Path):
    text = "id,customer_id,date,amount,payment_method,status,subscription_id\n1,a,2024-01-02,5,card,paid,s\n"
    (tmp_path / "payments.csv").write_text(text)
    (source,) = sniff([str(tmp_path)], tmp_path).tables
    found = recognised(source)
    assert found is None or not found.peculiar
