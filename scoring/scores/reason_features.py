"""What reasons are found from, kept beside the scores: for customers who may come on a list and have no reasons yet.

Scoring explains the riskiest only. Who chooses targets asks for the reasons of everybody on the list; with this file
nobody reads the tables again for them. ``run.json`` names it, so that a file of an earlier run is never read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

__all__ = ["REASON_FEATURES", "read_reason_features"]

REASON_FEATURES = "reason_features.parquet"

_AT_ONCE = 16_384
"""Rows read at once: few of them are of those who are asked for."""


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
    names, parts = ["customer_id", *columns], []
    with pq.ParquetFile(file) as rows:
        whose = pa.array(customers).cast(rows.schema_arrow.field("customer_id").type)
        for batch in rows.iter_batches(_AT_ONCE, columns=names):
            parts.append(batch.filter(pc.is_in(batch["customer_id"], whose)))
        found = pa.Table.from_batches(parts, rows.schema_arrow.empty_table().select(names).schema)
    kept: pd.DataFrame = found.to_pandas().set_index("customer_id")
    if not customers.isin(kept.index).all():
        return None
    ordered: pd.DataFrame = kept.loc[customers, list(columns)].reset_index(drop=True)
    return ordered
