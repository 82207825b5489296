"""What all actions earned together, for each initiative and for all: costs and effects added, errors too.

An effect that failed a check is no part of a total, nor is what it cost: what was left out stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ...core.arrays import Bools, Floats
from ...models.effects.doubt import Evidence
from .costs import ITEMS

__all__ = ["ALL", "combined_error", "totals"]


ALL = "all"
"""Stands for every initiative, and for what belongs to none, in the total."""
_Z = 1.96


def totals(rows: pd.DataFrame, draws: Sequence[Floats]) -> pd.DataFrame:
    """Return one row an initiative, and one for all.

    Parameters
    ----------
    rows
        Headline rows of the statement.
    draws
        For each of them the effect a treated customer in each bootstrap draw.

    Returns
    -------
    pandas.DataFrame
        initiative (null: what belongs to none; ``all``), actions, n_treated, cost, cost_actions and the items,
        incremental_clv with its interval, roi_percent with its interval, programme_incremental_clv and
        programme_roi_percent, realised and predicted incremental CLV; left_out_actions, and left_out_n_treated,
        left_out_cost and left_out_incremental_clv of those whose effect failed a check.

    Notes
    -----
    Natural-course effects of several actions added up count again what one action adds to the others' decisions; the
    programme's do not.
    """
    names = list(dict.fromkeys(None if pd.isna(name) else str(name) for name in rows["initiative"]))
    groups = [(name, (rows["initiative"].isna() if name is None else rows["initiative"] == name)) for name in names]
    lines = [_line(name, rows[mask.to_numpy()], _of(draws, mask.to_numpy())) for name, mask in groups]
    return pd.DataFrame([*lines, _line(ALL, rows, list(draws))])


def combined_error(errors: Floats, draws: Sequence[Floats]) -> float:
    """Return the standard error of a sum of effects with standard errors ``errors`` (k,).

    Effects share customers and the CLV model, hence their draws (k arrays): correlations come from those that all have,
    negative ones as 0, so that the total never looks surer than independent effects would. Fewer than three draws in
    common tell nothing: effects then count as one and the same.
    """
    correlation = np.eye(len(errors))
    common = min((len(draw) for draw in draws), default=0)
    if len(errors) > 1 and common > 2:
        correlation = np.clip(np.nan_to_num(np.corrcoef(np.vstack([draw[:common] for draw in draws]))), 0.0, 1.0)
        np.fill_diagonal(correlation, 1.0)
    elif len(errors) > 1:
        correlation = np.ones((len(errors), len(errors)))
    return float(np.sqrt(errors @ correlation @ errors))


def _of(draws: Sequence[Floats], mask: Bools) -> list[Floats]:
    return [draw for draw, kept in zip(draws, mask, strict=True) if kept]


def _line(name: str | None, rows: pd.DataFrame, draws: list[Floats]) -> dict[str, object]:
    refused = (rows["evidence"] == Evidence.REFUSED).to_numpy(dtype=bool)
    kept, out = rows[~refused], rows[refused]
    half = (kept["incremental_clv_high"] - kept["incremental_clv_low"]).to_numpy(dtype=float) / (2 * _Z)
    error = combined_error(half, _of(draws, ~refused))
    cost, gain = float(kept["cost"].sum()), float(kept["incremental_clv"].sum())
    programme = float(kept["programme_incremental_clv"].sum(skipna=False))
    ends = {"": gain, "_low": gain - _Z * error, "_high": gain + _Z * error}
    return {
        "initiative": name,
        "actions": ", ".join(dict.fromkeys(kept["action"])),
        "n_treated": int(kept["n_treated"].sum()),
        "cost": cost,
        **{f"cost_{item}": float(kept[f"cost_{item}"].sum()) for item in ("actions", *ITEMS)},
        **{f"incremental_clv{end}": value for end, value in ends.items()},
        **{f"roi_percent{end}": _percent(value, cost) for end, value in ends.items()},
        "programme_incremental_clv": programme,
        "programme_roi_percent": _percent(programme, cost),
        "realised_incremental_clv": float(kept["realised_incremental_clv"].sum(skipna=False)),
        "predicted_incremental_clv": float(kept["predicted_incremental_clv"].sum(skipna=False)),
        "left_out_actions": ", ".join(dict.fromkeys(out["action"])),
        **{f"left_out_{name}": out[name].sum() for name in ("n_treated", "cost", "incremental_clv")},
    }


def _percent(gain: float, cost: float) -> float:
    return (gain - cost) / cost * 100 if cost > 0 else np.nan
