"""Splits: no outcome seen twice, no customer torn apart, and clear words where the data do not allow it."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servicelift.core.errors import DataError
from servicelift.models.evaluation.time_split import random_split, time_split


def months(n, rows=3, start="2022-01-01"):
    """Return as_of of ``rows`` rows at each of ``n`` month starts, shuffled."""
    stamps = np.repeat(pd.date_range(start, periods=n, freq="MS"), rows)
    return pd.Series(np.random.default_rng(0).permutation(stamps)).astype("datetime64[us]")


def test_shares_of_thirty_months():
    as_of = months(30)
    split = time_split(as_of, 120)
    parts = [as_of[mask].nunique() for mask in (split.train, split.validation, split.test)]
    assert parts == [15, 3, 6]
    assert split.note == ""


@given(n=st.integers(2, 40), horizon=st.integers(0, 200), share=st.floats(0.05, 0.6))
@settings(max_examples=30, deadline=None)
def test_labels_end_before_the_next_part_begins(n, horizon, share):
    as_of = months(n, rows=2)
    gap = pd.Timedelta(days=horizon)
    if as_of.min() + gap > as_of.max():
        with pytest.raises(DataError, match="snapshots at least"):
            time_split(as_of, horizon, test_share=share)
        return
    split = time_split(as_of, horizon, test_share=share)
    parts = [as_of[mask] for mask in (split.train, split.validation, split.test)]
    assert len(parts[0]) > 0
    assert len(parts[2]) > 0
    assert (split.train.astype(int) + split.validation + split.test).max() == 1
    assert bool(split.note) == (len(parts[1]) == 0)
    filled = [part for part in parts if len(part)]
    for early, late in pairwise(filled):
        assert early.max() + gap <= late.min()
    assert split.test.sum() <= max(2, round(share * n) * 2)
    assert as_of[split.test].max() == as_of.max()


def test_few_snapshots_leave_out_the_validation_part_aloud():
    split = time_split(months(5), 100)
    assert split.train.sum() == 3
    assert split.test.sum() == 3
    assert split.validation.sum() == 0
    assert "no validation part" in split.note


def test_one_snapshot_is_an_error_that_points_to_the_random_split():
    with pytest.raises(DataError, match=r"1 snapshot.*random_split"):
        time_split(months(1), 90)


def test_missing_instants_are_an_error():
    with pytest.raises(DataError, match="missing"):
        time_split(pd.Series([pd.Timestamp("2024-01-01"), pd.NaT]), 0)


def test_random_split_keeps_groups_whole():
    groups = np.random.default_rng(0).integers(0, 200, 2000).astype(str)
    split = random_split(groups, seed=3)
    assert (split.train.astype(int) + split.validation + split.test == 1).all()
    for group in np.unique(groups):
        assert sum(mask[groups == group].any() for mask in (split.train, split.validation, split.test)) == 1
    share = [len(np.unique(groups[mask])) / 200 for mask in (split.train, split.validation, split.test)]
    assert share == pytest.approx([0.68, 0.12, 0.2], abs=0.01)


def test_random_split_depends_on_the_seed_alone():
    groups = np.arange(100)
    assert (random_split(groups, 1).test == random_split(groups, 1).test).all()
    assert (random_split(groups, 1).test != random_split(groups, 2).test).any()
    with pytest.raises(DataError, match="at least 3 groups"):
        random_split(["a", "a"], 1)
