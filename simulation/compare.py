"""The world's truth beside what was estimated from its tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

__all__ = ["beside_truth"]


def beside_truth(truth: Path, rows: pd.DataFrame, judged: Sequence[Sequence[str]]) -> pd.DataFrame:
    """Return one line an action and design: true and estimated total effect, interval and naive figure.

    Parameters
    ----------
    truth
        Folder with the world's ``decisions.parquet``.
    rows, judged
        Rows of a return-on-investment statement, and for each the action_id of the treated decisions it
        rests on; rows without any, such as contrasts, are left out.

    Returns
    -------
    pandas.DataFrame
        action, design, treated, truth, truth_se (of the simulation), estimate, low, high, covered, naive, programme
        (estimated) and programme_truth, verdict; money in total.
    """
    known = pd.read_parquet(truth / "decisions.parquet").set_index("action_id")
    lines = []
    for (_, row), ids in zip(rows.iterrows(), judged, strict=True):
        if not ids:
            continue
        true = known.loc[list(ids)]
        total = float(true["tau"].sum())
        lines.append(
            {
                "action": row["action"],
                "design": row["design"],
                "treated": int(row["n_treated"]),
                "truth": total,
                "truth_se": float((true["tau_se"] ** 2).sum() ** 0.5),
                "estimate": row["incremental_clv"],
                "low": row["incremental_clv_low"],
                "high": row["incremental_clv_high"],
                "covered": row["incremental_clv_low"] <= total <= row["incremental_clv_high"],
                "naive": row["naive_incremental_clv"],
                "programme": row["programme_incremental_clv"],
                "programme_truth": float(true["tau_programme"].sum()),
                "verdict": row["verdict"],
            }
        )
    return pd.DataFrame(lines)
