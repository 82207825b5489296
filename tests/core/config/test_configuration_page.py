"""The page of the configuration is that of the models, and every key on it is explained."""

from __future__ import annotations

from pathlib import Path

from servicelift.core.config.business import Config
from servicelift.core.config.configuration_page import configuration_page, keys

PAGE = Path(__file__).parents[3] / "docs" / "configuration.md"


def test_the_page_is_written_from_the_models():
    assert PAGE.read_text(encoding="utf-8") == configuration_page(), (
        "run python -m servicelift.core.config.configuration_page docs/configuration.md"
    )


def test_every_key_has_a_meaning_and_every_number_a_unit():
    for key in keys():
        assert key.meaning.endswith("."), f"{key.section}.{key.name} has no meaning in words"
        numeric = "number" in key.kind and key.name != "seed"
        assert key.unit or not numeric, f"{key.section}.{key.name} is a number without a unit"


def test_keys_of_every_depth_stand_once_and_with_their_defaults():
    found = {f"{key.section}.{key.name}": key for key in keys()}
    assert len(found) == len(list(keys()))
    assert {name.lstrip(".") for name in found if name.startswith(".")} == set(Config.model_fields) - {"folder"}
    assert (found["incremental.cross_fits"].default, found["incremental.cross_fits"].unit) == ("`5`", "repetitions")
    assert found["incremental.controls_per_treated"].kind == "number above 0 to 1,000"
    assert found["lines.NAME.payments.kind"].kind == "text or null"
    assert found["tables.NAME: {csv: ...}.delimiter"].default == "`','`"
    assert found["tables.NAME.dayfirst"].default == "`false`"
