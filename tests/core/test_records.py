"""Inputs survive the way through one flat frame."""

from __future__ import annotations

import numpy as np
import pandas as pd
from servicelift.core.records import ClvInputs

INPUTS = ClvInputs(
    pd.DataFrame({"tenure_days": [1.0, 2.0, 3.0], "method": ["iban", None, "card"]}, index=[7, 8, 9]),
    pd.DataFrame(
        {
            "running": [True, False, True],
            "term_months": [1.0, np.nan, 3.0],
            "price": [10.0, np.nan, 30.0],
            "months_to_renewal": [0.5, np.nan, 2.0],
            "renewals_done": [4.0, np.nan, 0.0],
            "months_since_start": [4.5, np.nan, 1.0],
            "months_since_end": [np.nan, 6.0, np.nan],
            "cancel_pending": [True, False, False],
            "ended_involuntary": [False, True, False],
        },
        index=[7, 8, 9],
    ),
    {"shop.eu": pd.DataFrame({"T": [1.0, 2.0, 3.0]}, index=[7, 8, 9])},
)


def _same(one: ClvInputs, other: ClvInputs) -> None:
    pd.testing.assert_frame_equal(one.features.reset_index(drop=True), other.features.reset_index(drop=True))
    pd.testing.assert_frame_equal(one.contract.to_frame(), other.contract.to_frame())
    assert list(one.summaries) == list(other.summaries)
    for name in one.summaries:
        pd.testing.assert_frame_equal(
            one.summaries[name].reset_index(drop=True), other.summaries[name].reset_index(drop=True)
        )


def test_flat_and_back():
    _same(INPUTS, ClvInputs.from_frame(INPUTS.to_frame()))


def test_take_by_mask_and_position_agree():
    _same(INPUTS.take(np.array([True, False, True])), INPUTS.take(np.array([0, 2])))


def test_without_contract():
    flat = ClvInputs(INPUTS.features, None, {}).to_frame()
    assert ClvInputs.from_frame(flat).contract is None
