"""Churn scores judged by every measure, overall and in slices, one row a slice and model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...core.arrays import Bools, Floats, Ints, Objects
from .metrics import churn_metrics
from .profit import CampaignTerms, break_even_risk, expected_maximum_profit, maximum_profit, profit_above

__all__ = ["Campaign", "bands", "reliability", "slice_metrics"]


OTHERS = "others together"
"""The slice of values that have too few rows to be shown alone."""

_CONCENTRATION = 20.0
"""Sum of the two parameters of the Beta that acceptance is drawn from (Verbraken et al. 2013)."""


@dataclass(frozen=True)
class Campaign:
    """The campaign that profit is computed for: its terms and the mean share that accepts."""

    terms: CampaignTerms
    accept_rate: float

    @property
    def break_even(self) -> float:
        """The churn probability above which contacting pays."""
        return break_even_risk(self.terms, accept_rate=self.accept_rate)


def slice_metrics(
    y: Ints,
    risks: Mapping[str, Floats],
    slices: Mapping[str, Objects],
    campaign: Campaign,
    *,
    fewest: int = 50,
) -> pd.DataFrame:
    """Return one row a slice and model, all rows first.

    Parameters
    ----------
    y
        1 for churners, 0 for the others (n,).
    risks
        Probabilities (n,) by name of the model.
    slices
        Objects (n,) by kind of slice, such as snapshot or method; None is a value of its own, ``unknown``.
    campaign
        What profit is computed for.
    fewest
        Values with fewer rows are put together, so that no row speaks of a few customers.

    Returns
    -------
    pandas.DataFrame
        slice, value, model, rows, churners, churn_rate, mean_risk; the fields of
        :class:`~.metrics.ChurnMetrics`; empc, empc_share, mpc, mpc_share (profit a customer at the best cut-off and
        the share contacted for it); break_even (risk above which contact pays), break_even_profit,
        break_even_share. Measures are NaN where a slice holds churners only or none.
    """
    everything = np.ones(len(y), dtype=bool)
    parts = [("all", "all", everything)]
    for kind, labels in slices.items():
        parts += [(kind, value, rows) for value, rows in _parts(labels, fewest)]
    return pd.DataFrame(
        [
            {"slice": kind, "value": value, "model": name, **_measures(y[rows], p[rows], campaign)}
            for kind, value, rows in parts
            for name, p in risks.items()
        ]
    )


def _parts(labels: Objects, fewest: int) -> Iterator[tuple[str, Bools]]:
    """Yield each value with its rows, in order; rare ones together at the end."""
    named = np.array(["unknown" if value is None else str(value) for value in labels], dtype=object)
    values, codes, counts = np.unique(named, return_inverse=True, return_counts=True)
    for place in np.flatnonzero(counts >= fewest):
        yield str(values[place]), codes == place
    rare = np.isin(codes, np.flatnonzero(counts < fewest))
    if rare.sum() >= fewest:
        yield OTHERS, rare


def _measures(y: Ints, p: Floats, campaign: Campaign) -> dict[str, float]:
    churners = int(y.sum())
    row: dict[str, float] = {"rows": len(y), "churners": churners, "churn_rate": churners / len(y)}
    row["mean_risk"] = float(p.mean())
    terms, accept = campaign.terms, campaign.accept_rate
    if 0 < churners < len(y):
        row |= {name: value for name, value in asdict(churn_metrics(y, p)).items() if name not in ("n", "positives")}
        most = expected_maximum_profit(
            y, p, terms, accept_alpha=accept * _CONCENTRATION, accept_beta=(1 - accept) * _CONCENTRATION
        )
        fixed = maximum_profit(y, p, terms, accept_rate=accept)
        row |= {"empc": most.profit, "empc_share": most.fraction, "mpc": fixed.profit, "mpc_share": fixed.fraction}
    above = profit_above(y, p, terms, accept_rate=accept, threshold=campaign.break_even)
    return row | {
        "break_even": campaign.break_even,
        "break_even_profit": above.profit,
        "break_even_share": above.fraction,
    }


def bands(values: pd.Series[Any], most: int = 12) -> Objects:
    """Return a label a row: the value itself, or one of four bands of equal size where more than ``most`` differ."""
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > most:
        cut = pd.qcut(values, 4, duplicates="drop", precision=1)
        return cut.astype(object).where(cut.notna(), None).to_numpy(dtype=object)
    if pd.api.types.is_float_dtype(values):
        return np.array([None if pd.isna(v) else f"{v:g}" for v in values], dtype=object)
    return values.astype(object).where(values.notna(), None).to_numpy(dtype=object)


def reliability(y: Ints, risks: Mapping[str, Floats], groups: int = 10) -> pd.DataFrame:
    """Return the reliability curve: model, group, rows, predicted and observed rate, in groups of equal size."""
    rows = []
    for name, p in risks.items():
        parts = [part for part in np.array_split(np.argsort(p, kind="stable"), groups) if len(part)]
        rows += [
            {"model": name, "group": i, "rows": len(part), "predicted": p[part].mean(), "observed": y[part].mean()}
            for i, part in enumerate(parts, start=1)
        ]
    return pd.DataFrame(rows)
