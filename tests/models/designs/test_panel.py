"""A table with a row a unit and period becomes matrices; what is wrong with one is tested with the rollout."""

from __future__ import annotations

import pandas as pd
from servicelift.models.designs.panel import read_panel


def test_rows_find_their_place():
    table = pd.DataFrame(
        {
            "team": ["b", "a", "b", "a", "a", "b"],
            "quarter": [2, 1, 1, 3, 2, 3],
            "since": [2, None, 2, None, None, 2],
            "money": [22.0, 11.0, 21.0, 13.0, 12.0, 23.0],
            "size": [5.0, 1.0, 4.0, 3.0, 2.0, 6.0],
            "region": ["n"] * 6,
        }
    )
    panel = read_panel(table, "team", "quarter", "since", "money", ("size",), "region")
    assert panel.outcome.tolist() == [[21, 22, 23], [11, 12, 13]]
    assert panel.covariates[:, :, 0].tolist() == [[4, 5, 6], [1, 2, 3]]
    assert panel.start.tolist() == [1, 3]
    assert panel.clusters.tolist() == [0, 0]
    assert panel.periods == (1, 2, 3)
