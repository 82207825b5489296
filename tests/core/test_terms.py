"""Boundaries passed, by hand and by counting them one by one."""

import numpy as np
from servicelift.core.terms import boundaries_passed


def test_boundaries_are_counted_up_to_and_with_the_month_they_end():
    assert boundaries_passed([0, 1, 2, 13, 14], 2, 12).tolist() == [0, 0, 1, 1, 2]
    assert boundaries_passed(3, [0.5, 3.0, 3.1], 1).tolist() == [3, 1, 0]


def test_counting_one_by_one_gives_the_same():
    rng = np.random.default_rng(1)
    months, ahead, term = rng.uniform(0, 60, 500), rng.uniform(0, 12, 500), rng.integers(1, 13, 500)
    counted = [sum(a + j * t <= m for j in range(80)) for m, a, t in zip(months, ahead, term, strict=True)]
    assert boundaries_passed(months, ahead, term).tolist() == counted
