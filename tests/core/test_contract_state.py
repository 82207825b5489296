"""The contract state is checked once, at its door; from there on it travels typed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.contract_state import ContractState
from servicelift.core.errors import DataError
from servicelift.core.records import ClvInputs, Losses

FRAME = pd.DataFrame(
    {
        "running": [True, False, True],
        "term_months": [1.0, np.nan, 12.0],
        "price": [10.0, np.nan, 110.0],
        "months_to_renewal": [0.5, np.nan, 7.0],
        "renewals_done": [3.0, np.nan, 0.0],
        "months_since_start": [3.5, np.nan, 5.0],
        "months_since_end": [np.nan, 2.0, np.nan],
        "cancel_pending": [False, False, True],
        "ended_involuntary": [False, True, False],
    }
)


def test_a_frame_and_back():
    again = ContractState.of(FRAME).to_frame()
    pd.testing.assert_frame_equal(again, FRAME)
    pd.testing.assert_frame_equal(ContractState.of(again).to_frame(), FRAME)


def test_the_order_of_columns_the_index_and_whole_numbers_do_not_matter():
    other = FRAME[FRAME.columns[::-1]].set_axis([7, 7, 3]).astype({"running": float, "cancel_pending": int})
    pd.testing.assert_frame_equal(ContractState.of(other.assign(channel="web")).to_frame(), FRAME)


def test_flags_that_are_missing_are_false():
    state = ContractState.of(FRAME.assign(cancel_pending=pd.array([None, True, False], dtype="boolean")))
    assert state.cancel_pending.tolist() == [False, True, False]


@pytest.mark.parametrize("rows", [np.array([True, False, True]), np.array([0, 2]), slice(0, 3, 2)])
def test_rows_are_taken_as_of_the_frame(rows):
    taken = ContractState.of(FRAME).take(rows)
    assert len(taken) == 2
    pd.testing.assert_frame_equal(taken.to_frame(), FRAME[::2].reset_index(drop=True))


def test_the_repr_tells_the_number_of_rows_and_no_row():
    assert repr(ContractState.of(FRAME)) == "ContractState(3)"


def test_an_empty_frame_is_an_empty_state():
    assert len(ContractState.of(FRAME.head(0))) == 0
    assert ContractState.of(FRAME.head(0)).to_frame().columns.tolist() == FRAME.columns.tolist()


@pytest.mark.parametrize("column", FRAME.columns)
def test_a_missing_column_is_named(column):
    with pytest.raises(DataError, match=f"expected the column '{column}', it is missing"):
        ContractState.of(FRAME.drop(columns=column))


@pytest.mark.parametrize(
    ("column", "value"),
    [("term_months", 0.0), ("price", -1.0), ("price", np.nan), ("months_to_renewal", -0.1), ("renewals_done", np.nan)],
)
def test_a_running_row_needs_its_numbers(column, value):
    wrong = FRAME.assign(**{column: [value, np.nan, 1.0]})
    with pytest.raises(DataError, match=f"expected a known {column} of each running subscription.* 1 rows have none"):
        ContractState.of(wrong)
    assert len(ContractState.of(wrong.assign(running=[False, False, True]))) == 3


def test_the_length_is_checked_where_it_is_known():
    with pytest.raises(DataError, match="expected 4 rows as in features, got 3"):
        ContractState.of(FRAME, 4)


def test_a_frame_becomes_a_state_at_the_door_of_a_record():
    inputs = ClvInputs(pd.DataFrame({"tenure_days": [1.0, 2.0, 3.0]}), FRAME, {})
    losses = Losses(np.full(3, np.nan), np.zeros(3, dtype=bool), pd.DataFrame({"value": np.zeros(3)}), FRAME, None)
    for record in (inputs, losses):
        assert isinstance(record.contract, ContractState)
        pd.testing.assert_frame_equal(record.contract.to_frame(), FRAME)
        taken = record.take(np.array([True, False, True])).contract
        pd.testing.assert_frame_equal(taken.to_frame(), FRAME[::2].reset_index(drop=True))


def test_a_frame_of_another_length_does_not_pass_the_door_of_a_record():
    with pytest.raises(DataError, match="expected 2 rows as in features, got 3"):
        ClvInputs(pd.DataFrame({"tenure_days": [1.0, 2.0]}), FRAME, {})
    with pytest.raises(DataError, match="expected 2 rows as in features, got 3"):
        Losses(np.zeros(2), np.zeros(2, dtype=bool), pd.DataFrame({"value": [0.0, 0.0]}), FRAME, None)
