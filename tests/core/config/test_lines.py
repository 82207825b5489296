"""Lines of business: seasons as YAML writes them."""

import datetime as dt

import pytest
from pydantic import ValidationError
from servicelift.core.config.lines import LineConfig


def test_a_day_that_yaml_reads_as_a_date_is_a_season() -> None:
    line = LineConfig(kind="noncontractual", seasons={"fair": [dt.date(2024, 5, 3), "06-01/06-03"]})
    assert line.seasons == {"fair": ("2024-05-03", "06-01/06-03")}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"seasons": {"fair": ["summer"]}}, r"expected MM-DD/MM-DD"),
        ({"seasons": {"fair": []}}, r"expected spans of days for season 'fair', got none"),
        ({"seasons": {"a": ["06-01/06-30"], "b": ["2024-06-30/2024-07-02"]}}, r"share no day, got 'a' and 'b'"),
        ({"kind": "contractual", "seasons": {"fair": ["06-01"]}}, r"seasons: a line with contracts has none"),
    ],
)
def test_what_cannot_be_a_season_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        LineConfig.model_validate(given)
