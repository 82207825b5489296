"""The columns of a design: each by its rule, whole or in parts, and scaled by the rows' weights."""

import numpy as np
import pytest
from servicelift.models.fitting import design_columns
from servicelift.models.fitting.design_columns import learn_columns, learn_scaling


@pytest.fixture
def matrix():
    """A number with gaps, codes of five levels (0 seen 6 times, 1 five times, ..., 4 twice), a whole number."""
    codes = np.repeat([0.0, 1.0, 2.0, 3.0, 4.0], [6, 5, 4, 3, 2])
    number = np.where(np.arange(20) % 4 == 0, np.nan, np.arange(20) * 1.5)
    return np.column_stack([number, codes, np.arange(20.0)])


def by_hand(columns, matrix):
    """The design one row after the other, in plain loops."""
    rows = []
    for row in matrix:
        numbers = [m if np.isnan(row[p]) else row[p] for p, m in zip(columns.numbers, columns.medians, strict=True)]
        gaps = [float(np.isnan(row[p])) for p in columns.flagged]
        levels = [float(row[p] == code) for p, codes in columns.levels.items() for code in codes]
        rows.append([*numbers, *gaps, *levels])
    return np.array(rows)


def test_a_design_is_what_plain_loops_make(matrix, monkeypatch):
    columns = learn_columns(matrix, [1])
    assert columns.width == 2 + 1 + 5
    assert columns.owners().tolist() == [0, 2, 0, 1, 1, 1, 1, 1]
    assert columns.medians.tolist() == [np.nanmedian(matrix[:, 0]), 9.5]
    np.testing.assert_array_equal(columns.expand(matrix), by_hand(columns, matrix))
    monkeypatch.setattr(design_columns, "_CHUNK", 3)
    np.testing.assert_array_equal(columns.expand(matrix), by_hand(columns, matrix))


@pytest.mark.parametrize("kept", [[], [0], [1, 2], [0, 2, 4, 7], [3], list(range(8))])
def test_some_columns_are_those_of_the_whole_design(matrix, kept):
    columns = learn_columns(matrix, [1])
    some = columns.only(np.array(kept, dtype=np.intp))
    np.testing.assert_array_equal(some.expand(matrix), columns.expand(matrix)[:, kept])
    assert some.owners().tolist() == columns.owners()[kept].tolist()


def test_unknown_and_missing_levels_are_all_zero(matrix):
    columns = learn_columns(matrix, [1])
    odd = matrix[:2].copy()
    odd[:, 1] = [np.nan, 9.0]
    assert not columns.expand(odd)[:, 3:].any()


@pytest.mark.parametrize(
    ("rule", "levels"),
    [({"max_levels": 2}, [0, 1]), ({"min_count": 4}, [0, 1, 2]), ({"min_count": 3, "max_levels": 9}, [0, 1, 2, 3])],
)
def test_rare_levels_get_no_column(matrix, rule, levels):
    assert learn_columns(matrix, [1], **rule).levels[1].tolist() == levels


@pytest.mark.parametrize(("gaps", "flagged"), [(0, []), (4, []), (5, [0]), (15, [0]), (16, []), (20, [])])
def test_an_indicator_needs_rows_on_either_side(gaps, flagged):
    column = np.arange(20.0)
    column[:gaps] = np.nan
    columns = learn_columns(column[:, None], [], min_count=5)
    assert columns.flagged.tolist() == flagged
    assert columns.medians.tolist() == [0.0 if gaps == 20 else np.median(column[gaps:])]


def test_a_row_of_weight_two_is_two_rows(matrix, monkeypatch):
    design = learn_columns(matrix, [1]).expand(matrix)
    weight = np.arange(20) % 3 + 0.0
    twice = np.repeat(design, weight.astype(int), axis=0)
    weighted, repeated = learn_scaling(design, weight), learn_scaling(twice)
    np.testing.assert_allclose(weighted.mean, repeated.mean, rtol=1e-12)
    np.testing.assert_allclose(weighted.spread, repeated.spread, rtol=1e-12)
    np.testing.assert_allclose(repeated.mean, twice.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(repeated.spread, twice.std(axis=0), rtol=1e-12)
    monkeypatch.setattr(design_columns, "_CHUNK", 3)
    np.testing.assert_allclose(learn_scaling(design, weight).spread, weighted.spread, rtol=1e-12)


def test_scaling_is_done_in_place_cuts_what_lies_far_and_leaves_later_columns():
    design = np.column_stack([np.append(np.zeros(99), 1000.0), np.full(100, 3.7), np.arange(100.0)])
    scaling = learn_scaling(design[:, :2], furthest=5.0)
    scaled = scaling.apply(design)
    assert scaled is design
    assert scaled[-1, 0] == 5.0
    assert scaled[0, 0] == pytest.approx(-10 / np.sqrt(9900))
    assert np.abs(scaled[:, 1]).max() < 1e-9, "a column that does not vary keeps its unit"
    assert scaled[:, 2].tolist() == list(range(100))


def test_single_precision_stays_single(matrix):
    columns = learn_columns(matrix.astype(np.float32), [1])
    design = columns.expand(matrix.astype(np.float32))
    assert design.dtype == np.float32
    assert learn_scaling(design).apply(design).dtype == np.float32
