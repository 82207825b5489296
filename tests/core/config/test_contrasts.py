"""A contrast takes the parameters of its exposure, and no other."""

from __future__ import annotations

import pytest
from servicelift.core.config.business import load_config
from servicelift.core.errors import ConfigError

MINIMAL = "tables: {customers: c.parquet, payments: p.parquet}\n"


def load(tmp_path, contrast: str):
    path = tmp_path / "business.yaml"
    path.write_text(f"{MINIMAL}incremental: {{contrasts: {{x: {contrast}}}}}\n", encoding="utf-8")
    return load_config(path).incremental.contrasts["x"]


def test_parameters_have_defaults_and_there_is_none_unless_asked_for(tmp_path):
    path = tmp_path / "business.yaml"
    path.write_text(MINIMAL, encoding="utf-8")
    assert load_config(path).incremental.contrasts == {}
    found = load(tmp_path, "{exposure: payment_method, from: [card], to: iban}")
    assert (found.origin, found.to, found.lead_days, found.cluster) == (("card",), "iban", 2, "customer")
    assert load(tmp_path, "{exposure: agent_training}").cluster == "agent"
    assert load(tmp_path, "{exposure: answered_within}").hours == 2


@pytest.mark.parametrize(
    ("contrast", "message"),
    [
        ("{exposure: answerd_within}", "contrasts.x.exposure"),
        ("{exposure: answered_within, days: 7}", "days: the exposure answered_within has none"),
        ("{exposure: agent_training, from: [card]}", "from: the exposure agent_training has none"),
        ("{exposure: payment_method, from: [cards]}", "got 'cards'"),
        ("{exposure: payment_method, from: [iban], to: iban}", "other methods than 'iban'"),
        ("{exposure: answered_within, huors: 2}", "unknown key 'incremental.contrasts.x.huors'; did you mean 'hours'?"),
        ("{exposure: answered_within, hours: 0}", "hours: expected more than 0, got 0"),
    ],
)
def test_a_fault_is_one_clear_line(tmp_path, contrast, message):
    with pytest.raises(ConfigError) as error:
        load(tmp_path, contrast)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
