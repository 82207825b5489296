"""Hillstrom's e-mail trial, 64,000 customers and three arms: the file as it is gives the published average effects."""

from __future__ import annotations

import pytest
import servicelift as sl
from servicelift.core.progress import no_progress

PUBLISHED = {
    ("visit", "Mens E-Mail"): (0.076590, 0.003386),
    ("visit", "Womens E-Mail"): (0.045233, 0.003234),
    ("conversion", "Mens E-Mail"): (0.006805, 0.000921),
    ("conversion", "Womens E-Mail"): (0.003111, 0.000823),
    ("spend", "Mens E-Mail"): (0.769827, 0.145247),
    ("spend", "Womens E-Mail"): (0.424412, 0.130333),
}


@pytest.fixture(scope="module")
def found(data_dir):
    """Judge the file without covariates: the plain differences, which were published."""
    keys = {
        "table": str(data_dir / "uplift" / "hillstrom.csv"),
        "arm": "segment",
        "control": "No E-Mail",
        "assignment": "random",
        "outcomes": {"visit": "yes_no", "conversion": "yes_no", "spend": "money"},
        "covariates": [],
    }
    return sl.experiment(keys, progress=no_progress)


@pytest.mark.parametrize(("outcome", "arm"), PUBLISHED)
def test_average_effects(found, outcome, arm):
    row = found.effects.set_index(["outcome", "arm"]).loc[(outcome, arm)]
    assert tuple(round(row[name], 6) for name in ("difference", "difference_std_error")) == PUBLISHED[outcome, arm]
    assert row["estimate"] == pytest.approx(row["difference"])
    assert row["std_error"] == pytest.approx(row["difference_std_error"])


def test_every_mail_did_something_among_all_six_comparisons(found):
    assert found.effects["shown"].all()
    assert found.facts["believed"]
    assert "heavy" in {caution["code"] for caution in found.facts["cautions"]}
