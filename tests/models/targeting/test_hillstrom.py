"""Hillstrom's e-mail trial, 64,000 customers and three arms: the average effects to six decimals."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.models.effects.inference import difference_in_means

PUBLISHED = {
    ("Mens E-Mail", "visit"): (0.076590, 0.003386),
    ("Mens E-Mail", "conversion"): (0.006805, 0.000921),
    ("Mens E-Mail", "spend"): (0.769827, 0.145247),
    ("Womens E-Mail", "visit"): (0.045233, 0.003234),
    ("Womens E-Mail", "conversion"): (0.003111, 0.000823),
    ("Womens E-Mail", "spend"): (0.424412, 0.130333),
}


@pytest.mark.parametrize(("arm", "outcome"), PUBLISHED)
def test_average_effects(data_dir, arm, outcome):
    mails = pd.read_csv(data_dir / "uplift" / "hillstrom.csv", usecols=["segment", outcome])
    mails = mails[mails["segment"].isin([arm, "No E-Mail"])]
    found = difference_in_means(mails["segment"] == arm, mails[outcome])
    assert tuple(round(value, 6) for value in found) == PUBLISHED[arm, outcome]
