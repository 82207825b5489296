"""What the CLV models are told of each customer at ``as_of``, and which line of business is which."""

from __future__ import annotations

import pandas as pd

from ...core.config.lines import LineConfig
from ...core.contract_state import ContractState
from ...core.records import ClvInputs
from ...core.seasons import AS_OF_DAY
from ...core.time import local_days
from ..catalogue.catalogue import build_features
from ..catalogue.groups.purchases import rfm_summary, summary_in
from ..tables.tables import Tables
from ..timeline.refund_shares import has_refunds
from ..timeline.spine import is_contractual
from .landmarks import contract_state

__all__ = ["GROSS_OF_REFUNDS", "clv_inputs", "gross_of_refunds", "line_kinds", "noncontractual_lines", "separate_kinds"]

GROSS_OF_REFUNDS = (
    "value of lines without contracts is gross of refunds: payments hold no refund, and no refunded_amount; bring one"
    " of them, or read it as sales"
)
"""What a user reads where refunds are not taken off."""


def line_kinds(tables: Tables) -> dict[str, str]:
    """Return for each line ``contractual`` or ``noncontractual``; ``auto`` is decided from the tables."""
    auto = "contractual" if tables.has("subscriptions") else "noncontractual"
    return {name: auto if line.kind == "auto" else line.kind for name, line in tables.config.lines.items()}


def noncontractual_lines(tables: Tables) -> dict[str, LineConfig]:
    """Return the lines that BG/NBD and Gamma-Gamma describe."""
    kinds = line_kinds(tables)
    return {n: line for n, line in tables.config.lines.items() if kinds[n] == "noncontractual"}


def gross_of_refunds(tables: Tables) -> bool:
    """Return whether what customers without contracts spent is gross of refunds, for the payments tell none."""
    return tables.has("payments") and bool(noncontractual_lines(tables)) and not has_refunds(tables)


def separate_kinds(tables: Tables) -> tuple[str, ...]:
    """Return the kinds of payment that belong to a non-contractual line of their own."""
    kinds = [line.payments_kind for line in noncontractual_lines(tables).values() if line.payments_kind]
    return tuple(sorted(set(kinds)))


def clv_inputs(tables: Tables, spine: pd.DataFrame, features: pd.DataFrame | None = None) -> ClvInputs:
    """Return features, contract state and purchase summaries for each spine row, in the spine's order.

    ``features`` are those of the same spine where they have been built already.
    """
    known = build_features(tables, spine) if features is None else features
    return ClvInputs(
        known,
        ContractState.of(contract_state(tables, spine)) if is_contractual(tables) else None,
        {
            name: _with_day(
                tables, spine, line, _with_covariates(tables, spine, known, _summary(tables, spine, known, name), line)
            )
            for name, line in noncontractual_lines(tables).items()
        },
    )


def _summary(tables: Tables, spine: pd.DataFrame, known: pd.DataFrame, line: str) -> pd.DataFrame:
    """Return the purchase summary of a line, from the features where they tell it: no query is asked twice."""
    told = summary_in(tables, known, line)
    return rfm_summary(tables, spine, line) if told is None else told.set_axis(spine.index)


def _with_covariates(
    tables: Tables, spine: pd.DataFrame, known: pd.DataFrame, summary: pd.DataFrame, line: LineConfig
) -> pd.DataFrame:
    """Return a purchase summary with the static columns by which the line's rates differ."""
    names = list(line.covariates)
    if not names:
        return summary
    there = known if set(names) <= set(known.columns) else build_features(tables, spine, names)
    return summary.assign(**{name: there[name].to_numpy() for name in names})


def _with_day(tables: Tables, spine: pd.DataFrame, line: LineConfig, summary: pd.DataFrame) -> pd.DataFrame:
    """Return a purchase summary with the day at which its seasons are looked at, where the line has some."""
    if not line.seasons:
        return summary
    days = pd.to_datetime(local_days(spine["as_of"], tables.config.timezone))
    return summary.assign(**{AS_OF_DAY: (days - pd.Timestamp(0)).dt.days.to_numpy(dtype="float64")})
