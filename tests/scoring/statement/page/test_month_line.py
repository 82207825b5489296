"""Value by month is solid as far as it came in, dashed beyond, beside the cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.locale import Locale
from servicelift.scoring.statement.page.month_line import month_line


def test_value_by_month_is_solid_as_far_as_it_came_in(statement_row, months_of):
    frame = pd.DataFrame([statement_row()])
    line = month_line(months_of(frame), Locale("en"))
    assert (len(line.realised), len(line.predicted)) == (6, 32)
    assert line.realised[-1] == line.predicted[0]
    assert line.predicted[-1][0] == line.right
    # 20 of the 36 units of money: the cost lies above half of the height.
    assert line.cost == pytest.approx(line.zero + (line.predicted[-1][1] - line.zero) * 20 / 36)
    assert month_line(months_of(frame.assign(cost=np.nan)), Locale("en")).cost is None
    assert month_line(months_of(frame).iloc[:0], Locale("en")) is None


def test_axes_are_written_in_the_language(statement_row, months_of):
    months = months_of(pd.DataFrame([statement_row()]))
    months["cumulated_incremental_clv"] *= 100
    texts = [text for _, text in month_line(months, Locale("fr")).money]
    assert "1\u202f000" in texts
    assert [text for _, text in month_line(months, Locale("fr")).months] == ["0", "6", "12", "18", "24", "30", "36"]
