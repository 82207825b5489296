"""Which purchase model each line without contracts has; ``auto`` is decided on the last window that is over."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..core.errors import DataError
from ..core.progress import Say, silent
from ..features.catalogue.groups.purchases import rfm_summary
from ..features.outcomes.clv_inputs import noncontractual_lines
from ..features.tables.tables import Tables
from ..features.timeline.spine import customer_spine
from ..models.purchases.choice import choose_purchase_model
from .clv_landmarks import holdout_days, learnt_by_seasons

__all__ = ["purchase_models"]


def purchase_models(tables: Tables, say: Say = silent) -> dict[str, str]:
    """Return the name of each line's purchase model: the config's, or the one that forecast best.

    ``auto`` looks at the last follow-up before the data end: each model learns from what was known at its start, and
    forecasts the purchases in it, by the clock of the line's seasons if it has some. So a model that is judged later
    has chosen by nothing that it is judged on.

    Raises
    ------
    DataError
        A line's history is too short or too thin to choose by.
    """
    named = {name: str(line.purchase_model) for name, line in noncontractual_lines(tables).items()}
    return {name: _best(tables, name, say) if model == "auto" else model for name, model in named.items()}


def _best(tables: Tables, line: str, say: Say) -> str:
    days = holdout_days(tables)
    spine = customer_spine(tables, [tables.data_until - pd.Timedelta(days=days)])
    seasons = tables.config.lines[line].seasons
    known = learnt_by_seasons(tables, spine, line) if seasons else rfm_summary(tables, spine, line)
    by_then = rfm_summary(tables, spine.assign(as_of=tables.data_until), line)
    # A purchase that was given back since is none: the later count may be the smaller.
    later = np.maximum(by_then["frequency"].to_numpy() - known["frequency"].to_numpy(), 0.0)
    try:
        choice = choose_purchase_model(known, later, days=days, seasons=seasons)
    except DataError as error:
        raise DataError(f"lines: {line}: purchase_model: auto: {error}") from None
    errors = ", ".join(f"{name} {error:.3f}" for name, error in choice.errors.items())
    say(f"CLV: {line}: purchase model {choice.name}; errors on the last {days} days: {errors}")
    return choice.name
