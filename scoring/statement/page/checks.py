"""What could refute an estimate, as the page shows it: one row a check, one column a design."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ....core.locale import Locale
from ....core.records import StudyDesign
from ...pages.cells import Cell, Table, number_cell
from .wording import has_contracts, interval
from .words import CHECKS, MONEY, PAGE

__all__ = ["checks_of", "checks_table"]


def checks_table(rows: pd.DataFrame, locale: Locale) -> Table:
    """Return the checks of an action or contrast beside each other, one column a design."""
    columns = [checks_of(row, locale) for _, row in rows.iterrows()]
    told = [
        check for check in columns[0] if check != "late_hazard" or any(has_contracts(row) for _, row in rows.iterrows())
    ]
    designs = [number_cell(PAGE.say(locale, str(design))) for design in rows["design"]]
    return Table(
        PAGE.say(locale, "checks_caption", money=locale.currency_name),
        (Cell(PAGE.say(locale, "check")), *designs),
        tuple((Cell(CHECKS.say(locale, check)), *(number_cell(column[check]) for column in columns)) for check in told),
    )


def checks_of(row: pd.Series, locale: Locale) -> dict[str, str]:
    """Return the results in a design's column, by the code of the check."""
    number, percent = locale.number, locale.percent
    return {
        "arms": f"{number(row['n_treated'])} / {number(row['n_control'])}",
        "effect": _around(row, "effect_per_treated", locale),
        "always": interval(locale, row["effect_per_treated_always_low"], row["effect_per_treated_always_high"], 2),
        "read_before": _read_before(row, locale),
        "detectable": number(row["minimum_detectable"], 2),
        "p": CHECKS.say(locale, "p_value", p=row["p_adjusted"], n=int(row["judged_together"])),
        "late_hazard": interval(locale, row["late_hazard_low"], row["late_hazard_high"], 2),
        "surrogate": _range(row, "surrogate_check", "too_young", locale),
        "forecast": _forecast(row, locale),
        "placebo": interval(locale, row["placebo_low"], row["placebo_high"], 2),
        "combined": _range(row, "combined_per_treated", "not_combined", locale),
        "negative_control": _range(row, "negative_control", "not_visible", locale),
        "random_treatment": percent(row["random_treatment_found"])
        if pd.notna(row["random_treatment_found"])
        else CHECKS.say(locale, "too_few"),
        "stability": interval(locale, row["stability_low"], row["stability_high"], 2),
        "controls": number(row["effective_controls"]),
        "trimmed": percent(row["trimmed_share"], 1),
        "imbalance": CHECKS.say(
            locale, "imbalance_value", before=row["largest_imbalance_before"], after=row["largest_imbalance"]
        ),
        "hidden": _hidden(row, locale),
        "treated_later": percent(row["treated_later_share"]),
    }


def _read_before(row: pd.Series, locale: Locale) -> str:
    """Return how many earlier statements judged the same, as far as the store knows."""
    times = row["earlier_readings"]
    if pd.isna(times):
        return CHECKS.say(locale, "read_unknown")
    code = "read_times" if row["earlier_readings_complete"] else "read_at_least"
    return CHECKS.say(locale, code, n=int(times))


def _around(row: pd.Series, name: str, locale: Locale) -> str:
    mid, low, high = (locale.number(row[f"{name}{end}"], 2) for end in ("", "_low", "_high"))
    return MONEY.say(locale, "around", mid=mid, low=low, high=high)


def _range(row: pd.Series, name: str, unknown: str, locale: Locale) -> str:
    if pd.isna(row[name]):
        return CHECKS.say(locale, unknown)
    return interval(locale, row[f"{name}_low"], row[f"{name}_high"], 2)


def _forecast(row: pd.Series, locale: Locale) -> str:
    """Return the correction by mature decisions, with the error that it and the unseen months add."""
    if pd.isna(row["forecast_correction"]):
        return CHECKS.say(locale, "too_young")
    error = float(np.hypot(row["forecast_error_window"], row["forecast_error_beyond"]))
    return CHECKS.say(locale, "forecast_value", by=locale.signed(row["forecast_correction"]), error=error)


def _hidden(row: pd.Series, locale: Locale) -> str:
    """Return the robustness value beside the strongest observed feature; chance needs none."""
    if row["design"] == StudyDesign.RANDOMISED:
        return CHECKS.say(locale, "hidden_none")
    if pd.isna(row["robustness_value"]):
        return CHECKS.say(locale, "hidden_unknown")
    times, share = row["hidden_times"], row["robustness_value"]
    if not np.isfinite(times):
        return CHECKS.say(locale, "hidden_value", share=share)
    return CHECKS.say(locale, "hidden_times", share=share, times=times, feature=str(row["strongest_feature"]))
