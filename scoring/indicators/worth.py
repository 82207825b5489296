"""What an indicator is worth: beside each the causal core's word, read from a statement, never a correlation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ...core.config.business import Config
from ...core.config.contrasts import ContrastConfig
from ...core.errors import DataError
from ...core.records import RowKind
from ...features.indicators.measure import Measured
from ...features.indicators.scope import MONTH
from ..statement.contrasts import ContrastRuling
from ..statement.roi import ROWS

__all__ = ["WORTH_COLUMNS", "moves_of", "worth_rows"]

WORTH_COLUMNS = (
    "indicator", "contrast", "effect", "low", "high", "unit", "verdict", "per_point", "per_point_low",
    "per_point_high", "customers_per_point", "reason",
)  # fmt: skip
"""Columns of indicators_worth.parquet; ``reason`` is a code that says why no point is worth anything yet."""

_YEAR = 12
_POINT = 0.01
_NEEDED = ("kind", "action", "effect_per_treated", "effect_per_treated_low", "effect_per_treated_high", "verdict")
_EARLY_DAYS = 30


@dataclass(frozen=True)
class _Move:
    """Which indicator a contrast moves, and whether both mean the same."""

    indicator: str
    same: bool
    stock: bool = False


def moves_of(contrast: ContrastConfig, config: Config) -> _Move | None:
    """Return which indicator counts what a contrast compares; None where none does."""
    settings = config.indicators
    if contrast.exposure == "answered_within":
        return _Move("service_level", settings.service_level.seconds == float(contrast.hours or 0) * 3600)
    if contrast.exposure == "resolved_at_first_contact":
        return _Move("fcr_gross", settings.fcr_days == (contrast.days or 7))
    if contrast.exposure == "contact_in_first_month":
        return _Move("early_contact_share", (contrast.days or _EARLY_DAYS) == _EARLY_DAYS)
    if contrast.exposure == "agent_training":
        return _Move("trained_share", True)
    return _Move("direct_debit_share", True, stock=True) if contrast.to == "iban" else None


def worth_rows(measured: Measured, config: Config, roi: Path | None) -> pd.DataFrame:
    """Return one row an indicator and contrast that a statement judged.

    Parameters
    ----------
    measured
        How many customers an indicator counts.
    config
        Its contrasts.
    roi
        Folder that ``servicelift roi`` wrote; None: nothing is known.

    Raises
    ------
    DataError
        The folder holds no statement.
    """
    if roi is None:
        return pd.DataFrame(columns=list(WORTH_COLUMNS))
    contrasts = _contrasts(roi)
    rows = []
    for name, contrast in config.incremental.contrasts.items():
        move = moves_of(contrast, config)
        judged = contrasts[contrasts["action"] == name]
        if move is None or judged.empty or move.indicator in measured.absent:
            continue
        rows.append(_row(measured, name, move, judged.iloc[0]))
    return pd.DataFrame(rows, columns=list(WORTH_COLUMNS))


def _contrasts(roi: Path) -> pd.DataFrame:
    file = roi / ROWS
    if not file.is_file():
        raise DataError(
            f"--roi: expected a folder that `servicelift roi` wrote, there is no {ROWS} in '{roi}'; give its --out"
        )
    rows = pd.read_parquet(file)
    missing = [name for name in _NEEDED if name not in rows]
    if missing:
        raise DataError(f"--roi: expected the column '{missing[0]}' in '{file}', it is missing; run `servicelift roi`")
    return rows[rows["kind"] == RowKind.CONTRAST.value]


def _row(measured: Measured, name: str, move: _Move, judged: pd.Series) -> dict[str, object]:
    effect, low, high = (float(judged[f"effect_per_treated{end}"]) for end in ("", "_low", "_high"))
    shown = judged["verdict"] == ContrastRuling.SHOWN.value
    customers = _customers_a_year(measured, move)
    reason = "" if shown else "not_proven"
    if shown and not move.same:
        reason = "other_limit"
    elif shown and np.isnan(customers):
        reason = "no_month"
    point = customers * _POINT if not reason else np.nan
    return {
        "indicator": move.indicator,
        "contrast": name,
        "effect": effect,
        "low": low,
        "high": high,
        "unit": "money",
        "verdict": str(judged["verdict"]),
        "per_point": effect * point,
        "per_point_low": low * point,
        "per_point_high": high * point,
        "customers_per_point": customers * _POINT,
        "reason": reason,
    }


def _customers_a_year(measured: Measured, move: _Move) -> float:
    """Return of how many customers a year the indicator speaks, each counted once a month as contrasts do.

    Of what customers have rather than do, such as a means of payment, each is counted once.
    """
    rows = measured.rows
    own = rows[(rows["indicator"] == move.indicator) & (rows["by"] == "") & rows["known"] & rows["clusters"].notna()]
    last = own.sort_values(MONTH).tail(_YEAR)
    if last.empty:
        return float("nan")
    mean = float(last["clusters"].astype(float).mean())
    return mean if move.stock else mean * _YEAR
