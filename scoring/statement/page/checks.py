"""What casts doubt on an estimate, as the page shows it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .format import interval, number

__all__ = ["checks_shown"]


def checks_shown(row: pd.Series) -> dict[str, str]:
    """Return what stands in a design's column, by check."""
    return {
        "treated / control": f"{number(row['n_treated'])} / {number(row['n_control'])}",
        "effect a customer": _with_interval(row, "effect_per_treated"),
        "smallest effect that would be found 4 times in 5": number(row["minimum_detectable"], 2),
        "adjusted p, and how many were judged together": f"{number(row['p_adjusted'], 3)}"
        f" of {number(row['judged_together'])}",
        "effect with late hazards 20% higher or lower": interval(row["late_hazard_low"], row["late_hazard_high"], 2),
        "surrogate check (has to include 0)": _range(row, "surrogate_check", "no decision is old enough"),
        "placebo before the decision (has to include 0)": interval(row["placebo_low"], row["placebo_high"], 2),
        "chosen but held out (has to include 0)": _range(row, "negative_control", "cannot be seen"),
        "random treatments that look like effects (5% should)": _percent(row["random_treatment_found"]),
        "estimate over seeds": interval(row["stability_low"], row["stability_high"], 2),
        "effective controls": number(row["effective_controls"]),
        "treated without a counterpart": f"{number(100 * row['trimmed_share'], 1)}%",
        "largest imbalance, before and after weighting": f"{number(row['largest_imbalance_before'], 2)},"
        f" {number(row['largest_imbalance'], 2)} standard deviations",
        "strength of a hidden cause that brings the estimate to its cost": _hidden(row),
        "controls treated later": f"{number(100 * row['treated_later_share'])}%",
    }


def _with_interval(row: pd.Series, name: str) -> str:
    return f"{number(row[name], 2)} ({interval(row[f'{name}_low'], row[f'{name}_high'], 2)})"


def _range(row: pd.Series, name: str, unknown: str) -> str:
    return interval(row[f"{name}_low"], row[f"{name}_high"], 2) if pd.notna(row[name]) else unknown


def _percent(share: float) -> str:
    return "too few to try" if pd.isna(share) else f"{number(100 * share)}%"


def _hidden(row: pd.Series) -> str:
    """Return the robustness value beside the strongest observed feature; chance needs none."""
    if row["design"] == "randomised":
        return "none: chance decided"
    if pd.isna(row["robustness_value"]):
        return "not known"
    times = row["hidden_times"]
    beside = f"; {number(times, 1)} times {row['strongest_feature']}" if np.isfinite(times) else ""
    return f"{number(100 * row['robustness_value'], 1)}% of what is left to explain{beside}"
