"""One piece: what is kept for later, and no library of tables in the processes that score."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
from servicelift.scoring.scores.one_piece import Kept, Piece, Scored, Scoring, score_piece

AS_OF = pd.Timestamp("2024-01-01")
SPINE = pd.DataFrame({"customer_id": ["a", "b"], "as_of": AS_OF})


def test_without_models_scores_are_null_and_who_waits_is_counted(tmp_path):
    features = pd.DataFrame({"price": [9.0, 8.0]})
    piece = Piece(0, SPINE, features, None, {}, pd.Series(["", "trial"]))
    said = score_piece(Scoring(tmp_path, None, None, None), piece)
    assert (said.customers, said.pairs, said.waiting) == (2, {}, {"trial": 1})
    assert np.isnan(said.risk).all()
    scores = Kept(tmp_path, 0).read("scores")
    assert scores["waiting"].isna().tolist() == [True, False]
    assert scores[["clv", "churn_probability"]].isna().all(axis=None)


def test_lapsed_customers_have_no_scores(tmp_path):
    said = score_piece(Scoring(tmp_path, None, None, None), Piece(3, SPINE, pd.DataFrame(index=[0, 1]), None, {}))
    assert isinstance(said, Scored)
    assert len(said.risk) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_scores_imports_no_library_of_tables():
    program = "import servicelift.scoring.scores.one_piece, sys; print(*sys.modules)"
    known = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {"ibis", "duckdb", "sqlglot", "matplotlib", "mlflow"} & set(known) == set()
