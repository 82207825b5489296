"""What reasons are found from, kept beside the scores: for customers who may come on a list and have no reasons yet.

Scoring explains the riskiest only. Who chooses targets asks for the reasons of everybody on the list; with this file
nobody reads the tables again for them. ``run.json`` names it, so that a file of an earlier run is never read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from .reasons import REASONS

__all__ = ["REASON_FEATURES", "read_reason_features", "write_reason_features"]

REASON_FEATURES = "reason_features.parquet"


def write_reason_features(
    folder: Path, scores: pd.DataFrame, values: pd.DataFrame, features: pd.DataFrame, columns: Sequence[str]
) -> None:
    """Write the features of customers with an action value and without reasons.

    Parameters
    ----------
    folder
        Where scores go.
    scores, values
        One row a customer, with reasons; one row a customer and action.
    features
        Features of the customers of ``scores``, in their order.
    columns
        Those that the churn model needs.
    """
    wanted = (scores[REASONS[0]].isna() & scores["customer_id"].isin(values["customer_id"])).to_numpy()
    whose = scores.loc[wanted, "customer_id"].reset_index(drop=True)
    kept = pd.concat([whose, features.loc[wanted, list(columns)].reset_index(drop=True)], axis=1)
    kept.to_parquet(folder / REASON_FEATURES, index=False)


def read_reason_features(
    folder: Path, facts: Mapping[str, Any], customers: pd.Series, columns: Sequence[str]
) -> pd.DataFrame | None:
    """Return the features of ``customers``, (n, columns) in their order; None where the run did not keep them all.

    Parameters
    ----------
    folder, facts
        Of the scores: where they lie, and what their ``run.json`` says.
    customers
        Whose features, (n,).
    columns
        Those that the churn model needs.
    """
    file = folder / REASON_FEATURES
    if facts.get("reason_features") != REASON_FEATURES or not file.is_file():
        return None
    if not {"customer_id", *columns} <= set(pq.read_schema(file).names):
        return None
    kept = pd.read_parquet(file, columns=["customer_id", *columns]).set_index("customer_id")
    if not customers.isin(kept.index).all():
        return None
    return kept.loc[customers, list(columns)].reset_index(drop=True)
